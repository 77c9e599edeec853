//! That consecutive entries are in the tree, all at once.

use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{HashReader, ProveError, read_range, subtree_root};
use crate::hash::{Hash, node_hash};
use crate::tree::{CompactRange, MAX_SIZE, Range, subtrees};

/// What proves that the entries `start..end` are, in this order and without a gap, those of a tree: the nodes left and right of them.
///
/// It is an inclusion proof ([RFC 9162 §2.1.3](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3)) for a whole span, parted at the
/// entries: of one entry it has the same hashes. However many entries there are, it has at most two hashes per level of the tree, so
/// that a million of them need hardly more than one.
///
/// The size of the tree is not part of it, since that comes with the root, from a checkpoint that somebody signed. An empty span can be
/// proved too, which says nothing but spares a period without entries from being a special case.
///
/// In JSON `{"end": n, "left": […], "right": […], "start": n}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeProof {
    /// Index after the last entry.
    pub end: u64,
    /// The roots of the complete subtrees that cover `0..start`, from the largest to the smallest.
    #[serde(deserialize_with = "read_hashes")]
    pub left: Vec<Hash>,
    /// The nodes that cover the rest of the tree, from left to right: complete subtrees of rising size, and last the part of the tree, if
    /// any, that is not complete.
    #[serde(deserialize_with = "read_hashes")]
    pub right: Vec<Hash>,
    /// Index of the first entry.
    pub start: u64,
}

/// Makes the proof that `start..end` are entries of the tree of the first `size` entries. `end` may equal `size`, and `start` may equal
/// `end`.
pub fn prove_range<R: HashReader>(
    reader: &R,
    start: u64,
    end: u64,
    size: u64,
) -> Result<RangeProof, ProveError<R::Error>> {
    if start > end || end > size || size > MAX_SIZE {
        return Err(ProveError::OutOfRange);
    }
    let left = read_range(reader, 0, start)?.hashes().to_vec();
    let rest = end_of_rising(end, size);
    let mut right = read_range(reader, end, rest)?.hashes().to_vec();
    if rest < size {
        right.push(subtree_root(reader, &(rest..size))?);
    }
    Ok(RangeProof { end, left, right, start })
}

/// Checks that these are the leaf hashes of the entries `start..end` of the tree of `size` entries with this root. No more leaves are
/// taken than one beyond the end, and none is kept.
pub fn verify_range(
    leaves: impl IntoIterator<Item = Hash>,
    proof: &RangeProof,
    size: u64,
    root: &Hash,
) -> Result<(), RangeError> {
    let mut head = proof.head()?;
    for leaf in leaves {
        if head.size() >= proof.end {
            return Err(RangeError::Surplus { end: proof.end });
        }
        head.append(leaf);
    }
    proof.check(&head, size, root)
}

impl RangeProof {
    /// What checking goes on from: the head of the tree before the first entry. A [`Verifier`](crate::Verifier) that starts here checks
    /// the entries one by one, or in chunks on many threads, and names one that is wrong; its head then goes to
    /// [`check`](Self::check).
    pub fn head(&self) -> Result<CompactRange, RangeError> {
        check_count(self.left.len(), self.bounds(MAX_SIZE)?.0)?;
        CompactRange::from_parts(self.start, self.left.clone()).map_err(|_| RangeError::OutOfRange)
    }

    /// Checks that a head, grown from [`head`](Self::head) by the entries, leads to the root of the tree of `size` entries.
    pub fn check(&self, head: &CompactRange, size: u64, root: &Hash) -> Result<(), RangeError> {
        let (left, right) = self.bounds(size)?;
        check_count(self.left.len(), left)?;
        check_count(self.right.len(), right)?;
        if head.size() < self.end {
            return Err(RangeError::Missing { end: self.end, found: head.size() });
        }
        if head.size() > self.end {
            return Err(RangeError::Surplus { end: self.end });
        }
        let found = self.join(head, size)?;
        if found == *root { Ok(()) } else { Err(RangeError::RootMismatch { expected: *root, found }) }
    }

