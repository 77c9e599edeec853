use serde::{Deserialize, Serialize};

use crate::documents::{Change, Document, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::ports::{Attributes, Kind, Store};
use crate::time::Timestamp;

/// A tool that got a group, or got it back: jobs that waited for that go on. The clockwork tries each of them again.
///
/// One commit cannot try any number of jobs again, and the group is bound at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebound {
    /// The tool.
    pub tool: ToolId,
    /// When: what needed somebody before that goes on.
    pub at: Timestamp,
}

impl Rebound {
    /// Notes that a tool's jobs go on.
    pub(super) async fn note(
        store: &impl Store,
        change: &mut Change,
        tool: ToolId,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let earlier = load::<Self>(store, &tool.to_string()).await?;
        change.upsert(earlier.as_ref(), &Self { tool, at });
        Ok(())
    }
}

impl Document for Rebound {
    const KIND: &'static Kind = &Kind { name: "rebound", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
