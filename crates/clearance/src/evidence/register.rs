use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::{ExportId, GrantId, PersonId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::time::Timestamp;

/// What an export was of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum ExportScope {
    /// One grant.
    Grant {
        /// Which.
        grant: GrantId,
    },
    /// One person.
    Person {
        /// Who.
        person: PersonId,
    },
    /// One tool.
    Tool {
        /// Which.
        tool: ToolId,
    },
    /// Everything of a period.
    Period {
        /// From this instant on.
        from: Timestamp,
        /// Up to this instant, exclusive.
        until: Timestamp,
    },
    /// A list of requests.
    Requests,
}

/// One person whom one export named: one document for each pair, made before the export is given out.
///
/// What has left the site cannot be called back. When a person is erased, these say where their name went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRegister {
    /// The export.
    pub export: ExportId,
    /// Whom it named.
    pub person: PersonId,
    /// Who exported.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What it was of.
    pub scope: ExportScope,
}

impl ExportRegister {
    /// Exports that named a person.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person"], range: "at" };

    /// The key of a person in an export. Keys of one export lie together: `export:` … `export;`.
    pub fn key_of(export: ExportId, person: PersonId) -> String {
        format!("{export}:{person}")
    }
}

impl Document for ExportRegister {
    const KIND: &'static Kind =
        &Kind { name: "export_register", attributes: &["person", "at"], indexes: &[Self::BY_PERSON] };

    fn key(&self) -> String {
        Self::key_of(self.export, self.person)
    }

    fn attributes(&self) -> Attributes {
        vec![Some(self.person.to_string()), Some(self.at.to_string())]
    }
}
