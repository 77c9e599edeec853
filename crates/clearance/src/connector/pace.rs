use core_protocol::message::RateLimit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Connector, Provider};
use crate::documents::Document;
use crate::ids::ConnectorId;
use crate::limits::{Allowance, Level};
use crate::ports::{Attributes, Kind};
use crate::time::Timestamp;

/// Requests of one call that count against the same limit of Okta's: of a change of a membership, one looks at the group and one changes it.
const REQUESTS_OF_A_CALL: u64 = 2;
/// The part of a limit that is left to the org's other programs, one in so many.
const LEFT_TO_OTHERS: u32 = 10;

/// Changes of memberships in a second: 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
pub struct ChangesPerSecond(#[schemars(range(min = 1, max = 200))] u16);

/// The number is no pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 200 changes a second")]
pub struct InvalidPace;

impl ChangesPerSecond {
    /// As many as a provider bears in general, each change being several requests: for Entra 20, for Okta 8.
    pub fn usual(provider: &Provider) -> Self {
        match provider {
            Provider::Okta { .. } => Self(8),
            Provider::Entra { .. } => Self(20),
        }
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for ChangesPerSecond {
    type Error = InvalidPace;
    fn try_from(number: u16) -> Result<Self, InvalidPace> {
        if (1..=200).contains(&number) { Ok(Self(number)) } else { Err(InvalidPace) }
    }
}

impl From<ChangesPerSecond> for u16 {
    fn from(pace: ChangesPerSecond) -> Self {
        pace.0
    }
}

/// How many calls were made at a connector lately: kept, so that neither a restart nor a second process lets more through than the
/// provider bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorPace {
    /// At which connector.
    pub connector: ConnectorId,
    /// How full the bucket is.
    pub level: Level,
    /// Set while the provider says that less is left than it bears in general.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
}

/// What is left of a provider's limit, spread over the time until it begins anew: calls neither stop in the middle of it nor leave nothing
/// to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Calls an hour; at least 1.
    pub per_hour: u32,
    /// When the limit begins anew.
    pub until: Timestamp,
}

impl Spread {
    /// Of what the provider has said now.
    pub fn of(limit: RateLimit, now: Timestamp) -> Self {
        let left = u64::from(limit.remaining.saturating_sub(limit.limit / LEFT_TO_OTHERS));
        let seconds = u64::from(limit.resets_in.max(1));
        let per_hour = u32::try_from(left * 3_600 / (seconds * REQUESTS_OF_A_CALL)).unwrap_or(u32::MAX);
        let until = now.as_millisecond().saturating_add(i64::from(limit.resets_in) * 1_000);
        Self { per_hour: per_hour.max(1), until: Timestamp::from_millisecond(until) }
    }

    /// Whether it says about the same as another one, so that it is not written down with every call.
    pub fn is_like(&self, other: &Self) -> bool {
        let (less, more) = (self.per_hour.min(other.per_hour), self.per_hour.max(other.per_hour));
        let seconds = self.until.as_millisecond().abs_diff(other.until.as_millisecond()) / 1_000;
        u64::from(more - less) * 4 <= u64::from(more) && seconds <= 5
    }
}

impl ConnectorPace {
    /// A connector at which nothing was done lately.
    pub fn at_rest(connector: ConnectorId, now: Timestamp) -> Self {
        Self { connector, level: Level::empty(now), spread: None }
    }

    /// Calls that the connector's provider bears until it says what is left.
    pub fn in_general(connector: &Connector) -> Allowance {
        let per_second = u32::from(connector.pace().get());
        let burst = match connector.provider {
            // Counts by the minute.
            Provider::Okta { .. } => per_second,
            // May count as narrowly as by the second, and calls do not arrive as evenly as they begin: half a second's worth at once.
            Provider::Entra { .. } => per_second.div_ceil(2),
        };
        Allowance { per_hour: per_second * 3_600, burst }
    }

    /// Calls that it bears now.
    pub fn allowance(&self, connector: &Connector, now: Timestamp) -> Allowance {
        let general = Self::in_general(connector);
        match self.spread.filter(|spread| now < spread.until) {
            Some(spread) => {
                let per_hour = spread.per_hour.min(general.per_hour);
                Allowance { per_hour, burst: (per_hour / 3_600).clamp(1, general.burst) }
            }
            None => general,
        }
    }
}

impl Document for ConnectorPace {
    const KIND: &'static Kind = &Kind { name: "connector_pace", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.connector.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + second * 1_000)
    }

    fn spread(limit: u32, remaining: u32, resets_in: u32) -> Spread {
        Spread::of(RateLimit { limit, remaining, resets_in }, at(0))
    }

    /// `X-Rate-Limit-Limit`, `-Remaining` and `-Reset` less `Date` of recorded answers.
    #[test]
    fn what_is_left_is_spread_over_the_time_to_the_reset() {
        for (recorded, per_hour) in [
            ((500, 499, 60), (499 - 50) * 3_600 / 120),
            ((500, 497, 58), (497 - 50) * 3_600 / 116),
            ((50, 46, 41), (46 - 5) * 3_600 / 82),
            ((330, 329, 18), (329 - 33) * 3_600 / 36),
            // Nothing but what is left to others: as good as nothing until the reset.
            ((50, 5, 41), 1),
            ((10, 0, 48), 1),
        ] {
            let (limit, remaining, resets_in) = recorded;
            let spread = spread(limit, remaining, resets_in);
            assert_eq!((spread.per_hour, spread.until), (per_hour, at(i64::from(resets_in))), "{recorded:?}");
        }
        // In its last second what is left is not dammed up.
        assert!(spread(500, 400, 0).per_hour > 8 * 3_600);
    }

    #[test]
    fn whoever_keeps_to_it_never_takes_what_is_left_to_others() {
        for (limit, remaining) in [(50, 46), (100, 96), (150, 149), (500, 499), (600, 300)] {
            let mut left = remaining;
            for second in 0..60 {
                let spread = spread(limit, left, 60 - second);
                // Calls of this second, rounded down over the hour.
                let calls = spread.per_hour.min(8 * 3_600) / 3_600;
                left = left.saturating_sub(calls * 2);
            }
            assert!(left >= limit / 10, "{limit}: {left}");
        }
    }

    #[test]
    fn small_changes_are_not_written_down() {
        assert!(spread(500, 499, 60).is_like(&spread(500, 480, 58)));
        assert!(!spread(500, 499, 60).is_like(&spread(500, 250, 59)));
        assert!(!spread(500, 499, 60).is_like(&spread(500, 499, 30)));
    }
}
