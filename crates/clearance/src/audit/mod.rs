//! What the log says: who did what, when, to what.

mod event;
pub mod operations;

pub use event::{Actor, EventKind};
