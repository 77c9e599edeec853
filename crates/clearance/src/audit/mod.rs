//! What the log says: who did what, when, to what.

mod event;

pub use event::{Actor, EventKind};
