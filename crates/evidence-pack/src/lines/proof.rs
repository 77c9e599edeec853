//! Lines of `proofs.jsonl`.

use audit_log::{Hash, Value};
use serde::Deserialize;

use super::{InvalidLine, canonical_line};

/// That one record stands in the log: `{"hashes":["…"],"index":n,"leaf_hash":"…"}`,
/// an inclusion proof of [RFC 9162 §2.1.3](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The hashes, from the leaf upwards.
    pub hashes: Vec<Hash>,
    /// The record's place in the log, from 0.
    pub index: u64,
    /// RFC 6962 hash of the record's bytes.
    pub leaf_hash: Hash,
}

impl Proof {
    /// Writes a line. An index beyond 2^53, which no log has, is written as 0.
    pub fn write(&self, out: &mut Vec<u8>) {
        let index = audit_log::canonical::Integer::try_from(self.index).map_or(Value::from(0), Value::from);
        let value = Value::object([
            ("hashes", Value::array(self.hashes.iter().copied())),
            ("index", index),
            ("leaf_hash", self.leaf_hash.into()),
        ]);
        canonical_line(&value, out);
    }

    /// Reads a line without its line feed.
    pub fn parse(line: &[u8]) -> Result<Self, InvalidLine> {
        serde_json::from_slice(line).map_err(|error| InvalidLine::new("an inclusion proof", error))
    }
}
