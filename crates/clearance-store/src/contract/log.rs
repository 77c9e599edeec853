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

/// The hashes of a tile by definition, from the entries' bytes: each is the root over the entries it stands for.
pub fn tile_by_definition(entries: &[Vec<u8>], level: u32, index: usize) -> Vec<Hash> {
    let span = 256_usize.pow(level);
    entries.chunks_exact(span).skip(index * 256).take(256).map(root_by_definition).collect()
}

/// Tiles of level 0 hold leaf hashes, those above roots of full ones, before and after each becomes full, and when read anew.
pub async fn tiles_are_those_of_an_independent_tree(fixture: &impl Fixture) -> Result<(), StoreError> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    // Just below, on and above the edges of the first tiles, and one commit across an edge.
    for size in [1, 255, 256, 257, 511, 512, 530, 768, 1000] {
        let store = fixture.open();
        while all.len() < size {
            let entries: Vec<_> = (all.len()..size).take(20).map(entry).collect();
            all.extend(entries.iter().map(|entry| entry.bytes().to_vec()));
            store.commit(Commit { writes: Vec::new(), entries }).await?;
        }
        for (level, index) in [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (2, 0)] {
            let expected = tile_by_definition(&all, u32::from(level), index);
            let place = u64::try_from(index).unwrap_or(u64::MAX);
            assert_eq!(store.log_tile(level, place).await?, expected, "tile {level}/{index} of {size}");
        }
    }
    Ok(())
}

/// A lost race among those that fill a tile leaves nothing in it.
pub async fn conflict_leaves_no_hash_in_a_tile(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let entries = |range: std::ops::Range<usize>| range.map(entry).collect::<Vec<_>>();
    for first in (0..250).step_by(10) {
        store.commit(Commit { writes: Vec::new(), entries: entries(first..first + 10) }).await?;
    }
    let lost = Commit { writes: vec![note("n1", at(9), "two")], entries: entries(900..920) };
    let kept = Commit { writes: Vec::new(), entries: entries(250..270) };
    let (lost, kept) = futures::future::join(store.commit(lost), store.commit(kept)).await;
    assert!(is_conflict(&lost) && kept.is_ok());
    let all: Vec<_> = (0..270).map(|number| entry(number).bytes().to_vec()).collect();
    for (level, index) in [(0, 0), (0, 1), (1, 0)] {
        assert_eq!(
            store.log_tile(level, index).await?,
            tile_by_definition(&all, u32::from(level), usize::try_from(index).unwrap_or_default())
        );
    }
    Ok(())
}

/// What no log has is empty, not an error.
pub async fn tile_levels_end(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(Commit { writes: Vec::new(), entries: vec![entry(0)] }).await?;
    for (level, index) in [(0, 1), (0, u64::MAX), (1, 0), (7, 0), (8, 0), (255, u64::MAX)] {
        assert!(store.log_tile(level, index).await?.is_empty(), "{level}/{index}");
    }
    Ok(())
}
