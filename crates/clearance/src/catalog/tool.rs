use std::collections::BTreeSet;

use audit_log::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::documents::Document;
use crate::emergency::EmergencyUse;
use crate::ids::{ConnectorId, PersonId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::seats::SeatCap;
use crate::text::{Document as DocumentText, Line, Paragraph, WebAddress};
use crate::time::{Days, Timestamp};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in ascending order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The value as the log and the interface name it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

words! {
    /// How much harm wrong use of a tool can do.
    Risk {
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
        /// Not to be used unless policy says otherwise.
        Restricted = "restricted",
    }
}

words! {
    /// How confidential data is.
    DataClass {
        /// Anybody may know it.
        Public = "public",
        /// The organization's people may know it.
        Internal = "internal",
        /// Some of the organization's people may know it.
        Confidential = "confidential",
        /// Law or contract says who may know it.
        Regulated = "regulated",
    }
}

words! {
    /// What a tool is for.
    Category {
        /// General assistants.
        Assistant = "assistant",
        /// Writing and reviewing code.
        Coding = "coding",
        /// Image, audio and video.
        Media = "media",
        /// Recording and summing up meetings.
        Meetings = "meetings",
        /// Search and research.
        Research = "research",
        /// Interfaces for programs.
        ModelApi = "model_api",
        /// Writing and translating.
        Writing = "writing",
    }
}

words! {
    /// Where a tool stands in the catalogue.
    ToolStatus {
        /// Not shown to requesters yet.
        Draft = "draft",
        /// Can be requested.
        Requestable = "requestable",
        /// Shown, but cannot be requested for now.
        Suspended = "suspended",
        /// Not offered any more.
        Retired = "retired",
    }
}

/// How access comes about once a request is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Fulfilment {
    /// The approval is all: access works at once.
    RecordOnly,
    /// A named person gives and takes the seat, and attests it.
    Manual {
        /// Who; the tool's owners and administrators when nobody is named.
        #[serde(default)]
        assignee: Option<PersonId>,
    },
    /// Membership in a group at the identity provider.
    Connected,
}

/// A text that requesters accept, with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsagePolicy {
    /// Rises with each change of the text.
    pub version: u32,
    /// The text.
    pub text: DocumentText,
}

impl UsagePolicy {
    /// SHA-256 of the text: what an acceptance is of, and what a grant is bound to.
    pub fn hash(&self) -> Hash {
        Hash::from(<[u8; Hash::LEN]>::from(Sha256::digest(self.text.as_str())))
    }
}

/// A tool: an entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its id.
    pub id: ToolId,
    /// Name; no two tools have the same.
    pub name: Line,
    /// Who sells it.
    pub vendor: Line,
    /// The vendor's page about it.
    pub url: Option<WebAddress>,
    /// What it is for.
    pub category: Category,
    /// Models it offers.
    pub models: Vec<Line>,
    /// What it is for, in a sentence or two.
    pub summary: Paragraph,
    /// What may be put in, what not, which settings to check.
    pub guidance: Option<Paragraph>,
    /// How much harm wrong use can do.
    pub risk: Risk,
    /// Where it stands.
    pub status: ToolStatus,
    /// Classes of data that may be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// What requesters accept, if there is something.
    pub usage_policy: Option<UsagePolicy>,
    /// People who answer for it.
    pub owners: BTreeSet<PersonId>,
    /// Duration suggested.
    pub default_days: Days,
    /// Longest duration, and longest time remaining after an extension.
    pub max_days: Days,
    /// Days before a grant's end in which its need is looked at again.
    pub review_days: Days,
    /// How access comes about.
    pub fulfilment: Fulfilment,
    /// The connector through which its group is bound: set by binding, cleared by releasing.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// How many may have it at once; none when any number may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_cap: Option<SeatCap>,
    /// Whether it may be had in an emergency.
    #[serde(default, skip_serializing_if = "EmergencyUse::is_never")]
    pub emergency: EmergencyUse,
    /// Words by which policy and people find it.
    pub tags: BTreeSet<Line>,
    /// Rises with each change; a form that was open meanwhile is refused.
    pub version: u32,
}

