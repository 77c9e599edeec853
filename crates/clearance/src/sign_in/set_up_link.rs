use serde::{Deserialize, Serialize};

use super::account::{Account, Password, PasswordHash};
use super::secret::{SecretHash, SessionSecret, SetUpSecret};
use super::session::{Method, add_session, end_sessions_of};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::{Attributes, Kind, Moment, Ports, Store};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// A link is good for this many hours.
pub const SET_UP_LINK_HOURS: i64 = 24;

/// The one link by which a person can set a password: a newer one replaces it, using it removes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetUpLink {
    /// Whose password can be set.
    pub person: PersonId,
    hash: SecretHash,
    /// When it stops to work.
    pub expires_at: Timestamp,
}

impl Document for SetUpLink {
    const KIND: &'static Kind = &Kind { name: "set_up_link", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Makes a person's link, in place of an earlier one, as part of a change.
pub(super) async fn make(
    store: &impl Store,
    person: &Loaded<Person>,
    actor: &Actor,
    moment: &Moment,
    change: &mut Change,
) -> Result<(SetUpSecret, Timestamp), Failure> {
    if !person.is_active() {
        return Err(
            Refusal::new(Code::PersonDeactivated, "this person is deactivated and cannot sign in").into()
        );
    }
    let earlier = load::<SetUpLink>(store, &person.id.to_string()).await?;
    let secret = SetUpSecret::new(person.id, moment);
    let expires_at = moment.now.plus_minutes(SET_UP_LINK_HOURS * 60);
    change.upsert(earlier.as_ref(), &SetUpLink { person: person.id, hash: secret.hash(), expires_at });
    let facts = super::facts([("person", person.id.to_string()), ("expires_at", expires_at.to_string())]);
    change.record(moment.now, actor, EventKind::SetUpLinkCreated, facts);
    Ok((secret, expires_at))
}

/// The link was used, replaced or is too old. One sentence for every reason.
pub fn link_expired() -> Refusal {
    Refusal::new(
        Code::LinkExpired,
        "this link was used, replaced or is too old; ask an administrator for a new one",
    )
}

async fn find(
    store: &impl Store,
    secret: &SetUpSecret,
    now: Timestamp,
) -> Result<Loaded<SetUpLink>, Failure> {
    let link = load::<SetUpLink>(store, &secret.person().to_string()).await?;
    link.filter(|link| link.hash == secret.hash() && now < link.expires_at)
        .ok_or_else(|| link_expired().into())
}

/// Whether a link still works. The host asks before it spends the work of hashing a password.
///
/// # Errors
/// [`Code::LinkExpired`] when it was used, replaced or is too old.
pub async fn check_set_up_link(
    store: &impl Store,
    secret: &SetUpSecret,
    now: Timestamp,
) -> Result<(), Failure> {
    find(store, secret, now).await.map(|_| ())
}

/// Sets the password of the link's person, removes the link, and signs the person in. Every other session of the person ends first.
///
/// # Errors
/// [`Code::LinkExpired`] when the link was used, replaced or is too old, also when that happened at this very moment.
pub async fn set_up<P: Ports>(
    ports: &P,
    secret: &SetUpSecret,
    password: PasswordHash,
    moment: &Moment,
) -> Result<SessionSecret, Failure> {
    let store = ports.store();
    let link = find(store, secret, moment.now).await?;
    let key = link.person.to_string();
    let person = load::<Person>(store, &key).await?.ok_or_else(link_expired)?;
    if !person.is_active() {
        return Err(link_expired().into());
    }
    end_sessions_of(ports, person.id).await?;
    let account = load::<Account>(store, &key).await?;
    let mut change = Change::new();
    change.remove(&link);
    change.check(&person);
    let next = Account {
        password: Some(Password { hash: password, set_at: moment.now }),
        ..account.as_deref().cloned().unwrap_or_else(|| Account::new(person.id))
    };
    change.upsert(account.as_ref(), &next);
    let facts = super::facts([("person", person.id.to_string())]);
    change.record(moment.now, &Actor::Person(person.id), EventKind::AccountSetUp, facts);
    let session = add_session(&person, Method::SetUpLink, moment, &mut change)?;
    store.commit(change.into_commit()?).await?;
    Ok(session)
}
