//! What came of a call: job, grant, holding and account in one commit.

use core_protocol::message::{Answer, Outcome, RateLimit, RefusalReason};

use super::JobOutcome;
use super::health;
use super::known::Known;
use super::prepare::Call;
use super::step::Step;
use crate::audit::{Actor, EventKind};
use crate::connector::{CallFailure, HealthState};
use crate::documents::{Change, Loaded};
use crate::drift;
use crate::failure::Failure;
use crate::grant::{self, Grant, SeatRef, settle_provisioned, settle_removal};
use crate::identity::ProviderAccount;
use crate::ports::{Moment, Ports, Store};
use crate::provisioning::attempt::{Attempt, AttemptOutcome, WaitReason};
use crate::provisioning::follow_up::FollowUpReason;
use crate::provisioning::job::{Job, Task};
use crate::provisioning::queue::{facts, facts_because};
use crate::provisioning::{seats, second_look};
use crate::seats::count_of;
use crate::time::Timestamp;

/// Times that a result is written anew when somebody else changed what it concerns. After that the lease runs out, and the call is repeated.
const TRIES: usize = 8;
/// Hours of failing after which somebody is asked.
const PATIENCE_HOURS: i64 = 24;
/// Milliseconds of the first pause between two attempts, and of the longest.
const PAUSES: (u64, u64) = (2_000, 15 * 60_000);

/// What Core said.
pub(super) struct Answered {
    /// As it is kept.
    pub(super) attempt: Attempt,
    /// Seconds to wait at least.
    pub(super) seconds: u32,
    /// What is left of the provider's limits.
    pub(super) rate_limit: Option<RateLimit>,
}

impl Answered {
    pub(super) fn new(
        step: &Step,
        answer: Result<Answer, CallFailure>,
        started_at: Timestamp,
        ended_at: Timestamp,
    ) -> Self {
        let (outcome, seconds, ids, rate_limit) = match answer {
            Ok(answer) => {
                let (outcome, seconds) = outcome(step, answer.outcome);
                (outcome, seconds, answer.provider_request_ids, answer.rate_limit)
            }
            Err(failure) => {
                let outcome = match failure {
                    CallFailure::SecretMissing => {
                        AttemptOutcome::NeedsFollowUp(FollowUpReason::SecretMissing)
                    }
                    CallFailure::Core(_) => AttemptOutcome::RetryAfter(WaitReason::CoreUnavailable),
                    CallFailure::Vault(_) => AttemptOutcome::RetryAfter(WaitReason::VaultUnavailable),
                };
                (outcome, 0, Vec::new(), None)
            }
        };
        let provider_request_ids = ids.iter().map(ToString::to_string).collect();
        Self { attempt: Attempt { started_at, ended_at, outcome, provider_request_ids }, seconds, rate_limit }
    }
}

fn outcome(step: &Step, outcome: Outcome) -> (AttemptOutcome, u32) {
    let made = match (step, outcome) {
        (Step::Add(_) | Step::Remove(_), Outcome::Changed {}) => AttemptOutcome::Changed,
        (Step::Add(_) | Step::Remove(_), Outcome::Already {}) => AttemptOutcome::Already,
        (Step::Look(_), Outcome::Member {}) => AttemptOutcome::Member,
        (Step::Look(_), Outcome::NotMember {}) => AttemptOutcome::NotMember,
        (_, Outcome::RetryAfter { seconds, reason }) => {
            return (AttemptOutcome::RetryAfter(reason.into()), seconds);
        }
        (_, Outcome::NeedsFollowUp { reason }) => AttemptOutcome::NeedsFollowUp(reason.into()),
        (_, Outcome::Refused { reason: RefusalReason::FenceTooLow | RefusalReason::FenceReused }) => {
            AttemptOutcome::RetryAfter(WaitReason::OutOfOrder)
        }
        (_, Outcome::Refused { reason }) => AttemptOutcome::NeedsFollowUp(reason.into()),
        _ => AttemptOutcome::NeedsFollowUp(FollowUpReason::UnexpectedAnswer),
    };
    (made, 0)
}

