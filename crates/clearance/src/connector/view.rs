use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::message::EntraCloud;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    CertifiedKey, ChangesPerSecond, Connector, ConnectorHealth, ConnectorStatus, EntraCredential,
    HealthState, OktaCredential, Provider, ProviderClocks, ProviderGroup, assertion,
};
use crate::documents::{self, Select, load};
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::ports::{Place, Ports, Store, Vault as _};
use crate::provisioning::FollowUpReason;
use crate::time::Timestamp;

/// A connector, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectorView {
    /// Its id.
    pub id: ConnectorId,
    /// Name as shown.
    pub name: String,
    /// Tenant and credential.
    pub provider: ProviderView,
    /// Whether jobs may begin.
    pub status: ConnectorStatusView,
    /// Since when they may not.
    pub disabled_since: Option<Timestamp>,
    /// How it fares.
    pub health: HealthView,
    /// Seconds by which the provider's clock is ahead of this site's, behind when negative, while they differ by more than five minutes:
    /// nothing is done by time until they agree. `null` while they agree.
    pub clock_seconds: Option<i64>,
    /// How many changes a second its provider bears, as an administrator said; `null` for what is usual.
    pub changes_per_second: Option<ChangesPerSecond>,
    /// How many are usual with the provider.
    pub usual_changes_per_second: ChangesPerSecond,
    /// To be given with a change.
    pub version: u32,
    /// Tools whose access goes through it.
    pub tools: u32,
}

/// Whether a connector is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorStatusView {
    /// Jobs run.
    Enabled,
    /// No job begins; removals that are due become follow-ups.
    Disabled,
}

/// A provider's tenant and how this site signs in there.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProviderView {
    /// An Okta org.
    Okta {
        /// The org's host.
        host: String,
        /// How to sign in.
        credential: OktaCredentialView,
    },
    /// A Microsoft Entra tenant.
    Entra {
        /// Which cloud.
        #[schemars(with = "String", extend("enum" = ["global", "us_government", "us_defense", "china"]))]
        cloud: EntraCloud,
        /// The tenant's id.
        tenant: String,
        /// The application's id.
        client_id: String,
        /// How to sign in.
        credential: EntraCredentialView,
    },
}

/// How this site signs in at an Okta org.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OktaCredentialView {
    /// A key that was made here.
    KeyPair {
        /// The API services app.
        client_id: String,
        /// The public half, to be pasted at Okta.
        public_key: Box<JsonWebKey>,
        /// The public half of the key that waits for a test to pass.
        next_public_key: Option<Box<JsonWebKey>>,
    },
    /// An API token.
    ApiToken {
        /// Whether there is one.
        secret_set: bool,
    },
}

/// How this site signs in at a Microsoft Entra tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntraCredentialView {
    /// A certificate whose key was made here.
    Certificate {
        /// The one in use, to be uploaded at Entra.
        certificate: CertificateView,
        /// The one that waits for a test to pass.
        next_certificate: Option<CertificateView>,
    },
    /// A client secret.
    ClientSecret {
        /// Whether there is one.
        secret_set: bool,
        /// When it lapses, as whoever typed it said.
        lapses_at: Option<Timestamp>,
    },
}

/// A public RSA key for signatures, as a JSON Web Key ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Debug, Serialize, JsonSchema)]
pub struct JsonWebKey {
    /// `RSA`.
    pub kty: &'static str,
    /// `sig`: for signatures.
    #[serde(rename = "use")]
    pub key_use: &'static str,
    /// `RS256`.
    pub alg: &'static str,
    /// Its thumbprint ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)).
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The public exponent, base64url.
    pub e: String,
}

/// A certificate as a provider wants it, and as its pages name it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CertificateView {
    /// PEM text, to be uploaded.
    pub pem: String,
    /// SHA-256 of it, hexadecimal.
    pub thumbprint_sha256: String,
    /// SHA-1 of it, hexadecimal: the name that Entra's pages show.
    pub thumbprint_sha1: String,
    /// Until when it is valid.
    pub ends_at: Timestamp,
}

/// How a connector fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthView {
    /// In a word.
    pub state: HealthName,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Why, while it does not work.
    pub reason: Option<FollowUpReason>,
    /// What an administrator can do about it.
    pub what_to_do: Option<&'static str>,
}

/// How a connector fares, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthName {
    /// Never tested since it was made or its credential changed.
    Untested,
    /// The last call came through.
    Working,
    /// The provider refuses, or a secret is missing: a person must do something.
    Failing,
    /// The provider or Core does not answer: jobs wait.
    Outage,
}

