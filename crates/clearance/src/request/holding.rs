use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::{GrantId, PersonId, RequestId, ToolId};
use crate::ports::{Attributes, Kind};

/// Guard: what one person has open or holds of one tool. At most one open request, at most one unended grant.
///
/// Every commit that opens or closes a request, or makes a grant, revises it; so of 64 simultaneous submissions one succeeds. One that ends a
/// grant does not: an ended grant stays ended, and whoever gives the next one looks at the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The person.
    pub person: PersonId,
    /// The tool.
    pub tool: ToolId,
    /// The request that waits for a decision or for information.
    pub open_request: Option<RequestId>,
    /// The last grant: what the person holds, unless it has ended.
    pub grant: Option<GrantId>,
}

impl Holding {
    /// Nothing held, nothing open.
    pub fn none(person: PersonId, tool: ToolId) -> Self {
        Self { person, tool, open_request: None, grant: None }
    }

    /// The key for a person and a tool.
    pub fn key_of(person: PersonId, tool: ToolId) -> String {
        format!("{person}:{tool}")
    }
}

impl Document for Holding {
    const KIND: &'static Kind = &Kind { name: "holding", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.person, self.tool)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
