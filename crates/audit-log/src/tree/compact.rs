//! The tree head.

use alloc::vec::Vec;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::range::{InvalidRange, NotAdjacent, Range};
use crate::hash::Hash;

/// The head of a tree: its size and the roots of its complete subtrees, from the largest to the smallest.
///
/// Everything that appending and signing need, in at most 63 hashes. In JSON `{"hashes": […], "size": n}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactRange(Range);

impl CompactRange {
    /// The tree without entries.
    pub const fn new() -> Self {
        Self(Range::empty_tree())
    }

    /// The head that was taken apart with [`size`](Self::size) and [`hashes`](Self::hashes). Whether the hashes are the right ones
    /// only the root can tell.
    pub fn from_parts(size: u64, hashes: Vec<Hash>) -> Result<Self, InvalidRange> {
        Range::from_parts(0, size, hashes).map(Self)
    }

    /// Adds the leaf at index [`size`](Self::size). One node is hashed on average, and memory is taken only when the tree doubles.
    pub fn append(&mut self, leaf: Hash) {
        self.0.append(leaf);
    }

    /// As [`append`](Self::append), handing every subtree that is now complete to `completed(level, index, root)`.
    pub fn append_with(&mut self, leaf: Hash, completed: impl FnMut(u8, u64, &Hash)) {
        self.0.append_with(leaf, completed);
    }

    /// Adds the leaves of a range that starts at [`size`](Self::size).
    pub fn merge(&mut self, next: &Range) -> Result<(), NotAdjacent> {
        self.0.merge(next)
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.0.end()
    }

    /// The root, `MTH` of [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1). Costs one hash per bit set in the
    /// size, less one.
    pub fn root(&self) -> Hash {
        self.0.join()
    }

    /// The roots of the complete subtrees, from the largest to the smallest, one per bit set in the size.
    pub fn hashes(&self) -> &[Hash] {
        self.0.hashes()
    }

    /// The size as eight bytes, most significant first, then the hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + Hash::LEN * self.hashes().len());
        bytes.extend(self.size().to_be_bytes());
        self.hashes().iter().for_each(|hash| bytes.extend(hash.as_bytes()));
        bytes
    }

    /// Reads exactly what [`to_bytes`](Self::to_bytes) writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidRange> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(InvalidRange::Length)?;
        let (hashes, rest) = hashes.as_chunks::<{ Hash::LEN }>();
        if !rest.is_empty() {
            return Err(InvalidRange::Length);
        }
        Self::from_parts(u64::from_be_bytes(*size), hashes.iter().copied().map(Hash::from_bytes).collect())
    }
}

impl Default for CompactRange {
    fn default() -> Self {
        Self::new()
    }
}

impl From<CompactRange> for Range {
    fn from(head: CompactRange) -> Self {
        head.0
    }
}

impl Serialize for CompactRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Parts<'a> {
            hashes: &'a [Hash],
            size: u64,
        }
        Parts { hashes: self.hashes(), size: self.size() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CompactRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            hashes: Vec<Hash>,
            size: u64,
        }
        let Parts { hashes, size } = Parts::deserialize(deserializer)?;
        Self::from_parts(size, hashes).map_err(D::Error::custom)
    }
}
