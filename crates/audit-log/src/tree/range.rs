//! A row of consecutive leaves, as the roots of the complete subtrees that make it up.

use alloc::vec::Vec;

use super::MAX_SIZE;
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// The leaves `start..end` of a tree, as the roots of the fewest complete subtrees that cover exactly them, from left to right.
///
/// A complete subtree at `level` with `index` covers the leaves `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    // INVARIANT: start <= end <= MAX_SIZE, except that appending may reach beyond MAX_SIZE, which takes 2^63 appends;
    // hashes.len() == subtrees(start, end).count()
    start: u64,
    end: u64,
    hashes: Vec<Hash>,
}

impl Range {
    /// The empty range before leaf `start`.
    pub fn new(start: u64) -> Result<Self, InvalidRange> {
        Self::from_parts(start, start, Vec::new())
    }

    /// The range that was taken apart with [`start`](Self::start), [`end`](Self::end) and [`hashes`](Self::hashes). Whether the
    /// hashes are the right ones only a root can tell.
    pub fn from_parts(start: u64, end: u64, hashes: Vec<Hash>) -> Result<Self, InvalidRange> {
        if start > end || end > MAX_SIZE {
            return Err(InvalidRange::Bounds);
        }
        let expected = subtrees(start, end).count();
        if hashes.len() != expected {
            return Err(InvalidRange::Hashes { expected, found: hashes.len() });
        }
        Ok(Self { start, end, hashes })
    }

    pub(super) const fn empty_tree() -> Self {
        Self { start: 0, end: 0, hashes: Vec::new() }
    }

    /// Index of the first leaf.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Index after the last leaf.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The roots of the subtrees, from left to right.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds the leaf at index [`end`](Self::end).
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| ());
    }

    /// Adds the leaf at index [`end`](Self::end) and hands every subtree that is now complete to `completed(level, index, root)`, the
    /// leaf itself first, at level 0: what a store of tiles keeps.
    pub fn append_with(&mut self, leaf: Hash, completed: impl FnMut(u8, u64, &Hash)) {
        self.push_subtree(0, leaf, completed);
    }

    /// Adds the leaves of `next`, which must start where this range ends.
    pub fn merge(&mut self, next: &Self) -> Result<(), NotAdjacent> {
        if self.end != next.start {
            return Err(NotAdjacent { end: self.end, start: next.start });
        }
        for ((level, _), root) in subtrees(next.start, next.end).zip(&next.hashes) {
            self.push_subtree(level, *root, |_, _, _| ());
        }
        Ok(())
    }

    /// Adds a complete subtree that starts at `end`, joining it with its left neighbour as long as that is its sibling.
    ///
    /// If the subtree is a right child (its index is odd) and its sibling lies within the range, then that sibling is the last root
    /// of the row: anything larger would reach beyond `end`, anything smaller would not be the fewest.
    fn push_subtree(&mut self, mut level: u8, mut root: Hash, mut completed: impl FnMut(u8, u64, &Hash)) {
        let mut index = self.end >> level;
        self.end += 1 << level;
        completed(level, index, &root);
        while index & 1 == 1 && (index - 1) << level >= self.start {
            // INVARIANT: by the above the row is not empty here.
            let Some(sibling) = self.hashes.pop() else { break };
            root = node_hash(&sibling, &root);
            level += 1;
            index >>= 1;
            completed(level, index, &root);
        }
        self.hashes.push(root);
    }

    /// Joins the row from the right into one hash. For a range that starts at 0 this is the root of the tree,
    /// [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1); the same holds within any subtree.
    pub(crate) fn join(&self) -> Hash {
        let mut roots = self.hashes.iter().rev();
        let Some(last) = roots.next() else { return EMPTY_ROOT };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The fewest complete subtrees that cover exactly `start..end`, from left to right, as (level, index).
pub(crate) fn subtrees(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    core::iter::from_fn(move || {
        let left = end.checked_sub(at).filter(|left| *left > 0)?;
        // As large as the position is aligned, but not beyond the end. Both are below 64.
        let level = at.trailing_zeros().min(left.ilog2());
        let subtree = (u8::try_from(level).ok()?, at >> level);
        at += 1 << level;
        Some(subtree)
    })
}

/// Parts that do not make a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// The end lies before the start or beyond [`MAX_SIZE`].
    #[error("the range ends before it starts, or beyond the largest tree")]
    Bounds,
    /// The number of hashes does not follow from the bounds.
    #[error("the range needs {expected} hashes but has {found}")]
    Hashes {
        /// How many the bounds call for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Bytes whose length fits no range.
    #[error("the stored range has a length that no range has")]
    Length,
}

/// Ranges that cannot be merged because the second does not start where the first ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a range that starts at {start} does not follow one that ends at {end}")]
pub struct NotAdjacent {
    /// Where the first ends.
    pub end: u64,
    /// Where the second starts.
    pub start: u64,
}
