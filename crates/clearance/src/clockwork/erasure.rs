//! Erasing people: in stages, each safe to run twice and to be left half-way.
//!
//! 1. *Ending*: everything in flight is withdrawn and all access taken away. Until that is confirmed, the person's name stays: somebody must
//!    find the seat.
//! 2. *Destroying*: the person's document becomes a tombstone, and address and accounts go, in one commit. From then on nobody can load
//!    the name; after a minute nobody still answers with it. Then texts with their salts, sessions, tokens, and copies of the name in kept
//!    answers go.
//! 3. *Scrubbing*: the store makes what was overwritten unreadable. Only then does the log say that the person is erased.

use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::drift;
use crate::emergency;
use crate::evidence;
use crate::exception;
use crate::failure::Failure;
use crate::identity;
use crate::ids::PersonId;
use crate::intake;
use crate::limits::{RateClass, RateRow, Subject};
use crate::notices;
use crate::operations::StoredAnswer;
use crate::people::{
    EmailAddressOwner, Erasure, ErasureStage, Membership, Person, PersonStatus, export_facts, unended_grants,
};
use crate::ports::{Environment, MAX_PAGE, Moment, Ports, Store};
use crate::request::Request;
use crate::review;
use crate::sign_in;
use crate::text::{EmailAddress, Line};
use crate::tool_proposal;

use super::forget::forget;
use super::leavers::end_everything;

/// Minutes after which nobody can be about to answer with a name that was loaded before: hosts give up on an operation earlier.
const GRACE_MINUTES: i64 = 1;
/// Memberships changed by one commit.
const AT_ONCE: usize = 20;
/// Pages of requests that one pass goes through, so that what is due by time does not wait.
const PAGES: usize = 50;

