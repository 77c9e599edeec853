//! The log: its head, entries and tiles, and packing what is behind it.

use audit_log::{Entry, Hash};
use clearance::ports::{LogEntry, StoreError};
use serde::{Deserialize, Serialize};

/// What to do with the log.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogRequest {
    /// Read the log's size and root. Answer: [`LogHeadAnswer`].
    LogHead,
    /// Read entries of the log. Answer: [`LogEntriesAnswer`].
    LogEntries {
        /// Index of the first.
        from: u64,
        /// At most this many.
        limit: u16,
    },
    /// Read the hashes that a tile of the log has now. Answer: [`LogTileAnswer`].
    LogTile {
        /// Its level: 0 for leaf hashes, each one above for the roots of 256 of the one below.
        level: u8,
        /// Its place within the level.
        index: u64,
    },
    /// Move the 256 entries of a full bundle from their own keys into parts. Answer: `{}`, also when it was done before.
    ///
    /// The glue writes all parts (at most 200 KiB each, entries in their order, none split) in one transaction, and deletes the single
    /// entries only after that has succeeded; when the parts are there already it only deletes. Readers look for an entry's parts first, then
    /// for the entry under its own key, and when that is gone once more for the parts.
    LogPack {
        /// Which: entries 256 × bundle to 256 × bundle + 255.
        bundle: u64,
    },
}

/// A log entry to be appended.
#[derive(Debug, Serialize)]
pub struct EntryRequest {
    /// Canonical JSON; store exactly this.
    text: String,
    /// RFC 6962 leaf hash of it, 64 hexadecimal digits.
    leaf_hash: Hash,
}

impl TryFrom<Entry> for EntryRequest {
    type Error = StoreError;

    fn try_from(entry: Entry) -> Result<Self, StoreError> {
        let leaf_hash = entry.leaf_hash();
        match String::from_utf8(entry.into_bytes()) {
            Ok(text) => Ok(Self { text, leaf_hash }),
            Err(_) => Err(StoreError::Damaged("a log entry is not text".to_owned())),
        }
    }
}

/// Answer to `log_head`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHeadAnswer {
    /// Entries in the log.
    pub size: u64,
    /// RFC 6962 root over them, 64 hexadecimal digits.
    pub root: Hash,
}

/// Answer to `log_entries`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntriesAnswer {
    /// The entries, in order.
    pub entries: Vec<EntryAnswer>,
}

/// Answer to `log_tile`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogTileAnswer {
    /// At most 256, each 64 hexadecimal digits; none beyond the log.
    pub hashes: Vec<Hash>,
}

/// A log entry as stored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryAnswer {
    index: u64,
    text: String,
    leaf_hash: Hash,
}

impl From<EntryAnswer> for LogEntry {
    fn from(EntryAnswer { index, text, leaf_hash }: EntryAnswer) -> Self {
        Self { index, bytes: text.into_bytes(), leaf_hash }
    }
}
