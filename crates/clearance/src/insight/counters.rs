//! What is counted: of each day, of each tool, and how things stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::event::{Event, Outcome, Why};
use super::histogram::Histogram;
use crate::documents::Document;
use crate::ids::ToolId;
use crate::ports::{Attributes, Index, Kind};

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct $name { $($(#[$field_doc])* pub $field: u64,)* }

        impl $name {
            /// The counts by name, in the order declared.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field),)*]
            }

            fn add(&mut self, other: &Self) {
                $(self.$field = self.$field.saturating_add(other.$field);)*
            }
        }
    )* };
}

counts! {
    /// Requests, by what happened to them.
    RequestCounts {
        /// Asked.
        submitted,
        /// Approved at once, by policy alone.
        approved_by_policy,
        /// Approved by people.
        approved_by_people,
        /// Denied at once, by policy alone.
        denied_by_policy,
        /// Denied by people.
        denied_by_people,
        /// Withdrawn.
        withdrawn,
        /// Nobody decided in time.
        lapsed,
        /// Approved, and the approval taken back with the access that it gave.
        unapproved,
    }
    /// Access, by what happened to it.
    GrantCounts {
        /// Began to work.
        activated,
        /// Extended.
        extended,
        /// Gone because its time was over.
        expired,
        /// Gone because somebody took it back, or the person left.
        revoked,
        /// Gone because the person gave it back.
        given_back,
        /// Gone because the provider refused it.
        rejected,
        /// Needed somebody.
        follow_ups,
    }
    /// Differences between groups and grants, by what happened to them.
    DriftCounts {
        /// Found.
        found,
        /// Settled: no more, or somebody answers for them.
        settled,
        /// Settled before, and nobody answers for them any more; what is still there is found anew.
        lapsed,
    }
    /// Reviews of access, by what happened to them.
    ReviewCounts {
        /// Opened.
        opened,
        /// Put off.
        postponed,
        /// Decided: it is needed for longer. What policy made of that is counted with requests.
        renewed,
        /// Decided: it may end by its time.
        let_expire,
        /// Decided: it is taken away.
        removed,
        /// Decided: an exception was proposed.
        excepted,
        /// Nobody decided: the access ended as planned.
        undecided,
        /// There was nothing to decide any more.
        void,
    }
    /// Seats that were kept for whoever waited, by what happened to them.
    SeatCounts {
        /// Kept for somebody.
        offered,
        /// Accepted.
        accepted,
        /// Given up: the seat, or the place in the waiting list.
        declined,
        /// Not accepted in time.
        missed,
    }
}

/// What was counted in a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests.
    pub requests: RequestCounts,
    /// Access.
    pub grants: GrantCounts,
    /// Differences.
    pub drift: DriftCounts,
    /// Reviews.
    pub reviews: ReviewCounts,
    /// Seats.
    pub seats: SeatCounts,
    /// Seconds from a request to its decision by people.
    pub decision: Histogram,
    /// Seconds from the end of access by time to the confirmation that it is gone.
    pub removal: Histogram,
}

impl Counters {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        let (requests, grants, drift) = (&mut self.requests, &mut self.grants, &mut self.drift);
        let (reviews, seats) = (&mut self.reviews, &mut self.seats);
        let counted = match event {
            Event::Submitted { .. } => &mut requests.submitted,
            Event::Approved { by_people_after: None } => &mut requests.approved_by_policy,
            Event::Approved { by_people_after: Some(_) } => &mut requests.approved_by_people,
            Event::Denied { by_people_after: None } => &mut requests.denied_by_policy,
            Event::Denied { by_people_after: Some(_) } => &mut requests.denied_by_people,
            Event::Withdrawn => &mut requests.withdrawn,
            Event::Lapsed => &mut requests.lapsed,
            Event::Unapproved => &mut requests.unapproved,
            Event::Activated { .. } => &mut grants.activated,
            Event::Extended => &mut grants.extended,
            Event::Ended { why, .. } => match why {
                Why::Expired => &mut grants.expired,
                Why::Revoked => &mut grants.revoked,
                Why::GivenBack => &mut grants.given_back,
                Why::Rejected => &mut grants.rejected,
            },
            Event::FollowUp => &mut grants.follow_ups,
            Event::DriftFound => &mut drift.found,
            Event::DriftSettled => &mut drift.settled,
            Event::DriftLapsed => &mut drift.lapsed,
            Event::ReviewOpened => &mut reviews.opened,
            Event::ReviewPostponed => &mut reviews.postponed,
            Event::ReviewClosed(outcome) => match outcome {
                Outcome::Renewed => &mut reviews.renewed,
                Outcome::LetExpire => &mut reviews.let_expire,
                Outcome::Removed => &mut reviews.removed,
                Outcome::Excepted => &mut reviews.excepted,
                Outcome::Undecided => &mut reviews.undecided,
                Outcome::Void => &mut reviews.void,
            },
            Event::SeatOffered => &mut seats.offered,
            Event::SeatAccepted => &mut seats.accepted,
            Event::SeatDeclined => &mut seats.declined,
            Event::SeatMissed => &mut seats.missed,
        };
        *counted = counted.saturating_add(1);
        match event {
            Event::Approved { by_people_after: Some(seconds) }
            | Event::Denied { by_people_after: Some(seconds) } => {
                self.decision.count(*seconds);
            }
            Event::Ended { after_expiry: Some(seconds), .. } => self.removal.count(*seconds),
            _ => {}
        }
    }

    /// Adds what was counted in another time.
    pub(super) fn add(&mut self, other: &Self) {
        self.requests.add(&other.requests);
        self.grants.add(&other.grants);
        self.drift.add(&other.drift);
        self.reviews.add(&other.reviews);
        self.seats.add(&other.seats);
        self.decision.add(&other.decision);
        self.removal.add(&other.removal);
    }
}

