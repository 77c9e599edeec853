//! The operating system's clock and entropy.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clearance::ports::Environment;
use clearance::time::Timestamp;

/// The operating system's clock and entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Environment for System {
    #[expect(clippy::disallowed_methods, reason = "this is the port through which time comes")]
    fn now(&self) -> Timestamp {
        // Before 1970 means that the clock was never set; the sweeps' check of the clock says so.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millisecond(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// At most a second: the clock may be put back meanwhile.
    async fn pause(&self, until: Timestamp) {
        let left = until.as_millisecond().saturating_sub(self.now().as_millisecond());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        tokio::time::sleep(left.clamp(Duration::from_millis(1), Duration::from_secs(1))).await;
    }

    #[expect(
        clippy::expect_used,
        reason = "without entropy no secret can be made: stopping is the only safe answer"
    )]
    fn entropy(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives entropy");
        bytes
    }
}
