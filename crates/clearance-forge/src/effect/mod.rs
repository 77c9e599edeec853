//! Effects as the glue sees them, and what it answers: the JSON shapes of this host.
//!
//! Names of kinds, attributes and indexes are those that [`clearance`] declares. Revisions and log indices are JSON numbers.

mod core;
mod documents;
mod jira;
mod log;
mod vault;

use clearance::ports::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::core::{CoreAnswer, CoreRequest};
pub use documents::{
    CommitAnswer, DocumentRequest, Found, IndexQuery, PageAnswer, Position, RowAnswer, WriteRequest,
};
pub use jira::{JiraAccountAnswer, JiraIssueAnswer, JiraReportAnswer, JiraRequest};
pub use log::{EntryAnswer, EntryRequest, LogEntriesAnswer, LogHeadAnswer, LogRequest, LogTileAnswer};
pub use vault::{
    Exposed, FingerprintsAnswer, PublicKeyAnswer, RsaPublicKeyAnswer, SecretAnswer, SignAnswer,
    SignatureAnswer, VaultRequest,
};

/// Something that the glue shall do, with the number under which it answers.
#[derive(Debug, Serialize)]
pub struct Effect {
    /// Unique within the invocation.
    pub id: u64,
    /// What to do.
    #[serde(flatten)]
    pub request: Request,
}

/// What to do; `kind` names it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Request {
    /// With documents.
    Document(DocumentRequest),
    /// With the log.
    Log(LogRequest),
    /// With keys and secrets.
    Vault(VaultRequest),
    /// At Core.
    Core(CoreRequest),
    /// In Jira.
    Jira(JiraRequest),
}

macro_rules! requests {
    ($($variant:ident($request:ident)),*) => {$(
        impl From<$request> for Request {
            fn from(request: $request) -> Self {
                Self::$variant(request)
            }
        }
    )*};
}

requests!(
    Document(DocumentRequest),
    Log(LogRequest),
    Vault(VaultRequest),
    Core(CoreRequest),
    Jira(JiraRequest)
);

/// What came of one effect: `{"id": 1, "ok": …}` or `{"id": 1, "error": {"code": "conflict", "message": "…"}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The effect's id.
    pub id: u64,
    /// It was done. The form depends on the effect.
    #[serde(default)]
    pub ok: Option<Box<RawValue>>,
    /// It was not done, and nothing of it is visible.
    #[serde(default)]
    pub error: Option<EffectError>,
}

/// Why an effect was not done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectError {
    /// What kind of failure.
    pub code: EffectErrorCode,
    /// For the host's log; nobody else sees it.
    #[serde(default)]
    pub message: String,
    /// Seconds after which to ask again, when the other side said so.
    #[serde(default)]
    pub retry_after_seconds: Option<u32>,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectErrorCode {
    /// A guard of the commit did not hold.
    Conflict,
    /// The platform refuses so large a commit.
    TooLarge,
    /// What is stored cannot be read.
    Damaged,
    /// The platform, Core or Jira does not answer now.
    Unavailable,
    /// Jira refuses it, and would again.
    Refused,
}

impl EffectError {
    /// Nothing came that could be understood.
    pub(crate) fn unavailable(message: String) -> Self {
        Self { code: EffectErrorCode::Unavailable, message, retry_after_seconds: None }
    }
}

impl std::fmt::Display for EffectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)
    }
}

impl From<EffectError> for StoreError {
    fn from(error: EffectError) -> Self {
        match error.code {
            EffectErrorCode::Conflict => Self::Conflict,
            EffectErrorCode::TooLarge => Self::TooLarge(error.message),
            EffectErrorCode::Damaged => Self::Damaged(error.message),
            EffectErrorCode::Unavailable | EffectErrorCode::Refused => Self::Unavailable(error.message),
        }
    }
}

/// Answer to what has none: `keep`, `destroy`, `log_pack`, `jira_comment`, `jira_transition`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
