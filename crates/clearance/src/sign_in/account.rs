use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

use super::external_identity::IdentityKey;
use crate::documents::{Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::{EmailAddressOwner, Person};
use crate::ports::{Attributes, JiraAccountId, Kind, Store};
use crate::refusal::{Code, Refusal};
use crate::text::EmailAddress;
use crate::time::Timestamp;

/// A password's hash with its parameters, as the host computed it: a PHC string (argon2id, RFC 9106). It cannot be printed.
///
/// It does serialise, because it is stored; no operation answers it.
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the PHC string that the host computed.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the host to verify a password against.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A password, and when it was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Password {
    /// Its hash.
    pub hash: PasswordHash,
    /// When it was set.
    pub set_at: Timestamp,
}

/// How one person signs in. A person without one never did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Whose account it is.
    pub person: PersonId,
    /// The local password, if one was set.
    pub password: Option<Password>,
    /// The provider's user bound to the person. It is the guard that a person has at most one.
    pub identity: Option<IdentityKey>,
    /// The Jira account that the identity is, so that what is kept of it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jira: Option<JiraAccountId>,
}

impl Account {
    /// An account with nothing in it yet.
    pub fn new(person: PersonId) -> Self {
        Self { person, password: None, identity: None, jira: None }
    }
}

impl Document for Account {
    const KIND: &'static Kind = &Kind { name: "account", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Address and password do not match an account. One sentence for every reason: it does not tell which addresses are known.
pub fn wrong_credentials() -> Refusal {
    Refusal::new(Code::WrongCredentials, "e-mail address and password do not match an account")
}

/// The active person with this address.
pub async fn find_by_email(
    store: &impl Store,
    email: &EmailAddress,
) -> Result<Option<Loaded<Person>>, Failure> {
    let Some(owner) = load::<EmailAddressOwner>(store, email.as_str()).await? else { return Ok(None) };
    let Some(person) = owner.person else { return Ok(None) };
    let person = load::<Person>(store, &person.to_string()).await?;
    Ok(person.filter(|person| person.is_active()))
}

/// The active person with this address and the hash of their password, if they have one.
pub async fn find_password(
    store: &impl Store,
    email: &EmailAddress,
) -> Result<Option<(Loaded<Person>, PasswordHash)>, Failure> {
    let Some(person) = find_by_email(store, email).await? else { return Ok(None) };
    let account = load::<Account>(store, &person.id.to_string()).await?;
    Ok(account.and_then(|account| account.into_inner().password).map(|password| (person, password.hash)))
}
