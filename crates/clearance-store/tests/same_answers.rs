//! Whatever happens, SQLite answers as the model in memory does.

use audit_log::{Entry, Value};
use clearance::ports::{Commit, Cursor, Expected, Index, Kind, Order, PageQuery, Revision, Store, Write};
use clearance_store::contract::{BY_GROUP, BY_GROUP_AND_LIMIT, KINDS, NOTE, ORDER, run};
use clearance_store::{MemoryStore, SqliteStore};
use futures::future::join_all;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

static GROUP: Index = BY_GROUP;
static GROUP_AND_LIMIT: Index = BY_GROUP_AND_LIMIT;

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    /// Commits that wait at the same time.
    Commits(Vec<(Vec<Write>, Vec<String>)>),
    Get(&'static Kind, String),
    Page(PageQuery),
    Log(u64, u16),
    Tile(u8, u64),
    Reopen,
}

/// Few keys and values, so that they meet; among them what sorts in unexpected ways.
fn text() -> impl Strategy<Value = String> {
    select(&["", "a", "b", "B", "aa", "é", "\u{ffff}", "😀"][..]).prop_map(str::to_owned)
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![3 => Just(Expected::Absent), 4 => (0_u64..5).prop_map(|number| Expected::At(Revision(number)))]
}

fn kind() -> impl Strategy<Value = &'static Kind> {
    select(&[NOTE, ORDER][..])
}

fn write() -> impl Strategy<Value = Write> {
    let put = (kind(), text(), expected(), text(), vec(option::weighted(0.8, text()), 3));
    let put = put.prop_map(|(kind, key, expected, body, mut attributes)| {
        attributes.truncate(kind.attributes.len());
        Write::Put { kind, key, expected, body, attributes }
    });
    let delete = (kind(), text(), 1_u64..4);
    let delete =
        delete.prop_map(|(kind, key, revision)| Write::Delete { kind, key, expected: Revision(revision) });
    let check =
        (kind(), text(), expected()).prop_map(|(kind, key, expected)| Write::Check { kind, key, expected });
    prop_oneof![6 => put, 1 => delete, 1 => check]
}

fn query() -> impl Strategy<Value = PageQuery> {
    let index = prop_oneof![
        Just(None),
        text().prop_map(|group| Some((&GROUP, vec![group]))),
        (text(), text()).prop_map(|(group, limit)| Some((&GROUP_AND_LIMIT, vec![group, limit]))),
    ];
    let after = option::of((text(), text()).prop_map(|(range, key)| Cursor { range, key }));
    let order = select(&[Order::Ascending, Order::Descending][..]);
    (kind(), index, option::of(text()), option::of(text()), order, after, 0_u16..4).prop_map(
        |(kind, index, from, until, order, after, limit)| {
            let kind = if index.is_some() { ORDER } else { kind };
            PageQuery { kind, index, from, until, order, after, limit }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => vec((vec(write(), 0..4), vec(text(), 0..3)), 1..5).prop_map(Step::Commits),
        1 => (kind(), text()).prop_map(|(kind, key)| Step::Get(kind, key)),
        4 => query().prop_map(Step::Page),
        1 => (0_u64..20, 0_u16..8).prop_map(|(from, limit)| Step::Log(from, limit)),
        1 => (0_u8..3, 0_u64..3).prop_map(|(level, index)| Step::Tile(level, index)),
        1 => Just(Step::Reopen),
    ]
}

fn commit((writes, entries): &(Vec<Write>, Vec<String>)) -> Commit {
    let entries = entries.iter().filter_map(|text| Entry::prepare(&Value::from(text)).ok());
    Commit { writes: writes.clone(), entries: entries.collect() }
}

/// What a store answers to a step, in words that can be compared.
async fn answer(store: &impl Store, step: &Step) -> String {
    match step {
        Step::Commits(commits) => {
            let answers = join_all(commits.iter().map(|each| store.commit(commit(each)))).await;
            format!("{answers:?} {:?}", store.log_head().await)
        }
        Step::Get(kind, key) => format!("{:?}", store.get(kind, key).await),
        Step::Page(query) => format!("{:?}", store.page(query.clone()).await),
        Step::Log(from, limit) => format!("{:?}", store.log_entries(*from, *limit).await),
        Step::Tile(level, index) => format!("{:?}", store.log_tile(*level, *index).await),
        Step::Reopen => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_answers_as_memory_does(steps in vec(step(), 1..60)) {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("clearance.db");
        let memory = MemoryStore::new(KINDS);
        let mut sqlite = SqliteStore::open(&path, KINDS);
        for step in &steps {
            if matches!(step, Step::Reopen) {
                drop(sqlite);
                sqlite = SqliteStore::open(&path, KINDS);
            }
            let opened = sqlite.as_ref();
            let store = opened
                .map_err(|error| TestCaseError::fail(format!("the store does not open: {error}")))?;
            prop_assert_eq!(run(answer(store, step)), run(answer(&memory, step)), "{:?}", step);
        }
    }
}
