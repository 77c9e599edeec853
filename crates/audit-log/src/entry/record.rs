//! The record inside an entry: when, what, who, and the facts.

use alloc::borrow::Cow;
use alloc::string::String;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Entry, EntryTooLarge};
use crate::canonical::{NotCanonical, Value, parse_canonical};

/// The form of records that this crate writes and reads.
const VERSION: u8 = 1;

/// One event. Its canonical form is the object `{"actor", "at", "facts", "kind", "version": 1}`.
///
/// A record holds no names and no free text: people are pseudonymous ids, texts are [commitments](crate::commitment).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When, in UTC: [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6) ending in `Z`.
    pub at: String,
    /// What happened, as `noun.verb`: lowercase ASCII letters, digits, `_` and `.`.
    pub kind: String,
    /// Who did it.
    pub actor: Value,
    /// What is to be known about it.
    pub facts: Value,
}

impl Record {
    /// Makes the entry to append. It refuses what [`Record::parse`] would not read back.
    pub fn prepare(&self) -> Result<Entry, RecordRefused> {
        check_form(&self.at, &self.kind)?;
        Ok(Entry::prepare(&self.to_value())?)
    }

    /// The record as a value, its version included.
    pub fn to_value(&self) -> Value {
        Value::object([
            ("actor", self.actor.clone()),
            ("at", self.at.as_str().into()),
            ("facts", self.facts.clone()),
            ("kind", self.kind.as_str().into()),
            ("version", VERSION.into()),
        ])
    }

    /// Reads the bytes of an entry strictly: canonical, every member present and well-formed, no other member.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidRecord> {
        let Value::Object(mut members) = parse_canonical(bytes)? else {
            return Err(InvalidRecord::NotAnObject);
        };
        if members.remove("version") != Some(VERSION.into()) {
            return Err(InvalidRecord::Version);
        }
        let mut take = |name| members.remove(name).ok_or(InvalidRecord::Member { name });
        let (actor, facts) = (take("actor")?, take("facts")?);
        let (Value::String(at), Value::String(kind)) = (take("at")?, take("kind")?) else {
            return Err(InvalidRecord::NotText);
        };
        if !members.is_empty() {
            return Err(InvalidRecord::UnknownMember);
        }
        check_form(&at, &kind)?;
        Ok(Self { at, kind, actor, facts })
    }
}

/// The members of a stored record, read cheaply and without judging the form: for lists and filters over bytes that our own commit
/// wrote. Evidence is read with [`Record::parse`].
#[derive(Debug, Clone, Deserialize)]
pub struct Fields<'a> {
    /// See [`Record::at`].
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    /// See [`Record::kind`].
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    actor: &'a RawValue,
    #[serde(borrow)]
    facts: &'a RawValue,
}

impl<'a> Fields<'a> {
    /// Finds the members in the bytes of an entry.
    pub fn read(bytes: &'a [u8]) -> Result<Self, InvalidRecord> {
        serde_json::from_slice(bytes).map_err(|_| InvalidRecord::Unreadable)
    }

    /// The JSON text of [`Record::actor`].
    pub fn actor_json(&self) -> &'a str {
        self.actor.get()
    }

    /// The JSON text of [`Record::facts`].
    pub fn facts_json(&self) -> &'a str {
        self.facts.get()
    }
}

