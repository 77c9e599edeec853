//! Text that people enter, parsed at the edge: trimmed, bounded, without control characters.

use std::borrow::Cow;
use std::fmt;

use audit_log::{Hash, Salt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::ports::Moment;
use crate::time::Timestamp;

/// Why a text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters than the field takes.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character, or one that changes the direction of the text around it.
    #[error("must not contain control or direction-changing characters")]
    Control,
    /// Not an e-mail address.
    #[error("must be an e-mail address")]
    NotAnAddress,
    /// Not a web address that begins with `https://`.
    #[error("must be a web address that begins with `https://`")]
    NotAWebAddress,
}

/// Bidirectional overrides and isolates let a text display as something else than it is.
fn is_forbidden(character: char, lines: bool) -> bool {
    match character {
        '\n' | '\t' => !lines,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        other => other.is_control(),
    }
}

fn parse(text: &str, max: usize, lines: bool) -> Result<String, InvalidText> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    // A character is at least one byte: the cheap test spares counting a hostile megabyte.
    if text.len() > max.saturating_mul(4) || text.chars().count() > max {
        return Err(InvalidText::TooLong(max));
    }
    if text.chars().any(|character| is_forbidden(character, lines)) {
        return Err(InvalidText::Control);
    }
    Ok(text.to_owned())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $lines:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Most characters taken.
            pub const MAX: usize = $max;

            /// Parses what a person entered.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                parse(text, Self::MAX, $lines).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": $max })
            }
        }
    };
}

text! {
    /// A name or title: one line.
    Line, 200, false
}
text! {
    /// A paragraph or several: purpose, rationale, guidance. 2,000 characters, at most 8,000 bytes, so that a request with a purpose,
    /// a question, an answer and eight rationales stays far below Forge's 240 KiB value.
    Paragraph, 2_000, true
}
text! {
    /// A document's text, for example a usage policy.
    Document, 20_000, true
}

/// An e-mail address in lower case: what local accounts and the command line call a person by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longest address (RFC 5321 §4.5.3.1.3: a path of 256 characters with its angle brackets).
    pub const MAX: usize = 254;

    /// Parses what a person entered. Checks the form only: one `@`, something on both sides, no spaces.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = parse(text, Self::MAX, false)?.to_lowercase();
        let valid = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !text.contains(|c: char| c.is_whitespace() || "<>,;:\"()[]\\".contains(c))
        });
        if valid { Ok(Self(text)) } else { Err(InvalidText::NotAnAddress) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidText;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}
impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl JsonSchema for EmailAddress {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "EmailAddress".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "email", "maxLength": EmailAddress::MAX })
    }
}

/// A web address that begins with `https://`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebAddress(String);

impl WebAddress {
    /// Most characters taken.
    pub const MAX: usize = 500;

    /// Parses what a person entered.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = parse(text, Self::MAX, false)?;
        let host = text.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let valid =
            host.contains('.') && !text.contains(|c: char| c.is_whitespace() || "<>\"'`@\\".contains(c));
        if valid { Ok(Self(text)) } else { Err(InvalidText::NotAWebAddress) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for WebAddress {
    type Error = InvalidText;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}
impl From<WebAddress> for String {
    fn from(address: WebAddress) -> Self {
        address.0
    }
}
impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl JsonSchema for WebAddress {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "WebAddress".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri", "maxLength": WebAddress::MAX })
    }
}

/// A text that lives beside the log, with the salt of its commitment, until both are destroyed.
///
/// The log holds only the commitment. Destroying text and salt together leaves the log's proofs valid and says nothing of the text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CommittedText {
    /// The text is there.
    Kept {
        /// The text.
        text: Paragraph,
        /// What the log's commitment to it is keyed with.
        salt: Salt,
    },
    /// Text and salt were destroyed, because somebody was erased or the time for which texts are kept was over.
    Destroyed {
        /// When.
        destroyed_at: Timestamp,
    },
}

impl CommittedText {
    /// A text with a salt drawn from the moment under a label.
    pub fn new(text: Paragraph, moment: &Moment, label: &str) -> Self {
        Self::Kept { text, salt: Salt::from_bytes(moment.bytes(label, 0)) }
    }

    /// The text, unless it was destroyed.
    pub fn text(&self) -> Option<&Paragraph> {
        match self {
            Self::Kept { text, .. } => Some(text),
            Self::Destroyed { .. } => None,
        }
    }

    /// What the log holds in the text's place; nobody can tell any more when it was destroyed.
    pub fn commitment(&self) -> Option<Hash> {
        match self {
            Self::Kept { text, salt } => Some(audit_log::commit(salt, text.as_str())),
            Self::Destroyed { .. } => None,
        }
    }

    /// The commitment as an entry holds it.
    pub fn to_fact(&self) -> audit_log::Value {
        self.commitment().map_or(audit_log::Value::Null, |commitment| commitment.to_string().into())
    }

    /// Destroys text and salt. What was destroyed before stays as it is.
    pub fn destroy(&mut self, now: Timestamp) {
        if self.text().is_some() {
            *self = Self::Destroyed { destroyed_at: now };
        }
    }
}

impl fmt::Debug for CommittedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommittedText").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_bounded() {
        assert_eq!(Line::parse("  x\u{a0} ").unwrap().as_str(), "x");
        assert_eq!(Line::parse(" \n "), Err(InvalidText::Empty));
        assert_eq!(Line::parse("a\nb"), Err(InvalidText::Control));
        assert_eq!(Paragraph::parse("a\r\nb").unwrap().as_str(), "a\nb");
        assert_eq!(Line::parse("a\u{202e}b"), Err(InvalidText::Control));
        assert!(Line::parse(&"𝄞".repeat(200)).is_ok());
        assert_eq!(Line::parse(&"𝄞".repeat(201)), Err(InvalidText::TooLong(200)));
        assert_eq!(Paragraph::parse(&"x".repeat(1 << 20)), Err(InvalidText::TooLong(2_000)));
    }

    #[test]
    fn addresses_have_the_form_of_addresses() {
        assert_eq!(EmailAddress::parse(" Ada@Example.COM ").unwrap().as_str(), "ada@example.com");
        for wrong in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b, c@d", "a@.b", "<a@b>"] {
            assert!(EmailAddress::parse(wrong).is_err(), "{wrong}");
        }
        assert!(WebAddress::parse("https://example.com/a?b").is_ok());
        for wrong in
            ["http://example.com", "javascript:alert(1)", "https://", "https://a b.c", "https://u@h.c"]
        {
            assert!(WebAddress::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_destroyed_text_says_nothing_but_when() {
        let now = Timestamp::from_millisecond(1_795_000_000_000);
        let moment = Moment::new(now, [7; 32]);
        let mut text = CommittedText::new(Paragraph::parse("because").unwrap(), &moment, "purpose");
        let stored = serde_json::to_value(&text).unwrap();
        assert_eq!(stored.as_object().unwrap().keys().collect::<Vec<_>>(), ["salt", "text"]);
        let read: CommittedText = serde_json::from_value(stored).unwrap();
        assert!(read.commitment().is_some() && read.commitment() == text.commitment());
        text.destroy(now);
        text.destroy(now.plus_minutes(1));
        let stored = serde_json::to_value(&text).unwrap();
        assert_eq!(stored, serde_json::json!({ "destroyed_at": now }));
        let read: CommittedText = serde_json::from_value(stored).unwrap();
        assert_eq!((read.text(), read.commitment()), (None, None));
    }
}