/// Writes down what came of a call.
///
/// # Errors
/// The store's.
pub(super) async fn settle<P: Ports>(
    ports: &P,
    call: &Call,
    answered: &Answered,
) -> Result<JobOutcome, Failure> {
    let mut read = None;
    for _ in 0..TRIES {
        let moment = Moment::draw(ports.environment());
        let known = read.as_ref().unwrap_or(&call.known);
        let mut change = Change::new();
        let settled = decide(ports.store(), &mut change, &moment, (call, known), answered).await;
        let outcome = match settled {
            Ok(outcome) => outcome,
            // It was cancelled or taken over meanwhile: whoever did so answers for what was done.
            Err(Failure::Refused(_)) => return Ok(JobOutcome::Lost),
            Err(failure) => return Err(failure),
        };
        if change.commit_if_first(ports.store()).await? {
            return Ok(outcome);
        }
        read = Known::read(ports.store(), call.known.job.id, &call.step).await?;
        if read.is_none() {
            break;
        }
    }
    Ok(JobOutcome::Lost)
}

async fn decide(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    (call, known): (&Call, &Known),
    answered: &Answered,
) -> Result<JobOutcome, Failure> {
    let (job, grant) = (&known.job, known.grant.as_ref());
    let attempt = answered.attempt.clone();
    if let Step::Look(_) = call.step {
        return looked(change, moment, (call, known), answered);
    }
    match attempt.outcome {
        AttemptOutcome::Changed
        | AttemptOutcome::Already
        | AttemptOutcome::Member
        | AttemptOutcome::NotMember => match (grant, &call.step) {
            (Some(grant), Step::Add(seat)) => {
                added(store, change, moment, (call, known, grant), seat, attempt).await
            }
            (Some(grant), step) => {
                removed(store, change, moment, (call, known, grant), step.seat(), attempt).await
            }
            (None, step) => removed_alone(store, change, moment, (call, known), step.seat(), attempt).await,
        },
        AttemptOutcome::RetryAfter(reason) => {
            let since = job.failing_since.unwrap_or(attempt.started_at);
            if since.plus_minutes(PATIENCE_HOURS * 60) <= moment.now {
                let health = health::of(store, call.at.connector.id).await?;
                let outage = matches!(health.state, HealthState::Outage { .. });
                let reason = reason.after_a_day(outage);
                return give_up(change, moment, (call, known), attempt, reason);
            }
            let due_at = later(moment, job, answered.seconds);
            let waiting = job.wait(call.number, attempt, reason, due_at)?;
            change.update(job, &waiting);
            if let Some(grant) = grant {
                let with = with_seat(grant, known);
                let with = Grant { fence: with.fence.max(waiting.fence), ..with };
                if with != **grant {
                    change.update(grant, &with);
                }
            }
            if job.failing_since.is_none() {
                let facts = facts_because(&waiting, Some(reason.as_str()));
                change.record(moment.now, &Actor::System, EventKind::JobDelayed, facts);
            }
            Ok(JobOutcome::Delayed)
        }
        AttemptOutcome::NeedsFollowUp(reason) => give_up(change, moment, (call, known), attempt, reason),
    }
}

/// A grant as it is now that it is known what came of the attempt: with the seat that the account has because of it.
fn with_seat(grant: &Grant, known: &Known) -> Grant {
    known.account.as_ref().map_or_else(|| grant.clone(), |account| seats::named(grant, account))
}

/// When an attempt is made again: after a random part of a pause that doubles, and not before the provider said.
fn later(moment: &Moment, job: &Job, seconds: u32) -> Timestamp {
    let failures = job
        .attempts
        .iter()
        .rev()
        .take_while(|it| matches!(it.outcome, AttemptOutcome::RetryAfter(_)))
        .count();
    let (first, longest) = PAUSES;
    let doubled = first.saturating_mul(1 << failures.min(16));
    let bytes = moment.bytes("backoff", job.attempts_made);
    let random = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let pause = (random % doubled.min(longest)).max(u64::from(seconds) * 1_000);
    plus_milliseconds(moment.now, pause)
}

pub(super) fn plus_milliseconds(time: Timestamp, milliseconds: u64) -> Timestamp {
    let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(time.as_millisecond().saturating_add(milliseconds))
}

fn give_up(
    change: &mut Change,
    moment: &Moment,
    (call, known): (&Call, &Known),
    attempt: Attempt,
    reason: FollowUpReason,
) -> Result<JobOutcome, Failure> {
    let job = &known.job;
    let failed = job.give_up(call.number, attempt, reason)?;
    change.update(job, &failed);
    let facts = facts_because(&failed, Some(reason.as_str()));
    change.record(moment.now, &Actor::System, EventKind::JobFollowUp, facts);
    if let Some(grant) = &known.grant {
        grant::interrupt(change, moment, (grant, &with_seat(grant, known)), reason)?;
    }
    Ok(JobOutcome::FollowUp)
}

