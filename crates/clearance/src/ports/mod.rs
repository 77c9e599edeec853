//! What the rules need from a host, and nothing more.
//!
//! Every port is a plain trait with `async fn`-shaped methods that return `impl Future + Send`; callers are generic, there is no `dyn`.
//! A host (the self-hosted server, the Forge module, the test harness) bundles its adapters in one type that implements [`Ports`].

mod absent;
mod core;
mod environment;
mod jira;
mod store;
mod vault;

pub use absent::Absent;
pub use core::{Core, CoreCall, CoreError, EntraSignIn, OktaSignIn, ProviderSignIn};
pub use environment::{Environment, Moment};
pub use jira::{
    AccountReport, InvalidJiraId, IssueId, Jira, JiraAccount, JiraAccountId, JiraError, JiraIssue,
    MAX_REPORTED_ACCOUNTS, NativeApproval, NativeDecision, StatusCategory,
};
pub use store::{
    Attributes, Commit, Committed, Cursor, Expected, Index, Kind, LogEntry, LogHead, MAX_COMMIT_BYTES,
    MAX_COMMIT_ITEMS, MAX_LOG_PAGE, MAX_PAGE, Order, Page, PageQuery, Revision, Row, Store, StoreError,
    Write,
};
pub use vault::{InvalidPlace, InvalidSecret, Place, RsaPublicKey, RsaScheme, Secret, Vault, VaultError};

/// The adapters one host brings.
pub trait Ports: Send + Sync {
    /// Documents and the log.
    type Store: Store;
    /// Time and randomness.
    type Environment: Environment;
    /// Private keys and secrets.
    type Vault: Vault;
    /// The connector service.
    type Core: Core;
    /// The Jira site, where there is one.
    type Jira: Jira;

    /// Documents and the log.
    fn store(&self) -> &Self::Store;
    /// Time and randomness.
    fn environment(&self) -> &Self::Environment;
    /// Private keys and secrets.
    fn vault(&self) -> &Self::Vault;
    /// The connector service.
    fn core(&self) -> &Self::Core;
    /// The Jira site, where there is one.
    fn jira(&self) -> &Self::Jira;
}
