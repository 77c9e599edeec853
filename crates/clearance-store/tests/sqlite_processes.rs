//! Several handles on one file, as several processes have, and databases of earlier versions.

use std::num::NonZeroUsize;

use audit_log::Strictness;
use clearance::ports::{Commit, Expected, Index, Kind, Order, PageQuery, Store as _, StoreError, Write};
use clearance_store::SqliteStore;
use clearance_store::contract::{KINDS, NOTE, at, entry, is_conflict, note, run, writes};
use futures::future::join_all;
use rusqlite::Connection;

#[test]
fn two_handles_keep_one_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let stores = [(); 2].map(|()| SqliteStore::open(&path, KINDS).unwrap());
    let mut first_entries = Vec::new();
    for round in 0..30 {
        for (place, store) in stores.iter().enumerate() {
            let key = format!("{round}-{place}");
            let commit =
                Commit { writes: vec![note(&key, Expected::Absent, "{}")], entries: vec![entry(round)] };
            first_entries.push(run(store.commit(commit)).unwrap().first_entry);
            // Answered means visible, whoever asks.
            for reader in &stores {
                assert!(run(reader.get(NOTE, &key)).unwrap().is_some());
                assert_eq!(run(reader.log_head()).unwrap().size, first_entries.last().unwrap() + 1);
            }
        }
    }
    assert_eq!(first_entries, (0..60).collect::<Vec<u64>>());
    let verified = stores[0].file().verify(NonZeroUsize::MIN, Strictness::Canonical, |_| ()).unwrap();
    assert_eq!(verified.size, 60);
}

#[test]
fn two_handles_at_once_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let stores = [(); 2].map(|()| SqliteStore::open(&path, KINDS).unwrap());
    let won: usize = std::thread::scope(|scope| {
        let running: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(place, store)| {
                scope.spawn(move || {
                    let commits = (0..200).map(|number| {
                        let own = note(&format!("{place}-{number}"), Expected::Absent, "{}");
                        let shared = note(&format!("shared-{number}"), Expected::Absent, "{}");
                        let entries = vec![entry(number), entry(number)];
                        store.commit(Commit { writes: vec![own, shared], entries })
                    });
                    let answers = run(join_all(commits));
                    assert!(answers.iter().all(|answer| answer.is_ok() || is_conflict(answer)));
                    answers.iter().filter(|answer| answer.is_ok()).count()
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(won, 200);
    let file = stores[0].file();
    assert_eq!(file.verify(NonZeroUsize::MIN, Strictness::Canonical, |_| ()).unwrap().size, 400);
}

#[test]
fn failed_batch_is_answered_and_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    run(store.commit(Commit { writes: Vec::new(), entries: vec![entry(0)] })).unwrap();
    // An entry beyond the head, as a half-restored file might have.
    let by_hand = Connection::open(&path).unwrap();
    by_hand.execute("INSERT INTO log_entry VALUES (1, x'00', x'00')", []).unwrap();
    let unit =
        |key: &str| Commit { writes: vec![note(key, Expected::Absent, "{}")], entries: vec![entry(1)] };
    let answers = run(join_all([store.commit(unit("a")), store.commit(unit("b"))]));
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Damaged(_)))), "{answers:?}");
    assert_eq!(run(store.get(NOTE, "a")).unwrap(), None);
    by_hand.execute("DELETE FROM log_entry WHERE position = 1", []).unwrap();
    assert_eq!(run(store.commit(unit("a"))).unwrap().first_entry, 1);
}

#[test]
fn damaged_document_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    run(store.commit(writes([note("n1", Expected::Absent, "{}")]))).unwrap();
    let by_hand = Connection::open(&path).unwrap();
    for change in ["body = CAST(x'ff' AS TEXT)", "body = '{}', revision = -1"] {
        by_hand.execute(&format!("UPDATE note SET {change}"), []).unwrap();
        let (from, until, after, order) = (None, None, None, Order::Ascending);
        let all = PageQuery { kind: NOTE, index: None, from, until, order, after, limit: 9 };
        for error in [run(store.get(NOTE, "n1")).unwrap_err(), run(store.page(all)).unwrap_err()] {
            assert!(matches!(&error, StoreError::Damaged(text) if text.contains("note `n1`")), "{error}");
        }
    }
}

const fn task(attributes: &'static [&'static str], indexes: &'static [Index]) -> Kind {
    Kind { name: "task", attributes, indexes }
}
static TASK_1: Kind = task(&["state", "due"], &[]);
static BY_DUE: Index = Index { name: "by_state", partition: &["state"], range: "due" };
static TASK_2: Kind =
    task(&["state", "due"], &[Index { name: "by_state", partition: &["state"], range: "due" }]);
static TASK_3: Kind =
    task(&["state", "due"], &[Index { name: "by_state", partition: &["due"], range: "state" }]);
static TASK_4: Kind = task(&["state", "due", "owner"], &[]);
static VERSIONS: [&[&Kind]; 4] = [&[&TASK_1], &[NOTE, &TASK_2], &[NOTE, &TASK_3], &[NOTE, &TASK_4]];

fn put_task(kind: &'static Kind, key: &str, expected: Expected) -> Commit {
    let attributes = kind.attributes.iter().map(|attribute| Some((*attribute).to_owned())).collect();
    writes([Write::Put { kind, key: key.into(), expected, body: "{}".into(), attributes }])
}

