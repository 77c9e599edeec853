//! Signing in: sessions, API tokens, passwords, one-time set-up links, and identities of an OpenID provider.
//!
//! Every secret here is 256 random bits that the person or program keeps; what is stored is its SHA-256. A fast hash suffices, because
//! nobody can guess 256 bits. Passwords can be guessed: the host hashes them with argon2id, and this module only keeps the outcome.
//!
//! | document | key | says |
//! |---|---|---|
//! | [`Session`] | hash of the cookie's secret | a browser in which a person is signed in |
//! | [`Token`] | token id | a program that acts for a person |
//! | [`Account`] | person | how the person signs in: password, bound external identity |
//! | [`SetUpLink`] | person | the one link by which a password can be set |
//! | [`ExternalIdentity`] | hash of issuer and subject | which person a provider's user is |
//! | [`KnownJiraAccount`] | account id | a Jira account of which personal data is kept |
//!
//! What begins a sign-in is no operation: hosts differ in it (Forge signs people in itself), and nobody is a caller before it.

mod account;
mod external_identity;
mod jira_account;
pub mod operations;
mod removal;
mod report;
mod secret;
mod session;
mod set_up_link;
mod token;

pub use account::{Account, Password, PasswordHash, find_by_email, find_password, wrong_credentials};
pub use external_identity::{
    ClaimedGroups, ExternalIdentity, IdentityKey, VerifiedIdentity, sign_in_externally,
};
pub(crate) use jira_account::{JIRA_ISSUER, unavailable};
pub use jira_account::{KnownJiraAccount, find_by_jira_account, note_administrator, person_of_jira_account};
pub(crate) use removal::{remove_account, remove_sessions_and_tokens};
pub use report::{Reported, report_accounts};
pub(crate) use secret::hex;
pub use secret::{InvalidSecret, SecretHash, SessionSecret, SetUpSecret, TokenSecret};
pub use session::{
    Method, SESSION_HOURS, SESSION_IDLE_HOURS, Session, authenticate_session, begin_session, end_session,
    forget_ended_sessions,
};
pub use set_up_link::{SET_UP_LINK_HOURS, SetUpLink, check_set_up_link, link_expired, set_up};
pub use token::{InvalidTokenDays, Token, TokenDays, TokenState, authenticate_token};

/// Facts of a log entry that are all texts.
fn facts<const N: usize>(members: [(&str, String); N]) -> audit_log::Value {
    audit_log::Value::object(members.map(|(name, text)| (name, audit_log::Value::from(text))))
}
