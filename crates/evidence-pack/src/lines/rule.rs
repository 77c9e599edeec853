//! Lines of `policies.jsonl`, and what the log holds of a policy version.

use audit_log::{Hash, Value, parse_canonical};
use sha2::{Digest as _, Sha256};

use super::{InvalidLine, canonical_line};

/// One rule of a policy version: `{"place":n,"rule":{…},"version":n}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLine {
    /// The policy version's number.
    pub version: u32,
    /// The rule's place in it, from 0.
    pub place: u32,
    /// The rule.
    pub rule: Value,
}

impl RuleLine {
    /// Writes a line.
    pub fn write(&self, out: &mut Vec<u8>) {
        let value = Value::object([
            ("place", self.place.into()),
            ("rule", self.rule.clone()),
            ("version", self.version.into()),
        ]);
        canonical_line(&value, out);
    }

    /// Reads a line without its line feed.
    pub fn parse(line: &[u8]) -> Result<Self, InvalidLine> {
        let invalid = |why: String| InvalidLine::new("a rule of a policy version", why);
        let value = parse_canonical(line).map_err(|error| invalid(error.to_string()))?;
        let number =
            |name| value.get(name).and_then(Value::as_i64).and_then(|number| u32::try_from(number).ok());
        match (number("place"), value.get("rule"), number("version"), value.as_object()) {
            (Some(place), Some(rule), Some(version), Some(members)) if members.len() == 3 => {
                Ok(Self { version, place, rule: rule.clone() })
            }
            _ => Err(invalid("it has not the members `place`, `rule` and `version`".to_owned())),
        }
    }
}

/// The digest of a policy version, as the entry of its publication holds it: SHA-256 over its rules by place, each as the canonical form of
/// `{"place":n,"rule":{…}}` and a line feed.
#[derive(Debug, Clone, Default)]
pub struct PolicyDigest(Sha256);

impl PolicyDigest {
    /// Of no rules yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next rule by place.
    pub fn add(&mut self, place: u32, rule: &Value) {
        let value = Value::object([("place", place.into()), ("rule", rule.clone())]);
        self.0.update(value.to_canonical());
        self.0.update(b"\n");
    }

    /// The digest.
    pub fn finish(self) -> Hash {
        Hash::from_bytes(self.0.finalize().into())
    }
}
