//! Approvals: who may decide a request now, the queue that shows it to them, and the decision.

pub mod ask;
pub mod decide;
pub mod decide_many;
mod eligibility;
mod overtaken;
mod pass_on;
pub mod queue;
mod right;
mod selector;
mod waiting;
pub mod withdraw;

pub use eligibility::{Circle, excluded, open_stage, settle_stages};
pub(crate) use pass_on::{WaitingRequest, asks_administrators_alone, to_administrators};
pub use right::{Right, Standing, right_of};
pub use selector::Selector;
pub use waiting::{MAX_SELECTORS, Waiting, WaitingSummary, close_waiting, show_waiting, summary_of};
