//! Typed identifiers: one append-only registry.
//!
//! As text an id is its kind's prefix and 26 characters of Crockford's base 32 (`req_01kb…`). All but person ids begin with the time
//! they were made, so that keys of new documents lie together in an index. Person ids are random throughout: they stand in the log for
//! a name that may be erased, and must say nothing, not even when the person joined.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::ports::Moment;
use crate::time::Timestamp;

/// Crockford's base 32, lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 characters of 5 bits hold 128 bits.
const DIGITS: usize = 26;

/// What a character of the alphabet stands for.
fn value_of(digit: u8) -> Option<u8> {
    Some(match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'h' => digit - b'a' + 10,
        b'j'..=b'k' => digit - b'j' + 18,
        b'm'..=b'n' => digit - b'm' + 20,
        b'p'..=b't' => digit - b'p' + 22,
        b'v'..=b'z' => digit - b'v' + 27,
        _ => return None,
    })
}

/// A kind of thing that has ids.
pub trait IdKind: Copy + 'static {
    /// Text before the underscore.
    const PREFIX: &'static str;
    /// Whether an id begins with the time it was made.
    const ORDERED: bool = true;
}

/// The id of one thing of kind `K`.
pub struct Id<K>(u128, PhantomData<K>);

/// The text is not an id of the kind wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id that begins with `{prefix}_`")]
pub struct InvalidId {
    prefix: &'static str,
}

impl<K: IdKind> Id<K> {
    /// A new id. Same moment, label and number: same id.
    pub fn new(moment: &Moment, label: &str, number: u32) -> Self {
        let [random @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = moment.bytes(label, number);
        let random = u128::from_be_bytes(random);
        if K::ORDERED {
            let time = u128::from(moment.now.as_millisecond().unsigned_abs()) << 80;
            Self(time | (random >> 48), PhantomData)
        } else {
            Self(random, PhantomData)
        }
    }

    /// When it was made, of a kind whose ids begin with that; otherwise nothing that means anything.
    pub fn made_at(&self) -> Timestamp {
        Timestamp::from_millisecond(i64::try_from(self.0 >> 80).unwrap_or(i64::MAX))
    }

    /// The id that a name always has: things that ship with the program are recognised when loaded again.
    pub fn of_name(name: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(K::PREFIX);
        hasher.update([0]);
        hasher.update(name);
        let digest: [u8; 32] = hasher.finalize().into();
        let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest;
        Self(u128::from_be_bytes(head), PhantomData)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [b'0'; DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            // The mask keeps the index below 32.
            *digit = ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = InvalidId { prefix: K::PREFIX };
        let digits =
            text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(invalid.clone())?;
        if digits.len() != DIGITS || !digits.starts_with(['0', '1', '2', '3', '4', '5', '6', '7']) {
            return Err(invalid);
        }
        let mut value = 0_u128;
        for byte in digits.bytes() {
            value = (value << 5) | u128::from(value_of(byte).ok_or(invalid.clone())?);
        }
        Ok(Self(value, PhantomData))
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K: IdKind> JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}_id", K::PREFIX).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}_[0-9a-hjkmnp-tv-z]{{26}}$", K::PREFIX) })
    }
}

/// The id of a thing of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AnyId(String);

/// The text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id like `req_01kb2m9x7c4d5e6f7g8h9j0k1m`")]
pub struct InvalidAnyId;

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AnyId {
    type Error = InvalidAnyId;

    fn try_from(text: String) -> Result<Self, InvalidAnyId> {
        text.parse()
    }
}

impl JsonSchema for AnyId {
    fn schema_name() -> Cow<'static, str> {
        "AnyId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z]{3,6}_[0-9a-z]{26}$" })
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident, $id:ident = $prefix:literal, ordered: $ordered:literal;)*) => {$(
        #[doc = concat!("Marks ids that begin with `", $prefix, "_`.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $kind;
        impl IdKind for $kind {
            const PREFIX: &'static str = $prefix;
            const ORDERED: bool = $ordered;
        }
        $(#[$doc])*
        pub type $id = Id<$kind>;
    )*
        impl FromStr for AnyId {
            type Err = InvalidAnyId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(if let Ok(id) = text.parse::<$id>() { return Ok(Self(id.to_string())) })*
                Err(InvalidAnyId)
            }
        }
    };
}

ids! {
    /// A person, pseudonymous: it stands in the log.
    PersonKind, PersonId = "person", ordered: false;
    /// A group of people.
    GroupKind, GroupId = "group", ordered: true;
    /// A tool of the catalogue.
    ToolKind, ToolId = "tool", ordered: true;
    /// A request.
    RequestKind, RequestId = "req", ordered: true;
    /// A grant.
    GrantKind, GrantId = "grant", ordered: true;
    /// A job.
    JobKind, JobId = "job", ordered: true;
    /// A rule of a policy version.
    RuleKind, RuleId = "rule", ordered: true;
    /// An API token (its public id; the token itself is a secret).
    TokenKind, TokenId = "token", ordered: true;
    /// A site: the name of its log.
    SiteKind, SiteId = "site", ordered: false;
    /// A notice waiting to be sent.
    NoticeKind, NoticeId = "notice", ordered: true;
    /// A connector: a tenant of a directory provider.
    ConnectorKind, ConnectorId = "conn", ordered: true;
    /// A change that waits for a second administrator.
    ProposalKind, ProposalId = "prop", ordered: true;
    /// A tool that somebody proposes for the catalogue.
    ToolProposalKind, ToolProposalId = "tprop", ordered: true;
    /// Access that somebody took in an emergency.
    EmergencyKind, EmergencyId = "emerg", ordered: true;
    /// Something that a drift check found.
    FindingKind, FindingId = "find", ordered: true;
    /// A review of a grant.
    ReviewKind, ReviewId = "review", ordered: true;
    /// An exception: a person outside policy for a tool, until a day.
    ExceptionKind, ExceptionId = "exc", ordered: true;
    /// An export: evidence that left the site.
    ExportKind, ExportId = "export", ordered: true;
    /// What somebody filled in on a portal, before the issue is made.
    DraftKind, DraftId = "draft", ordered: false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(now: i64) -> Moment {
        Moment::new(Timestamp::from_millisecond(now), [7; 32])
    }

    #[test]
    fn an_id_survives_its_text() {
        for number in 0..100 {
            let id = RequestId::new(&moment(1_795_000_000_000), "request", number);
            assert_eq!(id.to_string().parse::<RequestId>(), Ok(id));
        }
        assert_eq!(PersonId::of_name("x").to_string().parse::<PersonId>(), Ok(PersonId::of_name("x")));
    }

    #[test]
    fn ids_sort_by_time_as_text_and_person_ids_do_not_tell_it() {
        let early = RequestId::new(&moment(1_000), "request", 0);
        let late = RequestId::new(&moment(2_000), "request", 1);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!((early.made_at().as_millisecond(), late.made_at().as_millisecond()), (1_000, 2_000));
        let people: Vec<_> = (0..64).map(|n| PersonId::new(&moment(n), "person", 0)).collect();
        assert_eq!(people.iter().collect::<std::collections::HashSet<_>>().len(), 1, "only the seed decides");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let good = ToolId::of_name("x").to_string();
        assert!(good.replace("tool_", "req_").parse::<ToolId>().is_err());
        assert!(good.to_uppercase().parse::<ToolId>().is_err());
        assert!("tool_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<ToolId>().is_err(), "more than 128 bits");
        assert!("tool_".parse::<ToolId>().is_err() && "".parse::<ToolId>().is_err());
    }
}
