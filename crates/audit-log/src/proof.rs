//! Inclusion and consistency proofs: making them from stored nodes, and checking them with nothing but hashes.
//!
//! Proofs are lists of hashes in the order of [RFC 9162 §2.1](https://www.rfc-editor.org/rfc/rfc9162#section-2.1), which is that of
//! [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1) and of
//! [C2SP tlog-proof](https://github.com/C2SP/C2SP/blob/main/tlog-proof.md).
//!
//! Many consecutive entries are proved at once by the nodes left and right of them: a [`RangeProof`], for which there is no standard,
//! made of [compact ranges](https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md).

mod consistency;
mod inclusion;
mod range;

use crate::hash::Hash;
use crate::tree::{CompactRange, InvalidRange, Range, subtrees};

pub use consistency::{ConsistencyError, prove_consistency, verify_consistency};
pub use inclusion::{InclusionError, prove_inclusion, verify_inclusion};
pub use range::{RangeError, RangeProof, prove_range, verify_range};

/// Where the nodes of a tree are kept: tiles, a table, a cache.
pub trait HashReader {
    /// Why a node could not be read.
    type Error;

    /// The root of the complete subtree at `level` with `index`, which covers the leaves
    /// `index << level .. (index + 1) << level`; level 0 are the leaf hashes.
    ///
    /// Only subtrees that lie wholly within the tree size at hand are asked for.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Why no proof was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The question makes no sense: no such entry, or an older tree that is larger.
    #[error("the tree has no such entry or older size")]
    OutOfRange,
    /// A node could not be read.
    #[error("a node of the tree could not be read")]
    Read(#[source] E),
}

/// Reads the leaves `start..end` as a range, at most two nodes per level.
pub fn read_range<R: HashReader>(reader: &R, start: u64, end: u64) -> Result<Range, ProveError<R::Error>> {
    let hashes = subtrees(start, end)
        .map(|(level, index)| reader.node(level, index))
        .collect::<Result<_, _>>()
        .map_err(ProveError::Read)?;
    Range::from_parts(start, end, hashes).map_err(|_: InvalidRange| ProveError::OutOfRange)
}

/// Reads the head of the tree of the first `size` entries: what appending goes on from, and its root.
pub fn read_head<R: HashReader>(reader: &R, size: u64) -> Result<CompactRange, ProveError<R::Error>> {
    let row = read_range(reader, 0, size)?;
    CompactRange::from_parts(size, row.hashes().to_vec()).map_err(|_: InvalidRange| ProveError::OutOfRange)
}

/// `MTH(D[start:end])` of a part that RFC 6962 splits off, so one that starts at a multiple of a power of two not below its length.
fn subtree_root<R: HashReader>(
    reader: &R,
    part: &core::ops::Range<u64>,
) -> Result<Hash, ProveError<R::Error>> {
    read_range(reader, part.start, part.end).map(|range| range.join())
}

/// Where RFC 6962 splits a part of two leaves or more: after the largest power of two smaller than its length.
fn split(part: &core::ops::Range<u64>) -> u64 {
    part.start + (1 << (part.end - part.start - 1).ilog2())
}
