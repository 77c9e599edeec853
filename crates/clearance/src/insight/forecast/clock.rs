//! The clock that nobody waits for.

use std::collections::BTreeMap;

use super::super::calendar::Day;
use super::DAYS;
use super::operations::{DayForecast, ForecastCounts};
use crate::drift::{Finding, Remedy};
use crate::grant::{EndReason, Grant, Means};
use crate::request::Request;
use crate::time::Timestamp;

/// Something that ends by time.
pub(super) enum Due {
    /// Access.
    Grant(Box<Grant>),
    /// The time in which a request can be decided.
    Request(Box<Request>),
    /// What somebody answers for, or the time in which a person is to ask.
    Finding(Box<Finding>),
}

impl Due {
    /// When it ends; none for what does not end by itself.
    fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Grant(grant) => grant.runs_until(),
            Self::Request(request) => request.lapses_at(),
            Self::Finding(finding) => finding.ends_at(),
        }
    }

    /// What the clockwork decides of it at that time.
    fn decide(&self, at: Timestamp, counts: &mut ForecastCounts) {
        match self {
            Self::Grant(grant) => {
                if grant.end(EndReason::Expired, at).is_ok() {
                    counts.access_ends += 1;
                } else if grant.remove(EndReason::Expired, at).is_ok() {
                    counts.access_ends += 1;
                    match grant.means {
                        Means::Manual => counts.removals_by_hand += 1,
                        Means::Connected => counts.removals_by_provider += 1,
                        Means::RecordOnly => {}
                    }
                }
            }
            Self::Request(request) => counts.requests_lapse += u64::from(request.lapse(at).is_ok()),
            Self::Finding(finding) => match finding.disposition().map(|disposition| disposition.remedy) {
                Some(Remedy::Exception { .. } | Remedy::Baseline { .. }) => counts.exceptions_end += 1,
                Some(Remedy::RetroRequest { .. }) => counts.asking_ends += 1,
                _ => {}
            },
        }
    }
}

/// Goes from one end to the next. What should have ended before today is counted today: the clockwork is about to end it.
pub(super) fn run(now: Timestamp, today: Day, due: impl Iterator<Item = Due>) -> Vec<DayForecast> {
    let mut days: BTreeMap<Day, ForecastCounts> =
        (0..i64::from(DAYS)).map(|day| (today.plus(day), ForecastCounts::default())).collect();
    let mut in_order = BTreeMap::<Timestamp, Vec<Due>>::new();
    for due in due {
        if let Some(at) = due.at() {
            in_order.entry(at.max(now)).or_default().push(due);
        }
    }
    for (at, due) in in_order {
        if let Some(counts) = days.get_mut(&Day::of(at)) {
            for due in due {
                due.decide(at, counts);
            }
        }
    }
    days.into_iter().map(|(day, counts)| DayForecast { day, counts }).collect()
}
