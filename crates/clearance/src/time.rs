//! Instants and durations.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds of a day. Durations are whole days of 24 hours: a grant's length does not depend on daylight saving.
const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// Latest instant taken: year 9999, the last that RFC 3339 can write.
const LATEST: i64 = 253_402_300_799_999;

/// An instant, to the millisecond, in UTC.
///
/// As text it is RFC 3339 of fixed width (`2026-11-23T18:07:52.123Z`), so that comparing texts compares instants; indexes rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970; what lies outside the years 1970 to 9999 is moved to the nearer end.
    pub fn from_millisecond(value: i64) -> Self {
        Self(value.clamp(0, LATEST))
    }

    /// Milliseconds since 1970.
    pub fn as_millisecond(self) -> i64 {
        self.0
    }

    /// This instant moved by whole days of 24 hours.
    #[must_use]
    pub fn plus_days(self, days: Days) -> Self {
        Self::from_millisecond(self.0.saturating_add(i64::from(days.0).saturating_mul(DAY_MILLISECONDS)))
    }

    /// This instant moved by minutes, forward or backward.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self::from_millisecond(self.0.saturating_add(minutes.saturating_mul(60_000)))
    }

    /// This instant moved by seconds, forward or backward.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_millisecond(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Day and time in words, for texts whose reader's time zone nobody knows: `2026-11-23 18:07 UTC`.
    pub fn in_words(self) -> String {
        let text = self.to_string();
        let (day, rest) = text.split_once('T').unwrap_or((&text, ""));
        format!("{day} {} UTC", rest.get(..5).unwrap_or(""))
    }

    /// The day in UTC, as `2026-11-23`.
    pub fn day(self) -> String {
        let text = self.to_string();
        text.split_once('T').map_or(text.clone(), |(day, _)| day.to_owned())
    }

    /// Days from `self` until `later`, rounded up; 0 when `later` is not later.
    pub fn days_until(self, later: Timestamp) -> u32 {
        let milliseconds = later.0.saturating_sub(self.0).max(0);
        let days = milliseconds.saturating_add(DAY_MILLISECONDS - 1) / DAY_MILLISECONDS;
        u32::try_from(days).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
        let instant = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&PRINTER.timestamp_to_string(&instant))
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PARSER: DateTimeParser = DateTimeParser::new();
        let instant = PARSER.parse_timestamp(text).map_err(|_| InvalidTimestamp)?;
        let value = instant.as_millisecond();
        if (0..=LATEST).contains(&value) { Ok(Self(value)) } else { Err(InvalidTimestamp) }
    }
}

/// The text is not an RFC 3339 instant between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant like `2026-11-23T18:07:52.123Z`")]
pub struct InvalidTimestamp;

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A duration in whole days, 1 to 3,650.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i64", into = "i64")]
pub struct Days(#[schemars(range(min = 1, max = 3650))] u32);

impl Days {
    /// Longest duration: ten years.
    pub const MAX: Days = Days(3650);

    /// A duration known to be valid when this program was written.
    ///
    /// The value is brought into 1 to 3,650.
    pub const fn of(days: u32) -> Self {
        if days == 0 {
            Self(1)
        } else if days > Self::MAX.0 {
            Self::MAX
        } else {
            Self(days)
        }
    }

    /// The number of days.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { f.write_str("1 day") } else { write!(f, "{} days", self.0) }
    }
}

impl From<Days> for i64 {
    fn from(days: Days) -> Self {
        i64::from(days.0)
    }
}

impl TryFrom<i64> for Days {
    type Error = InvalidDays;

    fn try_from(days: i64) -> Result<Self, Self::Error> {
        match u32::try_from(days) {
            Ok(days) if (1..=Self::MAX.0).contains(&days) => Ok(Self(days)),
            _ => Err(InvalidDays),
        }
    }
}

/// The number of days is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("days must be a whole number from 1 to 3650")]
pub struct InvalidDays;
