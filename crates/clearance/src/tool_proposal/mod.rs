//! Proposals of tools that are not in the catalogue: somebody names one, administrators assess it, and a draft entry is made of it or not.
//!
//! What a proposer writes is free text about something nobody here knows: it lives beside the log, which holds commitments, and goes when
//! the proposer is erased. What an administrator makes of it in the catalogue is the organization's.

mod assess;
mod assessment;
mod document;
mod known;
pub mod operations;
mod view;
mod withdraw;

pub use assessment::{Answer, Assessment, Question};
pub use document::{Declination, OpenToolProposal, ToolProposal, ToolProposalState};
pub use view::ToolProposalView;
pub(crate) use withdraw::{forget_person, withdraw_all};

pub use assess::{Assess, Begin};
