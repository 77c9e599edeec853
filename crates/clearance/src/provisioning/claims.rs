use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::documents::{Document, Select, all};
use crate::failure::Failure;
use crate::ids::{ConnectorId, JobId};
use crate::ports::{Attributes, Kind, Store};
use crate::time::Timestamp;

/// Minutes after which another runner may take a job over: longer than any call takes.
pub(super) const LEASE_MINUTES: i64 = 2;

/// Guard: which jobs of a connector a runner is at, so that no two are at the same.
///
/// A batch is claimed in one commit, with the provider's allowance and without a word in the jobs. A claim names the attempt, and counts while
/// that is the job's next one: writing down what came of the attempt ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// At which connector.
    pub connector: ConnectorId,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// That a runner is at a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which job.
    pub job: JobId,
    /// The how many-th attempt it makes.
    pub attempt: u32,
    /// When another runner may take over.
    pub lease_until: Timestamp,
}

impl Claim {
    /// Whether it is about the next attempt of a job.
    pub(super) fn is_of(&self, job: &Job) -> bool {
        self.job == job.id && job.due_at().is_some() && self.attempt == job.next_attempt()
    }
}

impl Claims {
    /// No runner is at anything.
    pub fn none(connector: ConnectorId) -> Self {
        Self { connector, claims: Vec::new() }
    }

    /// Whether a runner is at a job.
    pub(super) fn hold(&self, job: &Job, now: Timestamp) -> bool {
        self.claims.iter().any(|claim| now < claim.lease_until && claim.is_of(job))
    }

    /// Claims whose runner may be gone: what came of the attempt is not known.
    pub(super) fn lost(&self, now: Timestamp) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.lease_until <= now)
    }

    /// Without the claims of some jobs.
    #[must_use]
    pub(super) fn without(&self, jobs: &BTreeSet<JobId>) -> Self {
        let claims = self.claims.iter().filter(|claim| !jobs.contains(&claim.job));
        Self { connector: self.connector, claims: claims.cloned().collect() }
    }

    /// With a claim for the next attempt of each of these jobs.
    #[must_use]
    pub(super) fn with<'j>(&self, jobs: impl IntoIterator<Item = &'j Job>, now: Timestamp) -> Self {
        let lease_until = now.plus_minutes(LEASE_MINUTES);
        let new = jobs.into_iter().map(|job| Claim { job: job.id, attempt: job.next_attempt(), lease_until });
        Self { connector: self.connector, claims: self.claims.iter().cloned().chain(new).collect() }
    }
}

impl Document for Claims {
    const KIND: &'static Kind = &Kind { name: "job_claims", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.connector.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The jobs that runners are at.
pub(super) struct UnderWay(Vec<Claims>);

impl UnderWay {
    /// Those of every connector.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn read(store: &impl Store) -> Result<Self, Failure> {
        let claims = all::<Claims>(store, Select::all()).await?;
        Ok(Self(claims.into_iter().map(crate::documents::Loaded::into_inner).collect()))
    }

    /// Whether a runner is at a job.
    pub(super) fn has(&self, job: &Job, now: Timestamp) -> bool {
        self.0.iter().any(|claims| claims.hold(job, now))
    }

    /// Every job that a runner may be at.
    pub(super) fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.0.iter().flat_map(|claims| claims.claims.iter().map(|claim| claim.job))
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::{Attempt, AttemptOutcome, WaitReason};
    use super::super::job::{Subject, Task, Work};
    use super::*;
    use crate::ids::{GrantId, PersonId, ToolId};
    use crate::ports::Moment;

    fn nobody() -> Claims {
        Claims::none(ConnectorId::of_name("connector"))
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000).plus_minutes(minute)
    }

    fn job(number: u8) -> Job {
        let moment = Moment::new(at(0), [number; 32]);
        let subject =
            Subject::Grant { grant: GrantId::of_name("grant"), person: PersonId::of_name("person") };
        let work = (ToolId::of_name("tool"), Work::Connected { connector: nobody().connector });
        Job::new(&moment, Task::Deprovision, subject, work, at(0))
    }

    fn not_now() -> Attempt {
        let outcome = AttemptOutcome::RetryAfter(WaitReason::Busy);
        Attempt { started_at: at(0), ended_at: at(0), outcome, provider_request_ids: Vec::new() }
    }

    #[test]
    fn a_claim_holds_for_one_attempt_until_its_lease_is_over() {
        let (job, other) = (job(1), job(2));
        let claims = nobody().with([&job], at(0));
        assert!(claims.hold(&job, at(1)) && !claims.hold(&other, at(1)));
        assert!(!claims.hold(&job, at(LEASE_MINUTES)));
        assert_eq!(claims.lost(at(1)).count(), 0);
        assert_eq!(claims.lost(at(LEASE_MINUTES)).count(), 1);
        let waits = job.wait(1, not_now(), WaitReason::Busy, at(0)).unwrap();
        assert!(!claims.hold(&waits, at(1)), "what came of the attempt is written down");
        assert!(claims.with([&waits], at(1)).hold(&waits, at(1)));
        assert!(!claims.hold(&job.cancel(at(1)).unwrap(), at(1)));
    }

    #[test]
    fn a_result_counts_only_for_the_attempt_that_is_next() {
        let job = job(1);
        let claims = nobody().with([&job], at(0));
        let unanswered = job.unanswered(&claims.claims[0], at(3)).unwrap();
        assert_eq!((unanswered.attempts_made, unanswered.attempts[0].started_at), (1, at(0)));
        // Its runner was not gone after all: by now another one may be at it.
        assert!(unanswered.succeed(1, not_now()).is_err());
        assert!(unanswered.unanswered(&claims.claims[0], at(3)).is_err());
        let done = unanswered.succeed(2, not_now()).unwrap();
        assert_eq!(done.attempts_made, 2);
        assert!(done.succeed(3, not_now()).is_err());
    }

    #[test]
    fn what_is_over_is_claimed_no_more() {
        let (one, other) = (job(1), job(2));
        let claims = nobody().with([&one, &other], at(0)).without(&BTreeSet::from([one.id]));
        assert!(!claims.hold(&one, at(0)) && claims.hold(&other, at(0)));
    }
}
