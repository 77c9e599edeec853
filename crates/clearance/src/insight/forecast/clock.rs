//! The clock that nobody waits for.

use std::collections::BTreeMap;

use super::super::calendar::Day;
use super::DAYS;
use super::operations::{DayForecast, ForecastCounts};
use super::reviews::Upcoming;
use crate::drift::{Finding, Remedy};
use crate::exception::{Exception, OverReason};
use crate::grant::{EndReason, Grant, Means};
use crate::request::Request;
use crate::time::Timestamp;

/// Something that ends by time.
pub(super) enum Due {
    /// Access.
    Grant {
        /// The grant.
        grant: Box<Grant>,
        /// Whether it has one of a number of seats.
        has_seat: bool,
    },
    /// The time in which a request can be decided, or a seat accepted.
    Request(Box<Request>),
    /// The time in which access is not asked about.
    Review(Upcoming),
    /// An exception from policy.
    Exception(Box<Exception>),
    /// What somebody answers for, or the time in which a person is to ask.
    Finding(Box<Finding>),
}

impl Due {
    /// When it ends; none for what does not end by itself.
    fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Grant { grant, .. } => grant.runs_until(),
            Self::Request(request) => request.lapses_at().or_else(|| request.deadline()),
            Self::Review(upcoming) => Some(upcoming.opens_at),
            Self::Exception(exception) => Some(exception.ends_at),
            Self::Finding(finding) => finding.ends_at(),
        }
    }

    /// What the clockwork decides of it at that time.
    fn decide(&self, at: Timestamp, counts: &mut ForecastCounts) {
        match self {
            Self::Grant { grant, has_seat } => {
                if grant.end(EndReason::Expired, at).is_ok() {
                    counts.access_ends += 1;
                } else if grant.remove(EndReason::Expired, at).is_ok() {
                    counts.access_ends += 1;
                    match grant.means {
                        Means::Manual => counts.removals_by_hand += 1,
                        Means::Connected => counts.removals_by_provider += 1,
                        Means::RecordOnly => {}
                    }
                } else {
                    return;
                }
                counts.seats_free += u64::from(*has_seat);
            }
            Self::Request(request) if request.review().is_none() => {
                counts.offers_end += u64::from(request.miss_seat(at).is_ok());
            }
            Self::Request(request) => counts.requests_lapse += u64::from(request.lapse(at).is_ok()),
            Self::Review(_) => counts.reviews_open += 1,
            Self::Exception(exception) => {
                counts.exceptions_end += u64::from(exception.end(OverReason::Lapsed, at).is_ok());
            }
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
