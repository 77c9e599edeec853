//! Intake from Jira: what an issue asks for becomes a request, once, and only in the name of whoever really asks.
//!
//! An issue is written by many hands: its reporter, whoever made it, agents, automation. None of what stands in it is believed. What a person
//! asks for is kept here as a [draft](Drafts) under their own account; the issue carries its id and hash only.
//!
//! | document | key | says |
//! |---|---|---|
//! | [`Drafts`] | person | what somebody filled in on a portal in the last day |
//! | [`IssueIntake`] | issue id | guard: what became of an issue. At most one request comes of it |
//! | [`IssueOfRequest`] | request | which issue asked |
//!
//! Issue ids and account ids stand in these documents and never in the log. Native approvals and statuses grant nothing.

mod agreement;
mod confirm;
mod created;
mod drafts;
mod events;
mod get;
mod issue;
mod native;
mod settings;
mod tell;
mod waiting;

pub use agreement::{Agreement, Hands, agree};
pub use confirm::Confirm;
pub use created::IssueCreated;
pub use drafts::{Draft, Drafts, StoreDraft};
pub use events::{IssueDeleted, IssueUpdated};
pub use get::{Get, MayComplete};
pub use issue::{IntakeState, IssueIntake, IssueOfRequest, WaitingReason};
pub(crate) use issue::{forget_person, forget_reporter};
pub use native::{Mismatch, mismatch};
pub use settings::{CommentAudience, JiraSettings, TransitionName, Transitions};
pub use tell::{Told, tell};
pub use waiting::ListWaiting;
