//! Time from a [`Clock`], randomness from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clearance::ports::{Environment, Moment};
use clearance::time::Timestamp;

use crate::Clock;

/// Time from a [`Clock`], randomness from a seed: the n-th draw is the same in every run. Clones share clock and draws.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The clock.
    pub clock: Clock,
    seed: u8,
    drawn: Arc<AtomicU32>,
}

impl Seeded {
    /// An environment with this seed.
    pub fn new(clock: Clock, seed: u8) -> Self {
        Self { clock, seed, drawn: Arc::new(AtomicU32::new(0)) }
    }
}

impl Default for Seeded {
    fn default() -> Self {
        Self::new(Clock::default(), 1)
    }
}

impl Environment for Seeded {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Never over while the clock stands still.
    async fn pause(&self, until: Timestamp) {
        let Some(speed) = self.clock.speed() else { return std::future::pending().await };
        let left = until.as_millisecond().saturating_sub(self.now().as_millisecond());
        let left = u64::try_from(left).unwrap_or(0).div_ceil(u64::from(speed));
        tokio::time::sleep(Duration::from_millis(left.max(1))).await;
    }

    fn entropy(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst);
        Moment::new(Timestamp::from_millisecond(0), [self.seed; 32]).bytes("testkit", number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_from_one_another_and_repeat_from_run_to_run() {
        let (first, second) = (Seeded::default(), Seeded::default());
        let draws: Vec<_> = (0..3).map(|_| first.entropy()).collect();
        assert!(draws[0] != draws[1] && draws[1] != draws[2]);
        assert_eq!(draws, (0..3).map(|_| second.entropy()).collect::<Vec<_>>());
        assert_eq!(first.now().to_string(), "2026-11-23T09:00:00.000Z");
    }
}
