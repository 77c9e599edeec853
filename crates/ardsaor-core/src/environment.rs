//! Time and randomness, which come from outside.

use std::time::{SystemTime, UNIX_EPOCH};

use core_protocol::UnixSeconds;

/// Where time and randomness come from.
pub trait Environment: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> UnixSeconds;
    /// 32 bytes that nobody can guess.
    fn entropy(&self) -> [u8; 32];
}

/// The operating system's clock and entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Environment for System {
    #[expect(clippy::disallowed_methods, reason = "this is the port through which time comes")]
    fn now(&self) -> UnixSeconds {
        // Before 1970 means that the clock was never set; every signature is then refused as created in the future.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixSeconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
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

/// The first bytes of fresh entropy.
pub(crate) fn random<const N: usize>(environment: &impl Environment) -> [u8; N] {
    const { assert!(N <= 32, "one draw gives 32 bytes") };
    let entropy = environment.entropy();
    std::array::from_fn(|index| entropy.get(index).copied().unwrap_or_default())
}
