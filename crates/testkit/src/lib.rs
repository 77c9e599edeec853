//! The test harness: a clock that stands still until it is told to move, and randomness that repeats.

pub mod clock;
pub mod environment;

pub use clock::Clock;
pub use environment::Seeded;
