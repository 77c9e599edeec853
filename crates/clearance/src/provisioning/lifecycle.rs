//! How a job goes from state to state: pure functions, each refused unless the state allows it.

use super::attempt::{Attempt, AttemptOutcome, WaitReason};
use super::claims::{Claim, LEASE_MINUTES};
use super::follow_up::FollowUpReason;
use super::job::{Completion, Job, JobState, Work};
use crate::audit::Actor;
use crate::ids::PersonId;
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

impl Job {
    fn in_state(&self, state: JobState) -> Self {
        Self { state, ..self.clone() }
    }

    fn wrong_state(&self) -> Refusal {
        let name = self.state_name();
        Refusal::new(Code::JobState, format!("this task is {} now", name.replace('_', " ")))
            .with("state", name)
    }

    /// Nobody knows what came of an attempt: whoever made it is gone.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it is the next one.
    pub(super) fn unanswered(&self, claim: &Claim, now: Timestamp) -> Result<Self, Refusal> {
        if !claim.is_of(self) {
            return Err(self.wrong_state());
        }
        let mut unanswered = self.clone();
        unanswered.note(Attempt {
            started_at: claim.lease_until.plus_minutes(-LEASE_MINUTES),
            ended_at: now,
            outcome: AttemptOutcome::RetryAfter(WaitReason::NoAnswer),
            provider_request_ids: Vec::new(),
        });
        unanswered.attempts_made = claim.attempt;
        Ok(unanswered)
    }

    fn note(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
        let excess = self.attempts.len().saturating_sub(Self::ATTEMPTS);
        self.attempts.drain(..excess);
    }

    fn require_next(&self, number: u32) -> Result<(), Refusal> {
        if self.waits() && number == self.next_attempt() { Ok(()) } else { Err(self.wrong_state()) }
    }

    fn ended(&self, number: u32, attempt: Attempt, state: JobState) -> Result<Self, Refusal> {
        self.require_next(number)?;
        let mut ended = self.in_state(state);
        ended.attempts_made = number;
        ended.note(attempt);
        Ok(ended)
    }

    /// A look was tried.
    ///
    /// # Errors
    /// [`Code::JobState`] unless this very look is due.
    pub(super) fn look_tried(&self, number: u32, attempt: Attempt) -> Result<Self, Refusal> {
        if self.looks_at().is_none() || number != self.next_attempt() {
            return Err(self.wrong_state());
        }
        let mut tried = self.clone();
        tried.attempts_made = number;
        tried.note(attempt);
        Ok(tried)
    }

    /// The attempt did what was left to do, as the provider confirmed.
    ///
    /// # Errors
    /// [`Code::JobState`] unless the job waits for this very attempt.
    pub fn succeed(&self, number: u32, attempt: Attempt) -> Result<Self, Refusal> {
        let state = JobState::Succeeded { at: attempt.ended_at, by: Completion::Confirmed };
        Ok(Self { failing_since: None, ..self.ended(number, attempt, state)? })
    }

    /// The attempt did a part of it: the next part is due at once.
    ///
    /// # Errors
    /// As [`Job::succeed`].
    pub fn go_on(&self, number: u32, attempt: Attempt) -> Result<Self, Refusal> {
        let state = JobState::Queued { due_at: attempt.ended_at };
        Ok(Self { failing_since: None, ..self.ended(number, attempt, state)? })
    }

    /// The attempt is to be made again.
    ///
    /// # Errors
    /// As [`Job::succeed`].
    pub fn wait(
        &self,
        number: u32,
        attempt: Attempt,
        reason: WaitReason,
        due_at: Timestamp,
    ) -> Result<Self, Refusal> {
        let failing_since = Some(self.failing_since.unwrap_or(attempt.started_at));
        let waiting = self.ended(number, attempt, JobState::WaitingRetry { due_at, reason })?;
        // A higher number, further from the last each time: the one that was seen is not known.
        let fence = if reason == WaitReason::OutOfOrder {
            waiting.fence.saturating_add(1 << waiting.attempts_made.min(16))
        } else {
            waiting.fence
        };
        Ok(Self { fence, failing_since, ..waiting })
    }

    /// The attempt showed that somebody must look after it.
    ///
    /// # Errors
    /// As [`Job::succeed`].
    pub fn give_up(&self, number: u32, attempt: Attempt, reason: FollowUpReason) -> Result<Self, Refusal> {
        let state = JobState::NeedsFollowUp { since: attempt.ended_at, reason };
        self.ended(number, attempt, state)
    }

    /// Somebody must look after it before it can be tried, or tried again.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it waits.
    pub fn interrupt(&self, reason: FollowUpReason, since: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            JobState::Queued { .. } | JobState::WaitingRetry { .. } => {
                Ok(self.in_state(JobState::NeedsFollowUp { since, reason }))
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// It waits a while longer, through no fault of its own.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it waits.
    pub fn put_off(&self, due_at: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            JobState::Queued { .. } => Ok(self.in_state(JobState::Queued { due_at })),
            JobState::WaitingRetry { reason, .. } => {
                Ok(self.in_state(JobState::WaitingRetry { due_at, reason }))
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// It is tried again at once.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it waits for a retry or for somebody.
    pub fn retry(&self, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            JobState::WaitingRetry { .. } | JobState::NeedsFollowUp { .. } => {
                Ok(Self { failing_since: None, ..self.in_state(JobState::Queued { due_at: now }) })
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// Somebody attests that it is done: a manual job while it is open, another one while it needs somebody.
    ///
    /// # Errors
    /// [`Code::JobState`] otherwise.
    pub fn attest(&self, by: Actor, at: Timestamp) -> Result<Self, Refusal> {
        let attestable = matches!(
            (self.work, self.state),
            (_, JobState::NeedsFollowUp { .. }) | (Work::Manual { .. }, JobState::Queued { .. })
        );
        if !attestable {
            return Err(self.wrong_state());
        }
        Ok(self.in_state(JobState::Succeeded { at, by: Completion::Attested(by) }))
    }

    /// It is not needed any more. A call under way may still be answered; the answer changes nothing.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it is open.
    pub fn cancel(&self, at: Timestamp) -> Result<Self, Refusal> {
        if self.is_open() { Ok(self.in_state(JobState::Cancelled { at })) } else { Err(self.wrong_state()) }
    }

    /// Somebody else is to do it by hand.
    #[must_use]
    pub fn assigned_to(&self, assignee: Option<PersonId>) -> Self {
        match self.work {
            Work::Manual { .. } => Self { work: Work::Manual { assignee }, ..self.clone() },
            Work::Connected { .. } => self.clone(),
        }
    }
}
