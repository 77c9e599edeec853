//! Connectors: tenants of directory providers, how to sign in there, and the groups that open tools.

mod ask;
mod assertion;
mod call;
mod certificate;
mod clocks;
mod disposal;
mod document;
pub mod group;
mod health;
mod in_use;
pub mod operations;
mod pace;
pub mod put;
pub mod test;
mod view;

pub(crate) use ask::{ask, inactive, shown, unexpected};
pub use call::{CallFailure, call};
pub(crate) use call::{call_with, typed_secret};
pub use certificate::CertifiedKey;
pub(crate) use clocks::look_again;
pub use clocks::{ClockDifference, ProviderClocks, TOLERANCE_SECONDS};
pub use disposal::{Disposal, Kept};
pub use document::{Connector, ConnectorStatus, EntraCredential, OktaCredential, Provider};
pub use group::{
    BindingView, ConnectorRef, GroupAtProvider, GroupOwner, Hold, ProviderGroup, Rebound, RemovalWindow,
    connector_ref,
};
pub use health::{ConnectorHealth, HealthState};
pub(crate) use operations::required;
pub use pace::{ChangesPerSecond, ConnectorPace, Spread};
pub use view::{CertificateView, ConnectorView, HealthView, JsonWebKey, ProviderView};
