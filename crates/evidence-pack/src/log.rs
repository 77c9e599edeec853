//! Checking a whole log from its bundles: leaf hashes and root from the bytes as they are stored.
//!
//! A bundle is a row of entries, each after its length in two bytes, most significant first
//! ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles#log-entries)).

use audit_log::{CompactRange, Hash, leaf_hash};

/// A log that is read from the first entry on.
#[derive(Debug, Clone, Default)]
pub struct LogCheck {
    head: CompactRange,
}

/// Bytes that are no bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bundle ends within entry {index}")]
pub struct Truncated {
    /// Index of the entry.
    pub index: u64,
}

impl LogCheck {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bundle, of any number of entries. Gives how many entries were read so far.
    pub fn bundle(&mut self, bytes: &[u8]) -> Result<u64, Truncated> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let split = rest
                .split_first_chunk::<2>()
                .and_then(|(length, tail)| tail.split_at_checked(usize::from(u16::from_be_bytes(*length))));
            let (entry, tail) = split.ok_or(Truncated { index: self.head.size() })?;
            self.head.append(leaf_hash(entry));
            rest = tail;
        }
        Ok(self.head.size())
    }

    /// The number of entries read.
    pub fn size(&self) -> u64 {
        self.head.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.head.root()
    }
}
