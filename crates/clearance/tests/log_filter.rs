//! `audit.entries` with filters, against a filter that looks at every entry as parsed JSON.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::sync::OnceLock;

use audit_log::{Record, Value as Canonical};
use clearance::audit::EventKind;
use clearance::authorization::Caller;
use clearance::ids::{GrantId, JobId, PersonId, RequestId};
use clearance::operations::{Call, perform};
use clearance::ports::{Absent, Commit, Environment, Ports, Store};
use clearance::time::Timestamp;
use clearance_store::MemoryStore;
use futures::executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

const BEGINNING: i64 = 1_795_000_000_000;
/// Milliseconds between entries, and by how much each may come late or early: out of order by up to two seconds.
const STEP: i64 = 500;
const SKEW: i64 = 1_000;

struct Site(MemoryStore);

impl Ports for Site {
    type Store = MemoryStore;
    type Environment = Self;
    type Vault = Absent;
    type Core = Absent;
    type Jira = Absent;

    fn store(&self) -> &MemoryStore {
        &self.0
    }

    fn environment(&self) -> &Self {
        self
    }

    fn vault(&self) -> &Absent {
        &Absent
    }

    fn core(&self) -> &Absent {
        &Absent
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}

impl Environment for Site {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(BEGINNING)
    }

    fn entropy(&self) -> [u8; 32] {
        [7; 32]
    }
}

fn person(number: u64) -> PersonId {
    PersonId::of_name(&format!("person {number}"))
}

/// An entry that says one of several things of one of several people and objects, by its place alone.
fn record(place: u64) -> Record {
    let mixed = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    let kind = EventKind::ALL[usize::try_from(mixed % EventKind::ALL.len() as u64).unwrap()];
    let name = format!("{}", mixed % 7);
    let actor = match mixed % 5 {
        0 => Canonical::from("system"),
        1 => Canonical::from("console"),
        number => Canonical::object([("person", Canonical::from(person(number).to_string()))]),
    };
    let mut facts = vec![("request", Canonical::from(RequestId::of_name(&name).to_string()))];
    if mixed.is_multiple_of(3) {
        facts.push(("person", Canonical::from(person(mixed % 4).to_string())));
    }
    if mixed.is_multiple_of(4) {
        facts.push(("grants", Canonical::Array(vec![Canonical::from(GrantId::of_name(&name).to_string())])));
    }
    let early = i64::try_from(mixed % (2 * SKEW as u64 + 1)).unwrap() - SKEW;
    let at = BEGINNING + i64::try_from(place).unwrap() * STEP + early;
    Record {
        at: Timestamp::from_millisecond(at).to_string(),
        kind: kind.as_str().to_owned(),
        actor,
        facts: Canonical::object(facts),
    }
}

fn site(entries: u64, last: Option<Record>) -> Site {
    let store = MemoryStore::new(clearance::KINDS);
    for place in 0..entries {
        let entries = vec![record(place).prepare().unwrap()];
        block_on(store.commit(Commit { writes: Vec::new(), entries })).unwrap();
    }
    let entries = last.into_iter().map(|record| record.prepare().unwrap()).collect();
    block_on(store.commit(Commit { writes: Vec::new(), entries })).unwrap();
    Site(store)
}

fn page(site: &Site, input: &Value) -> Value {
    let input = input.to_string();
    let call = Call {
        operation: "audit.entries",
        caller: Caller::Console,
        input: input.as_bytes(),
        idempotency_key: None,
    };
    serde_json::from_slice(
        &block_on(perform(site, call)).unwrap_or_else(|error| panic!("{input}: {error:?}")),
    )
    .unwrap()
}

/// Items of every page, and how many pages there were.
fn all(site: &Site, mut input: Value) -> (Vec<Value>, usize) {
    let limit = usize::try_from(input["limit"].as_u64().unwrap_or(100)).unwrap();
    let (mut items, mut pages) = (Vec::new(), 0);
    loop {
        let mut answer = page(site, &input);
        pages += 1;
        let found = answer["items"].as_array().unwrap();
        assert!(found.len() <= limit);
        items.extend(found.iter().cloned());
        if answer["next"].is_null() {
            return (items, pages);
        }
        input["after"] = answer["next"].take();
    }
}

