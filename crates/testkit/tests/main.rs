//! The whole site from outside, through the shipped HTTP surface.

#[cfg(test)]
mod approval_times;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod authorization;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod clockwork;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod connected;
#[cfg(test)]
mod connectors;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod delegations;
#[cfg(test)]
mod drift;
#[cfg(test)]
mod drift_jobs;
#[cfg(test)]
mod emergency;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod extensions;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod guides;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod insights;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod leavers;
#[cfg(test)]
mod life;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod manual_tasks;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod overtaken;
#[cfg(test)]
mod people;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod policy_versions;
#[cfg(test)]
mod proposals;
#[cfg(test)]
mod provider_groups;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod random_walk;
#[cfg(test)]
mod rebinding;
#[cfg(test)]
mod remapping;
#[cfg(test)]
mod removal_alarm;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod reviewers;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod seats;
#[cfg(test)]
mod second_looks;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod stranded;
#[cfg(test)]
mod tool_proposals;
#[cfg(test)]
mod widening;
#[cfg(test)]
mod withdrawals;
