//! That a tree continues an older one.

use alloc::vec::Vec;

use super::{HashReader, ProveError, split, subtree_root};
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Makes the proof that the tree of `new_size` entries begins with the tree of `old_size`: `PROOF(old_size, D[new_size])`,
/// [RFC 6962 §2.1.2](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2).
///
/// Empty when the sizes are equal, and when the old tree is, of which every tree is a continuation.
pub fn prove_consistency<R: HashReader>(
    reader: &R,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if old_size > new_size {
        return Err(ProveError::OutOfRange);
    }
    let mut proof = Vec::new();
    if old_size == 0 {
        return Ok(proof);
    }
    let mut part = 0..new_size;
    while old_size != part.end {
        let middle = split(&part);
        let (next, sibling) = if old_size <= middle {
            (part.start..middle, middle..part.end)
        } else {
            (middle..part.end, part.start..middle)
        };
        proof.push(subtree_root(reader, &sibling)?);
        part = next;
    }
    // Whoever checks the proof knows the root of the old tree, so the part that is the whole old tree is left out.
    if part.start != 0 {
        proof.push(subtree_root(reader, &part)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks the proof that the tree of `new_size` entries with root `new_root` begins with that of `old_size` and `old_root`,
/// [RFC 9162 §2.1.4.2](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2).
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ConsistencyError> {
    if old_size > new_size {
        return Err(ConsistencyError::Shrunk { old_size, new_size });
    }
    if old_size == 0 || old_size == new_size {
        let known_old_root = if old_size == 0 { EMPTY_ROOT } else { *new_root };
        return if !proof.is_empty() {
            Err(ConsistencyError::TooLong)
        } else if *old_root != known_old_root {
            Err(ConsistencyError::OldRootMismatch { expected: *old_root, found: known_old_root })
        } else if new_size == 0 && *new_root != EMPTY_ROOT {
            Err(ConsistencyError::NewRootMismatch { expected: *new_root, found: EMPTY_ROOT })
        } else {
            Ok(())
        };
    }
    // Positions of the last entry of each tree, taken up to the largest complete subtree that ends the old tree.
    let shared_levels = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> shared_levels, (new_size - 1) >> shared_levels);
    // That subtree is the whole old tree when its size is a power of two; its root is then known and not in the proof.
    let (first, steps) =
        if node == 0 { (old_root, proof) } else { proof.split_first().ok_or(ConsistencyError::TooShort)? };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in steps {
        if last == 0 {
            return Err(ConsistencyError::TooLong);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            // The last node of a level has no right sibling: it rises unchanged to where it is a right child.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        Err(ConsistencyError::TooShort)
    } else if old_hash != *old_root {
        Err(ConsistencyError::OldRootMismatch { expected: *old_root, found: old_hash })
    } else if new_hash != *new_root {
        Err(ConsistencyError::NewRootMismatch { expected: *new_root, found: new_hash })
    } else {
        Ok(())
    }
}

/// Why a consistency proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyError {
    /// The newer tree is the smaller one: entries were removed.
    #[error("the log shrank from {old_size} to {new_size} entries")]
    Shrunk {
        /// Size of the older tree.
        old_size: u64,
        /// Size of the newer tree.
        new_size: u64,
    },
    /// More hashes than the sizes call for.
    #[error("the consistency proof has too many hashes")]
    TooLong,
    /// Fewer hashes than the sizes call for.
    #[error("the consistency proof has too few hashes")]
    TooShort,
    /// The proof does not lead to the older root: what was there before was changed.
    #[error(
        "the log does not continue the older one: the proof leads to the older root {found} instead of {expected}"
    )]
    OldRootMismatch {
        /// The older root.
        expected: Hash,
        /// The root that the proof leads to.
        found: Hash,
    },
    /// The proof does not lead to the newer root.
    #[error("the proof is not of this log: it leads to the newer root {found} instead of {expected}")]
    NewRootMismatch {
        /// The newer root.
        expected: Hash,
        /// The root that the proof leads to.
        found: Hash,
    },
}
