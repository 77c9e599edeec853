//! Exceptions: dated, reasoned deviations, each with somebody who answers for it.
//!
//! Three kinds are one list: a person who may ask for a tool although policy denies it, a member of a tool's group whom nobody approved, and a
//! member from before the group was bound. The first kind is a document of its own, made by one administrator and confirmed by another
//! ([`Proposal`](crate::proposal::Proposal)); the others are what was decided about a [`Finding`](crate::drift::Finding). Each ends by its date, and whoever answers for
//! it is told before.
//!
//! An exception gives nothing: it turns a denial into a question to administrators, for no longer than it lasts.

mod baseline;
mod document;
mod end;
mod entries;
mod forget;
pub mod operations;
mod put;
mod tell;
mod use_of;
mod view;

pub use document::{Exception, ExceptionOfPerson, ExceptionState, OverReason};
pub(crate) use end::{end_due, end_of_person};
pub(crate) use forget::forget_person;
pub(crate) use put::{Made, confirm, propose, refuse};
pub(crate) use tell::tell_until;
pub(crate) use use_of::{InForce, allowance, in_force, require_in_force};
pub use view::{ExceptionKind, ExceptionView};
