//! Stand-ins for Okta and Microsoft Graph, for tests: stateful, on a free loopback port, with faults on demand.
//!
//! They answer in the shapes of recorded real traffic, which a test compares, and refuse what the real ones refuse: a token that was not
//! given, a `DPoP` proof that proves nothing, an assertion used twice. They are no providers: what Core does not ask, they do not know.

#![expect(
    clippy::indexing_slicing,
    reason = "only JSON values are indexed, which gives null and never panics"
)]

mod assertion;
mod entra;
mod lag;
mod okta;
mod server;

pub use entra::{Entra, EntraGroup};
pub use okta::{Okta, OktaGroup};
pub use server::{Answered, Exchange, Fault, FaultKind, Seen};
