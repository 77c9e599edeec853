use serde::{Deserialize, Serialize};

use super::register::ExportScope;
use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::ExportId;
use crate::ports::{Attributes, Kind};
use crate::time::Timestamp;

/// Minutes for which an export can be downloaded by whoever made it.
pub const EXPORT_MINUTES: i64 = 60;

/// An export that was made: what it is of, and under which size of the log. Its content is made while it is downloaded, always the same
/// but for what was erased meanwhile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// Who made it: nobody else may download it.
    pub by: Actor,
    /// What it is of.
    pub scope: ExportScope,
    /// Entries of the log that are looked at.
    pub tree_size: u64,
    /// Where in the log its records lie: start, and end exclusive, in order.
    pub spans: Vec<(u64, u64)>,
    /// How many records it has; of a list of requests, none is counted.
    pub records: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it can be downloaded.
    pub expires_at: Timestamp,
}

impl Document for Export {
    const KIND: &'static Kind = &Kind { name: "export", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
