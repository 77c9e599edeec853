//! A clock that stands still until it is told to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clearance::time::{Days, Timestamp};

/// A clock that stands still until it is told to move. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millisecond())))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst))
    }

    /// Moves it to an instant, forward or backward.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millisecond(), Ordering::SeqCst);
    }

    /// Moves it forward by minutes.
    pub fn advance_minutes(&self, minutes: i64) {
        self.set(self.now().plus_minutes(minutes));
    }

    /// Moves it forward by days.
    pub fn advance_days(&self, days: Days) {
        self.set(self.now().plus_days(days));
    }
}

impl Default for Clock {
    /// 2026-11-23, 09:00 UTC: a Monday morning.
    fn default() -> Self {
        Self::at(Timestamp::from_millisecond(1_795_424_400_000))
    }
}
