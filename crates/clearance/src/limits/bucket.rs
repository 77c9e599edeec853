//! The generic cell rate algorithm, as a continuous-state leaky bucket (ITU-T I.371, annex A): the equal of the virtual scheduling
//! algorithm, in whole numbers throughout.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Units of one item. An allowance of `n` items an hour drains `n` units each millisecond: no division, nothing rounded.
const UNITS: u64 = 60 * 60 * 1000;
/// Milliseconds by which the clocks of two processes may differ. A level from further ahead was written before the clock was set back.
const SKEW: i64 = 60_000;

/// So many at once, and so many an hour in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Items an hour in the long run; 1 to 1,000,000,000.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub per_hour: u32,
    /// Items at once after a rest; 1 to 1,000,000,000. No single call may count as more.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub burst: u32,
}

impl Allowance {
    /// Largest number of either kind.
    pub const MAX: u32 = 1_000_000_000;
}

/// Why items are not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// They are from this instant on, if nothing else is admitted before.
    Until(Timestamp),
    /// They never are: they are more than the burst.
    TooMany,
}

/// How full the bucket is: what was admitted and has not drained yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Units of [`UNITS`] to the item.
    filled: u64,
    /// When it was so full.
    at: Timestamp,
}

impl Level {
    /// Nothing admitted lately.
    pub fn empty(now: Timestamp) -> Self {
        Self { filled: 0, at: now }
    }

    /// The level now.
    #[must_use]
    pub fn drained(self, allowance: Allowance, now: Timestamp) -> Self {
        let elapsed = now.as_millisecond().saturating_sub(self.at.as_millisecond());
        let Ok(elapsed) = u64::try_from(elapsed) else {
            // Another process's clock is ahead: its milliseconds are not counted twice.
            return if elapsed < -SKEW { Self { at: now, ..self } } else { self };
        };
        let drained = elapsed.saturating_mul(u64::from(allowance.per_hour));
        Self { filled: self.filled.saturating_sub(drained), at: now }
    }

    /// Whether nothing is left of what was admitted: the same as [`Level::empty`].
    pub fn is_empty(self) -> bool {
        self.filled == 0
    }

    /// The level after so many more items.
    ///
    /// # Errors
    /// [`Denied`] when they do not fit: the level stays as it is.
    pub fn admit(self, allowance: Allowance, items: u32, now: Timestamp) -> Result<Self, Denied> {
        if items > allowance.burst {
            return Err(Denied::TooMany);
        }
        let level = self.drained(allowance, now);
        let filled = level.filled.saturating_add(u64::from(items).saturating_mul(UNITS));
        let most = u64::from(allowance.burst).saturating_mul(UNITS);
        let excess = filled.saturating_sub(most);
        if excess > 0 {
            let wait = excess.div_ceil(u64::from(allowance.per_hour).max(1));
            let wait = i64::try_from(wait).unwrap_or(i64::MAX);
            let until = level.at.as_millisecond().saturating_add(wait);
            return Err(Denied::Until(Timestamp::from_millisecond(until)));
        }
        Ok(Self { filled, ..level })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + millisecond)
    }

    /// The virtual scheduling algorithm (ITU-T I.371, annex A.1) in exact fractions: numerators over `per_hour`.
    struct Oracle {
        theoretical_arrival: i128,
    }

    impl Oracle {
        fn admit(&mut self, allowance: Allowance, items: u32, now: i64) -> bool {
            let rate = i128::from(allowance.per_hour);
            let increment = i128::from(items) * i128::from(UNITS);
            let tolerance = i128::from(allowance.burst) * i128::from(UNITS);
            let now = i128::from(now) * rate;
            let next = self.theoretical_arrival.max(now) + increment;
            let conforms = next - now <= tolerance;
            if conforms {
                self.theoretical_arrival = next;
            }
            conforms
        }
    }

    fn allowances() -> impl Strategy<Value = Allowance> {
        prop_oneof![
            (1..=100_u32, 1..=20_u32),
            (1..=Allowance::MAX, 1..=Allowance::MAX),
            (1..=100_000_u32, 1..=5_000_u32),
        ]
        .prop_map(|(per_hour, burst)| Allowance { per_hour, burst })
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate_times_the_time(
            allowance in allowances(),
            steps in prop::collection::vec((0..5_000_000_i64, 0..=100_u32), 1..60),
        ) {
            let mut level = Level::empty(at(0));
            let mut oracle = Oracle { theoretical_arrival: 0 };
            let (mut now, mut admitted): (i64, Vec<(i64, u128)>) = (0, Vec::new());
            for (pause, share) in steps {
                now += pause;
                let items = u32::try_from(u64::from(allowance.burst) * u64::from(share) / 97).unwrap();
                let outcome = level.admit(allowance, items, at(now));
                prop_assert_eq!(outcome.is_ok(), oracle.admit(allowance, items, now));
                match outcome {
                    Ok(next) => {
                        level = next;
                        admitted.push((now, u128::from(items)));
                    }
                    Err(Denied::TooMany) => prop_assert!(items > allowance.burst),
                    Err(Denied::Until(until)) => {
                        let before = Timestamp::from_millisecond(until.as_millisecond() - 1);
                        prop_assert!(until > at(now));
                        prop_assert!(level.admit(allowance, items, until).is_ok());
                        prop_assert_eq!(level.admit(allowance, items, before), Err(Denied::Until(until)));
                    }
                }
            }
            // In every window, not only from the beginning.
            for (first, (from, _)) in admitted.iter().enumerate() {
                let mut sum = 0;
                for (until, items) in &admitted[first..] {
                    sum += items;
                    let drained = u128::try_from(until - from).unwrap() * u128::from(allowance.per_hour);
                    let most = u128::from(allowance.burst) * u128::from(UNITS) + drained;
                    prop_assert!(sum * u128::from(UNITS) <= most);
                }
            }
        }
    }

    #[test]
    fn after_a_rest_the_whole_burst_is_there_and_no_more() {
        let allowance = Allowance { per_hour: 60, burst: 10 };
        let full = Level::empty(at(0)).admit(allowance, 10, at(0)).unwrap();
        assert_eq!(full.admit(allowance, 1, at(0)), Err(Denied::Until(at(60_000))));
        assert_eq!(full.admit(allowance, 3, at(59_999)), Err(Denied::Until(at(180_000))));
        assert!(full.drained(allowance, at(600_000)).is_empty());
        assert!(!full.drained(allowance, at(599_999)).is_empty());
        assert_eq!(full.admit(allowance, 11, at(9_000_000)), Err(Denied::TooMany));
    }

    #[test]
    fn a_smaller_allowance_holds_for_what_was_admitted_before() {
        let before = Allowance { per_hour: 3_600, burst: 100 };
        let level = Level::empty(at(0)).admit(before, 100, at(0)).unwrap();
        let after = Allowance { per_hour: 3_600, burst: 10 };
        assert_eq!(level.admit(after, 1, at(0)), Err(Denied::Until(at(91_000))));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out_and_skew_is_not_counted_twice() {
        let allowance = Allowance { per_hour: 3_600, burst: 10 };
        let full = Level::empty(at(86_400_000)).admit(allowance, 10, at(86_400_000)).unwrap();
        assert_eq!(full.admit(allowance, 1, at(0)), Err(Denied::Until(at(1_000))));
        let behind = full.admit(allowance, 1, at(86_399_000));
        assert_eq!(behind, Err(Denied::Until(at(86_401_000))), "the other process counted that second");
    }
}
