//! Proposals: changes that one administrator may not make alone.
//!
//! One administrator proposes, another confirms. A proposal says what is to be done, in typed facts; it holds no change. Confirming runs the
//! noun's own decision again under today's state, and is refused when that says no.
//!
//! To let another kind of change wait for a second administrator:
//! 1. add a variant to [`Proposed`] with the facts from which the change is decided (what is secret goes to the vault, its place into
//!    the variant), and answer the compiler's questions there: the kind's name, what it is about, why it waits, what the log says;
//! 2. where the change is decided, call [`propose`] instead of making it when somebody else must agree;
//! 3. add its arm to `proposals.confirm`: decide it anew, into the change that closes the proposal;
//! 4. add what views show of it.

mod changes;
mod document;
mod gain;
mod made;
pub mod operations;
mod second_person;
mod view;

pub use document::{
    BindReasons, OpenProposal, Proposal, ProposalState, ProposalStateName, Proposed, ProposedAccount,
};
pub use gain::Gain;
pub(crate) use gain::judged;
pub(crate) use made::{close, close_about, propose, withdraw_all, withdraw_answers};
pub use second_person::{ALONE_AFTER_HOURS, Confirmability};
pub(crate) use second_person::{Agreed, needs_second};
pub use view::{ProposalView, proposal_view};
