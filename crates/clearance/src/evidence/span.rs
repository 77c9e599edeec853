//! From times to places in the log.
//!
//! Entries are dated when they are decided and placed when they are committed, so neighbours may be out of order by as long as a command
//! may take. Places are therefore looked for with [`SLACK_MINUTES`] to spare, and then entry by entry.

use crate::evidence::selection::fields;
use crate::failure::Failure;
use crate::ports::{LogEntry, MAX_LOG_PAGE, Store, StoreError};
use crate::time::Timestamp;

/// Minutes by which entries may be out of order: longer than any command may take.
pub(super) const SLACK_MINUTES: i64 = 1;

fn dated(entry: &LogEntry) -> Result<Timestamp, Failure> {
    let damaged = || StoreError::Damaged(format!("entry {} has no time", entry.index));
    Ok(fields(&entry.bytes)?.at.parse().map_err(|_| damaged())?)
}

/// The first place among the first `size` whose entry is dated from `instant` on, if entries were in order.
async fn about(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = store.log_entries(middle, 1).await?.into_iter().next();
        let entry = entry.ok_or_else(|| StoreError::Damaged(format!("entry {middle} is missing")))?;
        if dated(&entry)? < instant {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// A place before which nothing is dated from `instant` on.
pub(super) async fn safely_before(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    about(store, size, instant.plus_minutes(-SLACK_MINUTES)).await
}

/// A place from which on nothing is dated before `instant`.
pub(super) async fn safely_after(store: &impl Store, size: u64, instant: Timestamp) -> Result<u64, Failure> {
    about(store, size, instant.plus_minutes(SLACK_MINUTES)).await
}

/// The places of a period: from the first entry dated from `from` on, until after the last one dated before `until`. Whatever lies between
/// belongs to it, so that a period has no gap.
pub(super) async fn period(
    store: &impl Store,
    size: u64,
    (from, until): (Timestamp, Timestamp),
) -> Result<(u64, u64), Failure> {
    let mut start = safely_before(store, size, from).await?;
    let last = safely_after(store, size, from).await?;
    'searching: while start < last {
        for entry in page(store, start, last).await? {
            if dated(&entry)? >= from {
                break 'searching;
            }
            start = entry.index + 1;
        }
    }
    let mut at = safely_before(store, size, until).await?.max(start);
    let mut end = at;
    let last = safely_after(store, size, until).await?;
    while at < last {
        for entry in page(store, at, last).await? {
            at = entry.index + 1;
            if dated(&entry)? < until {
                end = at;
            }
        }
    }
    Ok((start, end))
}

/// The next entries from a place on, at least one and none from `end` on.
pub(super) async fn page(store: &impl Store, from: u64, end: u64) -> Result<Vec<LogEntry>, Failure> {
    let wanted = u16::try_from(end.saturating_sub(from)).unwrap_or(MAX_LOG_PAGE).min(MAX_LOG_PAGE);
    let entries = store.log_entries(from, wanted).await?;
    if entries.is_empty() {
        return Err(StoreError::Damaged(format!("entry {from} is missing")).into());
    }
    Ok(entries)
}
