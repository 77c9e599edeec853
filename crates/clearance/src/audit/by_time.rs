//! Where in the log a time is. Entries are placed in order of commit, so their times are in order but for a little skew.

use audit_log::entry::Fields;

use crate::failure::Failure;
use crate::ports::{LogEntry, Store, StoreError};
use crate::time::Timestamp;

/// Minutes by which an entry's place may differ from its time: it is written after its time was drawn, no command takes longer, and clocks of
/// two processes differ by less.
const SKEW_MINUTES: i64 = 1;

/// The members of an entry, without building what they hold.
pub(crate) fn fields(entry: &LogEntry) -> Result<Fields<'_>, Failure> {
    Fields::read(&entry.bytes)
        .map_err(|error| StoreError::Damaged(format!("log entry {}: {error}", entry.index)).into())
}

/// The first place among the first `size` whose entry is dated from `instant` on, if entries were in order: found by halving. Times are texts
/// of one width, so comparing texts compares instants.
async fn about(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    let instant = instant.to_string();
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low.midpoint(high);
        let entry = store.log_entries(middle, 1).await?.into_iter().next();
        let entry = entry.ok_or_else(|| StoreError::Damaged(format!("log entry {middle} is missing")))?;
        if *fields(&entry)?.at < *instant { low = middle.saturating_add(1) } else { high = middle }
    }
    Ok(low)
}

/// A place before which nothing is dated from `instant` on.
pub(crate) async fn safely_before(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    about(store, size, instant.plus_minutes(-SKEW_MINUTES)).await
}

/// A place from which on nothing is dated before `instant`.
pub(crate) async fn safely_after(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    about(store, size, instant.plus_minutes(SKEW_MINUTES)).await
}

/// A span of positions that holds every entry of a period (`until` is exclusive), and by the skew a few others.
pub(super) async fn span(
    store: &impl Store,
    size: u64,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<(u64, u64), Failure> {
    let start = match from {
        Some(from) => safely_before(store, size, from).await?,
        None => 0,
    };
    let end = match until {
        Some(until) => safely_after(store, size, until).await?,
        None => size,
    };
    Ok((start, end.max(start)))
}
