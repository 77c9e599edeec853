//! Requests: one person asks for one tool, for a purpose and a time.

mod holding;
pub mod operations;
pub mod preview;
mod review;
mod state;
pub mod submit;
mod texts;
mod view;

pub use holding::Holding;
pub use review::{Approval, DecidedStage, OpenStage, Progress, Review};
pub use state::{Decider, Denial, Exchange, Request, RequestState, Source, TakenBack, Withdrawal};
pub use view::{ExchangeView, RequestView, StageView, request_view, sees_request};