#[test]
fn later_version_adds_kinds_and_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let open = |version: usize| SqliteStore::open(&path, VERSIONS[version]);
    run(open(0).unwrap().commit(put_task(&TASK_1, "t1", Expected::Absent))).unwrap();

    let store = open(1).unwrap();
    run(store.commit(writes([note("n1", Expected::Absent, "{}")]))).unwrap();
    let page = |store: &SqliteStore, kind: &'static Kind, value: &str| {
        let index = kind.indexes.first().map(|index| (index, vec![value.to_owned()]));
        let (from, until, after, order) = (None, None, None, Order::Ascending);
        run(store.page(PageQuery { kind, index, from, until, order, after, limit: 9 })).unwrap().rows.len()
    };
    assert_eq!(page(&store, &TASK_2, "state"), 1);
    assert_eq!(TASK_2.indexes.first(), Some(&BY_DUE));
    drop(store);

    // The same name for another order: made anew.
    let store = open(2).unwrap();
    assert_eq!((page(&store, &TASK_3, "due"), page(&store, &TASK_3, "state")), (1, 0));
    drop(store);

    // And back: an older program still works.
    let store = open(1).unwrap();
    assert_eq!(page(&store, &TASK_2, "state"), 1);
}

#[test]
fn attribute_without_its_migration_is_refused_unless_the_kind_is_empty() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    drop(SqliteStore::open(&path, VERSIONS[0]).unwrap());
    let store = SqliteStore::open(&path, VERSIONS[3]).unwrap();
    run(store.commit(put_task(&TASK_4, "t1", Expected::Absent))).unwrap();
    // Known to the newer version only; the older one leaves it alone.
    run(SqliteStore::open(&path, VERSIONS[0]).unwrap().commit(put_task(&TASK_1, "t1", at(1)))).unwrap();

    let other = directory.path().join("other.db");
    run(SqliteStore::open(&other, VERSIONS[0]).unwrap().commit(put_task(&TASK_1, "t1", Expected::Absent)))
        .unwrap();
    let refused = SqliteStore::open(&other, VERSIONS[3]).unwrap_err();
    assert!(refused.to_string().contains("`owner`"), "{refused}");
    // Nothing of the refused migration stays.
    assert!(run(SqliteStore::open(&other, VERSIONS[0]).unwrap().get(&TASK_1, "t1")).unwrap().is_some());
}

#[test]
fn other_schema_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    drop(SqliteStore::open(&path, KINDS).unwrap());
    Connection::open(&path).unwrap().execute("UPDATE meta SET value = 3", []).unwrap();
    let refused = SqliteStore::open(&path, KINDS).unwrap_err();
    assert!(refused.to_string().contains("schema version 3"), "{refused}");
}

#[test]
fn log_without_tiles_gets_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    for first in (0..70_000).step_by(20) {
        let entries = (first..first + 20).map(clearance_store::contract::entry).collect();
        run(store.commit(clearance::ports::Commit { writes: Vec::new(), entries })).unwrap();
    }
    let tiles = |store: &SqliteStore| {
        [(0, 0), (0, 272), (0, 273), (1, 0), (1, 1), (2, 0)]
            .map(|(level, index)| run(store.log_tile(level, index)).unwrap())
    };
    let made = tiles(&store);
    assert_eq!(made.each_ref().map(Vec::len), [256, 256, 112, 256, 17, 1]);
    drop(store);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE log_tile; UPDATE meta SET value = 1").unwrap();
    drop(connection);
    assert_eq!(tiles(&SqliteStore::open(&path, KINDS).unwrap()), made);
    assert_eq!(tiles(&SqliteStore::open(&path, KINDS).unwrap()), made);
}

#[test]
fn file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    std::fs::write(&path, "no database at all, and long enough to be asked for a header".repeat(99)).unwrap();
    assert!(matches!(SqliteStore::open(&path, KINDS), Err(StoreError::Damaged(_))));
    assert!(SqliteStore::open(directory.path(), KINDS).is_err());
    assert!(SqliteStore::open(directory.path().join("no/such/directory.db"), KINDS).is_err());
}

#[test]
fn closing_finishes_what_waits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    {
        // Queued and never awaited to the end: whoever asked went away.
        let mut commits: Vec<_> = (0..50)
            .map(|number| Box::pin(store.commit(writes([note(&number.to_string(), Expected::Absent, "{}")]))))
            .collect();
        for commit in &mut commits {
            let _ = futures::FutureExt::now_or_never(commit.as_mut());
        }
    }
    store.close().unwrap();
    assert!(!directory.path().join("clearance.db-wal").exists());
    let store = SqliteStore::open(&path, KINDS).unwrap();
    for number in 0..50 {
        assert!(run(store.get(NOTE, &number.to_string())).unwrap().is_some());
    }
}

#[test]
fn write_ahead_log_stays_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    // 600 MiB through the log for one document of 2 MiB.
    let body = "x".repeat(2 * 1024 * 1024);
    let mut longest = 0;
    for revision in 0..300 {
        let expected = if revision == 0 { Expected::Absent } else { at(revision) };
        run(store.commit(writes([note("n1", expected, &body)]))).unwrap();
        longest = longest.max(std::fs::metadata(path.with_extension("db-wal")).unwrap().len());
    }
    assert!(longest < 300 * 1024 * 1024, "{longest} bytes");
    store.close().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 16 * 1024 * 1024);
}
