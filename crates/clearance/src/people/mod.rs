//! People, their roles, and the groups by which policy names approvers.

mod group;
mod names;
pub mod operations;
mod person;

pub use group::{Group, Membership};
pub use names::{GroupRef, Names, PersonRef};
pub use person::{AdministratorRoster, EmailAddressOwner, Person, PersonStatus, Role};
