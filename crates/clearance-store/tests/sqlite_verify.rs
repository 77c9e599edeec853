//! Verification on SQLite: a sound log passes, and whatever is changed by hand is named.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test without its database has failed")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use audit_log::{Deviation, Strictness, Verified};
use clearance::ports::{Commit, LogHead, Store as _};
use clearance_store::contract::log::root_by_definition;
use clearance_store::contract::{KINDS, entry, run};
use clearance_store::{Problem, SqliteFile, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

const ENTRIES: usize = 40_000;
const THREADS: [usize; 3] = [1, 2, 5];

/// A closed database with so many log entries.
fn database(entries: usize) -> (TempDir, SqliteFile) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("clearance.db"), KINDS).unwrap();
    let file = store.file();
    let commits = (0..entries).step_by(20).map(|first| {
        let entries = (first..entries.min(first + 20)).map(entry).collect();
        store.commit(Commit { writes: Vec::new(), entries })
    });
    let commits: Vec<_> = commits.collect();
    assert!(run(futures::future::join_all(commits)).iter().all(Result::is_ok));
    store.close().unwrap();
    (directory, file)
}

/// A copy to be changed by hand.
fn copy(file: &SqliteFile) -> (TempDir, SqliteFile) {
    let directory = tempfile::tempdir().unwrap();
    let copy = SqliteFile::at(directory.path().join("copy.db"));
    std::fs::copy(file.path(), copy.path()).unwrap();
    (directory, copy)
}

fn verify(file: &SqliteFile, threads: usize) -> Result<Verified, Problem> {
    file.verify(NonZeroUsize::new(threads).unwrap(), Strictness::Canonical, |_| ())
}

/// Changes a database by hand.
fn tamper(file: &SqliteFile, statements: &[&str]) {
    let connection = Connection::open(file.path()).unwrap();
    for statement in statements {
        assert_ne!(connection.execute(statement, []).unwrap(), 0, "{statement}");
    }
}

