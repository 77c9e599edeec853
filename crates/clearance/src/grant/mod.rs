//! Grants: a person's time-boxed access to a tool.

mod end;
pub mod operations;
mod start;
mod state;
mod view;

pub use end::{Ending, begin_end, settle_removal};
pub use start::{attest_provisioned, extend, start};
pub use state::{EndReason, Extension, Grant, GrantState, Interrupted};
pub use view::{GrantView, grant_view};
