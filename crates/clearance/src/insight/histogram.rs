use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Buckets of each doubling: a bucket is a sixteenth as wide as its doubling begins.
const PER_DOUBLING: u64 = 16;
/// Doublings below which each second has a bucket of its own: 16 is the fourth power of two.
const EXACT: u32 = 4;

/// Durations counted in buckets with fixed bounds, in whole seconds.
///
/// Below 32 seconds every second has its own bucket; from there on a bucket is at most a sixteenth as wide as the durations in it are long. A
/// quantile is the last second of its bucket: never less than the true one, and at most a sixteenth (6.25 %) more. Counts of two histograms
/// add up to the histogram of both, so quantiles of a month come from its days without a further error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<u16, u64>);

fn bucket_of(seconds: u64) -> u16 {
    if seconds < PER_DOUBLING {
        return u16::try_from(seconds).unwrap_or(u16::MAX);
    }
    let doubling = seconds.ilog2();
    let within = (seconds >> (doubling - EXACT)) % PER_DOUBLING;
    // At most (63 − 3) × 16 + 15.
    u16::try_from(u64::from(doubling - EXACT + 1) * PER_DOUBLING + within).unwrap_or(u16::MAX)
}

/// The last second that lies in a bucket.
fn last_of(bucket: u16) -> u64 {
    let (doubling, within) = (u64::from(bucket) / PER_DOUBLING, u64::from(bucket) % PER_DOUBLING);
    if doubling == 0 {
        return within;
    }
    let width = 1_u64.checked_shl(u32::try_from(doubling - 1).unwrap_or(u32::MAX)).unwrap_or(u64::MAX);
    (PER_DOUBLING + within).saturating_mul(width).saturating_add(width - 1)
}

impl Histogram {
    /// Counts one duration.
    pub fn count(&mut self, seconds: u64) {
        *self.0.entry(bucket_of(seconds)).or_default() += 1;
    }

    /// Counts everything that another one counted.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            *self.0.entry(*bucket).or_default() += count;
        }
    }

    /// How many durations were counted.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The duration, in seconds, that so many of a thousand do not exceed; none of nothing.
    pub fn quantile(&self, per_mille: u64) -> Option<u64> {
        let rank = self.total().saturating_mul(per_mille).div_ceil(1000).max(1);
        let mut seen = 0_u64;
        self.0.iter().find_map(|(bucket, count)| {
            seen = seen.saturating_add(*count);
            (seen >= rank).then(|| last_of(*bucket))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_follow_one_another_without_gaps() {
        for seconds in (0..5_000).chain([u64::from(u32::MAX), u64::MAX / 3, u64::MAX]) {
            let bucket = bucket_of(seconds);
            assert!(seconds <= last_of(bucket), "{seconds}");
            assert!(bucket == 0 || last_of(bucket - 1) < seconds, "{seconds}");
        }
    }

    #[test]
    fn of_nothing_there_is_no_quantile() {
        assert_eq!((Histogram::default().quantile(500), Histogram::default().total()), (None, 0));
    }

    proptest! {
        #[test]
        fn a_quantile_is_at_most_a_sixteenth_too_long(
            mut durations in prop::collection::vec(0_u64..100_000_000, 1..200), per_mille in 1_u64..=1000, split in 0_usize..200,
        ) {
            let (mut whole, mut one, mut other) = (Histogram::default(), Histogram::default(), Histogram::default());
            for (number, seconds) in durations.iter().enumerate() {
                whole.count(*seconds);
                if number < split { one.count(*seconds) } else { other.count(*seconds) }
            }
            one.add(&other);
            prop_assert_eq!(&one, &whole);
            durations.sort_unstable();
            let rank = (durations.len() as u64 * per_mille).div_ceil(1000).max(1);
            let exact = durations[usize::try_from(rank).unwrap() - 1];
            let told = whole.quantile(per_mille).unwrap();
            prop_assert!(exact <= told && told <= exact + exact / 16, "{} told as {}", exact, told);
            let stored = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(serde_json::from_str::<Histogram>(&stored).unwrap(), whole);
        }
    }
}