fn deviation(file: &SqliteFile, threads: usize) -> Deviation {
    match verify(file, threads) {
        Err(Problem::Deviation(deviation)) => deviation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sound_log_verifies_with_any_number_of_threads() {
    for entries in [0, 1, 16_383, 16_384, 16_385, ENTRIES] {
        let (_directory, file) = database(entries);
        let bytes: Vec<_> = (0..entries).map(|number| entry(number).bytes().to_vec()).collect();
        let (size, root) = (u64::try_from(entries).unwrap(), root_by_definition(&bytes));
        assert_eq!(file.head().unwrap(), LogHead { size, root });
        for threads in THREADS {
            assert_eq!(verify(&file, threads).unwrap(), Verified { size, root });
        }
    }
}

#[test]
fn progress_reaches_the_size() {
    let (_directory, file) = database(ENTRIES);
    let most = AtomicU64::new(0);
    let threads = NonZeroUsize::new(2).unwrap();
    file.verify(threads, Strictness::StoredBytes, |checked| {
        most.fetch_max(checked, Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!(most.into_inner(), 40_000);
}

#[test]
fn changed_entry_is_named() {
    let (_sound, sound) = database(ENTRIES);
    for index in [0_u64, 1, 16_383, 16_384, 39_999] {
        for change in [
            "body = CAST(replace(CAST(body AS TEXT), '\"', '''') AS BLOB)",
            "leaf_hash = zeroblob(32)",
            "leaf_hash = x'00'",
        ] {
            let (_directory, file) = copy(&sound);
            tamper(&file, &[&format!("UPDATE log_entry SET {change} WHERE position = {index}")]);
            for threads in THREADS {
                assert_eq!(deviation(&file, threads), Deviation::LeafMismatch { index });
            }
        }
    }
}

#[test]
fn first_of_several_changed_entries_is_named() {
    let (_sound, sound) = database(ENTRIES);
    // The first at the beginning and at the end of its chunk: found before the others, and after them.
    for (first, others) in [(0, "32767, 39999"), (16_383, "16384, 39999")] {
        let (_directory, file) = copy(&sound);
        tamper(
            &file,
            &[&format!("UPDATE log_entry SET body = x'7b7d' WHERE position IN ({first}, {others})")],
        );
        for threads in THREADS {
            assert_eq!(deviation(&file, threads), Deviation::LeafMismatch { index: first });
        }
    }
}

#[test]
fn missing_entry_is_named() {
    let (_sound, sound) = database(ENTRIES);
    for missing in [0_u64, 5, 16_383, 16_384, 39_998] {
        let (_directory, file) = copy(&sound);
        tamper(&file, &[&format!("DELETE FROM log_entry WHERE position = {missing}")]);
        for threads in THREADS {
            assert_eq!(deviation(&file, threads), Deviation::Gap { expected: missing, found: missing + 1 });
        }
    }
}

#[test]
fn missing_tail_is_named() {
    let (_sound, sound) = database(ENTRIES);
    for left in [39_999_u64, 16_385, 16_384, 16_383, 1] {
        let (_directory, file) = copy(&sound);
        tamper(&file, &[&format!("DELETE FROM log_entry WHERE position >= {left}")]);
        for threads in THREADS {
            assert_eq!(deviation(&file, threads), Deviation::Truncated { expected: 40_000, found: left });
        }
    }
}

#[test]
fn entries_beyond_the_head_are_told() {
    let (_directory, file) = database(100);
    tamper(&file, &["INSERT INTO log_entry SELECT 100, leaf_hash, body FROM log_entry WHERE position = 1"]);
    assert_eq!(deviation(&file, 2), Deviation::Surplus { expected: 100, found: 101 });
    tamper(&file, &["UPDATE log_entry SET position = -7 WHERE position = 100"]);
    assert!(matches!(verify(&file, 2), Err(Problem::Stray { position: -7 })));
}

#[test]
fn swapped_and_rewritten_entries_change_the_root() {
    let changes: [&[&str]; 2] = [
        &[
            "UPDATE log_entry SET position = 1000000 WHERE position = 3",
            "UPDATE log_entry SET position = 3 WHERE position = 4",
            "UPDATE log_entry SET position = 4 WHERE position = 1000000",
        ],
        &[
            "UPDATE log_entry SET (leaf_hash, body) = (SELECT leaf_hash, body FROM log_entry WHERE position = 9) WHERE position = 3",
        ],
    ];
    for change in changes {
        let (_directory, file) = database(100);
        let head = file.head().unwrap();
        tamper(&file, change);
        assert!(matches!(
            deviation(&file, 2),
            Deviation::RootMismatch { size: 100, expected, .. } if expected == head.root
        ));
    }
}

#[test]
fn tiles_tell_which_entries_were_exchanged_or_replaced() {
    let (_sound, sound) = database(ENTRIES);
    let swap = |one: u64, other: u64| {
        [(one, 1_000_000), (other, one), (1_000_000, other)]
            .map(|(from, to)| format!("UPDATE log_entry SET position = {to} WHERE position = {from}"))
    };
    for (one, other) in [(0, 255), (700, 701), (39_900, 39_930)] {
        let (_directory, file) = copy(&sound);
        tamper(&file, &swap(one, other).each_ref().map(String::as_str));
        for threads in THREADS {
            match verify(&file, threads) {
                Err(Problem::Exchanged { first, second }) => assert_eq!((first, second), (one, other)),
                other => panic!("{other:?}"),
            }
        }
    }
    // Between two tiles neither of them holds both; the end of the log has no full tile.
    let (_directory, file) = copy(&sound);
    tamper(&file, &swap(255, 256).each_ref().map(String::as_str));
    assert!(matches!(verify(&file, 2), Err(Problem::Replaced { index: 255 })));
    let (_directory, file) = copy(&sound);
    tamper(&file, &swap(39_990, 39_991).each_ref().map(String::as_str));
    assert!(matches!(deviation(&file, 2), Deviation::RootMismatch { .. }));
}

#[test]
fn wrong_tile_is_named_in_strict_mode_only() {
    let (_sound, sound) = database(ENTRIES);
    let zeros = "zeroblob(length(hashes))";
    let changes = [
        (format!("UPDATE log_tile SET hashes = {zeros} WHERE level = 0 AND position = 7"), "tile/0/007"),
        (format!("UPDATE log_tile SET hashes = {zeros} WHERE level = 0 AND position = 155"), "tile/0/155"),
        (
            "UPDATE log_tile SET hashes = substr(hashes, 1, 8160) WHERE level = 0 AND position = 9".into(),
            "tile/0/009",
        ),
        ("DELETE FROM log_tile WHERE level = 0 AND position IN (70, 90)".into(), "tile/0/070"),
        ("UPDATE log_tile SET position = 156 WHERE level = 0 AND position = 155".into(), "tile/0/155"),
        (
            "INSERT INTO log_tile SELECT 0, 156, hashes FROM log_tile WHERE level = 0 AND position = 1"
                .into(),
            "tile/0/156",
        ),
        (format!("UPDATE log_tile SET hashes = {zeros} WHERE level = 1"), "tile/1/000"),
        ("UPDATE log_tile SET hashes = substr(hashes, 1, 4960) WHERE level = 1".into(), "tile/1/000"),
        (
            "INSERT INTO log_tile SELECT 2, 0, hashes FROM log_tile WHERE level = 0 AND position = 1".into(),
            "tile/2/000",
        ),
    ];
    for (change, named) in changes {
        let (_directory, file) = copy(&sound);
        tamper(&file, &[&change]);
        for threads in THREADS {
            match verify(&file, threads) {
                Err(Problem::Tile { path }) => assert_eq!(path.to_string(), named, "{change}"),
                other => panic!("{change}: {other:?}"),
            }
        }
        assert!(file.verify(NonZeroUsize::MIN, Strictness::StoredBytes, |_| ()).is_ok());
    }
}

#[test]
fn changed_head_is_told() {
    let (_directory, file) = database(100);
    tamper(&file, &["UPDATE log_head SET size = 99"]);
    assert!(matches!(verify(&file, 1), Err(Problem::Database(_))));
    tamper(&file, &["UPDATE log_head SET size = 100, compact_range = x'00'"]);
    assert!(matches!(verify(&file, 1), Err(Problem::Database(_))));
    tamper(&file, &["DELETE FROM log_head"]);
    assert!(matches!(verify(&file, 1), Err(Problem::Database(_))));
}

#[test]
fn text_that_is_not_canonical_is_named_in_strict_mode_only() {
    let (_directory, file) = database(100);
    let spaced = audit_log::leaf_hash(b"{ }");
    tamper(
        &file,
        &[&format!("UPDATE log_entry SET body = x'7b207d', leaf_hash = x'{spaced}' WHERE position = 70")],
    );
    assert!(matches!(deviation(&file, 1), Deviation::NotCanonical { index: 70, .. }));
    let one = NonZeroUsize::MIN;
    let loose = file.verify(one, Strictness::StoredBytes, |_| ());
    assert!(matches!(loose, Err(Problem::Deviation(Deviation::RootMismatch { .. }))));
}

#[test]
fn damaged_file_is_told_in_plain_words() {
    let (_directory, file) = database(ENTRIES);
    let mut bytes = std::fs::read(file.path()).unwrap();
    // Everything behind the first pages, as a failing disk leaves it.
    for byte in bytes.iter_mut().skip(40 * 4096) {
        *byte = 0xff;
    }
    std::fs::write(file.path(), bytes).unwrap();
    let problem = verify(&file, 2).unwrap_err();
    assert!(problem.to_string().contains("malformed"), "{problem}");

    std::fs::write(
        file.path(),
        "no database at all, and long enough to be asked for a header of a hundred bytes".repeat(9),
    )
    .unwrap();
    let problem = verify(&file, 2).unwrap_err();
    assert!(problem.to_string().contains("not a database"), "{problem}");
}

#[test]
fn verification_runs_beside_commits() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("clearance.db"), KINDS).unwrap();
    let file = store.file();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 0..300 {
                run(store.commit(Commit { writes: Vec::new(), entries: vec![entry(number), entry(number)] }))
                    .unwrap();
            }
        });
        let mut last = 0;
        while !writing.is_finished() {
            let size = verify(&file, 2).unwrap().size;
            assert!(size >= last && size.is_multiple_of(2));
            last = size;
        }
    });
    assert_eq!(verify(&file, 2).unwrap().size, 600);
}
