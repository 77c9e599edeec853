//! Guards: what is made, revised, removed and checked, and what a lost race leaves behind.

use clearance::ports::{Commit, Expected, Revision, Row, Store as _, StoreError, Write};

use super::{Fixture, NOTE, ORDER, at, entry, is_conflict, note, order, writes};

/// Reading what is not there is no error.
pub async fn absent_document_is_none(fixture: &impl Fixture) -> Result<(), StoreError> {
    assert_eq!(fixture.open().get(NOTE, "n1").await?, None);
    Ok(())
}

/// A new document has the first revision.
pub async fn made_document_is_read(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    let row = Row { key: "n1".into(), revision: Revision::FIRST, body: "one".into() };
    assert_eq!(store.get(NOTE, "n1").await?, Some(row));
    Ok(())
}

/// Several documents come in the order of their keys, with gaps where there is none.
pub async fn several_are_read_in_order(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes(["n1", "n2"].map(|key| note(key, Expected::Absent, key)))).await?;
    store.commit(writes([note("n1", at(1), "again")])).await?;
    let keys = ["n2", "none", "n1", "n2"].map(str::to_owned);
    let rows = store.get_all(NOTE, &keys).await?;
    let bodies = rows.iter().map(|row| row.as_ref().map(|row| row.body.as_str()));
    assert_eq!(bodies.collect::<Vec<_>>(), [Some("n2"), None, Some("again"), Some("n2")]);
    assert_eq!(rows.get(2), Some(&store.get(NOTE, "n1").await?));
    assert_eq!(store.get_all(NOTE, &[]).await?, []);
    Ok(())
}

/// Making what is there conflicts and changes nothing.
pub async fn made_twice_conflicts(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    assert!(is_conflict(&store.commit(writes([note("n1", Expected::Absent, "two")])).await));
    assert_eq!(store.get(NOTE, "n1").await?.map(|row| row.body), Some("one".into()));
    Ok(())
}

/// Each write counts.
pub async fn revised_document_counts_up(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([note("n1", at(1), "two")])).await?;
    store.commit(writes([note("n1", at(2), "three")])).await?;
    let row = Row { key: "n1".into(), revision: Revision(3), body: "three".into() };
    assert_eq!(store.get(NOTE, "n1").await?, Some(row));
    Ok(())
}

/// Whoever read an older revision, or one that is still to come, must read again.
pub async fn stale_revision_conflicts(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([note("n1", at(1), "two")])).await?;
    for wrong in [0, 1, 3] {
        assert!(is_conflict(&store.commit(writes([note("n1", at(wrong), "three")])).await));
    }
    assert_eq!(
        store.get(NOTE, "n1").await?.map(|row| (row.revision, row.body)),
        Some((Revision(2), "two".into()))
    );
    Ok(())
}

/// Revising is not making.
pub async fn revising_what_is_absent_conflicts(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for wrong in [0, 1] {
        assert!(is_conflict(&store.commit(writes([note("n1", at(wrong), "one")])).await));
    }
    assert_eq!(store.get(NOTE, "n1").await?, None);
    Ok(())
}

fn removal(key: &str, revision: u64) -> Write {
    Write::Delete { kind: NOTE, key: key.into(), expected: Revision(revision) }
}

/// Removed is as never made.
pub async fn removed_document_is_gone(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([removal("n1", 1)])).await?;
    assert_eq!(store.get(NOTE, "n1").await?, None);
    assert!(is_conflict(&store.commit(writes([removal("n1", 1)])).await));
    Ok(())
}

/// Removing is guarded like revising.
pub async fn removing_a_stale_revision_conflicts(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([note("n1", at(1), "two")])).await?;
    assert!(is_conflict(&store.commit(writes([removal("n1", 1)])).await));
    assert!(store.get(NOTE, "n1").await?.is_some());
    Ok(())
}

