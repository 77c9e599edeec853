//! What is answered is on disk: the real program is killed under load, and its system calls are looked at.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod kill;
mod load;
mod program;
mod trace;