impl Tool {
    /// Most owners: they change in one commit with the tool.
    pub const MAX_OWNERS: usize = 6;
    /// Most models and most tags.
    pub const MAX_WORDS: usize = 20;

    /// All tools by name.
    pub const BY_NAME: Index = Index { name: "by_name", partition: &["all"], range: "sort_name" };
    /// Tools by status, then name.
    pub const BY_STATUS: Index = Index { name: "by_status", partition: &["status"], range: "sort_name" };
    /// Tools by status and risk, then name.
    pub const BY_RISK: Index = Index { name: "by_risk", partition: &["status", "risk"], range: "sort_name" };

    /// Whether wrong use can do more harm than before: the risk is higher, or data may be put in that is more confidential; or whether data may not be
    /// put in any more for which somebody has access.
    pub fn is_riskier_than(&self, before: &Self) -> bool {
        self.risk > before.risk
            || self.data_classes.last() > before.data_classes.last()
            || !before.data_classes.is_subset(&self.data_classes)
    }

    /// Refuses a tool whose settings contradict one another.
    pub fn validate(&self) -> Result<(), Refusal> {
        let problem = if self.default_days > self.max_days {
            "the default duration is longer than the maximum"
        } else if self.data_classes.is_empty() {
            "allow at least one data class"
        } else if self.owners.len() > Self::MAX_OWNERS {
            "name at most 6 owners"
        } else if self.models.len() > Self::MAX_WORDS || self.tags.len() > Self::MAX_WORDS {
            "name at most 20 models and 20 tags"
        } else if self.fulfilment == Fulfilment::Connected && self.connector.is_none() {
            let message = "connected fulfilment needs a group at a provider; bind one first";
            return Err(Refusal::new(Code::ConnectorRequired, message));
        } else {
            return Ok(());
        };
        Err(Refusal::new(Code::InvalidTool, problem))
    }
}

impl Document for Tool {
    const KIND: &'static Kind = &Kind {
        name: "tool",
        attributes: &["all", "status", "risk", "sort_name"],
        indexes: &[Self::BY_NAME, Self::BY_STATUS, Self::BY_RISK],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.status.as_str().to_owned()),
            Some(self.risk.as_str().to_owned()),
            Some(self.name.as_str().to_lowercase()),
        ]
    }
}

/// Guard: one tool has a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToolNameOwner {
    /// The name in lower case.
    pub name: String,
    /// Whose it is; none when it was given up.
    pub tool: Option<ToolId>,
}

impl Document for ToolNameOwner {
    const KIND: &'static Kind = &Kind { name: "tool_name_owner", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        // Cursors end a key at `~`; guards are never paged, but their keys keep the rule that all keys keep.
        self.name.replace('~', "-")
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// One person's ownership of one tool; kept in step with [`Tool::owners`], so that a person's tools can be listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ownership {
    /// The owner.
    pub person: PersonId,
    /// The tool.
    pub tool: ToolId,
    /// Who made them an owner, and who agreed to that.
    #[serde(default)]
    pub added_by: BTreeSet<PersonId>,
    /// When.
    #[serde(default)]
    pub added_at: Option<Timestamp>,
}

impl Ownership {
    /// Tools of one owner.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person_id"], range: "tool_id" };

    /// The key of a person's ownership of a tool.
    pub fn key_of(person: PersonId, tool: ToolId) -> String {
        format!("{person}:{tool}")
    }
}

impl Document for Ownership {
    const KIND: &'static Kind =
        &Kind { name: "ownership", attributes: &["person_id", "tool_id"], indexes: &[Self::BY_PERSON] };

    fn key(&self) -> String {
        Self::key_of(self.person, self.tool)
    }

    fn attributes(&self) -> Attributes {
        vec![Some(self.person.to_string()), Some(self.tool.to_string())]
    }
}

/// A tool as views name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolRef {
    /// Its id.
    pub id: ToolId,
    /// Its name.
    pub name: String,
}