fn names(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id,
        Value::Array(items) => items.iter().any(|item| names(item, id)),
        Value::Object(members) => members.values().any(|member| names(member, id)),
        _ => false,
    }
}

fn naive(entry: &Value, input: &Value) -> bool {
    let record: Value = serde_json::from_str(entry["entry"].as_str().unwrap()).unwrap();
    let kind = record["kind"].as_str().unwrap();
    let at: Timestamp = record["at"].as_str().unwrap().parse().unwrap();
    let instant = |name: &str| input[name].as_str().map(|text| text.parse::<Timestamp>().unwrap());
    let families = input["families"].as_array().unwrap();
    (families.is_empty()
        || families.iter().any(|family| kind.split_once('.').unwrap().0 == family.as_str().unwrap()))
        && input["person"]
            .as_str()
            .is_none_or(|id| names(&record["actor"], id) || names(&record["facts"], id))
        && input["about"].as_str().is_none_or(|id| names(&record["facts"], id))
        && instant("from").is_none_or(|from| at >= from)
        && instant("until").is_none_or(|until| at < until)
}

const ENTRIES: u64 = 1_500;

fn shared() -> &'static (Site, Vec<Value>) {
    static SHARED: OnceLock<(Site, Vec<Value>)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let site = site(ENTRIES, None);
        let entries = all(&site, json!({ "limit": 100 })).0;
        (site, entries)
    })
}

fn instant() -> impl Strategy<Value = Option<String>> {
    let within = -5_000..(i64::try_from(ENTRIES).unwrap() * STEP + 5_000);
    proptest::option::of(within.prop_map(|at| Timestamp::from_millisecond(BEGINNING + at).to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn filters_find_what_looking_at_every_entry_finds(
        families in proptest::sample::subsequence(vec!["request", "grant", "approval", "audit", "person"], 0..3),
        who in proptest::option::of(0_u64..6),
        about in proptest::option::of(prop_oneof![
            (0_u8..8).prop_map(|name| RequestId::of_name(&name.to_string()).to_string()),
            (0_u8..8).prop_map(|name| GrantId::of_name(&name.to_string()).to_string()),
        ]),
        from in instant(),
        until in instant(),
        limit in 1_u16..=100,
        newest_first: bool,
    ) {
        let (site, entries) = shared();
        let input = json!({
            "families": families, "person": who.map(|who| person(who).to_string()), "about": about,
            "from": from, "until": until, "limit": limit, "newest_first": newest_first,
        });
        let mut expected: Vec<_> = entries.iter().filter(|entry| naive(entry, &input)).cloned().collect();
        if newest_first {
            expected.reverse();
        }
        prop_assert_eq!(all(site, input).0, expected);
    }
}

#[test]
fn pages_without_a_filter_are_full_and_whole_in_both_directions() {
    let (site, entries) = shared();
    assert_eq!(entries.len() as u64, ENTRIES);
    let (newest, pages) = all(site, json!({ "limit": 100, "newest_first": true }));
    assert_eq!(newest.into_iter().rev().collect::<Vec<_>>(), *entries);
    assert_eq!(pages, 15);
}

#[test]
fn a_search_of_a_long_log_answers_in_parts() {
    let job = JobId::of_name("the only one");
    let rare =
        Record { facts: Canonical::object([("job", Canonical::from(job.to_string()))]), ..record(20_500) };
    let site = site(20_500, Some(rare));
    let input = json!({ "about": job });
    let first = page(&site, &input);
    assert_eq!(
        (&first["items"], first["next"].is_string()),
        (&json!([]), true),
        "a part that found nothing goes on"
    );
    let (found, pages) = all(&site, input);
    assert_eq!((found.len(), &found[0]["index"], pages), (1, &json!(20_500), 2));
    let newest = page(&site, &json!({ "about": job, "newest_first": true, "limit": 1 }));
    assert_eq!(newest["items"], json!(found));
}
