//! Recomputing the tree from stored bytes.
//!
//! Verification hashes the bytes as they are stored and never writes them anew, so it trusts neither the parser nor the writer of
//! this crate. It streams: memory does not grow with the log. A [`Verifier`] goes from a known head to the end; [`Chunk`]s check parts
//! of the log apart, on as many threads as the host has, and [`Verifier::join`] merges them in order.
//!
//! A single wrong entry is named. When every entry agrees with its own stored hash but the root differs, the entries were replaced,
//! swapped or removed together with their hashes; then only an earlier known head can tell where, by comparing
//! [`Verifier::root`] on the way.

use crate::canonical::{NotCanonical, check_canonical};
use crate::hash::{Hash, leaf_hash};
use crate::tree::{CompactRange, InvalidRange, Range};

/// How closely entries are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Bytes are hashed, whatever they say.
    #[default]
    StoredBytes,
    /// Bytes must be in canonical form too, so that nothing is hidden in white space, duplicate members or escapes.
    Canonical,
}

/// The first way in which a log differs from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Deviation {
    /// The bytes of an entry do not have the hash stored beside them: one of the two was changed.
    #[error("entry {index} was changed: its content does not match its stored hash")]
    LeafMismatch {
        /// Index of the entry.
        index: u64,
    },
    /// An entry is missing where it should stand.
    #[error("entry {expected} is missing: entry {found} comes in its place")]
    Gap {
        /// Index of the first missing entry.
        expected: u64,
        /// Index of the entry found instead.
        found: u64,
    },
    /// An index that was already passed comes again.
    #[error("entry {index} occurs more than once, or out of order")]
    Duplicate {
        /// The repeated index.
        index: u64,
    },
    /// The log ends before the size that its head states.
    #[error("the end of the log is missing: it should have {expected} entries and has {found}")]
    Truncated {
        /// Size by the head.
        expected: u64,
        /// Entries found.
        found: u64,
    },
    /// The log goes on after the size that its head states.
    #[error("the log is longer than it should be: it should have {expected} entries and has {found}")]
    Surplus {
        /// Size by the head.
        expected: u64,
        /// Entries found.
        found: u64,
    },
    /// Each entry matches its own hash, all together do not give the expected root.
    #[error(
        "each of the {size} entries matches its own hash, but together they give the root {found} instead of {expected}: entries were replaced, or the head was changed"
    )]
    RootMismatch {
        /// Number of entries.
        size: u64,
        /// The root that was to be.
        expected: Hash,
        /// The root of what is there.
        found: Hash,
    },
    /// In strict mode: an entry's bytes are not in canonical form.
    #[error("entry {index} is not in canonical form: {why}")]
    NotCanonical {
        /// Index of the entry.
        index: u64,
        /// What is wrong and where.
        why: NotCanonical,
    },
}

impl Deviation {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LeafMismatch { .. } => "leaf_mismatch",
            Self::Gap { .. } => "gap",
            Self::Duplicate { .. } => "duplicate",
            Self::Truncated { .. } => "truncated",
            Self::Surplus { .. } => "surplus",
            Self::RootMismatch { .. } => "root_mismatch",
            Self::NotCanonical { .. } => "not_canonical",
        }
    }

    /// The index of the first entry that is wrong, missing or too many; none when only the root tells that something is.
    pub fn index(&self) -> Option<u64> {
        match *self {
            Self::LeafMismatch { index }
            | Self::Gap { expected: index, .. }
            | Self::Duplicate { index }
            | Self::Truncated { found: index, .. }
            | Self::Surplus { expected: index, .. }
            | Self::NotCanonical { index, .. } => Some(index),
            Self::RootMismatch { .. } => None,
        }
    }
}

/// A log that is what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Number of entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Checks a log from a known head onwards, entry by entry or chunk by chunk, in order.
#[derive(Debug, Clone)]
pub struct Verifier {
    head: CompactRange,
    strictness: Strictness,
}

impl Verifier {
    /// Goes on from `start`: from [`CompactRange::new`] for the whole log, or from a head verified earlier.
    pub fn new(start: CompactRange) -> Self {
        Self { head: start, strictness: Strictness::StoredBytes }
    }

    /// As [`new`](Self::new), looking at the canonical form too.
    pub fn strict(start: CompactRange) -> Self {
        Self { head: start, strictness: Strictness::Canonical }
    }

