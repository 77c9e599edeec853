//! What was answered is there after the store was closed and opened again.

use clearance::ports::{Commit, Expected, Store as _, StoreError};

use super::paging::walk;
use super::{Fixture, NOTE, at, entry, is_conflict, note, writes};
use clearance::ports::{Order, PageQuery};

/// Documents, revisions and log are as they were.
pub async fn reopened_store_holds_everything(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for number in 0..50 {
        let key = format!("{number:02}");
        store
            .commit(Commit { writes: vec![note(&key, Expected::Absent, &key)], entries: vec![entry(number)] })
            .await?;
    }
    store.commit(writes([note("07", at(1), "seven")])).await?;
    let (row, head, entries) =
        (store.get(NOTE, "07").await?, store.log_head().await?, store.log_entries(0, 99).await?);
    drop(store);

    let store = fixture.open();
    assert_eq!(store.get(NOTE, "07").await?, row);
    assert_eq!(store.log_head().await?, head);
    assert_eq!(store.log_entries(0, 99).await?, entries);
    let (from, until, after, order) = (None, None, None, Order::Ascending);
    let all = PageQuery { kind: NOTE, index: None, from, until, order, after, limit: 7 };
    assert_eq!(walk(&store, all).await?.len(), 50);
    Ok(())
}

/// Guards and log go on where they were.
pub async fn reopened_store_goes_on(fixture: &impl Fixture) -> Result<(), StoreError> {
    for round in 0..5 {
        let store = fixture.open();
        let expected = if round == 0 { Expected::Absent } else { at(round) };
        let done = store
            .commit(Commit { writes: vec![note("n1", expected, "{}")], entries: vec![entry(0)] })
            .await?;
        assert_eq!(done.first_entry, round);
        assert!(is_conflict(&store.commit(writes([note("n1", expected, "{}")])).await));
    }
    Ok(())
}
