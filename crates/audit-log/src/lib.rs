//! The audit log as mathematics: canonical records, the [RFC 6962](https://www.rfc-editor.org/rfc/rfc6962) Merkle tree over them,
//! proofs, and verification.
//!
//! What this crate is **not**: it stores nothing, sends nothing, serves nothing. It has no clock and no randomness (instants and
//! salts are handed in), makes no decision about who may do what, and knows no request, grant or policy. `no_std` keeps it so.
//!
//! | module | gives |
//! |---|---|
//! | [`canonical`] | one byte form for each value ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)), and its strict reader |
//! | [`entry`] | what is appended: bounded canonical bytes with their leaf hash, and the record inside them |
//! | [`hash`] | leaf and node hashing ([RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1)) |
//! | [`tree`] | the head of the tree as a compact range: append, merge, root |
//! | [`proof`] | inclusion and consistency ([RFC 9162 §2.1](https://www.rfc-editor.org/rfc/rfc9162#section-2.1)), and of many entries at once |
//! | [`tile`] | the log as immutable files: tiles, entry bundles, proofs from them ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)) |
//! | [`proof_text`] | one entry's proof as a file ([C2SP tlog-proof](https://c2sp.org/tlog-proof)) |
//! | [`commitment`] | what the log holds instead of free text |
//! | [`checkpoint`], [`note`] | the published head, signed ([C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint)) and witnessed ([C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature)) |
//! | [`trust`] | which log's checkpoints to believe, and how many witnesses must have seen them |
//! | [`verify`] | recomputing the root from stored bytes, naming the entry that is wrong |
//!
//! # The way of an entry
//! ```
//! use audit_log::{CompactRange, Record, Value, Verifier};
//!
//! let record = Record {
//!     at: "2026-11-23T09:30:00Z".into(),
//!     kind: "request.submitted".into(),
//!     actor: Value::object([("person", "person_7".into())]),
//!     facts: Value::object([("request", "req_1".into()), ("tool", "tool_3".into())]),
//! };
//! // Before sequencing: bytes and leaf hash are made, whatever index the entry will get.
//! let entry = record.prepare()?;
//! // At sequencing: the store gives the index and moves the head.
//! let mut head = CompactRange::new();
//! head.append(entry.leaf_hash());
//! // Later, anyone: re-read what was stored and compare with the head.
//! let mut verifier = Verifier::new(CompactRange::new());
//! verifier.push(0, entry.bytes(), &entry.leaf_hash())?;
//! verifier.finish(head.size(), &head.root())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod canonical;
pub mod checkpoint;
pub mod commitment;
mod decimal;
pub mod entry;
pub mod hash;
pub mod note;
pub mod proof;
pub mod proof_text;
pub mod tile;
pub mod tree;
pub mod trust;
pub mod verify;

pub use canonical::{Value, parse_canonical};
pub use checkpoint::Checkpoint;
pub use commitment::{Salt, commit};
pub use entry::{Entry, EntryTooLarge, MAX_ENTRY_BYTES, Record};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use proof::{
    HashReader, RangeProof, prove_consistency, prove_inclusion, prove_range, verify_consistency,
    verify_inclusion, verify_range,
};
pub use proof_text::TlogProof;
pub use tree::{CompactRange, Range};
pub use trust::TrustPolicy;
pub use verify::{Chunk, Deviation, Strictness, Verified, Verifier};
