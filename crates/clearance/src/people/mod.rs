//! People, their roles, and the groups by which policy names approvers.

pub mod account_deleted;
pub mod erase;
mod erasure;
mod group;
mod guards;
mod leave;
mod names;
pub mod operations;
mod person;
pub mod put;
mod standing;

pub(crate) use erase::{export_facts, unended_grants};
pub use erasure::{ERASED_NAME, Erasure, ErasureStage};
pub use group::{Group, Membership};
pub(crate) use leave::leave;
pub use names::{GroupRef, Names, PersonRef, Who};
pub use person::{AdministratorRoster, EmailAddressOwner, Person, PersonStatus, Role};
pub use standing::StandingChange;
