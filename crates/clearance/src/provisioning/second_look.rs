//! The second look: some hours after an account was confirmed to be out of a tool's group, the job that took it out looks whether it still is.

use audit_log::Value;
use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, AttemptOutcome};
use super::follow_up::FollowUpReason;
use super::job::Job;
use super::queue::facts_with;
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Loaded};
use crate::grant::SeatRef;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// Minutes from a confirmed removal to the second look.
const MINUTES: i64 = 4 * 60;

/// What is left to be looked at again of what a job took away. It is due when nothing else is left for a runner to do about the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondLook {
    /// Not before.
    pub due_at: Timestamp,
    /// The account that was taken out of the group last and is still somebody's: of those that are nobody's any more, nothing is kept.
    pub seat: SeatRef,
}

/// Why nobody looked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLook {
    /// The account may be in the group by now, or is not known any more.
    NotNeeded,
    /// Something stood in the way. The regular checks of the whole group go on.
    Because(FollowUpReason),
}

impl Job {
    /// The account that is to be looked at again now, if that is what is left to be done.
    pub(super) fn looks_at(&self) -> Option<&SeatRef> {
        let look = self.second_look.as_ref().filter(|_| !self.waits());
        look.map(|look| &look.seat)
    }

    /// With an account to be looked at again, which is confirmed to be out of the group now.
    #[must_use]
    pub(super) fn looking_again_at(&self, seat: &SeatRef, now: Timestamp) -> Self {
        let look = SecondLook { due_at: now.plus_minutes(MINUTES), seat: seat.clone() };
        Self { second_look: Some(look), ..self.clone() }
    }

    /// With nothing to be looked at again.
    fn without_look(&self) -> Self {
        Self { second_look: None, failing_since: None, ..self.clone() }
    }

    /// Somebody looked, or tried to, and does so no more.
    ///
    /// # Errors
    /// [`JobState`](crate::refusal::Code::JobState) unless this very look is due.
    fn looked(&self, number: u32, attempt: Attempt) -> Result<Self, Refusal> {
        Ok(self.look_tried(number, attempt)?.without_look())
    }

    /// The look is to be tried again.
    ///
    /// # Errors
    /// As [`Job::looked`].
    pub(super) fn look_later(
        &self,
        number: u32,
        attempt: Attempt,
        due_at: Timestamp,
    ) -> Result<Self, Refusal> {
        let failing_since = Some(self.failing_since.unwrap_or(attempt.started_at));
        let tried = self.look_tried(number, attempt)?;
        let look = tried.second_look.map(|look| SecondLook { due_at, ..look });
        Ok(Self { second_look: look, failing_since, ..tried })
    }
}

/// Writes down what a look came to, and that nobody looks at the account once more. A finding is the caller's.
///
/// # Errors
/// [`JobState`](crate::refusal::Code::JobState) unless this very look is due.
pub(super) fn settle(
    change: &mut Change,
    job: &Loaded<Job>,
    number: u32,
    attempt: Attempt,
) -> Result<(), Refusal> {
    let (now, outcome) = (attempt.ended_at, attempt.outcome);
    change.update(job, &job.looked(number, attempt)?);
    record(change, now, job, outcome.as_str(), outcome.reason());
    Ok(())
}

/// Writes down that nobody looks at the account again, and why.
pub(super) fn leave(change: &mut Change, now: Timestamp, job: &Loaded<Job>, why: NoLook) {
    change.update(job, &job.without_look());
    match why {
        NoLook::NotNeeded => record(change, now, job, "not_needed", None),
        NoLook::Because(reason) => {
            let outcome = AttemptOutcome::NeedsFollowUp(reason);
            record(change, now, job, outcome.as_str(), outcome.reason());
        }
    }
}

fn record(change: &mut Change, now: Timestamp, job: &Job, outcome: &str, reason: Option<&str>) {
    let more = std::iter::once(("outcome", outcome)).chain(reason.map(|reason| ("reason", reason)));
    let more = more.map(|(name, value)| (name, Value::from(value)));
    change.record(now, &Actor::System, EventKind::JobLookedAgain, facts_with(job, more));
}
