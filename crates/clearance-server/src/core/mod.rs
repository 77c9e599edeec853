//! The way to `ArdSaor` Core: the adapter of the `Core` port, and Core inside this process.
//!
//! Every call is one signed request and one signed answer ([`core_protocol`]), whether Core is another program elsewhere or runs in here on a
//! loopback port. The signing key lies in the vault and is read for each call, so that a new pairing works at once.

mod address;
mod client;
mod exchange;
mod inside;
mod key;
#[cfg(test)]
mod tests;
mod watch;

pub use address::{Address, InvalidAddress};
pub use client::{CoreClient, Standing, Whereabouts};
pub(crate) use exchange::random;
pub use inside::{Inside, InsideError};
pub use watch::CoreWatch;
