//! Backups on SQLite, and how a log stands to a known checkpoint.
#![expect(clippy::unwrap_used, reason = "a test without its database has failed")]

use std::num::NonZeroUsize;
use std::path::Path;

use audit_log::{EMPTY_ROOT, Strictness, leaf_hash};
use clearance::ports::{Commit, Expected, LogHead, Order, PageQuery, Store as _, StoreError};
use clearance_store::contract::paging::walk;
use clearance_store::contract::{KINDS, NOTE, entry, note, run};
use clearance_store::{Relation, SqliteFile, SqliteStore};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, KINDS).unwrap()
}

/// One document and one entry.
fn unit(number: usize) -> Commit {
    let key = format!("{number:06}");
    Commit { writes: vec![note(&key, Expected::Absent, &key)], entries: vec![entry(number)] }
}

#[test]
fn backup_taken_while_commits_run_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("clearance.db"));
    let file = store.file();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 0..400 {
                run(store.commit(unit(number))).unwrap();
            }
        });
        let mut round = 0;
        while !writing.is_finished() {
            let copy = SqliteFile::at(directory.path().join(format!("copy-{round}.db")));
            let head = file.back_up(copy.path()).unwrap();
            let verified = copy.verify(NonZeroUsize::MIN, Strictness::Canonical, |_| ()).unwrap();
            assert_eq!((verified.size, verified.root), (head.size, head.root));
            // As many documents as entries: no commit is in it by half.
            let copied = open(copy.path());
            let (from, until, after, order) = (None, None, None, Order::Ascending);
            let all = PageQuery { kind: NOTE, index: None, from, until, order, after, limit: 100 };
            assert_eq!(run(walk(&copied, all)).unwrap().len(), usize::try_from(head.size).unwrap());
            round += 1;
        }
    });
}

#[test]
fn backup_is_one_private_file_and_can_be_restored() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("clearance.db"), directory.path().join("copy.db"));
    let store = open(&path);
    for number in 0..10 {
        run(store.commit(unit(number))).unwrap();
    }
    let head = store.file().back_up(&copy).unwrap();
    run(store.commit(unit(10))).unwrap();
    store.close().unwrap();
    let mut names: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["clearance.db", "copy.db"]);
    #[cfg(unix)]
    for file in [&path, &copy] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    std::fs::remove_file(&path).unwrap();
    assert_eq!(SqliteFile::at(&copy).back_up(&path).unwrap(), head);
    let restored = open(&path);
    assert!(run(restored.get(NOTE, "000009")).unwrap().is_some());
    assert_eq!(run(restored.get(NOTE, "000010")).unwrap(), None);
    assert_eq!(run(restored.commit(unit(10))).unwrap().first_entry, 10);
}

#[test]
fn backup_overwrites_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("clearance.db"));
    let there = directory.path().join("there");
    std::fs::write(&there, "precious").unwrap();
    assert!(matches!(store.file().back_up(&there), Err(StoreError::Unavailable(_))));
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "precious");
    assert!(store.file().back_up(store.file().path()).is_err());
    assert!(store.file().back_up(directory.path().join("no such directory/copy.db")).is_err());
}

#[test]
fn backup_of_no_database_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.db");
    let text = directory.path().join("text");
    std::fs::write(&text, "no database").unwrap();
    let empty = directory.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    for source in [directory.path().join("missing"), text, empty, directory.path().to_owned()] {
        assert!(SqliteFile::at(&source).back_up(&copy).is_err());
        assert!(SqliteFile::at(&source).head().is_err());
        assert!(!copy.exists());
    }
    assert!(!directory.path().join("missing").exists());
}

#[test]
fn relation_to_a_known_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("clearance.db"));
    let file = store.file();
    let mut heads = vec![file.head().unwrap()];
    for number in 0..20 {
        run(store.commit(unit(number))).unwrap();
        heads.push(run(store.log_head()).unwrap());
    }
    assert_eq!(heads.first(), Some(&LogHead { size: 0, root: EMPTY_ROOT }));
    for (by, known) in (0..).zip(heads.iter().rev()) {
        let expected = if by == 0 { Relation::Same } else { Relation::Extends { by } };
        assert_eq!(file.compare(known).unwrap(), expected);
    }
    let other = leaf_hash(b"another log");
    for size in [0, 1, 13, 20] {
        assert_eq!(file.compare(&LogHead { size, root: other }).unwrap(), Relation::Forked);
    }
    assert_eq!(file.compare(&LogHead { size: 23, root: other }).unwrap(), Relation::Behind { by: 3 });
    assert_eq!(
        file.compare(&LogHead { size: u64::MAX, root: other }).unwrap(),
        Relation::Behind { by: u64::MAX - 20 }
    );
}

#[test]
fn rewritten_log_is_forked_from_what_was_known() {
    let directory = tempfile::tempdir().unwrap();
    let fill = |name: &str, odd: usize| {
        let store = open(&directory.path().join(name));
        for number in 0..10 {
            run(store.commit(unit(if number == 4 { odd } else { number }))).unwrap();
        }
        store.file()
    };
    let (honest, rewritten) = (fill("honest.db", 4), fill("rewritten.db", 44));
    let known = honest.head().unwrap();
    // Sound in itself, and yet not what was published.
    assert!(rewritten.verify(NonZeroUsize::MIN, Strictness::Canonical, |_| ()).is_ok());
    assert_eq!(rewritten.compare(&known).unwrap(), Relation::Forked);
}

#[test]
fn backup_put_back_under_open_stores_is_what_they_go_on_from() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("clearance.db"), directory.path().join("copy.db"));
    let (store, other) = (open(&path), open(&path));
    for number in 0..10 {
        run(store.commit(unit(number))).unwrap();
    }
    store.file().back_up(&copy).unwrap();
    for number in 10..300 {
        run(store.commit(unit(number))).unwrap();
    }
    store.file().replace_with(&SqliteFile::at(&copy)).unwrap();
    for (place, store) in [(10, &store), (11, &other)] {
        assert_eq!(run(store.log_head()).unwrap().size, place);
        assert!(run(store.get(NOTE, "000200")).unwrap().is_none(), "a document from after the backup");
        let committed = run(store.commit(unit(200 + usize::try_from(place).unwrap()))).unwrap();
        assert_eq!(committed.first_entry, place);
    }
    let head = run(other.log_head()).unwrap();
    let verified = store.file().verify(NonZeroUsize::MIN, Strictness::Canonical, |_| ()).unwrap();
    assert_eq!((verified.size, verified.root), (head.size, head.root));
}
