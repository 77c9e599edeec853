//! What an exception does to a request: a denial becomes a question to administrators, for no longer than the exception lasts.

use std::collections::BTreeSet;

use super::document::{Exception, ExceptionOfPerson};
use crate::documents::{Loaded, load};
use crate::failure::Failure;
use crate::ids::{ExceptionId, PersonId, ToolId};
use crate::policy::{Approvers, Outcome, PlannedStage, Quorum};
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::text::Line;
use crate::time::Timestamp;

/// An exception that counts for a request, with the guard that says so.
#[derive(Debug)]
pub(crate) struct InForce {
    /// The guard: a commit that rests on it checks it.
    pub(crate) guard: Loaded<ExceptionOfPerson>,
    /// Which exception.
    pub(crate) id: ExceptionId,
    /// When it ends.
    ends_at: Timestamp,
}

/// The exception that is in force for a person and a tool.
///
/// # Errors
/// The store's.
pub(crate) async fn in_force(
    store: &impl Store,
    (person, tool): (PersonId, ToolId),
    now: Timestamp,
) -> Result<Option<InForce>, Failure> {
    let guard = load::<ExceptionOfPerson>(store, &ExceptionOfPerson::key_of(person, tool)).await?;
    let Some(guard) = guard else { return Ok(None) };
    let Some(id) = guard.exception else { return Ok(None) };
    let exception =
        load::<Exception>(store, &id.to_string()).await?.filter(|exception| exception.is_in_force(now));
    Ok(exception.map(|exception| InForce { guard, id, ends_at: exception.ends_at }))
}

impl InForce {
    /// Refuses what would last longer than the exception.
    ///
    /// # Errors
    /// [`Code::DurationAboveMaximum`].
    pub(crate) fn covers(&self, end: Timestamp) -> Result<(), Refusal> {
        if end <= self.ends_at {
            return Ok(());
        }
        let message = format!("the exception that allows this ends on {}; ask for less", self.ends_at);
        Err(Refusal::new(Code::DurationAboveMaximum, message).with("ends_at", self.ends_at))
    }
}

/// What follows for a request that policy denies and an exception allows.
///
/// # Errors
/// Never: the stage's name is a line.
pub(crate) fn allowance() -> Result<Outcome, Failure> {
    let name = Line::parse("Exception").map_err(|error| Failure::Defect(error.to_string()))?;
    let approvers = BTreeSet::from([Approvers::Administrators]);
    let stage = PlannedStage {
        name,
        approvers,
        quorum: Quorum::Any,
        timeout_days: None,
        fallback: BTreeSet::new(),
        escalation: None,
        reminder_days: None,
    };
    Ok(Outcome::Stages { stages: vec![stage] })
}

/// Refuses to approve a request whose exception is not in force any more, or ends before the access would; the guard to be checked.
///
/// # Errors
/// [`Code::ExceptionState`], [`Code::DurationAboveMaximum`].
pub(crate) async fn require_in_force(
    store: &impl Store,
    of: (PersonId, ToolId),
    (exception, end): (ExceptionId, Timestamp),
    now: Timestamp,
) -> Result<Loaded<ExceptionOfPerson>, Failure> {
    let found = in_force(store, of, now).await?.filter(|found| found.id == exception).ok_or_else(|| {
        let message = "the exception under which this was asked is over; deny the request";
        Refusal::new(Code::ExceptionState, message).with("exception", exception)
    })?;
    found.covers(end)?;
    Ok(found.guard)
}