    /// How many hashes the bounds call for, left and right.
    fn bounds(&self, size: u64) -> Result<(usize, usize), RangeError> {
        if self.start > self.end || self.end > size || size > MAX_SIZE {
            return Err(RangeError::OutOfRange);
        }
        let rest = end_of_rising(self.end, size);
        let right = subtrees(self.end, rest).count() + usize::from(rest < size);
        Ok((subtrees(0, self.start).count(), right))
    }

    /// The root over a head that ends where this proof does, and the nodes right of it.
    fn join(&self, head: &CompactRange, size: u64) -> Result<Hash, RangeError> {
        let rest = end_of_rising(self.end, size);
        let (last, rising) = match self.right.split_last() {
            Some((last, rising)) if rest < size => (Some(*last), rising),
            _ => (None, self.right.as_slice()),
        };
        let rising =
            Range::from_parts(self.end, rest, rising.to_vec()).map_err(|_| RangeError::OutOfRange)?;
        let mut head = head.clone();
        head.merge(&rising).map_err(|_| RangeError::OutOfRange)?;
        // The part that is not complete is smaller than any subtree left of it, so it is joined last, as it is in the root.
        Ok(last.map_or_else(
            || head.root(),
            |last| head.hashes().iter().rev().fold(last, |right, left| node_hash(left, &right)),
        ))
    }
}

/// Where the complete subtrees of rising size that follow `end` come to their own end: the largest that the tree has room for is passed,
/// and what remains is a part of one subtree.
fn end_of_rising(end: u64, size: u64) -> u64 {
    // A subtree as large as its place is aligned has an odd index; a smaller one, an even one.
    subtrees(end, size).take_while(|(_, index)| index & 1 == 1).fold(end, |at, (level, _)| at + (1 << level))
}

fn check_count(found: usize, expected: usize) -> Result<(), RangeError> {
    match found.cmp(&expected) {
        core::cmp::Ordering::Less => Err(RangeError::TooShort),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Greater => Err(RangeError::TooLong),
    }
}

/// The most hashes on either side: one per level of the largest tree, and one more for what is not complete.
const MAX_HASHES: usize = 64;

/// Reads a list that no proof exceeds, and stops at one that does.
fn read_hashes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
    struct Hashes;

    impl<'de> Visitor<'de> for Hashes {
        type Value = Vec<Hash>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "at most {MAX_HASHES} hashes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Hash>, A::Error> {
            let mut hashes = Vec::new();
            while let Some(hash) = list.next_element()? {
                if hashes.len() == MAX_HASHES {
                    return Err(A::Error::invalid_length(MAX_HASHES + 1, &self));
                }
                hashes.push(hash);
            }
            Ok(hashes)
        }
    }

    deserializer.deserialize_seq(Hashes)
}

/// Why a range proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// The end lies before the start or beyond the tree.
    #[error("the log has no such range of entries")]
    OutOfRange,
    /// More hashes than the bounds call for.
    #[error("the range proof has too many hashes")]
    TooLong,
    /// Fewer hashes than the bounds call for.
    #[error("the range proof has too few hashes")]
    TooShort,
    /// There are fewer entries than the proof is about.
    #[error("entries are missing: the range ends before entry {end}, and the entries before entry {found}")]
    Missing {
        /// Index after the last entry by the proof.
        end: u64,
        /// Index after the last entry found.
        found: u64,
    },
    /// There are more entries than the proof is about.
    #[error("there are more entries than the range has: it ends before entry {end}")]
    Surplus {
        /// Index after the last entry by the proof.
        end: u64,
    },
    /// Entries and proof lead to another root: entries were changed, left out, swapped or added, or the proof is of other ones.
    #[error(
        "the entries are not those of the log in this range: they lead to the root {found} instead of {expected}"
    )]
    RootMismatch {
        /// The root of the tree.
        expected: Hash,
        /// The root that entries and proof lead to.
        found: Hash,
    },
}
