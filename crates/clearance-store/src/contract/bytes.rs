//! The port's limit in bytes.

use clearance::ports::{Expected, MAX_COMMIT_BYTES, Store as _, StoreError};

use super::{Fixture, NOTE, is_too_large, note, writes};

/// Bytes count over all keys and bodies.
pub async fn one_byte_more_is_refused(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let most = "x".repeat(MAX_COMMIT_BYTES - 2);
    store.commit(writes([note("n1", Expected::Absent, &most)])).await?;
    assert_eq!(store.get(NOTE, "n1").await?.map(|row| row.body.len()), Some(most.len()));
    assert!(is_too_large(&store.commit(writes([note("n12", Expected::Absent, &most)])).await));
    let two = [note("n2", Expected::Absent, &most), note("", Expected::Absent, "x")];
    assert!(is_too_large(&store.commit(writes(two)).await));
    assert_eq!(store.get(NOTE, "n2").await?, None);
    Ok(())
}