/// A key can be used again, and counts from the beginning.
pub async fn made_again_after_removal_starts_anew(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([note("n1", at(1), "two")])).await?;
    store.commit(writes([removal("n1", 2)])).await?;
    store.commit(writes([note("n1", Expected::Absent, "three")])).await?;
    assert_eq!(store.get(NOTE, "n1").await?.map(|row| row.revision), Some(Revision::FIRST));
    Ok(())
}

fn check(key: &str, expected: Expected) -> Write {
    Write::Check { kind: NOTE, key: key.into(), expected }
}

/// A check alone writes nothing and still decides.
pub async fn checks_hold_or_conflict(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    store.commit(writes([check("n1", at(1)), check("n2", Expected::Absent)])).await?;
    for wrong in [check("n1", at(2)), check("n1", Expected::Absent), check("n2", at(1)), check("n2", at(0))] {
        assert!(is_conflict(&store.commit(writes([wrong])).await));
    }
    store.commit(Commit::default()).await?;
    assert_eq!(store.get(NOTE, "n1").await?.map(|row| row.revision), Some(Revision::FIRST));
    Ok(())
}

/// Wherever in a commit the guard is that fails, nothing of the commit is visible.
pub async fn conflict_takes_everything_back(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store
        .commit(writes([note("old", Expected::Absent, "one"), note("gone", Expected::Absent, "one")]))
        .await?;
    let before = store.log_head().await?;
    let good = [
        note("new", Expected::Absent, "two"),
        note("old", at(1), "two"),
        removal("gone", 1),
        order("o1", Some("g"), Some("l"), Some("s")),
    ];
    let failing = [
        note("missing", at(1), "two"),
        removal("missing", 1),
        check("missing", at(1)),
        note("missing2", at(7), "two"),
    ];
    for failing in failing {
        for place in 0..=good.len() {
            let mut all = good.to_vec();
            all.insert(place, failing.clone());
            let commit = Commit { writes: all, entries: vec![entry(1), entry(2)] };
            assert!(is_conflict(&store.commit(commit).await));
            assert_eq!(store.get(NOTE, "new").await?, None);
            assert_eq!(store.get(NOTE, "old").await?.map(|row| row.body), Some("one".into()));
            assert!(store.get(NOTE, "gone").await?.is_some());
            assert_eq!(store.get(ORDER, "o1").await?, None);
            assert_eq!(store.log_head().await?, before);
        }
    }
    store.commit(writes(good)).await?;
    assert_eq!(store.get(NOTE, "old").await?.map(|row| row.body), Some("two".into()));
    Ok(())
}

/// The same key in two kinds is two documents.
pub async fn kinds_keep_apart(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("same", Expected::Absent, "one"), order("same", None, None, None)])).await?;
    store.commit(writes([removal("same", 1)])).await?;
    assert!(store.get(ORDER, "same").await?.is_some());
    Ok(())
}

/// Revisions that no database column holds are revisions that no document has.
pub async fn revisions_beyond_any_number_conflict(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("n1", Expected::Absent, "one")])).await?;
    for write in [note("n1", at(u64::MAX), "two"), removal("n1", u64::MAX), check("n1", at(u64::MAX))] {
        assert!(is_conflict(&store.commit(writes([write])).await));
    }
    for key in ["n1", "n2"] {
        assert!(is_conflict(&store.commit(writes([check(key, at(u64::MAX))])).await));
    }
    Ok(())
}

/// Keys and bodies are kept to the byte, whatever they hold.
pub async fn texts_survive_unchanged(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for text in [
        "",
        " ",
        "'\";--",
        "é",
        "e\u{301}",
        "日本語",
        "👩‍💻",
        "\u{10ffff}",
        "a\nb\tc",
        "%_*?[",
        "{\"a\":[1,null]}",
    ] {
        store.commit(writes([note(text, Expected::Absent, text)])).await?;
        assert_eq!(store.get(NOTE, text).await?.map(|row| row.body).as_deref(), Some(text));
    }
    assert_eq!(store.get(NOTE, "É").await?, None);
    Ok(())
}
