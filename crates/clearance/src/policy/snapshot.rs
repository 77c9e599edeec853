use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{DataClass, Risk};
use crate::ids::{GroupId, PersonId, ToolId};
use crate::text::Line;
use crate::time::Days;

/// Everything of a request that policy looks at, as it was when it was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The tool; none when a new one is proposed.
    pub tool: Option<ToolId>,
    /// The tool's risk; `high` for one that is not in the catalogue.
    pub risk: Risk,
    /// The tool's tags.
    pub tags: BTreeSet<Line>,
    /// Groups the requester is in.
    pub requester_groups: BTreeSet<GroupId>,
    /// Data classes declared.
    pub data_classes: BTreeSet<DataClass>,
    /// Days asked for.
    pub days: Days,
    /// Days from first activation to the end that is asked for: with an extension more than `days`. Auto-approval's cap counts these.
    pub days_in_all: Days,
    /// The requester's manager. No rule looks at it; stages that ask the manager ask this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
}