/// What was counted on one day. Erasing a person leaves it: it holds numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightDay {
    /// The day, in UTC.
    pub day: Day,
    /// What was counted.
    pub counters: Counters,
}

impl InsightDay {
    /// Days in order.
    pub const BY_DAY: Index = Index { name: "by_day", partition: &["all"], range: "day" };

    pub(super) fn none(day: Day) -> Self {
        Self { day, counters: Counters::default() }
    }
}

impl Document for InsightDay {
    const KIND: &'static Kind =
        &Kind { name: "insight_day", attributes: &["all", "day"], indexes: &[Self::BY_DAY] };

    fn key(&self) -> String {
        self.day.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.day.to_string())]
    }
}

/// How one tool stands by the entries counted so far. Erasing a person leaves it: it holds numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightTool {
    /// The tool.
    pub tool: ToolId,
    /// People with access that began to work and is not confirmed gone.
    pub with_access: u64,
    /// Requests ever made for it.
    pub requests: u64,
}

impl InsightTool {
    pub(super) fn none(tool: ToolId) -> Self {
        Self { tool, with_access: 0, requests: 0 }
    }

    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Submitted { .. } => self.requests = self.requests.saturating_add(1),
            Event::Activated { .. } => self.with_access = self.with_access.saturating_add(1),
            Event::Ended { worked: true, .. } => self.with_access = self.with_access.saturating_sub(1),
            _ => {}
        }
    }
}

impl Document for InsightTool {
    const KIND: &'static Kind = &Kind { name: "insight_tool", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

impl Event {
    /// The tool of whose standing it changes something.
    pub(super) fn tool(&self) -> Option<ToolId> {
        match self {
            Self::Submitted { tool } | Self::Activated { tool } | Self::Ended { tool, worked: true, .. } => {
                *tool
            }
            _ => None,
        }
    }
}

/// How things stand in all, by the entries counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Requests that wait: for approvers, or for an answer.
    pub requests_open: u64,
    /// People with access that began to work and is not confirmed gone, counted once for each tool.
    pub with_access: u64,
    /// Differences that are open.
    pub drift_open: u64,
    /// Reviews that wait for who decides them, put off or not.
    pub reviews_open: u64,
}

impl Standing {
    pub(super) fn count(&mut self, event: &Event) {
        let (up, down) = (
            |count: &mut u64| *count = count.saturating_add(1),
            |count: &mut u64| {
                *count = count.saturating_sub(1);
            },
        );
        match event {
            Event::Submitted { .. } => up(&mut self.requests_open),
            Event::Approved { .. } | Event::Denied { .. } | Event::Withdrawn | Event::Lapsed => {
                down(&mut self.requests_open);
            }
            Event::Activated { .. } => up(&mut self.with_access),
            Event::Ended { worked: true, .. } => down(&mut self.with_access),
            Event::DriftFound => up(&mut self.drift_open),
            Event::DriftSettled => down(&mut self.drift_open),
            Event::ReviewOpened => up(&mut self.reviews_open),
            Event::ReviewClosed(_) => down(&mut self.reviews_open),
            Event::Unapproved
            | Event::Extended
            | Event::Ended { worked: false, .. }
            | Event::FollowUp
            | Event::DriftLapsed
            | Event::ReviewPostponed
            | Event::SeatOffered
            | Event::SeatAccepted
            | Event::SeatDeclined
            | Event::SeatMissed => {}
        }
    }
}
