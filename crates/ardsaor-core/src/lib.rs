//! `ArdSaor` Core: a signed API in front of Okta and Microsoft Entra group membership.
//!
//! Core knows nothing of requests, policies or approvals. It puts an account into a group or takes it out, confirms what it did by a read,
//! and answers with codes. It keeps no provider credential: each call brings its own, and what providers give in return lives in memory.
//!
//! Before a call has any effect, Core has checked its signature, its installation's status, for Forge the invocation token, and that its
//! nonce was never used; for changes also that the installation owns the group and that no later change of the same membership was seen.
//!
//! [`Core::start`] runs it inside another process; the program `ardsaor-core` does the same.

pub mod cli;
pub mod config;
mod core;
pub mod database;
mod environment;
mod forge;
mod http;
mod installation;
mod load;
mod log;
mod metrics;
mod perform;
pub mod provider;

pub use crate::core::{Core, CoreMetrics, Settings, StartError, Transport};
pub use environment::{Environment, System};
pub use forge::{ForgeSettings, InvocationRefused};
pub use installation::{
    ForgeIdentity, Installation, InstallationError, InstallationKind, InstallationStatus, Installations,
};
pub use load::Limits;
