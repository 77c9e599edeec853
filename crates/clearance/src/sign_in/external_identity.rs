use std::collections::BTreeSet;

use audit_log::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::account::{Account, find_by_email};
use super::secret::{SessionSecret, hex};
use super::session::{Method, add_session};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::people::put::status_facts;
use crate::people::{Group, Membership, Person};
use crate::ports::{Attributes, Kind, Moment, Ports, Store};
use crate::refusal::{Code, Refusal};
use crate::text::EmailAddress;
use crate::time::Timestamp;

/// Most memberships that one sign-in changes; the rest follow at the next one. Keeps the commit far below its limit.
const MAX_MEMBERSHIP_CHANGES: usize = 10;

/// Names a user of a provider without showing who it is: SHA-256 of issuer and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityKey(String);

impl IdentityKey {
    /// The key of a provider's user. A subject is unique within its issuer only (OpenID Connect Core 1.0 §2).
    pub fn new(issuer: &str, subject: &str) -> Self {
        let digest = Sha256::new().chain_update(issuer).chain_update([0]).chain_update(subject).finalize();
        Self(hex(&digest.into()).to_string())
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which person a provider's user is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExternalIdentity {
    key: IdentityKey,
    /// The person.
    pub person: PersonId,
    /// The provider.
    pub issuer: String,
    /// Since when.
    pub bound_at: Timestamp,
}

impl ExternalIdentity {
    /// Binds a provider's user to a person.
    pub(super) fn new(key: IdentityKey, person: PersonId, issuer: &str, bound_at: Timestamp) -> Self {
        Self { key, person, issuer: issuer.to_owned(), bound_at }
    }
}

impl Document for ExternalIdentity {
    const KIND: &'static Kind = &Kind { name: "external_identity", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.key.0.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// What the host learned from an ID token that it verified.
#[derive(Debug, Clone)]
pub struct VerifiedIdentity {
    /// The provider.
    pub issuer: String,
    /// The provider's id of the user: never changes, never given to somebody else.
    pub subject: String,
    /// The user's address, only when the provider says that it verified it and the host is set up to bind by it.
    pub invited_as: Option<EmailAddress>,
    /// Memberships by the provider's group claim, when the host is set up to follow it.
    pub groups: Option<ClaimedGroups>,
}

/// Memberships that a provider's group claim decides.
#[derive(Debug, Clone)]
pub struct ClaimedGroups {
    /// Groups that the claim decides about; memberships in others stay as they are.
    pub managed: BTreeSet<GroupId>,
    /// Those of them that the person is to be in.
    pub granted: BTreeSet<GroupId>,
}

/// Signs in the person that a provider's user is, binding the two at the first sign-in of somebody invited.
///
/// # Errors
/// [`Code::NotPermitted`] when the user is nobody here: not bound, and either not invited under a verified address, or the person of that
/// address is bound to another user.
pub async fn sign_in_externally<P: Ports>(
    ports: &P,
    verified: &VerifiedIdentity,
    moment: &Moment,
) -> Result<SessionSecret, Failure> {
    let store = ports.store();
    let key = IdentityKey::new(&verified.issuer, &verified.subject);
    let mut change = Change::new();
    let person = match load::<ExternalIdentity>(store, &key.0).await? {
        Some(identity) => load::<Person>(store, &identity.person.to_string()).await?.ok_or_else(nobody)?,
        None => bind(store, verified, key, moment, &mut change).await?,
    };
    if !person.is_active() {
        return Err(nobody().into());
    }
    match &verified.groups {
        Some(claimed) => follow_groups(store, &person, claimed, moment, &mut change).await?,
        None => change.check(&person),
    }
    let session = add_session(&person, Method::Openid, moment, &mut change)?;
    store.commit(change.into_commit()?).await?;
    Ok(session)
}

fn nobody() -> Refusal {
    let message = "your account at the provider is not known here; ask an administrator to add you under the address that the \
                   provider has verified, or to send you a set-up link";
    Refusal::new(Code::NotPermitted, message)
}

async fn bind(
    store: &impl Store,
    verified: &VerifiedIdentity,
    key: IdentityKey,
    moment: &Moment,
    change: &mut Change,
) -> Result<Loaded<Person>, Failure> {
    let email = verified.invited_as.as_ref().ok_or_else(nobody)?;
    let person = find_by_email(store, email).await?.ok_or_else(nobody)?;
    let account = load::<Account>(store, &person.id.to_string()).await?;
    if account.as_ref().is_some_and(|account| account.identity.is_some()) {
        return Err(nobody().into());
    }
    let next = Account {
        identity: Some(key.clone()),
        ..account.as_deref().cloned().unwrap_or_else(|| Account::new(person.id))
    };
    change.upsert(account.as_ref(), &next);
    let issuer = verified.issuer.clone();
    change.insert(&ExternalIdentity { key, person: person.id, issuer, bound_at: moment.now });
    let facts = super::facts([("person", person.id.to_string())]);
    change.record(moment.now, &Actor::Person(person.id), EventKind::IdentityBound, facts);
    Ok(person)
}

/// Brings the person's memberships in the managed groups in line with the claim; guards the person's revision either way.
async fn follow_groups(
    store: &impl Store,
    person: &Loaded<Person>,
    claimed: &ClaimedGroups,
    moment: &Moment,
    change: &mut Change,
) -> Result<(), Failure> {
    let mut groups = person.groups.clone();
    let wrong =
        claimed.managed.iter().filter(|group| claimed.granted.contains(group) != groups.contains(group));
    let wrong: Vec<GroupId> = wrong.copied().take(MAX_MEMBERSHIP_CHANGES).collect();
    for group in wrong {
        if groups.remove(&group) {
            change.remove_unrevised::<Membership>(Membership::key_of(group, person.id));
        } else if groups.len() < Person::MAX_GROUPS
            && load::<Group>(store, &group.to_string()).await?.is_some()
        {
            groups.insert(group);
            change.insert(&Membership {
                group,
                person: person.id,
                since: moment.now,
                added_by: BTreeSet::new(),
            });
        }
    }
    if groups == person.groups {
        change.check(person);
        return Ok(());
    }
    let next = Person { groups, ..Person::clone(person) };
    let facts = Value::object(status_facts(&next));
    change.record(moment.now, &Actor::System, EventKind::PersonChanged, facts);
    change.update(person, &next);
    Ok(())
}
