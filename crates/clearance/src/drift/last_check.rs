use core_protocol::message::GroupId;
use serde::{Deserialize, Serialize};

use super::Cause;
use crate::connector::ProviderGroup;
use crate::documents::Document;
use crate::ids::{ConnectorId, FindingId, ToolId};
use crate::ports::{Attributes, Kind};
use crate::time::Timestamp;

/// How a check of a group came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum CheckOutcome {
    /// Every member was seen.
    Complete {
        /// How many.
        members: u32,
        /// Findings about them that are open.
        findings: u32,
    },
    /// The group could not be read.
    Unknown {
        /// Why not.
        cause: Cause,
    },
}

/// A check that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When it began.
    pub at: Timestamp,
    /// How it came out.
    #[serde(flatten)]
    pub outcome: CheckOutcome,
}

/// The checks of one tool's group: when the next is due, and what the last one said. Whoever checks a group moves its time first, so that
/// nobody else checks it at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftCheck {
    /// The tool.
    pub tool: ToolId,
    /// The connector of its group.
    pub connector: ConnectorId,
    /// Its group.
    pub group: GroupId,
    /// When the next check is due.
    pub due_at: Timestamp,
    /// The last check.
    pub last: Option<LastCheck>,
    /// When a check was last complete.
    pub complete_at: Option<Timestamp>,
    /// The finding that the group cannot be read, while it is open.
    pub unknown: Option<FindingId>,
    /// The finding that the group is not this program's to change, while it is open or somebody answers for it.
    pub rule_managed: Option<FindingId>,
}

impl DriftCheck {
    /// A group that was never checked.
    pub fn never(group: &ProviderGroup, due_at: Timestamp) -> Self {
        Self {
            tool: group.tool,
            connector: group.connector,
            group: group.group.clone(),
            due_at,
            last: None,
            complete_at: None,
            unknown: None,
            rule_managed: None,
        }
    }
}

impl Document for DriftCheck {
    const KIND: &'static Kind = &Kind { name: "drift_check", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
