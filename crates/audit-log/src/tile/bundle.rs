//! The entries behind the tiles of level 0.

use alloc::vec::Vec;

use super::{BundlePath, TILE_WIDTH};
use crate::entry::MAX_ENTRY_BYTES;

/// The largest entry that a bundle can hold: its length is written in two bytes.
pub const MAX_BUNDLED_ENTRY_BYTES: usize = u16::MAX as usize;

/// The largest bundle of any log, 16 MiB. One of ours is at most 1 MiB, since its entries are at most [`MAX_ENTRY_BYTES`] long.
pub const MAX_BUNDLE_BYTES: usize = TILE_WIDTH as usize * (2 + MAX_BUNDLED_ENTRY_BYTES);

/// Our entries always fit, so a log of ours can always be served.
const _: () = assert!(MAX_ENTRY_BYTES <= MAX_BUNDLED_ENTRY_BYTES);

/// Writes the bundle at this path: each entry after its length, two bytes with the most significant first,
/// [C2SP tlog-tiles, Log entries](https://c2sp.org/tlog-tiles#log-entries).
pub fn write_bundle<E: AsRef<[u8]>>(path: BundlePath, entries: &[E]) -> Result<Vec<u8>, InvalidBundle> {
    if entries.len() != usize::from(path.width()) {
        return Err(InvalidBundle::Count { expected: path.width(), found: entries.len() });
    }
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.as_ref().len()).sum());
    for (index, entry) in (path.start()..).zip(entries) {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| InvalidBundle::EntryTooLong { index })?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(entry);
    }
    Ok(bytes)
}

/// Splits a published bundle into its entries, without copying them. That they are the entries of the log is for the caller to check,
/// with the hashes of the [tile of level 0](BundlePath::leaf_tile).
pub fn parse_bundle(path: BundlePath, bytes: &[u8]) -> Result<Vec<&[u8]>, InvalidBundle> {
    let mut entries = Vec::with_capacity(usize::from(path.width()));
    let mut rest = bytes;
    for index in path.leaf_tile().nodes() {
        let (entry, tail) = split_entry(rest).ok_or(InvalidBundle::Truncated { index })?;
        entries.push(entry);
        rest = tail;
    }
    if rest.is_empty() { Ok(entries) } else { Err(InvalidBundle::Surplus { bytes: rest.len() }) }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Entries or bytes that do not make the bundle of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBundle {
    /// More or fewer entries than the bundle is wide.
    #[error("the bundle should have {expected} entries and has {found}")]
    Count {
        /// Entries by its width.
        expected: u16,
        /// Entries given.
        found: usize,
    },
    /// An entry longer than [`MAX_BUNDLED_ENTRY_BYTES`].
    #[error("entry {index} is longer than {MAX_BUNDLED_ENTRY_BYTES} bytes")]
    EntryTooLong {
        /// Index of the entry in the log.
        index: u64,
    },
    /// The bytes end before or within an entry.
    #[error("the bundle ends before the end of entry {index}")]
    Truncated {
        /// Index in the log of the first entry that is not whole.
        index: u64,
    },
    /// Bytes after the last entry.
    #[error("the bundle goes on for {bytes} bytes after its last entry")]
    Surplus {
        /// How many.
        bytes: usize,
    },
}
