use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, PersonId, ToolId};

/// Under what the queue of an approver finds a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// One person.
    Person(PersonId),
    /// Members of a group.
    Group(GroupId),
    /// Owners of a tool.
    Owner(ToolId),
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
            Self::Owner(id) => id.fmt(f),
        }
    }
}
