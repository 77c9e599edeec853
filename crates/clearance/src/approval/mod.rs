//! Approvals: who may decide a request now, the queue that shows it to them, and the decision.

pub mod ask;
pub mod decide;
pub mod decide_many;
mod eligibility;
pub mod queue;
mod right;
mod selector;
mod waiting;
pub mod withdraw;

pub use eligibility::{Circle, excluded, open_stage, settle_stages};
pub use right::{Right, Standing, right_of};
pub use selector::Selector;
pub use waiting::{MAX_SELECTORS, Waiting, WaitingSummary, close_waiting, show_waiting, summary_of};
