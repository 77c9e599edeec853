use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use clearance::ports::{Environment, Moment};
use clearance::time::Timestamp;

/// The time as the glue told it last. It moves only while the module waits.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millisecond())))
    }

    /// Moves it forward; it never goes backward within an invocation.
    pub(crate) fn advance(&self, now: Timestamp) {
        self.0.fetch_max(now.as_millisecond(), Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed))
    }
}

/// The time, and the random bytes that came with the invocation.
#[derive(Debug)]
pub(crate) struct InvocationEnvironment {
    clock: Clock,
    deadline: Timestamp,
    seed: Moment,
    drawn: AtomicU32,
}

impl InvocationEnvironment {
    pub(crate) fn new(clock: Clock, deadline: Timestamp, seed: [u8; 32]) -> Self {
        let seed = Moment::new(clock.now(), seed);
        Self { clock, deadline, seed, drawn: AtomicU32::new(0) }
    }
}

impl Environment for InvocationEnvironment {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn entropy(&self) -> [u8; 32] {
        // Every draw is different, and all follow from the 32 bytes: the same invocation draws the same again.
        self.seed.bytes("entropy", self.drawn.fetch_add(1, Ordering::Relaxed))
    }

    fn deadline(&self) -> Option<Timestamp> {
        Some(self.deadline)
    }
}
