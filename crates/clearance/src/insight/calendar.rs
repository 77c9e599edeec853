//! Days and weeks, in UTC.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

const MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// A day in UTC: as text `2026-11-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day of an instant.
    pub fn of(instant: Timestamp) -> Self {
        Self(instant.as_millisecond().div_euclid(MILLISECONDS))
    }

    /// Its first instant.
    pub fn start(self) -> Timestamp {
        Timestamp::from_millisecond(self.0.saturating_mul(MILLISECONDS))
    }

    /// So many days later, or earlier.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from this one to another; negative when that is earlier.
    pub fn days_to(self, other: Self) -> i64 {
        other.0.saturating_sub(self.0)
    }

    /// The Monday of its week.
    #[must_use]
    pub fn monday(self) -> Self {
        // The first day of 1970 was a Thursday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.start().to_string();
        f.write_str(text.split_once('T').map_or(text.as_str(), |(day, _)| day))
    }
}

/// The text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day like `2026-11-23`")]
pub struct InvalidDay;

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let start: Timestamp = format!("{text}T00:00:00.000Z").parse().map_err(|_| InvalidDay)?;
        let day = Self::of(start);
        if day.to_string() == text { Ok(day) } else { Err(InvalidDay) }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_one_text_and_weeks_begin_on_monday() {
        let day: Day = "2026-11-30".parse().unwrap();
        assert_eq!((day.to_string().as_str(), day.monday()), ("2026-11-30", day), "a Monday");
        assert_eq!(day.plus(6).monday(), day);
        assert_eq!(day.plus(7).monday(), day.plus(7));
        assert_eq!(day.plus(-1).monday().to_string(), "2026-11-23");
        assert_eq!("1970-01-01".parse::<Day>().unwrap().monday(), Day(-3));
        assert_eq!(Day::of("2026-11-30T23:59:59.999Z".parse().unwrap()), day);
        for wrong in ["2026-11-31", "2026-1-1", "", "2026-11-30T00:00:00Z", "+2026-11-30"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }
}