/// Brings every erasure as far as it can get now; answers how many were finished.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let (mut scrubbing, mut failed) = (Vec::new(), None);
    for person in documents::all::<Person>(ports.store(), Select::by(&Person::BY_STATUS, ["erasing"])).await?
    {
        match advance(ports, person).await {
            Ok(None) | Err(Failure::Refused(_)) => {}
            Ok(Some(ready)) => scrubbing.push(ready),
            // Somebody else changed something: the next pass sees.
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    let mut finished = 0;
    if !scrubbing.is_empty() {
        // Once for all of them: it takes the longer the more is stored.
        ports.store().scrub().await?;
        for (person, erasure) in &scrubbing {
            finished += u64::from(finish(ports, person, erasure).await?);
        }
    }
    failed.map_or(Ok(finished), Err)
}

/// A person of whom no document holds anything any more, and their erasure.
type Ready = (Loaded<Person>, Loaded<Erasure>);

/// One stage after the other, as far as it goes; the person when nothing is left but scrubbing.
async fn advance<P: Ports>(ports: &P, mut person: Loaded<Person>) -> Result<Option<Ready>, Failure> {
    let (store, key) = (ports.store(), person.id.to_string());
    loop {
        let moment = Moment::draw(ports.environment());
        let Some(erasure) = load::<Erasure>(store, &key).await? else {
            // Another host has finished it since the person was read.
            return Ok(None);
        };
        match &erasure.stage {
            ErasureStage::Ending => {
                end_everything(ports, person.id, &moment).await?;
                leave_groups(store, &key).await?;
                if !unended_grants(store, person.id).await?.is_empty()
                    || drift::is_anything_left(store, person.id).await?
                {
                    return Ok(None);
                }
                // Before the account goes, by which issues that wait for the person are found.
                intake::forget_person(store, person.id).await?;
                bury(store, &key, &erasure, &moment).await?;
            }
            ErasureStage::Destroying { since, .. } if moment.now < since.plus_minutes(GRACE_MINUTES) => {
                return Ok(None);
            }
            ErasureStage::Destroying { name, email, after, .. } => {
                if !destroy_texts(ports, &erasure, after.clone()).await? {
                    return Ok(None);
                }
                emergency::forget_person(store, person.id, moment.now).await?;
                tool_proposal::forget_person(store, person.id, moment.now).await?;
                drift::forget_person(ports, person.id).await?;
                review::forget_person(ports, person.id).await?;
                exception::forget_person(ports, person.id).await?;
                evidence::forget_person(ports, person.id).await?;
                sign_in::remove_sessions_and_tokens(ports, person.id).await?;
                destroy_copies(ports, person.id, name, email.as_ref()).await?;
                identity::forget_person(ports, person.id, &moment).await?;
                // What the vault had of their accounts is gone before anybody says that they are erased.
                super::disposal::run(ports).await?;
                let mut change = Change::new();
                change.update(&erasure, &erasure.in_stage(ErasureStage::Scrubbing));
                store.commit(change.into_commit()?).await?;
            }
            ErasureStage::Scrubbing => {
                person = match load::<Person>(store, &key).await? {
                    Some(person) => person,
                    None => return Ok(None),
                };
                return Ok(Some((person, erasure)));
            }
        }
    }
}

pub(super) async fn leave_groups(store: &impl Store, key: &str) -> Result<(), Failure> {
    while let Some(person) = load::<Person>(store, key).await?.filter(|person| !person.groups.is_empty()) {
        let mut change = Change::new();
        for group in person.groups.iter().take(AT_ONCE) {
            change.remove_unrevised::<Membership>(Membership::key_of(*group, person.id));
        }
        let groups = person.groups.iter().skip(AT_ONCE).copied().collect();
        change.update(&person, &Person { groups, ..Person::clone(&person) });
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}

/// Puts a tombstone in the person's place, and removes address and accounts.
async fn bury(
    store: &impl Store,
    key: &str,
    erasure: &Loaded<Erasure>,
    moment: &Moment,
) -> Result<(), Failure> {
    let Some(person) = load::<Person>(store, key).await? else { return Ok(()) };
    let mut change = Change::new();
    if let Some(address) = &person.email
        && let Some(owner) = load::<EmailAddressOwner>(store, address.as_str()).await?
        && owner.person == Some(person.id)
    {
        change.remove(&owner);
    }
    sign_in::remove_account(store, person.id, &mut change).await?;
    change.update(&person, &person.tombstone(person.status)?);
    notices::person_left(&mut change, moment, person.id);
    let stage = ErasureStage::Destroying {
        since: moment.now,
        name: person.name.clone(),
        email: person.email.clone(),
        after: None,
    };
    change.update(erasure, &erasure.in_stage(stage));
    store.commit(change.into_commit()?).await?;
    Ok(())
}

/// Destroys every text of the person's requests, and the person's texts in those of others; whether it came to the end.
async fn destroy_texts<P: Ports>(
    ports: &P,
    erasure: &Loaded<Erasure>,
    mut after: Option<String>,
) -> Result<bool, Failure> {
    let (store, now, person) = (ports.store(), ports.environment().now(), erasure.person);
    for _ in 0..PAGES {
        let paging = Paging { after: after.take(), limit: Some(MAX_PAGE) };
        let page = documents::list::<Request>(store, Select::all(), &paging).await?;
        let without = |request: &Request| {
            // What others wrote about the person's own requests is about the person.
            let own = request.requester == person;
            request.without_texts(|writer| own || writer == person, now)
        };
        documents::rewrite(store, &page.items, without).await?;
        after = page.next;
        if after.is_none() {
            return Ok(true);
        }
    }
    if let ErasureStage::Destroying { since, name, email, .. } = erasure.stage.clone() {
        let mut change = Change::new();
        change.update(erasure, &erasure.in_stage(ErasureStage::Destroying { since, name, email, after }));
        store.commit(change.into_commit()?).await?;
    }
    Ok(false)
}

/// Removes kept answers that name the person, their notices and inbox, and the counts of what they did.
async fn destroy_copies<P: Ports>(
    ports: &P,
    person: PersonId,
    name: &Line,
    email: Option<&EmailAddress>,
) -> Result<(), Failure> {
    let mut marks = vec![person.to_string(), name.to_string()];
    marks.extend(email.map(ToString::to_string));
    let answers = Select::by(&StoredAnswer::BY_EXPIRY, ["all"]);
    forget(ports, answers, |answer: &StoredAnswer| marks.iter().any(|mark| answer.mentions(mark))).await?;
    notices::forget_person(ports.store(), person).await?;
    let mut change = Change::new();
    for class in RateClass::ALL {
        let key = RateRow::key_of(*class, &Subject::person(person));
        if let Some(row) = load::<RateRow>(ports.store(), &key).await? {
            change.remove(&row);
        }
    }
    if !change.is_empty() {
        ports.store().commit(change.into_commit()?).await?;
    }
    Ok(())
}

/// Says that it is done; whether this host was the one to say it.
async fn finish<P: Ports>(
    ports: &P,
    person: &Loaded<Person>,
    erasure: &Loaded<Erasure>,
) -> Result<bool, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let mut change = Change::new();
    change.update(person, &person.tombstone(PersonStatus::Erased { at: now })?);
    change.remove(erasure);
    let facts = export_facts(store, person.id).await?;
    change.record(now, &Actor::System, EventKind::PersonErased, facts);
    change.commit_if_first(store).await
}
