//! That an entry is in the tree.

use alloc::vec::Vec;

use super::{HashReader, ProveError, split, subtree_root};
use crate::hash::{Hash, node_hash};

/// Makes the proof that the entry `index` is in the tree of the first `size` entries: `PATH(index, D[size])`,
/// [RFC 6962 §2.1.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1). At most 63 hashes, from the leaf upwards.
pub fn prove_inclusion<R: HashReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if index >= size {
        return Err(ProveError::OutOfRange);
    }
    let mut part = 0..size;
    let mut proof = Vec::new();
    while part.end - part.start > 1 {
        let middle = split(&part);
        let (next, sibling) = if index < middle {
            (part.start..middle, middle..part.end)
        } else {
            (middle..part.end, part.start..middle)
        };
        proof.push(subtree_root(reader, &sibling)?);
        part = next;
    }
    proof.reverse();
    Ok(proof)
}

/// Checks the proof that the entry with this leaf hash stands at `index` in the tree of `size` entries with this root,
/// [RFC 9162 §2.1.3.2](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2).
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), InclusionError> {
    let last = size
        .checked_sub(1)
        .filter(|last| index <= *last)
        .ok_or(InclusionError::OutOfRange { index, size })?;
    // `node` is the position of the hash at hand on its level, `last` the position of the last node there.
    let (mut node, mut last) = (index, last);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(InclusionError::TooLong);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // The last node of a level has no right sibling: it rises unchanged to where it is a right child.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(InclusionError::TooShort);
    }
    if hash == *root { Ok(()) } else { Err(InclusionError::RootMismatch { expected: *root, found: hash }) }
}

/// Why an inclusion proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// A tree of this size has no such entry.
    #[error("a log of {size} entries has no entry {index}")]
    OutOfRange {
        /// Index of the entry.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// More hashes than the way to the root has steps.
    #[error("the inclusion proof has too many hashes")]
    TooLong,
    /// Fewer hashes than the way to the root has steps.
    #[error("the inclusion proof has too few hashes")]
    TooShort,
    /// The way leads to another root: entry, index or proof belong to another log.
    #[error(
        "the entry is not in the log at this place: the proof leads to the root {found} instead of {expected}"
    )]
    RootMismatch {
        /// The root of the tree.
        expected: Hash,
        /// The root that entry and proof lead to.
        found: Hash,
    },
}
