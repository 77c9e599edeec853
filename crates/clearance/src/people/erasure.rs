use serde::{Deserialize, Serialize};

use super::{Person, PersonStatus, Role};
use crate::audit::Actor;
use crate::documents::Document;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Attributes, Kind};
use crate::text::{EmailAddress, Line};
use crate::time::Timestamp;

/// What stands where an erased person's name stood.
pub const ERASED_NAME: &str = "Erased person";

/// How far the erasure of a person has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum ErasureStage {
    /// What the person holds and asked for is being ended. Who they are is kept until all access is gone: somebody has to find their seat.
    Ending,
    /// The person's document, address and accounts are gone. Their texts, and copies of their name, are being looked for.
    Destroying {
        /// Since when nobody can load the name any more.
        since: Timestamp,
        /// Copies are found by it.
        name: Line,
        /// Copies are found by it.
        email: Option<EmailAddress>,
        /// Where the walk through all requests goes on.
        after: Option<String>,
    },
    /// No document holds anything of the person; the store may still have what was overwritten.
    Scrubbing,
}

/// The erasure of one person, until it is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Erasure {
    /// Who is erased.
    pub person: PersonId,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// Who asked for it.
    pub started_by: Actor,
    /// How far it has come.
    pub stage: ErasureStage,
}

impl Erasure {
    /// The same erasure in another stage.
    #[must_use]
    pub fn in_stage(&self, stage: ErasureStage) -> Self {
        Self { stage, ..self.clone() }
    }
}

impl Document for Erasure {
    const KIND: &'static Kind = &Kind { name: "erasure", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

impl Person {
    /// What is left of an erased person: the pseudonym that the log knows, and that it stands for nobody.
    pub(crate) fn tombstone(&self, status: PersonStatus) -> Result<Self, Failure> {
        let name =
            Line::parse(ERASED_NAME).map_err(|error| Failure::Defect(format!("a tombstone: {error}")))?;
        Ok(Self {
            id: self.id,
            name,
            email: None,
            role: Role::Member,
            role_changed_at: self.role_changed_at,
            groups: self.groups.clone(),
            manager: None,
            status,
        })
    }
}
