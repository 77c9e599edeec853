//! Connectors: tenants of directory providers, how to sign in there, and the groups that open tools.

mod assertion;
mod call;
mod disposal;
mod document;
mod group;
mod health;

pub use call::{CallFailure, call};
pub use disposal::{Disposal, Kept};
pub use document::{Connector, ConnectorStatus, EntraCredential, OktaCredential, Provider};
pub use group::{GroupOwner, Hold, ProviderGroup, RemovalWindow};
pub use health::{ConnectorHealth, HealthState};
