//! The `Jira` port: issues, comments and accounts of the Jira site that the app is installed on, always as the app.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Most accounts of one report; the platform takes no more.
pub const MAX_REPORTED_ACCOUNTS: usize = 90;

/// A Jira site. A self-hosted site has none.
pub trait Jira: Send + Sync {
    /// Reads an issue and its native approvals; nothing when there is no such issue.
    fn issue(&self, issue: &IssueId) -> impl Future<Output = Result<Option<JiraIssue>, JiraError>> + Send;

    /// Writes a comment of plain paragraphs, for agents only when it is internal. It may be there twice when the answer was lost.
    fn comment(
        &self,
        issue: &IssueId,
        internal: bool,
        paragraphs: &[String],
    ) -> impl Future<Output = Result<(), JiraError>> + Send;

    /// Moves an issue by the transition of this name or id.
    fn transition(
        &self,
        issue: &IssueId,
        transition: &str,
    ) -> impl Future<Output = Result<(), JiraError>> + Send;

    /// Reads an account; nothing when there is none.
    fn account(
        &self,
        account: &JiraAccountId,
    ) -> impl Future<Output = Result<Option<JiraAccount>, JiraError>> + Send;

    /// Reports of which accounts personal data is kept, at most [`MAX_REPORTED_ACCOUNTS`]; answers those of which it must go.
    fn report_accounts(
        &self,
        accounts: &[AccountReport],
    ) -> impl Future<Output = Result<Vec<JiraAccountId>, JiraError>> + Send;
}

/// Why Jira did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JiraError {
    /// There is no Jira here.
    #[error("there is no Jira here")]
    Absent,
    /// It does not answer now.
    #[error("Jira does not answer: {reason}")]
    Unavailable {
        /// For the host's log.
        reason: String,
        /// Seconds after which to ask again, when it said so.
        retry_after_seconds: Option<u32>,
    },
    /// It refuses, and would again.
    #[error("Jira refused: {0}")]
    Refused(String),
}

/// The text is not an id of Jira's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of Jira's")]
pub struct InvalidJiraId;

macro_rules! jira_ids {
    ($($(#[$doc:meta])* $name:ident, $max:literal, $extra:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidJiraId;
            fn try_from(text: String) -> Result<Self, InvalidJiraId> {
                let known = |byte: u8| byte.is_ascii_alphanumeric() || $extra.contains(&byte);
                let valid = (1..=$max).contains(&text.len()) && text.bytes().all(known);
                if valid { Ok(Self(text)) } else { Err(InvalidJiraId) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidJiraId;
            fn from_str(text: &str) -> Result<Self, InvalidJiraId> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        // It tells who or what somebody is: no log line holds it by accident.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": $max })
            }
        }
    )*};
}

jira_ids! {
    /// An issue: its id (digits), which stays when the issue moves to another project. A surface that knows only the key may send that; it
    /// is resolved before it is used.
    IssueId, 64, b"-_";
    /// An account, by the id that the platform vouches for: it never changes and is never given to somebody else.
    JiraAccountId, 128, b":_-";
}

impl IssueId {
    /// Whether this is an id, not a key.
    pub fn is_id(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// How far an issue is by Jira's own account: the category of its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusCategory {
    /// To do.
    New,
    /// In progress.
    Indeterminate,
    /// Done.
    Done,
    /// Without a category, or of one that Jira added later.
    #[serde(other)]
    Undefined,
}

/// What somebody answered to a native approval of Jira Service Management.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NativeDecision {
    /// Nothing yet.
    Pending,
    /// Yes.
    Approved,
    /// No.
    Declined,
}

/// A native approval. It never grants anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NativeApproval {
    /// The step's name.
    pub name: String,
    /// Where it stands.
    pub decision: NativeDecision,
}

/// An issue as Jira has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JiraIssue {
    /// Its id.
    pub id: IssueId,
    /// Who reports it now.
    #[serde(default)]
    pub reporter: Option<JiraAccountId>,
    /// Who made it.
    #[serde(default)]
    pub creator: Option<JiraAccountId>,
    /// How far it is.
    pub status_category: StatusCategory,
    /// Its native approvals.
    #[serde(default)]
    pub approvals: Vec<NativeApproval>,
}

/// An account as Jira has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JiraAccount {
    /// The name as shown; absent when its owner hides it.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it may sign in.
    #[serde(default = "active")]
    pub active: bool,
    /// Ids of the groups it is in.
    #[serde(default)]
    pub groups: Vec<String>,
}

fn active() -> bool {
    true
}

/// An account of which personal data is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountReport {
    /// Which.
    pub account: JiraAccountId,
    /// When what is kept was last read from Jira.
    pub updated_at: Timestamp,
}
