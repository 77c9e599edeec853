//! The port's limits, each at its edge.

use clearance::ports::{
    Commit, Expected, MAX_COMMIT_ITEMS, MAX_LOG_PAGE, MAX_PAGE, Order, PageQuery, Store as _, StoreError,
    Write,
};

use super::{Fixture, NOTE, ORDER, UNDECLARED, entry, is_too_large, note, writes};

/// A commit of so many writes and entries, told apart by `run`.
fn commit_of(run: &str, documents: usize, entries: usize) -> Commit {
    let writes = (0..documents).map(|number| note(&format!("{run}{number}"), Expected::Absent, "{}"));
    Commit { writes: writes.collect(), entries: (0..entries).map(entry).collect() }
}

/// As many items as the port allows, one of them being the log's head.
pub async fn largest_commit_is_taken(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let most = MAX_COMMIT_ITEMS - 1;
    store.commit(commit_of("a", most, 0)).await?;
    store.commit(commit_of("b", 0, most)).await?;
    store.commit(commit_of("c", most - 4, 4)).await?;
    assert_eq!(store.log_head().await?.size, 28);
    Ok(())
}

/// One more is refused whole.
pub async fn one_item_more_is_refused(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for entries in [0, 4, MAX_COMMIT_ITEMS] {
        assert!(is_too_large(&store.commit(commit_of("a", MAX_COMMIT_ITEMS - entries, entries)).await));
    }
    assert_eq!(store.get(NOTE, "a0").await?, None);
    assert_eq!(store.log_head().await?.size, 0);
    Ok(())
}

/// Two guards on one document could contradict each other.
pub async fn document_named_twice_is_refused(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let check = Write::Check { kind: NOTE, key: "n1".into(), expected: Expected::Absent };
    let twice = [check, note("n1", Expected::Absent, "one")];
    assert!(is_too_large(&store.commit(writes(twice)).await));
    assert_eq!(store.get(NOTE, "n1").await?, None);
    Ok(())
}

/// Attributes are given as declared.
pub async fn wrong_number_of_attributes_is_refused(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for count in [0, 2, 4] {
        let (key, body, attributes) = ("o1".into(), "{}".into(), vec![None; count]);
        let put = Write::Put { kind: ORDER, key, expected: Expected::Absent, body, attributes };
        assert!(is_too_large(&store.commit(writes([put])).await));
    }
    Ok(())
}

/// Pages have 1 to [`MAX_PAGE`] rows.
pub async fn page_limits_are_kept(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for batch in 0..6 {
        store.commit(commit_of(&format!("{batch}-"), 20, 0)).await?;
    }
    let page = |limit| {
        let (from, until, after) = (None, None, None);
        store.page(PageQuery { kind: NOTE, index: None, from, until, order: Order::Ascending, after, limit })
    };
    assert_eq!(page(1).await?.rows.len(), 1);
    assert_eq!(page(MAX_PAGE).await?.rows.len(), usize::from(MAX_PAGE));
    for wrong in [0, MAX_PAGE + 1, u16::MAX] {
        assert!(is_too_large(&page(wrong).await));
    }
    Ok(())
}

/// At most [`MAX_LOG_PAGE`] entries are read at once.
pub async fn log_page_limit_is_kept(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.log_entries(0, MAX_LOG_PAGE).await?;
    assert!(is_too_large(&store.log_entries(0, MAX_LOG_PAGE + 1).await));
    Ok(())
}

/// A kind that was not declared is nowhere.
pub async fn undeclared_kind_is_refused(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let (key, expected) = (String::from("u1"), Expected::Absent);
    let refused = |answer: &StoreError| matches!(answer, StoreError::Unavailable(_));
    assert!(store.get(UNDECLARED, &key).await.is_err_and(|error| refused(&error)));
    let put = |key| Write::Put { kind: UNDECLARED, key, expected, body: "{}".into(), attributes: Vec::new() };
    let both = [note("n1", Expected::Absent, "one"), put(key.clone())];
    assert!(store.commit(writes(both)).await.is_err_and(|error| refused(&error)));
    assert_eq!(store.get(NOTE, "n1").await?, None);
    Ok(())
}
