//! Drift: who is in the group that opens a tool, compared with who may be.
//!
//! A check asks the provider for every member and reads, in one walk, what this program knows of the connector's accounts; it compares
//! fingerprints and keeps no id of the provider in memory. What differs becomes a [`Finding`], which ends in a disposition and never silently.
//! A check takes nothing away and restores nothing: that is for whoever disposes of the finding.

mod answer;
mod cause;
mod compare;
pub mod confirmed;
pub mod dispose;
pub mod dispose_many;
mod entries;
mod finding;
mod forget;
mod known;
mod last_check;
mod leave;
pub mod operations;
mod release;
mod remedy;
mod run;
mod settle;
mod sweep;
mod view;

pub use answer::ProposedAnswer;
pub(crate) use answer::confirm as confirm_answer;
pub use cause::Cause;
pub use finding::{
    Difference, Disposition, DispositionKind, DriftKind, Finding, FindingState, Observed, Remedy,
};
pub(crate) use forget::{forget_person, is_outdated};
pub use last_check::{CheckOutcome, DriftCheck, LastCheck};
pub(crate) use release::stop_answering;
pub(crate) use remedy::{is_anything_left, remove_person};
pub use run::{DriftPass, run_due};
pub use view::{DispositionView, FindingView};
