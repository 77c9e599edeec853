//! What is appended to the log: canonical bytes with their leaf hash, and the record they hold.

mod record;

use alloc::vec::Vec;

use crate::canonical::{MAX_DEPTH, Value};
use crate::hash::{Hash, leaf_hash};

pub use record::{Fields, InvalidForm, InvalidRecord, Record, RecordRefused};

/// The largest entry, in canonical bytes. Entry, head and documents of one commit share the 10 KB to 4 MB limits of the hosts.
pub const MAX_ENTRY_BYTES: usize = 4096;

/// An entry ready to be sequenced. Its bytes and hash do not depend on the index that it will get, so they are made before the log
/// is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    bytes: Vec<u8>,
    leaf_hash: Hash,
}

impl Entry {
    /// Writes the value in canonical form and hashes it as a leaf
    /// ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785), [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1)).
    pub fn prepare(value: &Value) -> Result<Self, EntryTooLarge> {
        let depth = value.depth();
        if depth > MAX_DEPTH {
            return Err(EntryTooLarge::Depth { found: depth });
        }
        let bytes = value.to_canonical();
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryTooLarge::Bytes { found: bytes.len() });
        }
        let leaf_hash = leaf_hash(&bytes);
        Ok(Self { bytes, leaf_hash })
    }

    /// The canonical bytes: what is stored, hashed and, later, verified.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the bytes as a leaf.
    pub fn leaf_hash(&self) -> Hash {
        self.leaf_hash
    }

    /// The canonical bytes, for a store that keeps them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A value that the log does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryTooLarge {
    /// More than [`MAX_ENTRY_BYTES`].
    #[error("the log entry has {found} bytes, more than {MAX_ENTRY_BYTES}")]
    Bytes {
        /// Its canonical length in bytes.
        found: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the log entry is nested {found} deep, more than {MAX_DEPTH}")]
    Depth {
        /// How deep its arrays and objects are nested.
        found: usize,
    },
}
