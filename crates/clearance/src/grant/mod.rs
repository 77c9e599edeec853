//! Grants: a person's time-boxed access to a tool.

mod end;
pub mod explain;
pub mod operations;
mod revoke;
mod start;
mod state;
mod view;

pub use end::{Ending, begin_end, settle_removal};
pub(crate) use end::{interrupt, resume};
pub(crate) use revoke::{ending, revoke};
pub use start::{AskedBy, extend, settle_provisioned, start};
pub use state::{EndReason, Extension, Grant, GrantState, Interrupted, Means, SeatRef};
pub use view::{FollowUpView, GrantView, grant_view};
