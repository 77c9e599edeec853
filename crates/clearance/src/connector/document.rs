use core_protocol::message::{EntraClientId, EntraCloud, EntraTenant, OktaClientId, OktaHost};
use serde::{Deserialize, Serialize};

use super::{CertifiedKey, ChangesPerSecond};
use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::ConnectorId;
use crate::ports::{Attributes, Index, Kind, Place};
use crate::text::Line;
use crate::time::Timestamp;

/// How this site signs in at an Okta org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OktaCredential {
    /// OAuth 2 with `private_key_jwt`: the key was made in the vault, its public half is pasted at Okta.
    KeyPair {
        /// The API services app.
        client_id: OktaClientId,
        /// Where the key is.
        key: Place,
        /// Where the key is that takes its place once a test with it has passed.
        #[serde(default)]
        next: Option<Place>,
    },
    /// An API token that somebody typed.
    ApiToken {
        /// Where it is.
        secret: Place,
    },
}

/// How this site signs in at a Microsoft Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntraCredential {
    /// A certificate whose key was made in the vault; the certificate is uploaded at Entra.
    Certificate {
        /// The one in use.
        current: CertifiedKey,
        /// The one that takes its place once a test with it has passed.
        #[serde(default)]
        next: Option<CertifiedKey>,
    },
    /// A client secret that somebody typed.
    ClientSecret {
        /// Where it is.
        secret: Place,
        /// When it lapses, as whoever typed it said.
        lapses_at: Option<Timestamp>,
    },
}

/// Which tenant of which provider, and how to sign in there. Hosts come from closed lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provider {
    /// An Okta org.
    Okta {
        /// The org's host.
        host: OktaHost,
        /// How to sign in.
        credential: OktaCredential,
    },
    /// A Microsoft Entra tenant.
    Entra {
        /// Which cloud.
        cloud: EntraCloud,
        /// Which tenant.
        tenant: EntraTenant,
        /// As which application.
        client_id: EntraClientId,
        /// How to sign in.
        credential: EntraCredential,
    },
}

impl Provider {
    /// `okta` or `entra`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Okta { .. } => "okta",
            Self::Entra { .. } => "entra",
        }
    }

    /// The tenant to which groups and accounts belong.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Okta { host, .. } => host.as_str(),
            Self::Entra { tenant, .. } => tenant.as_str(),
        }
    }

    /// `key_pair`, `api_token`, `certificate` or `client_secret`.
    pub fn credential_name(&self) -> &'static str {
        match self {
            Self::Okta { credential: OktaCredential::KeyPair { .. }, .. } => "key_pair",
            Self::Okta { credential: OktaCredential::ApiToken { .. }, .. } => "api_token",
            Self::Entra { credential: EntraCredential::Certificate { .. }, .. } => "certificate",
            Self::Entra { credential: EntraCredential::ClientSecret { .. }, .. } => "client_secret",
        }
    }

    /// What of the vault it names.
    pub fn places(&self) -> Vec<&Place> {
        match self {
            Self::Okta { credential: OktaCredential::KeyPair { key, next, .. }, .. } => {
                std::iter::once(key).chain(next).collect()
            }
            Self::Entra { credential: EntraCredential::Certificate { current, next }, .. } => {
                std::iter::once(current).chain(next).map(|certified| &certified.key).collect()
            }
            Self::Okta { credential: OktaCredential::ApiToken { secret }, .. }
            | Self::Entra { credential: EntraCredential::ClientSecret { secret, .. }, .. } => vec![secret],
        }
    }

    /// The same with the waiting key in use and the one before it, to be given up; none when no key waits.
    pub fn with_next_key(&self) -> Option<(Self, Place)> {
        let mut promoted = self.clone();
        let before = match &mut promoted {
            Self::Okta { credential: OktaCredential::KeyPair { key, next, .. }, .. } => {
                std::mem::replace(key, next.take()?)
            }
            Self::Entra { credential: EntraCredential::Certificate { current, next }, .. } => {
                std::mem::replace(current, next.take()?).key
            }
            Self::Okta { .. } | Self::Entra { .. } => return None,
        };
        Some((promoted, before))
    }

    /// The host that the credential may be sent to.
    pub fn sign_in_host(&self) -> &str {
        match self {
            Self::Okta { host, .. } => host.as_str(),
            Self::Entra { cloud, .. } => cloud.sign_in_host(),
        }
    }
}

/// Whether a connector is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorStatus {
    /// Jobs run.
    Enabled,
    /// No job begins. Removals that are due become follow-ups.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// By whom.
        by: Actor,
    },
}

/// A connector: a tenant of a directory provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// Its id.
    pub id: ConnectorId,
    /// Name as shown.
    pub name: Line,
    /// Tenant and credential.
    pub provider: Provider,
    /// Whether it is used.
    pub status: ConnectorStatus,
    /// How many changes a second its provider bears, as an administrator said; none for what is usual with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_per_second: Option<ChangesPerSecond>,
    /// Rises with each change; a form that was open meanwhile is refused.
    pub version: u32,
}

impl Connector {
    /// All connectors by name.
    pub const BY_NAME: Index = Index { name: "by_name", partition: &["all"], range: "sort_name" };

    /// Whether jobs may begin.
    pub fn is_enabled(&self) -> bool {
        self.status == ConnectorStatus::Enabled
    }

    /// How many changes a second its provider bears.
    pub fn pace(&self) -> ChangesPerSecond {
        self.changes_per_second.unwrap_or_else(|| ChangesPerSecond::usual(&self.provider))
    }
}

impl Document for Connector {
    const KIND: &'static Kind =
        &Kind { name: "connector", attributes: &["all", "sort_name"], indexes: &[Self::BY_NAME] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.name.as_str().to_lowercase())]
    }
}
