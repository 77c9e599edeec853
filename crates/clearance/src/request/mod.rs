//! Requests: one person asks for one tool, for a purpose and a time.

mod acting;
mod holding;
pub mod operations;
pub mod preview;
mod review;
mod stages;
mod state;
pub mod submit;
mod texts;
mod view;

pub use acting::{ActorView, WhoCanAct, who_can_act};
pub use holding::Holding;
pub use review::{Approval, Course, DecidedStage, Due, OpenStage, Progress, Review};
pub use stages::StageView;
pub use state::{
    Consent, Decider, Denial, Exchange, Forgoing, Request, RequestState, SeatWait, Source, TakenBack,
    Withdrawal,
};
pub use view::{ExchangeView, RequestView, SeatWaitView, request_view, sees_request};
