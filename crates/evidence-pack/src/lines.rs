//! The files made of lines.
//!
//! Each line is one JSON object in canonical form ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)) and ends with a line feed. Lines have a
//! limit, and no more than one line is ever held.

mod document;
mod proof;
mod record;
mod rule;
mod split;

pub use document::Document;
pub use proof::Proof;
pub(crate) use record::hash_of;
pub use record::{RecordLine, write_record};
pub use rule::{PolicyDigest, RuleLine};
pub(crate) use split::whole_lines;
pub use split::{Lines, TooLong};

/// A line that is not what its file is made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the line is not {expected}: {why}")]
pub struct InvalidLine {
    /// What the file is made of.
    pub expected: &'static str,
    /// What is wrong.
    pub why: String,
}

impl InvalidLine {
    fn new(expected: &'static str, why: impl std::fmt::Display) -> Self {
        Self { expected, why: why.to_string() }
    }
}

/// A value as a canonical line.
fn canonical_line(value: &audit_log::Value, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_canonical());
    out.push(b'\n');
}
