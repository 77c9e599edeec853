//! A clock that stands still until it is told to move.

use std::sync::{Arc, Mutex, PoisonError};

use clearance::time::{Days, Timestamp};
use tokio::time::Instant;

/// A clock that stands still until it is told to move, or to go. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<Hands>>);

#[derive(Debug, Clone, Copy)]
struct Hands {
    /// What it was set to.
    set_to: Timestamp,
    /// Since when it goes, and how many times as fast as time; unless it stands still.
    going: Option<(Instant, u32)>,
}

impl Hands {
    fn now(&self) -> Timestamp {
        let Some((since, speed)) = self.going else { return self.set_to };
        let passed = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let passed = passed.saturating_mul(i64::from(speed));
        Timestamp::from_millisecond(self.set_to.as_millisecond().saturating_add(passed))
    }
}

impl Clock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Hands { set_to: now, going: None })))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Hands) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        self.with(|hands| hands.now())
    }

    /// Moves it to an instant, forward or backward.
    pub fn set(&self, now: Timestamp) {
        self.with(|hands| {
            hands.set_to = now;
            hands.going = hands.going.map(|(_, speed)| (Instant::now(), speed));
        });
    }

    /// Lets it go so many times as fast as time from now on; 0 lets it stand still.
    pub fn go(&self, speed: u32) {
        self.with(|hands| {
            hands.set_to = hands.now();
            hands.going = (speed > 0).then(|| (Instant::now(), speed));
        });
    }

    /// How many times as fast as time it goes; none when it stands still.
    pub fn speed(&self) -> Option<u32> {
        self.with(|hands| hands.going.map(|(_, speed)| speed))
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
