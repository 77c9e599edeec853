//! Reviews: before access ends, or when something about its tool changed, somebody says whether it is still needed.
//!
//! One review of a grant is open at a time. Tool owners decide it, or whom the settings name for the tool's risk, and never the holder; with
//! nobody of them left, administrators. Renewing evaluates a new request under today's policy: a reviewer gives nothing that policy does not.
//! Whatever nobody decides ends as it was to end.

mod call;
pub mod decide;
mod document;
mod entries;
mod facts;
mod forget;
mod look;
mod open;
pub mod operations;
pub mod postpone;
mod renew;
mod reviewer;
mod right;
mod settings;
mod state;
mod view;

pub use call::{ToolReviews, open_for_tool};
pub(crate) use call::{bursts, open_called};
pub use document::{Review, ReviewOfGrant};
pub(crate) use forget::forget_person;
pub(crate) use look::{close_due, look_after, pass_on};
pub(crate) use open::{Windows, open_upcoming, opens_at};
pub(crate) use reviewer::Reviewers;
pub(crate) use right::Reviewing;
pub use settings::{InvalidReviewSettings, ReviewSettings};
pub use state::{Postponement, Renewal, ReviewCause, ReviewDecision, ReviewState, VoidReason};
pub use view::{ReviewStateName, ReviewView};
