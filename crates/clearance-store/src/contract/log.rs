//! The log: order, head and root.

use audit_log::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
use clearance::ports::{Commit, Expected, Store as _, StoreError};

use super::{Fixture, at, entry, is_conflict, note};

/// The root by the recursive definition of [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1), from the entries' bytes.
pub fn root_by_definition(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => EMPTY_ROOT,
        [only] => leaf_hash(only),
        many => {
            let half = many.len().next_power_of_two() / 2;
            let (left, right) = many.split_at(half);
            node_hash(&root_by_definition(left), &root_by_definition(right))
        }
    }
}

/// Nothing logged: size 0 and the root of nothing.
pub async fn empty_log_has_the_empty_root(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let head = store.log_head().await?;
    assert_eq!((head.size, head.root), (0, EMPTY_ROOT));
    assert_eq!(store.log_entries(0, 10).await?, []);
    Ok(())
}

/// Entries stand as they were given, commit after commit.
pub async fn entries_keep_their_order(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let first =
        store.commit(Commit { writes: Vec::new(), entries: vec![entry(0), entry(1), entry(2)] }).await?;
    let second = store.commit(Commit { writes: Vec::new(), entries: vec![entry(3), entry(4)] }).await?;
    assert_eq!((first.first_entry, second.first_entry), (0, 3));
    let read = store.log_entries(0, 10).await?;
    assert_eq!(read.len(), 5);
    for ((number, index), found) in (0..).zip(0_u64..).zip(&read) {
        let made = entry(number);
        assert_eq!(
            (found.index, found.bytes.as_slice(), found.leaf_hash),
            (index, made.bytes(), made.leaf_hash())
        );
    }
    Ok(())
}

/// After every commit the head is what the tree's definition says.
pub async fn root_is_that_of_an_independent_tree(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let mut all = Vec::new();
    for size in [1, 2, 3, 1, 4, 8, 1, 1, 20, 7] {
        let entries: Vec<_> = (all.len()..).take(size).map(entry).collect();
        all.extend(entries.iter().map(|entry| entry.bytes().to_vec()));
        store.commit(Commit { writes: Vec::new(), entries }).await?;
        let head = store.log_head().await?;
        assert_eq!(usize::try_from(head.size), Ok(all.len()));
        assert_eq!(head.root, root_by_definition(&all));
    }
    Ok(())
}

/// A lost race leaves the log as it was, and the next commit takes the place.
pub async fn conflict_leaves_no_entry(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store
        .commit(Commit { writes: vec![note("n1", Expected::Absent, "one")], entries: vec![entry(0)] })
        .await?;
    let head = store.log_head().await?;
    let lost = store.commit(Commit { writes: vec![note("n1", at(9), "two")], entries: vec![entry(1)] }).await;
    assert!(is_conflict(&lost));
    assert_eq!(store.log_head().await?, head);
    assert_eq!(store.log_entries(0, 10).await?.len(), 1);
    let next =
        store.commit(Commit { writes: vec![note("n1", at(1), "two")], entries: vec![entry(2)] }).await?;
    assert_eq!(next.first_entry, 1);
    let bytes = [entry(0), entry(2)].map(|entry| entry.bytes().to_vec());
    assert_eq!(store.log_head().await?.root, root_by_definition(&bytes));
    Ok(())
}

/// Reading starts anywhere and ends with the log.
pub async fn entries_are_read_in_pages(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(Commit { writes: Vec::new(), entries: (0..10).map(entry).collect() }).await?;
    let indexes = async |from, limit| {
        let entries = store.log_entries(from, limit).await?;
        Ok::<Vec<u64>, StoreError>(entries.iter().map(|entry| entry.index).collect())
    };
    assert_eq!(indexes(0, 4).await?, [0, 1, 2, 3]);
    assert_eq!(indexes(8, 4).await?, [8, 9]);
    assert!(indexes(10, 4).await?.is_empty());
    assert!(indexes(u64::MAX, 4).await?.is_empty());
    assert!(indexes(3, 0).await?.is_empty());
    Ok(())
}

/// A commit that logs nothing says where the next entry will stand.
pub async fn commit_without_entries_names_the_next(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(Commit { writes: Vec::new(), entries: vec![entry(0)] }).await?;
    let done = store
        .commit(Commit { writes: vec![note("n1", Expected::Absent, "one")], entries: Vec::new() })
        .await?;
    assert_eq!(done.first_entry, 1);
    Ok(())
}