impl HealthView {
    /// Of a connector that fares so.
    pub fn of(state: HealthState) -> Self {
        let (state, since, reason) = match state {
            HealthState::Untested => (HealthName::Untested, None, None),
            HealthState::Working { since } => (HealthName::Working, Some(since), None),
            HealthState::Failing { since, reason } => (HealthName::Failing, Some(since), Some(reason)),
            HealthState::Outage { since, reason } => {
                let reason = reason.map_or(FollowUpReason::CoreDown, FollowUpReason::from);
                (HealthName::Outage, Some(since), Some(reason))
            }
        };
        Self { state, since, reason, what_to_do: reason.map(FollowUpReason::what_to_do) }
    }
}

/// What is shown of a connector, with its health as stored.
pub(super) async fn connector_view<P: Ports>(
    ports: &P,
    connector: &Connector,
) -> Result<ConnectorView, Failure> {
    let health = load::<ConnectorHealth>(ports.store(), &connector.id.to_string()).await?;
    let state = health.map_or(HealthState::Untested, |health| health.state);
    connector_view_with(ports, connector, state).await
}

/// What is shown of a connector that fares as the change under way will have it.
pub(super) async fn connector_view_with<P: Ports>(
    ports: &P,
    connector: &Connector,
    state: HealthState,
) -> Result<ConnectorView, Failure> {
    let (status, disabled_since) = match connector.status {
        ConnectorStatus::Enabled => (ConnectorStatusView::Enabled, None),
        ConnectorStatus::Disabled { since, .. } => (ConnectorStatusView::Disabled, Some(since)),
    };
    let (_, clocks) = ProviderClocks::stored(ports.store()).await?;
    Ok(ConnectorView {
        id: connector.id,
        name: connector.name.to_string(),
        provider: provider_view(ports, &connector.provider).await?,
        status,
        disabled_since,
        health: HealthView::of(state),
        clock_seconds: clocks.differing.get(&connector.id).map(|difference| difference.seconds),
        changes_per_second: connector.changes_per_second,
        usual_changes_per_second: ChangesPerSecond::usual(&connector.provider),
        version: connector.version,
        tools: bound_tools(ports.store(), connector.id).await?,
    })
}

async fn bound_tools(store: &impl Store, connector: ConnectorId) -> Result<u32, Failure> {
    let select = Select::by(&ProviderGroup::BY_CONNECTOR, [connector]);
    let bound = documents::all::<ProviderGroup>(store, select).await?;
    Ok(u32::try_from(bound.len()).unwrap_or(u32::MAX))
}

async fn provider_view<P: Ports>(ports: &P, provider: &Provider) -> Result<ProviderView, Failure> {
    Ok(match provider {
        Provider::Okta { host, credential } => {
            let credential = match credential {
                OktaCredential::KeyPair { client_id, key, next } => OktaCredentialView::KeyPair {
                    client_id: client_id.to_string(),
                    public_key: public_key(ports, key).await?,
                    next_public_key: match next {
                        Some(key) => Some(public_key(ports, key).await?),
                        None => None,
                    },
                },
                OktaCredential::ApiToken { .. } => OktaCredentialView::ApiToken { secret_set: true },
            };
            ProviderView::Okta { host: host.to_string(), credential }
        }
        Provider::Entra { cloud, tenant, client_id, credential } => {
            let credential = match credential {
                EntraCredential::Certificate { current, next } => EntraCredentialView::Certificate {
                    certificate: certificate_view(current)?,
                    next_certificate: next.as_ref().map(certificate_view).transpose()?,
                },
                EntraCredential::ClientSecret { lapses_at, .. } => {
                    EntraCredentialView::ClientSecret { secret_set: true, lapses_at: *lapses_at }
                }
            };
            let (tenant, client_id) = (tenant.to_string(), client_id.to_string());
            ProviderView::Entra { cloud: *cloud, tenant, client_id, credential }
        }
    })
}

async fn public_key<P: Ports>(ports: &P, key: &Place) -> Result<Box<JsonWebKey>, Failure> {
    let public = ports.vault().rsa_public_key(key).await?;
    Ok(Box::new(JsonWebKey {
        kty: "RSA",
        key_use: "sig",
        alg: "RS256",
        kid: assertion::key_id(&public),
        n: URL_SAFE_NO_PAD.encode(&public.modulus),
        e: URL_SAFE_NO_PAD.encode(&public.exponent),
    }))
}

fn certificate_view(certified: &CertifiedKey) -> Result<CertificateView, Failure> {
    Ok(CertificateView {
        pem: certified.pem(),
        thumbprint_sha256: hexadecimal(&certified.thumbprint_sha256()?),
        thumbprint_sha1: hexadecimal(&certified.thumbprint_sha1()?),
        ends_at: certified.ends_at,
    })
}

/// In capitals, as Entra's pages write it.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
