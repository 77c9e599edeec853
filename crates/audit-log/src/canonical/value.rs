//! The values that have a canonical form.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::Hash;

/// A JSON value without fractions, the content of a log record.
///
/// ```
/// use audit_log::canonical::Value;
/// let value = Value::object([("days", Value::from(30)), ("classes", ["public", "internal"].into())]);
/// assert_eq!(value.to_canonical(), br#"{"classes":["public","internal"],"days":30}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number that every JSON reader represents exactly.
    Integer(Integer),
    /// A text.
    String(String),
    /// Values in an order that matters.
    Array(Vec<Value>),
    /// Named values, each name once. Their canonical order is that of UTF-16 code units, which the map's own order is not.
    Object(BTreeMap<String, Value>),
}

/// A whole number within ±(2^53 − 1), [RFC 7493 §2.2](https://www.rfc-editor.org/rfc/rfc7493#section-2.2).
///
/// Types of up to 32 bits convert with `From`, wider ones with `TryFrom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Integer(i64);

impl Integer {
    /// The largest, 2^53 − 1.
    pub const MAX: Self = Self((1 << 53) - 1);
    /// The smallest, −(2^53 − 1).
    pub const MIN: Self = Self(-Self::MAX.0);

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A number beyond ±(2^53 − 1), which JSON readers would round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number is beyond 9007199254740991, the largest that every JSON reader represents exactly")]
pub struct IntegerOutOfRange;

impl TryFrom<i64> for Integer {
    type Error = IntegerOutOfRange;

    fn try_from(number: i64) -> Result<Self, IntegerOutOfRange> {
        (Self::MIN.0..=Self::MAX.0).contains(&number).then_some(Self(number)).ok_or(IntegerOutOfRange)
    }
}

impl TryFrom<u64> for Integer {
    type Error = IntegerOutOfRange;

    fn try_from(number: u64) -> Result<Self, IntegerOutOfRange> {
        i64::try_from(number).map_err(|_| IntegerOutOfRange)?.try_into()
    }
}

impl TryFrom<usize> for Integer {
    type Error = IntegerOutOfRange;

    fn try_from(number: usize) -> Result<Self, IntegerOutOfRange> {
        i64::try_from(number).map_err(|_| IntegerOutOfRange)?.try_into()
    }
}

macro_rules! from_small_integers {
    ($($small:ty),*) => {$(
        impl From<$small> for Integer {
            fn from(number: $small) -> Self {
                Self(i64::from(number))
            }
        }

        impl From<$small> for Value {
            fn from(number: $small) -> Self {
                Self::Integer(number.into())
            }
        }
    )*};
}
from_small_integers!(u8, u16, u32, i8, i16, i32);

impl Value {
    /// An object of these members. A name given twice keeps the last value, as in any map.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// An array of these items.
    pub fn array<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }

    /// The member of this name, if the value is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object().and_then(|members| members.get(key))
    }

    /// The text, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number, if the value is one.
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(number.get()) } else { None }
    }

    /// The truth value, if the value is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The items, if the value is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The members, if the value is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// How deep arrays and objects are nested; 0 for anything else.
    pub(crate) fn depth(&self) -> usize {
        let deepest = match self {
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::String(_) => return 0,
            Self::Array(items) => items.iter().map(Self::depth).max(),
            Self::Object(members) => members.values().map(Self::depth).max(),
        };
        deepest.unwrap_or(0) + 1
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Integer> for Value {
    fn from(number: Integer) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

/// As 64 lowercase hexadecimal digits.
impl From<Hash> for Value {
    fn from(hash: Hash) -> Self {
        Self::String(alloc::string::ToString::to_string(&hash))
    }
}

/// `None` is `null`.
impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        Self::array(items)
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Value {
    fn from(items: [V; N]) -> Self {
        Self::array(items)
    }
}

impl From<BTreeMap<String, Value>> for Value {
    fn from(members: BTreeMap<String, Value>) -> Self {
        Self::Object(members)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Integer(number) => serializer.serialize_i64(number.get()),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members),
        }
    }
}

/// Reads any JSON whose numbers are integers in range; for canonical bytes use
/// [`parse_canonical`](crate::canonical::parse_canonical).
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value whose numbers are integers within ±(2^53 − 1)")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        Integer::try_from(number).map(Value::Integer).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        Integer::try_from(number).map(Value::Integer).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, value)) = members.next_entry()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(object))
    }
}
