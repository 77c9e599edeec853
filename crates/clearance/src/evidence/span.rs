//! The places of the log that belong to a period, and reading a stretch of it.
//!
//! Neighbours may be out of order by the skew that [`by_time`](crate::audit::by_time) allows for, so that an end of a period is looked for
//! with that much to spare, and then entry by entry.

use crate::audit::by_time::{fields, safely_after, safely_before};
use crate::failure::Failure;
use crate::ports::{LogEntry, MAX_LOG_PAGE, Store, StoreError};
use crate::time::Timestamp;

/// The places of a period: from the first entry dated from `from` on, until after the last one dated before `until`. Whatever lies between
/// belongs to it, so that a period has no gap.
pub(super) async fn period(
    store: &impl Store,
    size: u64,
    (from, until): (Timestamp, Timestamp),
) -> Result<(u64, u64), Failure> {
    let (from_text, until_text) = (from.to_string(), until.to_string());
    let mut start = safely_before(store, size, from).await?;
    let last = safely_after(store, size, from).await?;
    'searching: while start < last {
        for entry in page(store, start, last).await? {
            if *fields(&entry)?.at >= *from_text {
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
            if *fields(&entry)?.at < *until_text {
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
