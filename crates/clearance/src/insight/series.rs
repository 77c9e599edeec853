//! Counters by day or by week, and their totals.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::counters::{
    Counters, DriftCounts, GrantCounts, InsightDay, RequestCounts, ReviewCounts, SeatCounts,
};
use super::histogram::Histogram;
use crate::catalog::Tool;
use crate::ids::ToolId;
use crate::refusal::{Refusal, malformed};
use crate::seats::Seats;

/// Longest period: three years, so that one answer stays small.
pub(super) const MAX_DAYS: i64 = 3 * 366;
/// Longest period by day.
const MAX_DAYS_BY_DAY: i64 = 366;

/// How counters are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Each day, in UTC.
    #[default]
    Day,
    /// Each week, from Monday on.
    Week,
}

/// A time: from one day on, before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Day,
    pub(super) until: Day,
}

impl Period {
    /// The period that somebody asked for: the last 30 days when nothing is given, today included.
    ///
    /// # Errors
    /// [`crate::refusal::Code::MalformedInput`] when it ends before it begins, or is too long.
    pub(super) fn asked(from: Option<Day>, until: Option<Day>, by: By, today: Day) -> Result<Self, Refusal> {
        let until = until.unwrap_or_else(|| today.plus(1));
        let from = from.unwrap_or_else(|| until.plus(-30));
        let days = from.days_to(until);
        let most = match by {
            By::Day => MAX_DAYS_BY_DAY,
            By::Week => MAX_DAYS,
        };
        if days < 1 {
            return Err(malformed(
                "until",
                "must be a day after `from`: it is the first day that is not counted",
            ));
        }
        if days > most {
            let problem = match by {
                By::Day => "is more than 366 days before `until`: ask by week",
                By::Week => "is more than three years before `until`",
            };
            return Err(malformed("from", problem));
        }
        Ok(Self { from, until })
    }
}

/// How long something took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Durations {
    /// How often it happened.
    pub count: u64,
    /// Half of them took at most so many seconds. Like the other two it is at most a sixteenth (6.25 %) too long, never too short; `null` if it
    /// did not happen.
    pub p50_seconds: Option<u64>,
    /// Nine of ten took at most so many seconds.
    pub p90_seconds: Option<u64>,
    /// 99 of a hundred took at most so many seconds.
    pub p99_seconds: Option<u64>,
}

impl From<&Histogram> for Durations {
    fn from(histogram: &Histogram) -> Self {
        Self {
            count: histogram.total(),
            p50_seconds: histogram.quantile(500),
            p90_seconds: histogram.quantile(900),
            p99_seconds: histogram.quantile(990),
        }
    }
}

/// What was counted in a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counted {
    /// Requests.
    pub requests: RequestCounts,
    /// Access.
    pub grants: GrantCounts,
    /// Differences between groups and grants.
    pub drift: DriftCounts,
    /// Reviews of access.
    pub reviews: ReviewCounts,
    /// Seats that were kept for whoever waited.
    pub seats: SeatCounts,
    /// From a request to its decision by people; what policy decided at once is not in it.
    pub decision: Durations,
    /// From the end of access by time to the confirmation that it is gone.
    pub removal: Durations,
}

impl From<&Counters> for Counted {
    fn from(counters: &Counters) -> Self {
        let Counters { requests, grants, drift, reviews, seats, decision, removal } = counters;
        Self {
            requests: *requests,
            grants: *grants,
            drift: *drift,
            reviews: *reviews,
            seats: *seats,
            decision: decision.into(),
            removal: removal.into(),
        }
    }
}

/// What was counted on a day or in a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Point {
    /// The day, or the week's Monday.
    pub from: Day,
    /// What was counted; of a week at an end of the period, the days that lie in the period.
    #[serde(flatten)]
    pub counted: Counted,
}

/// A point for each day or week of a period, also where nothing was counted.
pub(super) fn points(period: Period, by: By, days: &[InsightDay]) -> Vec<Point> {
    let (step, begins): (i64, fn(Day) -> Day) = match by {
        By::Day => (1, |day| day),
        By::Week => (7, Day::monday),
    };
    let mut points = BTreeMap::<Day, Counters>::new();
    let mut at = begins(period.from);
    while at < period.until {
        points.insert(at, Counters::default());
        at = at.plus(step);
    }
    for day in days {
        if let Some(counters) = points.get_mut(&begins(day.day)) {
            counters.add(&day.counters);
        }
    }
    points.iter().map(|(from, counters)| Point { from: *from, counted: counters.into() }).collect()
}

/// Everything that was counted on some days.
pub(super) fn total(days: &[InsightDay]) -> Counters {
    let mut total = Counters::default();
    for day in days {
        total.add(&day.counters);
    }
    total
}

/// A tool with those who have access to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolInsight {
    /// The tool.
    pub id: ToolId,
    /// Its name now.
    pub name: String,
    /// Its risk now; none when it is not known any more.
    pub risk: Option<crate::catalog::Risk>,
    /// People whose access began to work and is not confirmed gone.
    pub with_access: u64,
    /// Requests ever made for it.
    pub requests: u64,
    /// Its seats now; none when any number may have it.
    pub seats: Option<SeatsInsight>,
}

/// How the seats of a tool with a cap stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeatsInsight {
    /// How many there are.
    pub cap: u32,
    /// Taken: by access that has not ended, and by members of the tool's group for whom somebody answers.
    pub in_use: u32,
    /// Kept for somebody who has not accepted yet.
    pub kept: u32,
    /// People who wait for one.
    pub waiting: u32,
}

impl SeatsInsight {
    /// Of a tool, if it has a cap.
    pub(super) fn of(tool: &Tool, seats: Option<&Seats>) -> Option<Self> {
        let cap = tool.seat_cap?.get();
        let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
        Some(match seats {
            Some(seats) => Self {
                cap,
                in_use: seats.grants.saturating_add(seats.members),
                kept: count(seats.offers.len()),
                waiting: count(seats.waiting.len()),
            },
            None => Self { cap, in_use: 0, kept: 0, waiting: 0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn asked(day: &str, submitted: u64) -> InsightDay {
        let mut counters = Counters::default();
        counters.requests.submitted = submitted;
        InsightDay { day: day.parse().unwrap(), counters }
    }

    #[test]
    fn every_day_and_week_of_a_period_has_a_point() {
        let period = Period { from: day("2026-11-25"), until: day("2026-12-02") };
        let days = [asked("2026-11-25", 1), asked("2026-11-29", 2), asked("2026-12-01", 4)];
        let submitted = |by| -> Vec<_> {
            points(period, by, &days)
                .iter()
                .map(|point| (point.from.to_string(), point.counted.requests.submitted))
                .collect()
        };
        assert_eq!(submitted(By::Day).len(), 7);
        assert_eq!(submitted(By::Week), [("2026-11-23".to_owned(), 3), ("2026-11-30".to_owned(), 4)]);
        assert_eq!(total(&days).requests.submitted, 7);
    }

    #[test]
    fn periods_are_bounded() {
        let today = day("2026-11-30");
        let last = Period::asked(None, None, By::Day, today).unwrap();
        assert_eq!((last.from, last.until), (day("2026-11-01"), day("2026-12-01")));
        let of = |days: i64, by| Period::asked(Some(today.plus(1 - days)), None, by, today);
        assert!(of(366, By::Day).is_ok() && of(367, By::Day).is_err() && of(0, By::Day).is_err());
        assert!(of(MAX_DAYS, By::Week).is_ok() && of(MAX_DAYS + 1, By::Week).is_err());
    }
}
