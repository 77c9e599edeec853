//! Identities: which person has which account at a provider, entered by an administrator and never guessed.

mod account;
mod fingerprint;
mod mapping;

pub use account::{OpenFinding, ProviderAccount, Seat, SeatBasis};
pub use fingerprint::{Fingerprint, fingerprint, fingerprints};
pub use mapping::IdentityMapping;