/// Why a record cannot become an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordRefused {
    /// A member is not in the form that readers rely on.
    #[error(transparent)]
    Form(#[from] InvalidForm),
    /// Too many bytes or too deep.
    #[error(transparent)]
    TooLarge(#[from] EntryTooLarge),
}

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// Not canonical JSON.
    #[error("the record is not in canonical form: {0}")]
    NotCanonical(#[from] NotCanonical),
    /// Canonical, but no object.
    #[error("the record is not an object")]
    NotAnObject,
    /// A version that this program does not know.
    #[error("the record's version is not {VERSION}")]
    Version,
    /// A member is missing.
    #[error("the record has no `{name}`")]
    Member {
        /// Its name.
        name: &'static str,
    },
    /// `at` or `kind` is no text.
    #[error("the record's `at` or `kind` is not text")]
    NotText,
    /// A member that version 1 does not have.
    #[error("the record has a member that it should not have")]
    UnknownMember,
    /// `at` or `kind` is badly formed.
    #[error(transparent)]
    Form(#[from] InvalidForm),
    /// The cheap reader found no record.
    #[error("the record cannot be read")]
    Unreadable,
}

/// A member whose text is badly formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidForm {
    /// See [`Record::at`].
    #[error("the record's time is not RFC 3339 in UTC")]
    At,
    /// See [`Record::kind`].
    #[error("the record's kind is not lowercase words joined by dots")]
    Kind,
}

fn check_form(at: &str, kind: &str) -> Result<(), InvalidForm> {
    if !is_utc_instant(at) {
        return Err(InvalidForm::At);
    }
    let kind_is_plain = kind
        .split('.')
        .all(|word| !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')));
    if kind_is_plain { Ok(()) } else { Err(InvalidForm::Kind) }
}

/// `date-time` of [RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6) with `T` and `Z` in capitals and at most nine
/// digits of fraction. Only the form and the fields' ranges are judged; the calendar is the business of whoever made the instant.
fn is_utc_instant(text: &str) -> bool {
    let Some((seconds, tail)) = text.as_bytes().split_at_checked(19) else { return false };
    let shaped = seconds.iter().zip(b"0000-00-00T00:00:00").all(|(found, pattern)| match pattern {
        b'0' => found.is_ascii_digit(),
        literal => found == literal,
    });
    let fraction_is_plain = match tail {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let in_range = |from: usize, range: core::ops::RangeInclusive<u8>| {
        text.get(from..from + 2)
            .and_then(|digits| digits.parse().ok())
            .is_some_and(|number| range.contains(&number))
    };
    // 60: a leap second is a valid instant of RFC 3339 §5.7.
    shaped
        && fraction_is_plain
        && in_range(5, 1..=12)
        && in_range(8, 1..=31)
        && in_range(11, 0..=23)
        && in_range(14, 0..=59)
        && in_range(17, 0..=60)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::*;
    use crate::entry::MAX_ENTRY_BYTES;
    use crate::hash::leaf_hash;

    fn record() -> Record {
        Record {
            at: "2026-11-23T09:30:00.25Z".into(),
            kind: "request.submitted".into(),
            actor: Value::object([("person", "person_7".into())]),
            facts: Value::object([("days", Value::from(30)), ("tool", "tool_1".into())]),
        }
    }

    #[test]
    fn prepares_canonical_bytes_and_reads_them_back() {
        let entry = record().prepare().unwrap();
        let text = r#"{"actor":{"person":"person_7"},"at":"2026-11-23T09:30:00.25Z","facts":{"days":30,"tool":"tool_1"},"kind":"request.submitted","version":1}"#;
        assert_eq!(entry.bytes(), text.as_bytes());
        assert_eq!(entry.leaf_hash(), leaf_hash(text.as_bytes()));
        assert_eq!(Record::parse(entry.bytes()), Ok(record()));
        let fields = Fields::read(entry.bytes()).unwrap();
        assert_eq!(
            (fields.at.as_ref(), fields.kind.as_ref()),
            ("2026-11-23T09:30:00.25Z", "request.submitted")
        );
        assert_eq!(
            (fields.actor_json(), fields.facts_json()),
            (r#"{"person":"person_7"}"#, r#"{"days":30,"tool":"tool_1"}"#)
        );
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let empty = record();
        let room = MAX_ENTRY_BYTES - Record { facts: "".into(), ..record() }.prepare().unwrap().bytes().len();
        let full = Record { facts: "x".repeat(room).into(), ..empty };
        assert_eq!(full.prepare().unwrap().bytes().len(), MAX_ENTRY_BYTES);
        let over = Record { facts: "x".repeat(room + 1).into(), ..record() };
        assert_eq!(over.prepare(), Err(EntryTooLarge::Bytes { found: MAX_ENTRY_BYTES + 1 }.into()));

        let nested = |depth| (0..depth).fold(Value::Null, |inner, _| Value::Array([inner].into()));
        assert!(Entry::prepare(&nested(32)).is_ok());
        assert_eq!(Entry::prepare(&nested(33)), Err(EntryTooLarge::Depth { found: 33 }));
    }

    #[test]
    fn refuses_what_is_badly_formed_in_both_directions() {
        for at in [
            "",
            "2026-11-23",
            "2026-11-23T09:30:00",
            "2026-11-23T09:30:00+00:00",
            "2026-11-23t09:30:00z",
            "2026-13-23T09:30:00Z",
            "2026-11-00T09:30:00Z",
            "2026-11-23T24:30:00Z",
            "2026-11-23T09:60:00Z",
            "2026-11-23T09:30:61Z",
            "2026-11-23T09:30:00.Z",
            "2026-11-23T09:30:00.0000000001Z",
            "2026-11-23T09:30:00ZZ",
            "２026-11-23T09:30:00Z",
        ] {
            let bad = Record { at: at.into(), ..record() };
            assert_eq!(bad.prepare(), Err(InvalidForm::At.into()), "{at}");
            assert_eq!(Record::parse(&bad.to_value().to_canonical()), Err(InvalidForm::At.into()), "{at}");
        }
        for kind in ["", ".", "request.", "Request.submitted", "request submitted", "réquest"] {
            let bad = Record { kind: kind.into(), ..record() };
            assert_eq!(bad.prepare(), Err(InvalidForm::Kind.into()), "{kind}");
            assert_eq!(
                Record::parse(&bad.to_value().to_canonical()),
                Err(InvalidForm::Kind.into()),
                "{kind}"
            );
        }
    }

    #[test]
    fn strict_reading_refuses_other_shapes() {
        let good = record().to_value().to_canonical();
        let text = core::str::from_utf8(&good).unwrap();
        let parse = |text: &str| Record::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(parse(&format!("{text} ")), InvalidRecord::NotCanonical(_)));
        assert_eq!(parse("[]"), InvalidRecord::NotAnObject);
        assert_eq!(parse("{}"), InvalidRecord::Version);
        assert_eq!(parse(&text.replace(r#""version":1"#, r#""version":2"#)), InvalidRecord::Version);
        assert_eq!(
            parse(&text.replace(r#""at":"2026-11-23T09:30:00.25Z","#, "")),
            InvalidRecord::Member { name: "at" }
        );
        assert_eq!(parse(&text.replace(r#""2026-11-23T09:30:00.25Z""#, "1")), InvalidRecord::NotText);
        assert_eq!(
            parse(&text.replace(r#","version""#, r#","member":1,"version""#)),
            InvalidRecord::UnknownMember
        );
        assert_eq!(Fields::read(b"{}").unwrap_err(), InvalidRecord::Unreadable);
        assert!(!InvalidRecord::Unreadable.to_string().is_empty());
    }
}
