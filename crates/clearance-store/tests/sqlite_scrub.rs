//! What was removed cannot be read in any file of the database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use clearance::ports::{Expected, Revision, Store as _, StoreError, Write};
use clearance_store::contract::{KINDS, ORDER, run, writes};
use clearance_store::{SqliteFile, SqliteStore};

/// Random numbers that are the same in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Marks, each a text that occurs nowhere else: those of documents that are there, and those of what was removed or overwritten.
struct Marks {
    alive: Vec<(String, u64, String)>,
    dead: Vec<String>,
}

fn put(key: &str, expected: Expected, mark: &str, filling: usize) -> Write {
    let body = format!(r#"{{"mark":"{mark}","filling":"{}"}}"#, "x".repeat(filling));
    let attributes = vec![Some(format!("group {mark}")), None, Some(mark.to_owned())];
    Write::Put { kind: ORDER, key: key.into(), expected, body, attributes }
}

fn churn(store: &SqliteStore, steps: usize) -> Marks {
    let mut chance = Chance(7);
    let mut marks = Marks { alive: Vec::new(), dead: Vec::new() };
    for step in 0..steps {
        let mark = format!("MARK{step:08}MARK");
        let filling = [10, 100, 700, 3_000].get(chance.below(4)).copied().unwrap_or_default();
        let what = chance.below(10);
        if what < 5 || marks.alive.is_empty() {
            let key = format!("{:08x}{step}", chance.below(1 << 31));
            run(store.commit(writes([put(&key, Expected::Absent, &mark, filling)]))).unwrap();
            marks.alive.push((key, 1, mark));
        } else {
            let at = chance.below(marks.alive.len());
            let (key, revision, old) = marks.alive.swap_remove(at);
            marks.dead.push(old);
            if what < 8 {
                let expected = Expected::At(Revision(revision));
                run(store.commit(writes([put(&key, expected, &mark, filling)]))).unwrap();
                marks.alive.push((key, revision + 1, mark));
            } else {
                let expected = Revision(revision);
                run(store.commit(writes([Write::Delete { kind: ORDER, key, expected }]))).unwrap();
            }
        }
    }
    marks
}

/// Marks that can be read in any file of the directory.
fn readable(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let marks =
            bytes.windows(16).filter(|window| window.starts_with(b"MARK") && window.ends_with(b"MARK"));
        found.extend(marks.map(|mark| String::from_utf8_lossy(mark).into_owned()));
    }
    found
}

#[test]
fn after_scrubbing_nothing_is_readable_but_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    let beside = SqliteStore::open(&path, KINDS).unwrap();
    let marks = churn(&store, 3_000);
    let before = readable(directory.path());
    assert!(marks.dead.iter().any(|mark| before.contains(mark)), "or else there is nothing to scrub");

    run(store.scrub()).unwrap();

    let after = readable(directory.path());
    let left: Vec<_> = marks.dead.iter().filter(|mark| after.contains(*mark)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(marks.alive.iter().all(|(_, _, mark)| after.contains(mark)));
    // Both stores go on as before, and nobody brings back what they still had in memory.
    for (store, (key, revision, _)) in [&store, &beside].into_iter().zip(&marks.alive) {
        let row = run(store.get(ORDER, key)).unwrap().unwrap();
        assert_eq!(row.revision, Revision(*revision));
        let again = Expected::At(row.revision);
        run(store.commit(writes([put(key, again, "MARKmarkmarkMARK", 10)]))).unwrap();
    }
    let after = readable(directory.path());
    assert!(!marks.dead.iter().any(|mark| after.contains(mark)));
    drop((store, beside));
    let after = readable(directory.path());
    assert!(!marks.dead.iter().any(|mark| after.contains(mark)));
    SqliteFile::at(&path).head().unwrap();
}

#[test]
fn commits_and_readers_go_on_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("clearance.db"), KINDS).unwrap();
    let marks = churn(&store, 500);
    let (key, revision, _) = &marks.alive[0];
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut revision = *revision;
            for _ in 0..200 {
                let expected = Expected::At(Revision(revision));
                run(store.commit(writes([put(key, expected, "MARKmarkmarkMARK", 100)]))).unwrap();
                revision += 1;
            }
            revision
        });
        for _ in 0..5 {
            // Whoever commits again and again on a slow disk may put it off.
            assert!(matches!(run(store.scrub()), Ok(()) | Err(StoreError::Unavailable(_))));
        }
        let revision = writing.join().unwrap();
        run(store.scrub()).unwrap();
        assert_eq!(run(store.get(ORDER, key)).unwrap().unwrap().revision, Revision(revision));
    });
}

#[test]
fn a_long_reader_only_puts_it_off_and_holds_up_no_commit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clearance.db");
    let store = SqliteStore::open(&path, KINDS).unwrap();
    let marks = churn(&store, 200);
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM \"order\"").unwrap();
    run(store.commit(writes([put("late", Expected::Absent, "MARKmarkmarkMARK", 10)]))).unwrap();
    assert!(matches!(run(store.scrub()), Err(StoreError::Unavailable(_))));
    run(store.commit(writes([put("later", Expected::Absent, "MARKmarkmarkMARK", 10)]))).unwrap();
    reader.execute_batch("COMMIT").unwrap();
    run(store.scrub()).unwrap();
    let after = readable(directory.path());
    assert!(!marks.dead.iter().any(|mark| after.contains(mark)));
}
