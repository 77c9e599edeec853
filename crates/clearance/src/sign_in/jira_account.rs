use std::collections::BTreeSet;

use audit_log::Value;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::external_identity::{ExternalIdentity, IdentityKey};
use crate::audit::{Actor, EventKind};
use crate::authorization::not_signed_in;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::put::status_facts;
use crate::people::{AdministratorRoster, Membership, Person, PersonStatus, Role};
use crate::ports::{
    Attributes, Environment as _, Jira as _, JiraAccountId, JiraError, Kind, Moment, Ports, Store, StoreError,
};
use crate::settings;
use crate::text::Line;
use crate::time::Timestamp;

/// The issuer of Jira's accounts, as external identities name it.
pub(crate) const JIRA_ISSUER: &str = "atlassian";
/// Days after which an account is reported again: the cycle that the platform asks of every app that keeps personal data.
pub(crate) const REPORT_DAYS: i64 = 7;
/// Times that a person is made or noted anew when somebody else was first.
const TRIES: usize = 8;

/// A Jira account of which personal data is kept: its id, and a name on its person. Removed when the person is erased.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownJiraAccount {
    /// Which.
    pub account: JiraAccountId,
    /// Whose it is.
    pub person: PersonId,
    /// When the name was read from Jira.
    pub read_at: Timestamp,
    /// When it is to be reported next.
    pub report_at: Timestamp,
}

impl Document for KnownJiraAccount {
    const KIND: &'static Kind = &Kind { name: "jira_account", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.account.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The person that an account is, if it ever called; also one who left.
///
/// # Errors
/// The store's.
pub async fn find_by_jira_account(
    store: &impl Store,
    account: &JiraAccountId,
) -> Result<Option<Loaded<Person>>, Failure> {
    let key = IdentityKey::new(JIRA_ISSUER, account.as_str());
    let Some(identity) = load::<ExternalIdentity>(store, key.as_str()).await? else { return Ok(None) };
    load::<Person>(store, &identity.person.to_string()).await
}

/// The person that an account of the platform is; who calls for the first time becomes one, a member without any group.
///
/// The platform vouches for the account id. Nobody is recognised by a name or an e-mail address.
///
/// # Errors
/// [`NotSignedIn`](crate::refusal::Code::NotSignedIn) when the person left, or Jira knows no such active account; the store's, also when Jira
/// does not answer.
pub async fn person_of_jira_account<P: Ports>(
    ports: &P,
    account: &JiraAccountId,
) -> Result<Loaded<Person>, Failure> {
    let store = ports.store();
    for _ in 0..TRIES {
        if let Some(person) = find_by_jira_account(store, account).await? {
            return if person.is_active() { Ok(person) } else { Err(not_signed_in().into()) };
        }
        match add(ports, account).await {
            Ok(()) | Err(Failure::Store(StoreError::Conflict)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn add<P: Ports>(ports: &P, account: &JiraAccountId) -> Result<(), Failure> {
    let found = ports.jira().account(account).await.map_err(unavailable)?;
    let found = found.filter(|account| account.active).ok_or_else(not_signed_in)?;
    let moment = Moment::draw(ports.environment());
    let now = moment.now;
    let person = Person {
        id: PersonId::new(&moment, "person", 0),
        name: name_of(found.name.as_deref())?,
        email: None,
        role: Role::Member,
        role_changed_at: now,
        manager: None,
        groups: BTreeSet::new(),
        status: PersonStatus::Active,
    };
    let key = IdentityKey::new(JIRA_ISSUER, account.as_str());
    let mut change = Change::new();
    change.insert(&person);
    change.insert(&Account {
        identity: Some(key.clone()),
        jira: Some(account.clone()),
        ..Account::new(person.id)
    });
    change.insert(&ExternalIdentity::new(key, person.id, JIRA_ISSUER, now));
    change.insert(&KnownJiraAccount {
        account: account.clone(),
        person: person.id,
        read_at: now,
        report_at: now.plus_minutes(REPORT_DAYS * 24 * 60),
    });
    change.record(now, &Actor::System, EventKind::PersonAdded, Value::object(status_facts(&person)));
    let facts = super::facts([("person", person.id.to_string())]);
    change.record(now, &Actor::System, EventKind::IdentityBound, facts);
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}

/// The name as Jira shows it. Its owner may hide it.
pub(super) fn name_of(found: Option<&str>) -> Result<Line, Failure> {
    let found = found.and_then(|name| Line::parse(name).ok());
    found.map_or_else(|| Line::parse("Jira user").map_err(|error| Failure::Defect(error.to_string())), Ok)
}

pub(crate) fn unavailable(error: JiraError) -> Failure {
    StoreError::Unavailable(error.to_string()).into()
}

/// Notes whether an account that called as an administrator was one, where proposals look for a second administrator: the roster. The role of
/// the person is not touched; what they may do is decided at each call.
///
/// Who is new there joins the group of administrators who approve, so that a fresh site is not stranded; who is not an administrator any
/// more leaves both.
///
/// # Errors
/// The store's.
pub async fn note_administrator<P: Ports>(
    ports: &P,
    person: Loaded<Person>,
    administrates: bool,
) -> Result<Loaded<Person>, Failure> {
    let (store, key) = (ports.store(), person.id.to_string());
    let mut person = person;
    for _ in 0..TRIES {
        let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
        if roster.as_ref().is_some_and(|roster| roster.people.contains(&person.id)) == administrates {
            return Ok(person);
        }
        let now = ports.environment().now();
        let group = settings::current(store).await?.administrators;
        let mut people = roster.as_ref().map(|roster| roster.people.clone()).unwrap_or_default();
        let mut groups = person.groups.clone();
        let mut change = Change::new();
        if administrates {
            people.insert(person.id);
            if groups.len() < Person::MAX_GROUPS && groups.insert(group) {
                change.insert(&Membership {
                    group,
                    person: person.id,
                    since: now,
                    added_by: BTreeSet::new(),
                });
            }
        } else {
            people.remove(&person.id);
            if groups.remove(&group) {
                change.remove_unrevised::<Membership>(Membership::key_of(group, person.id));
            }
        }
        change.upsert(roster.as_ref(), &AdministratorRoster { people, changed_at: Some(now) });
        let next = Person { groups, ..Person::clone(&person) };
        change.update(&person, &next);
        change.record(now, &Actor::System, EventKind::PersonChanged, Value::object(status_facts(&next)));
        match store.commit(change.into_commit()?).await {
            Ok(_) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        person = load::<Person>(store, &key).await?.ok_or_else(not_signed_in)?;
    }
    Err(StoreError::Conflict.into())
}
