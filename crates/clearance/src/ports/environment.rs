//! Time and randomness, the only way in which either enters a rule.

use std::future::{Future, pending};

use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// The host's clock and entropy source.
pub trait Environment: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// 32 bytes that nobody can guess.
    fn entropy(&self) -> [u8; 32];
    /// When the host ends this run; nothing when it lets it go on. Long work begins nothing new then, and says that there is more.
    fn deadline(&self) -> Option<Timestamp> {
        None
    }
    /// Comes back at about an instant. A host without timers never does, so whoever pauses also waits for something else.
    fn pause(&self, until: Timestamp) -> impl Future<Output = ()> + Send {
        let _ = until;
        pending()
    }
    /// Whether the host's time for this run is over.
    fn is_time_up(&self) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= self.now())
    }
}

/// When a command runs, and the randomness it may use.
///
/// A command that runs again after a lost race gets the same seed, hence the same ids and salts; so a decision can be replayed exactly.
#[derive(Clone)]
pub struct Moment {
    /// When the command runs.
    pub now: Timestamp,
    seed: [u8; 32],
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Moment {
    /// A moment with a seed drawn by the host.
    pub fn new(now: Timestamp, seed: [u8; 32]) -> Self {
        Self { now, seed }
    }

    /// Draws the moment from an environment.
    pub fn draw(environment: &impl Environment) -> Self {
        Self::new(environment.now(), environment.entropy())
    }

    /// 32 bytes for one purpose: SHA-256 of the seed, the label and the number. Same moment, label and number: same bytes.
    pub fn bytes(&self, label: &str, number: u32) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.seed);
        hasher.update(label.as_bytes());
        hasher.update(number.to_be_bytes());
        hasher.finalize().into()
    }

    /// The moment of the n-th part of a bulk command: same time, independent randomness.
    #[must_use]
    pub fn part(&self, number: u32) -> Self {
        Self { now: self.now, seed: self.bytes("part", number) }
    }
}