fn succeed(
    change: &mut Change,
    moment: &Moment,
    (call, job, with): (&Call, &Loaded<Job>, &Job),
    attempt: Attempt,
) -> Result<(), Failure> {
    change.update(job, &with.succeed(call.number, attempt)?);
    change.record(moment.now, &Actor::System, EventKind::JobSucceeded, facts(job));
    Ok(())
}

async fn added(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    (call, known, grant): (&Call, &Known, &Loaded<Grant>),
    seat: &SeatRef,
    attempt: Attempt,
) -> Result<JobOutcome, Failure> {
    let (job, mapping) = (&known.job, known.mapping.as_ref());
    let mapping = mapping.filter(|mapping| mapping.fingerprint == seat.fingerprint);
    let (Some(mapping), Some(account)) = (mapping, &known.account) else {
        // The person has another account by now, or none.
        change.update(job, &job.go_on(call.number, attempt)?);
        return Ok(JobOutcome::Advanced);
    };
    change.check(mapping);
    succeed(change, moment, (call, job, job), attempt)?;
    settle_provisioned(change, moment, &Actor::System, grant, &seats::named(grant, account))?;
    let mut after = ProviderAccount::clone(account);
    drift::confirmed::present(store, change, moment, &mut after, job.tool).await?;
    write_or_check(change, moment, account, &after);
    Ok(JobOutcome::Succeeded)
}

/// Writes an account if it changes; otherwise it must be as it was when that was found.
fn write_or_check(
    change: &mut Change,
    moment: &Moment,
    before: &Loaded<ProviderAccount>,
    after: &ProviderAccount,
) {
    if *after == **before {
        change.check(before);
    } else {
        ProviderAccount::write(change, before, after, moment.now);
    }
}

async fn removed(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    (call, known, grant): (&Call, &Known, &Loaded<Grant>),
    seat: &SeatRef,
    attempt: Attempt,
) -> Result<JobOutcome, Failure> {
    let job = &known.job;
    let mut with = Grant::clone(grant);
    let account = known.account.as_ref();
    let is_known = seats::drop(store, change, moment, &mut with, (seat, account)).await?;
    let after = if is_known { job.looking_again_at(seat, moment.now) } else { Job::clone(job) };
    if job.task == Task::Provision || !with.seats.is_empty() {
        change.update(job, &after.go_on(call.number, attempt)?);
        change.update(grant, &with);
        return Ok(JobOutcome::Advanced);
    }
    succeed(change, moment, (call, job, &after), attempt)?;
    let count = count_of(store, grant).await?;
    settle_removal(change, moment, &Actor::System, (grant, &with), count.as_ref())?;
    Ok(JobOutcome::Succeeded)
}

/// An account that no grant waits for was removed.
async fn removed_alone(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    (call, known): (&Call, &Known),
    seat: &SeatRef,
    attempt: Attempt,
) -> Result<JobOutcome, Failure> {
    let mut job = Job::clone(&known.job);
    if let Some(before) = &known.account {
        let mut after = ProviderAccount::clone(before);
        drift::confirmed::absent(store, change, moment, &mut after, job.tool).await?;
        if !after.is_unused() {
            job = job.looking_again_at(seat, moment.now);
        }
        write_or_check(change, moment, before, &after);
    }
    succeed(change, moment, (call, &known.job, &job), attempt)?;
    Ok(JobOutcome::Succeeded)
}

/// Somebody looked again at an account that was removed, or tried to.
fn looked(
    change: &mut Change,
    moment: &Moment,
    (call, known): (&Call, &Known),
    answered: &Answered,
) -> Result<JobOutcome, Failure> {
    let (job, attempt) = (&known.job, answered.attempt.clone());
    if let AttemptOutcome::RetryAfter(_) = attempt.outcome
        && moment.now < job.failing_since.unwrap_or(attempt.started_at).plus_minutes(PATIENCE_HOURS * 60)
    {
        let due_at = later(moment, job, answered.seconds);
        change.update(job, &job.look_later(call.number, attempt, due_at)?);
        return Ok(JobOutcome::Delayed);
    }
    if let Some(before) = &known.account {
        let mut after = ProviderAccount::clone(before);
        if attempt.outcome == AttemptOutcome::Member {
            drift::confirmed::again(change, moment, &mut after, job.tool, job.grant());
        }
        write_or_check(change, moment, before, &after);
    }
    let found = matches!(attempt.outcome, AttemptOutcome::Member | AttemptOutcome::NotMember);
    second_look::settle(change, job, call.number, attempt)?;
    Ok(if found { JobOutcome::LookedAgain } else { JobOutcome::Cancelled })
}
