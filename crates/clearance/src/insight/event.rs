//! What an entry of the log counts as.

use audit_log::{Record, Value};

use crate::audit::EventKind;
use crate::failure::Failure;
use crate::ids::{RequestId, ToolId};
use crate::ports::{LogEntry, StoreError};
use crate::time::Timestamp;

use super::calendar::Day;

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Somebody asked for a tool.
    Submitted { tool: Option<ToolId> },
    /// A request was approved: by policy, or by people after so many seconds.
    Approved { by_people_after: Option<u64> },
    /// A request was denied: by policy, or by people after so many seconds.
    Denied { by_people_after: Option<u64> },
    /// A request was withdrawn.
    Withdrawn,
    /// Nobody decided a request in time.
    Lapsed,
    /// An approval was taken back with the access that it gave.
    Unapproved,
    /// Access to a tool began to work.
    Activated { tool: Option<ToolId> },
    /// Access was extended.
    Extended,
    /// Access is gone.
    Ended {
        /// To which tool.
        tool: Option<ToolId>,
        /// Why.
        why: Why,
        /// Whether it ever worked.
        worked: bool,
        /// Seconds since its time was over, when that was why.
        after_expiry: Option<u64>,
    },
    /// Somebody must look after access.
    FollowUp,
    /// A difference was found.
    DriftFound,
    /// A difference is no more, or somebody answers for it.
    DriftSettled,
    /// Nobody answers any more for a difference.
    DriftLapsed,
    /// A review was opened.
    ReviewOpened,
    /// A review was put off.
    ReviewPostponed,
    /// A review was decided, or closed without a decision.
    ReviewClosed(Outcome),
    /// A seat is kept for somebody.
    SeatOffered,
    /// A seat that was kept became access.
    SeatAccepted,
    /// A seat that was kept, or a place in the waiting list, was given up.
    SeatDeclined,
    /// A seat that was kept was not accepted in time.
    SeatMissed,
}

/// What came of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Renewed,
    LetExpire,
    Removed,
    Excepted,
    Undecided,
    Void,
}

/// Why access ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Expired,
    Revoked,
    GivenBack,
    Rejected,
}

fn seconds(from: Timestamp, until: Timestamp) -> u64 {
    let milliseconds = until.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    (milliseconds / 1000).unsigned_abs()
}

/// What an entry counts as, and on which day; nothing for what is not counted.
///
/// # Errors
/// When the entry cannot be read.
pub(super) fn read(entry: &LogEntry) -> Result<Option<(Day, Event)>, Failure> {
    let damaged = |what: &str| StoreError::Damaged(format!("log entry `{}`: {what}", entry.index));
    let record = Record::parse(&entry.bytes).map_err(|error| damaged(&error.to_string()))?;
    let at: Timestamp = record.at.parse().map_err(|_| damaged("its time cannot be read"))?;
    Ok(event_of(&record, at).map(|event| (Day::of(at), event)))
}

fn event_of(record: &Record, at: Timestamp) -> Option<Event> {
    let kind = EventKind::ALL.iter().find(|kind| kind.as_str() == record.kind)?;
    let fact = |name: &str| record.facts.get(name).and_then(Value::as_str);
    let tool = || fact("tool").and_then(|tool| tool.parse().ok());
    // Ids of requests begin with the time at which they were submitted.
    let by_people_after = || {
        record.actor.get("person")?;
        let submitted = fact("request")?.parse::<RequestId>().ok()?.made_at();
        Some(seconds(submitted, at))
    };
    Some(match kind {
        EventKind::RequestSubmitted => Event::Submitted { tool: tool() },
        EventKind::RequestApproved => Event::Approved { by_people_after: by_people_after() },
        EventKind::RequestDenied => Event::Denied { by_people_after: by_people_after() },
        EventKind::RequestCancelled => Event::Withdrawn,
        EventKind::RequestLapsed => Event::Lapsed,
        EventKind::RequestUnapproved => Event::Unapproved,
        EventKind::GrantActivated => Event::Activated { tool: tool() },
        EventKind::GrantExtended => Event::Extended,
        EventKind::GrantEnded => {
            let why = match fact("reason") {
                Some("expired") => Why::Expired,
                Some("given_back") => Why::GivenBack,
                Some("rejected_by_provider") => Why::Rejected,
                _ => Why::Revoked,
            };
            let due = fact("due_at").and_then(|due| due.parse().ok());
            let after_expiry = due.filter(|_| why == Why::Expired).map(|due| seconds(due, at));
            Event::Ended { tool: tool(), why, worked: fact("activated_at").is_some(), after_expiry }
        }
        EventKind::GrantFollowUp => Event::FollowUp,
        EventKind::DriftFound => Event::DriftFound,
        EventKind::DriftSettled => Event::DriftSettled,
        EventKind::DriftLapsed => Event::DriftLapsed,
        EventKind::ReviewOpened => Event::ReviewOpened,
        EventKind::ReviewPostponed => Event::ReviewPostponed,
        EventKind::ReviewDecided => Event::ReviewClosed(match fact("decision") {
            Some("renew") => Outcome::Renewed,
            Some("remove") => Outcome::Removed,
            Some("exception") => Outcome::Excepted,
            _ => Outcome::LetExpire,
        }),
        EventKind::ReviewClosed => Event::ReviewClosed(match fact("outcome") {
            Some("undecided") => Outcome::Undecided,
            _ => Outcome::Void,
        }),
        EventKind::SeatOffered => Event::SeatOffered,
        EventKind::SeatAccepted => Event::SeatAccepted,
        EventKind::SeatDeclined => Event::SeatDeclined,
        EventKind::SeatLapsed => Event::SeatMissed,
        _ => return None,
    })
}
