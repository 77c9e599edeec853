use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::{GroupId, PersonId};
use crate::ports::{Attributes, Index, Kind};
use crate::text::{EmailAddress, Line};
use crate::time::Timestamp;

/// What a person may do beyond asking for themselves and deciding what policy gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing more.
    Member,
    /// Configures catalogue, policies, people and settings.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// The role as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }
}

/// Whether a person takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonStatus {
    /// May sign in, ask and decide.
    Active,
    /// Left. What they held and asked for is being ended by the clockwork.
    Leaving {
        /// Since when.
        since: Timestamp,
    },
    /// Left, and nothing of theirs is open any more.
    Left {
        /// Since when.
        since: Timestamp,
    },
    /// Is being erased by the clockwork, for good.
    Erasing {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing tells who they were. The id stands for nobody.
    Erased {
        /// When the last of it was destroyed.
        at: Timestamp,
    },
}

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    /// Random pseudonym: all that the log ever says of them.
    pub id: PersonId,
    /// Name as shown.
    pub name: Line,
    /// Address by which they sign in and are told things.
    pub email: Option<EmailAddress>,
    /// What they may do.
    pub role: Role,
    /// When the role last changed: sessions from before are over.
    pub role_changed_at: Timestamp,
    /// Groups they are in.
    pub groups: BTreeSet<GroupId>,
    /// Who manages them: whom policy means by a requester's manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
    /// Whether they take part.
    pub status: PersonStatus,
}

impl Person {
    /// Most groups of one person; keeps a person's document and the queue's merge small.
    pub const MAX_GROUPS: usize = 64;

    /// People by name.
    pub const BY_NAME: Index = Index { name: "by_name", partition: &["all"], range: "sort_name" };
    /// People by status (`active`, `leaving`, `left`, `erasing`, `erased`), then name.
    pub const BY_STATUS: Index = Index { name: "by_status", partition: &["status"], range: "sort_name" };

    /// Whether they may sign in, ask and decide.
    pub fn is_active(&self) -> bool {
        matches!(self.status, PersonStatus::Active)
    }

    /// Whether nobody may become active under this id any more.
    pub fn is_being_erased(&self) -> bool {
        matches!(self.status, PersonStatus::Erasing { .. } | PersonStatus::Erased { .. })
    }

    /// The status's name.
    pub fn status_name(&self) -> &'static str {
        match self.status {
            PersonStatus::Active => "active",
            PersonStatus::Leaving { .. } => "leaving",
            PersonStatus::Left { .. } => "left",
            PersonStatus::Erasing { .. } => "erasing",
            PersonStatus::Erased { .. } => "erased",
        }
    }
}

impl Document for Person {
    const KIND: &'static Kind = &Kind {
        name: "person",
        attributes: &["all", "status", "sort_name"],
        indexes: &[Self::BY_NAME, Self::BY_STATUS],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.status_name().to_owned()),
            Some(self.name.as_str().to_lowercase()),
        ]
    }
}

/// Guard: one person has an e-mail address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailAddressOwner {
    /// The address.
    pub address: EmailAddress,
    /// Whose it is; none when it was given up.
    pub person: Option<PersonId>,
}

impl Document for EmailAddressOwner {
    const KIND: &'static Kind = &Kind { name: "email_address_owner", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.address.as_str().to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Guard: the active people with the administrator role; at least one remains.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AdministratorRoster {
    /// Their ids.
    pub people: BTreeSet<PersonId>,
    /// When somebody was last added or taken away.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
}

impl AdministratorRoster {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for AdministratorRoster {
    const KIND: &'static Kind = &Kind { name: "administrator_roster", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