    /// Checks the next entry, which must have index [`size`](Self::size).
    pub fn push(&mut self, index: u64, bytes: &[u8], stored_leaf_hash: &Hash) -> Result<(), Deviation> {
        let leaf = check_entry(self.head.size(), index, bytes, stored_leaf_hash, self.strictness)?;
        self.head.append(leaf);
        Ok(())
    }

    /// Adds a chunk that was checked apart. One that starts later is a [`Deviation::Gap`], one that starts earlier a
    /// [`Deviation::Duplicate`].
    pub fn join(&mut self, chunk: &Range) -> Result<(), Deviation> {
        check_index(self.head.size(), chunk.start())?;
        self.head
            .merge(chunk)
            .map_err(|refused| Deviation::Gap { expected: refused.end, found: refused.start })
    }

    /// How many entries were checked so far, those before the start included.
    pub fn size(&self) -> u64 {
        self.head.size()
    }

    /// The root so far, to compare with a head known for this [`size`](Self::size).
    pub fn root(&self) -> Hash {
        self.head.root()
    }

    /// The head so far: what a later verification goes on from.
    pub fn head(&self) -> &CompactRange {
        &self.head
    }

    /// Compares with the head that the log claims, [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
    pub fn finish(self, expected_size: u64, expected_root: &Hash) -> Result<Verified, Deviation> {
        let (size, root) = (self.head.size(), self.head.root());
        if size < expected_size {
            Err(Deviation::Truncated { expected: expected_size, found: size })
        } else if size > expected_size {
            Err(Deviation::Surplus { expected: expected_size, found: size })
        } else if root != *expected_root {
            Err(Deviation::RootMismatch { size, expected: *expected_root, found: root })
        } else {
            Ok(Verified { size, root })
        }
    }
}

/// Checks the entries `start..end` apart from the rest of the log.
#[derive(Debug, Clone)]
pub struct Chunk {
    range: Range,
    end: u64,
    strictness: Strictness,
}

impl Chunk {
    /// A chunk of the entries `start..end`, none of them seen yet.
    pub fn new(start: u64, end: u64, strictness: Strictness) -> Result<Self, InvalidRange> {
        if end < start {
            return Err(InvalidRange::Bounds);
        }
        Ok(Self { range: Range::new(start)?, end, strictness })
    }

    /// Checks the next entry of the chunk. An entry at or after its end is a [`Deviation::Surplus`].
    pub fn push(&mut self, index: u64, bytes: &[u8], stored_leaf_hash: &Hash) -> Result<(), Deviation> {
        self.push_with(index, bytes, stored_leaf_hash, |_, _, _| ())
    }

    /// As [`push`](Self::push), handing every subtree within the chunk that is now complete to `completed(level, index, root)`: what
    /// stored tiles are compared with.
    pub fn push_with(
        &mut self,
        index: u64,
        bytes: &[u8],
        stored_leaf_hash: &Hash,
        completed: impl FnMut(u8, u64, &Hash),
    ) -> Result<(), Deviation> {
        let leaf = check_entry(self.range.end(), index, bytes, stored_leaf_hash, self.strictness)?;
        if index >= self.end {
            return Err(Deviation::Surplus { expected: self.end, found: index + 1 });
        }
        self.range.append_with(leaf, completed);
        Ok(())
    }

    /// The checked entries, to be merged in order; [`Deviation::Truncated`] if some are missing.
    pub fn finish(self) -> Result<Range, Deviation> {
        if self.range.end() == self.end {
            Ok(self.range)
        } else {
            Err(Deviation::Truncated { expected: self.end, found: self.range.end() })
        }
    }
}

fn check_index(expected: u64, found: u64) -> Result<(), Deviation> {
    match found.cmp(&expected) {
        core::cmp::Ordering::Less => Err(Deviation::Duplicate { index: found }),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Greater => Err(Deviation::Gap { expected, found }),
    }
}

fn check_entry(
    expected: u64,
    index: u64,
    bytes: &[u8],
    stored_leaf_hash: &Hash,
    strictness: Strictness,
) -> Result<Hash, Deviation> {
    check_index(expected, index)?;
    let leaf = leaf_hash(bytes);
    if leaf != *stored_leaf_hash {
        return Err(Deviation::LeafMismatch { index });
    }
    if strictness == Strictness::Canonical {
        check_canonical(bytes).map_err(|why| Deviation::NotCanonical { index, why })?;
    }
    Ok(leaf)
}
