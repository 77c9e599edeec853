//! Lines of `documents.jsonl`.

use audit_log::commitment::opens;
use audit_log::{Hash, Salt};
use serde::{Deserialize, Serialize};

use super::InvalidLine;

/// A text that a record commits to, with the salt that shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What the record holds.
    pub commitment: Hash,
    /// What the text is: `purpose`, `rationale`, `question`, `answer`.
    pub kind: String,
    /// What it belongs to, by id.
    pub object: String,
    /// The random key of the commitment.
    pub salt: Salt,
    /// The text.
    pub text: String,
}

impl Document {
    /// Writes a line.
    ///
    /// # Errors
    /// Never: every value has a JSON form.
    pub fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.push(b'\n');
        Ok(())
    }

    /// Reads a line without its line feed.
    pub fn parse(line: &[u8]) -> Result<Self, InvalidLine> {
        serde_json::from_slice(line).map_err(|error| InvalidLine::new("a text with its commitment", error))
    }

    /// Whether the text is the one committed to.
    pub fn opens(&self) -> bool {
        opens(&self.commitment, &self.salt, &self.text)
    }
}
