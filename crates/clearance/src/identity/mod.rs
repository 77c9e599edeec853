//! Identities: which person has which account at a provider, entered by an administrator and never guessed.

mod account;
mod fingerprint;
mod forget;
pub mod import;
mod lookup;
mod map;
mod mapping;
pub mod operations;
mod remapping;
mod view;

pub use account::{OpenFinding, ProviderAccount, Seat, SeatBasis, hint_of};
pub use fingerprint::{Fingerprint, fingerprint, fingerprints};
pub(crate) use forget::forget_person;
pub use lookup::TypedAccount;
pub(crate) use map::map_confirmed;
pub use mapping::IdentityMapping;
pub use remapping::Remapping;
pub use view::{IdentityView, identity_view};
