use serde::{Deserialize, Serialize};

use super::account::wrong_credentials;
use super::secret::{SecretHash, SessionSecret};
use crate::audit::{Actor, EventKind};
use crate::authorization::{Credential, Principal, Standing, not_signed_in};
use crate::documents::{Change, Document, Loaded, Paging, Select, list, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::{Attributes, Index, Kind, Moment, Ports, Store, StoreError};
use crate::time::Timestamp;

/// A session without use ends after this many hours.
pub const SESSION_IDLE_HOURS: i64 = 8;
/// A session ends this many hours after it began, used or not.
pub const SESSION_HOURS: i64 = 24;
/// Minutes between two notes of a session's use: a page that asks ten things must not cost ten writes.
const NOTE_EVERY_MINUTES: i64 = 5;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// With e-mail address and password.
    Password,
    /// Through a one-time set-up link, setting the password.
    SetUpLink,
    /// At the OpenID provider.
    Openid,
}

impl Method {
    /// As the log holds it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SetUpLink => "set_up_link",
            Self::Openid => "openid",
        }
    }
}

/// A browser in which a person is signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    hash: SecretHash,
    /// Who is signed in.
    pub person: PersonId,
    /// When the person signed in.
    pub began: Timestamp,
    /// Last use noted; up to five minutes behind.
    pub last_seen: Timestamp,
    /// How the person signed in.
    pub method: Method,
}

impl Session {
    /// Sessions of a person, oldest first.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person"], range: "began" };
    /// All sessions, oldest first.
    pub const BY_BEGINNING: Index = Index { name: "by_beginning", partition: &["all"], range: "began" };

    /// When it ends if it is not used again.
    pub fn ends_at(&self) -> Timestamp {
        let idle = self.last_seen.plus_minutes(SESSION_IDLE_HOURS * 60);
        idle.min(self.began.plus_minutes(SESSION_HOURS * 60))
    }

    /// Whether it still stands for its person: neither over nor overtaken by a change of the person's role.
    fn stands_for(&self, person: &Person, now: Timestamp) -> bool {
        now < self.ends_at() && person.is_active() && person.role_changed_at <= self.began
    }
}

impl Document for Session {
    const KIND: &'static Kind = &Kind {
        name: "session",
        attributes: &["all", "person", "began"],
        indexes: &[Self::BY_PERSON, Self::BY_BEGINNING],
    };

    fn key(&self) -> String {
        self.hash.as_str().to_owned()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.person.to_string()), Some(self.began.to_string())]
    }
}

/// Who a session stands for: two point reads.
///
/// When the last noted use lies five minutes back, the change that notes this one is given too. Committing it is up to the host; a
/// conflict there means only that another request noted its own.
///
/// # Errors
/// [`NotSignedIn`](crate::refusal::Code::NotSignedIn) when there is no such session, it is over, its person is deactivated or got another
/// role since it began.
pub async fn authenticate_session(
    store: &impl Store,
    secret: &SessionSecret,
    now: Timestamp,
) -> Result<(Principal, Option<Change>), Failure> {
    let session = load::<Session>(store, secret.hash().as_str()).await?.ok_or_else(not_signed_in)?;
    let person = load::<Person>(store, &session.person.to_string()).await?.ok_or_else(not_signed_in)?;
    if !session.stands_for(&person, now) {
        return Err(not_signed_in().into());
    }
    let note = (session.last_seen.plus_minutes(NOTE_EVERY_MINUTES) <= now).then(|| {
        let mut change = Change::new();
        change.update(&session, &Session { last_seen: now, ..Session::clone(&session) });
        change
    });
    Ok((
        Principal {
            person,
            standing: Standing::Own,
            signed_in_at: session.began,
            credential: Credential::Session,
        },
        note,
    ))
}

/// Makes a session for a person whose identity the host has just established, and logs it.
///
/// # Errors
/// [`WrongCredentials`](crate::refusal::Code::WrongCredentials) when the person is deactivated: a stranger learns nothing from it.
pub async fn begin_session<P: Ports>(
    ports: &P,
    person: &Loaded<Person>,
    method: Method,
    moment: &Moment,
) -> Result<SessionSecret, Failure> {
    let mut change = Change::new();
    let secret = add_session(person, method, moment, &mut change)?;
    // A person deactivated or given another role at this moment does not get in on what they were.
    change.check(person);
    ports.store().commit(change.into_commit()?).await?;
    Ok(secret)
}

/// The session as part of a larger change, which must guard the person's revision.
pub(super) fn add_session(
    person: &Loaded<Person>,
    method: Method,
    moment: &Moment,
    change: &mut Change,
) -> Result<SessionSecret, Failure> {
    if !person.is_active() {
        return Err(wrong_credentials().into());
    }
    let secret = SessionSecret::new(moment);
    let now = moment.now;
    change.insert(&Session { hash: secret.hash(), person: person.id, began: now, last_seen: now, method });
    let facts = super::facts([("person", person.id.to_string()), ("method", method.as_str().to_owned())]);
    change.record(now, &Actor::Person(person.id), EventKind::SignedIn, facts);
    Ok(secret)
}

/// Ends a session, if there is one: signing out twice is no mistake.
pub async fn end_session<P: Ports>(ports: &P, secret: &SessionSecret) -> Result<(), Failure> {
    // A conflict says that its use was noted, or that it was ended, meanwhile.
    for _ in 0..crate::operations::MAX_ATTEMPTS {
        let Some(session) = load::<Session>(ports.store(), secret.hash().as_str()).await? else {
            return Ok(());
        };
        let mut change = Change::new();
        change.remove(&session);
        match ports.store().commit(change.into_commit()?).await {
            Err(StoreError::Conflict) => {}
            settled => return Ok(settled.map(|_| ())?),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Ends every session of a person.
pub(super) async fn end_sessions_of<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    loop {
        let page = Paging { after: None, limit: Some(20) };
        let sessions =
            list::<Session>(ports.store(), Select::by(&Session::BY_PERSON, [person]), &page).await?;
        if sessions.items.is_empty() {
            return Ok(());
        }
        remove_all(ports, &sessions.items).await?;
    }
}

/// Forgets sessions that ended by age: they stand for nobody any more. Safe to run at any time, twice, or not to its end.
pub async fn forget_ended_sessions<P: Ports>(ports: &P, now: Timestamp) -> Result<(), Failure> {
    let select = Select::by(&Session::BY_BEGINNING, ["all"]).until(now.plus_minutes(-SESSION_HOURS * 60));
    let page = Paging { after: None, limit: Some(20) };
    let sessions = list::<Session>(ports.store(), select, &page).await?;
    remove_all(ports, &sessions.items).await
}

async fn remove_all<P: Ports>(ports: &P, sessions: &[Loaded<Session>]) -> Result<(), Failure> {
    if sessions.is_empty() {
        return Ok(());
    }
    let mut change = Change::new();
    for session in sessions {
        change.remove(session);
    }
    // Somebody used or ended one meanwhile; whoever calls looks again.
    change.commit_if_first(ports.store()).await?;
    Ok(())
}
