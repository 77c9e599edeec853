//! The providers: how they are reached, how Core signs in, and one small client for each.

mod credential;
mod dns;
pub(crate) mod entra;
mod http;
mod listing;
pub(crate) mod okta;
#[cfg(test)]
mod recorded;
mod session;
mod tokens;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use core_protocol::UnixSeconds;
use core_protocol::message::{Connector, FollowUpReason, RefusalReason, RetryReason};

use crate::installation::Installation;
use crate::metrics::Metrics;
pub(crate) use credential::Credential;
pub(crate) use http::UNAVAILABLE_SECONDS;
pub(crate) use session::Session;

/// Where providers are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoints {
    /// At their own hosts, from closed lists, over TLS; never at a private address.
    Public,
    /// **Dangerous**: at a loopback address, in the clear, whatever host a call names. For tests against stand-ins. There is no setting for
    /// it, only an argument that says so.
    DangerousLoopback {
        /// Stands in for every Okta org.
        okta: SocketAddr,
        /// Stands in for Microsoft's sign-in and Graph hosts.
        entra: SocketAddr,
    },
}

/// Why a text names no [`Endpoints::DangerousLoopback`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoStandIns {
    /// It looks otherwise.
    #[error("write `okta=127.0.0.1:PORT,entra=127.0.0.1:PORT`")]
    Form,
    /// Requests would leave this machine in the clear.
    #[error("only a loopback address may stand in for a provider")]
    NotLoopback,
}

/// As `okta=127.0.0.1:4010,entra=127.0.0.1:4020`. Anything but loopback is refused.
impl std::str::FromStr for Endpoints {
    type Err = NoStandIns;

    fn from_str(text: &str) -> Result<Self, NoStandIns> {
        let (okta, entra) = text.split_once(',').ok_or(NoStandIns::Form)?;
        let address = |text: &str, name: &str| -> Result<SocketAddr, NoStandIns> {
            let address =
                text.strip_prefix(name).and_then(|it| it.strip_prefix('=')).ok_or(NoStandIns::Form)?;
            let address: SocketAddr = address.parse().map_err(|_| NoStandIns::Form)?;
            if address.ip().is_loopback() { Ok(address) } else { Err(NoStandIns::NotLoopback) }
        };
        Ok(Self::DangerousLoopback { okta: address(okta, "okta")?, entra: address(entra, "entra")? })
    }
}

/// Which provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Provider {
    Okta,
    Entra,
}

impl Provider {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
    }
}

/// Why a client's work stopped, in the protocol's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    RetryAfter { seconds: u32, reason: RetryReason },
    FollowUp(FollowUpReason),
    Refused(RefusalReason),
}

impl Interrupted {
    pub(crate) const UNEXPECTED: Self = Self::FollowUp(FollowUpReason::UnexpectedAnswer);
    pub(crate) const CREDENTIALS: Self = Self::FollowUp(FollowUpReason::CredentialsRefused);
    pub(crate) const PERMISSION: Self = Self::FollowUp(FollowUpReason::PermissionMissing);
}

/// Everything shared by all calls.
#[derive(Debug)]
pub(crate) struct Providers {
    http: http::Http,
    tokens: tokens::Tokens,
    endpoints: Endpoints,
}

impl Providers {
    pub(crate) fn new(
        endpoints: Endpoints,
        request_timeout: Duration,
        metrics: Arc<Metrics>,
    ) -> reqwest::Result<Self> {
        Ok(Self {
            http: http::Http::new(endpoints, request_timeout, metrics)?,
            tokens: tokens::Tokens::default(),
            endpoints,
        })
    }

    /// What one call does at its provider.
    pub(crate) fn session<'a>(
        &'a self,
        installation: &Installation,
        connector: &'a Connector,
        credential: &'a Credential,
        now: UnixSeconds,
    ) -> Session<'a> {
        Session::new(self, installation, connector, credential, now)
    }

    /// Forgets tokens that have ended, or whose installation was disabled or got a new key.
    pub(crate) fn forget_tokens(&self, installations: &[Installation], now: UnixSeconds) {
        self.tokens.forget(installations, now);
    }
}
