//! Delegations: somebody lets another person decide for them, from one day to another.
//!
//! A delegation gives what its delegator may decide in their own right, and nothing that others let the delegator decide: it is not
//! transitive. Whoever stands in for somebody decides nothing that this person asked for, and both count as one decider of a request.
//! Erasing a person, like leaving, ends every delegation from and to them; the documents hold ids and times only.

mod document;
mod leave;
pub mod operations;

pub use document::{Delegation, Delegations};
pub(crate) use leave::end_all;
