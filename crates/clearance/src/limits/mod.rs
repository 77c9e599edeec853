//! How often: allowances by class of operation and person, counted by items rather than by calls.
//!
//! An operation declares its class and what a call counts as ([`Operation::RATE_CLASS`](crate::operations::Operation::RATE_CLASS),
//! [`Operation::cost`](crate::operations::Operation::cost)); [`perform`](crate::operations::perform) does the rest. The count is a
//! document of its own, written in the commit of the change it counts, so it survives restarts, holds across processes on one store,
//! and of two calls that compete for the last of an allowance one loses the race and runs again into the refusal. Work that no commit
//! bounds (queries, bulk commands) is charged in a commit before it begins.
//!
//! Allowances are settings. Whoever works at the host's command line is not counted.

mod bucket;
mod class;
mod row;

pub use bucket::{Allowance, Denied, Level};
pub use class::{InvalidAllowance, Limits, PutLimits, RateClass};
pub(crate) use row::{Charge, charge, charge_of};
pub use row::{RateRow, Subject, admit};
