//! The growing edge of the Merkle tree.
//!
//! A tree of [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1) over any number of leaves is a row of complete
//! subtrees of falling size. Their roots, at most 63 hashes, are all that is needed to append and to know the root: the *compact
//! range* of [transparency-dev/merkle](https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md).
//! [`CompactRange`] starts at leaf 0 and is the tree head; a general [`Range`] starts anywhere, so that parts of a log can be hashed
//! apart and merged.

mod compact;
mod range;

pub use compact::CompactRange;
pub(crate) use range::subtrees;
pub use range::{InvalidRange, NotAdjacent, Range};

/// The largest number of entries in a tree: sizes stay within the signed 64-bit integers of databases.
pub const MAX_SIZE: u64 = (1 << 63) - 1;
