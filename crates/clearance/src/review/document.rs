use serde::{Deserialize, Serialize};

use super::state::{Postponement, ReviewCause, ReviewState};
use crate::approval::Selector;
use crate::documents::Document;
use crate::ids::{GrantId, PersonId, ReviewId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::time::Timestamp;

/// Later than any end: the place in an index of access whose time does not run yet.
const NEVER: &str = "9999-12-31T23:59:59.999Z";

/// A review of one grant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// The grant.
    pub grant: GrantId,
    /// Who has the access: never who reviews it.
    pub person: PersonId,
    /// To which tool.
    pub tool: ToolId,
    /// Why it was opened.
    pub cause: ReviewCause,
    /// When.
    pub opened_at: Timestamp,
    /// When the access ends; none while it does not work yet.
    pub ends_at: Option<Timestamp>,
    /// Who decides it.
    pub reviewer: Selector,
    /// When who decides it is told again.
    pub remind_at: Option<Timestamp>,
    /// How often it was postponed.
    pub postponements: Vec<Postponement>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ReviewState,
}

impl Review {
    /// All reviews: the partition is `all`.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "opened_at" };
    /// Reviews in one state (`open`, `decided`, `undecided`, `void`).
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "opened_at" };
    /// Open reviews by who decides them, the next end first.
    pub const BY_REVIEWER: Index = Index { name: "by_reviewer", partition: &["reviewer"], range: "due_at" };
    /// Open reviews by the end of their access.
    pub const BY_END: Index = Index { name: "by_end", partition: &["waiting"], range: "due_at" };

    /// The end of its access as indexes hold it.
    pub(super) fn due_at(&self) -> String {
        self.ends_at.map_or_else(|| NEVER.to_owned(), |at| at.to_string())
    }
}

impl Document for Review {
    const KIND: &'static Kind = &Kind {
        name: "review",
        attributes: &["all", "state", "opened_at", "reviewer", "waiting", "due_at"],
        indexes: &[Self::BY_TIME, Self::BY_STATE, Self::BY_REVIEWER, Self::BY_END],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let open = self.is_open();
        vec![
            Some("all".to_owned()),
            Some(self.state_name().to_owned()),
            Some(self.opened_at.to_string()),
            open.then(|| self.reviewer.to_string()),
            open.then(|| "waiting".to_owned()),
            open.then(|| self.due_at()),
        ]
    }
}

/// Guard: one review of a grant is open at a time, and none is opened twice for the same end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewOfGrant {
    /// The grant.
    pub grant: GrantId,
    /// The open review, or the last one.
    pub review: ReviewId,
    /// Whether it is open.
    pub open: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The end of the access for which its need was looked at.
    pub ends_at: Option<Timestamp>,
}

impl ReviewOfGrant {
    /// That this review is a grant's.
    pub(super) fn of(review: &Review) -> Self {
        Self {
            grant: review.grant,
            review: review.id,
            open: review.is_open(),
            opened_at: review.opened_at,
            ends_at: review.ends_at,
        }
    }
}

impl Document for ReviewOfGrant {
    const KIND: &'static Kind = &Kind { name: "review_of_grant", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.grant.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
