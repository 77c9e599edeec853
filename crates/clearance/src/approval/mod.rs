//! Approvals: who may decide a request now, the queue that shows it to them, and the decision.

pub mod ask;
pub mod decide;
pub mod decide_many;
mod eligibility;
pub mod queue;
mod waiting;

pub use eligibility::{Circle, open_stage, settle_stages};
pub use waiting::{
    MAX_SELECTORS, Selector, Waiting, WaitingSummary, close_waiting, open_waiting, reopen_waiting, summary_of,
};
