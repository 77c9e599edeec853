//! `connectors.put`, `connectors.rotate_key`.

use audit_log::Value;
use core_protocol::message::{EntraClientId, EntraCloud, EntraTenant, OktaClientId, OktaHost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{GetConnector, required};
use super::view::{ConnectorView, connector_view, connector_view_with};
use super::{
    CertifiedKey, ChangesPerSecond, Connector, ConnectorHealth, ConnectorStatus, Disposal, EntraCredential,
    HealthState, Kept, OktaCredential, Provider,
};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Place, Ports, Secret};
use crate::refusal::{Code, Refusal};
use crate::text::Line;
use crate::time::Timestamp;

/// `connectors.put`.
#[derive(Debug)]
pub struct Put;

/// What `connectors.put` takes: the whole connector as it should be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutConnector {
    /// The connector to change; none adds one.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// The version that was read; required when changing a connector.
    #[serde(default)]
    pub version: Option<u32>,
    /// Name as shown.
    pub name: Line,
    /// Tenant and credential.
    pub provider: PutProvider,
    /// How many changes a second the provider bears: fewer when other programs share its limits, more when it has granted more. Not
    /// given, what is usual: 20 for Entra, 8 for Okta.
    #[serde(default)]
    pub changes_per_second: Option<ChangesPerSecond>,
}

/// Which tenant of which provider, and how to sign in there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PutProvider {
    /// An Okta org.
    Okta {
        /// The org's own host, like `acme.okta.com`; neither a custom domain nor an `-admin` host.
        #[schemars(with = "String")]
        host: OktaHost,
        /// How to sign in.
        credential: PutOktaCredential,
    },
    /// A Microsoft Entra tenant.
    Entra {
        /// Which cloud.
        #[schemars(with = "String", extend("enum" = ["global", "us_government", "us_defense", "china"]))]
        cloud: EntraCloud,
        /// The tenant's id, a UUID in lower case.
        #[schemars(with = "String")]
        tenant: EntraTenant,
        /// The application's id, a UUID in lower case.
        #[schemars(with = "String")]
        client_id: EntraClientId,
        /// How to sign in.
        credential: PutEntraCredential,
    },
}

impl PutProvider {
    /// Whether groups and accounts there are others than at `old`.
    fn is_elsewhere(&self, old: &Provider) -> bool {
        match (self, old) {
            (Self::Okta { host, .. }, Provider::Okta { host: old, .. }) => host != old,
            (
                Self::Entra { cloud, tenant, .. },
                Provider::Entra { cloud: old_cloud, tenant: old_tenant, .. },
            ) => (cloud, tenant) != (old_cloud, old_tenant),
            (Self::Okta { .. } | Self::Entra { .. }, _) => true,
        }
    }
}

/// How to sign in at an Okta org.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PutOktaCredential {
    /// With a key that is made here; its public half is shown, to be pasted at Okta.
    KeyPair {
        /// The API services app.
        #[schemars(with = "String")]
        client_id: OktaClientId,
    },
    /// With an API token.
    ApiToken {
        /// The token; not given, it stays.
        #[serde(default)]
        token: Option<Secret>,
    },
}

/// How to sign in at a Microsoft Entra tenant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PutEntraCredential {
    /// With a certificate whose key is made here; it is shown, to be uploaded at Entra.
    Certificate {},
    /// With a client secret.
    ClientSecret {
        /// The secret; not given, it stays.
        #[serde(default)]
        secret: Option<Secret>,
        /// When it lapses.
        #[serde(default)]
        lapses_at: Option<Timestamp>,
    },
}

/// What operations on one connector answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectorAnswer {
    /// The connector as stored now.
    pub connector: ConnectorView,
}

impl Operation for Put {
    const NAME: &'static str = "connectors.put";
    const SUMMARY: &'static str = "Add or change a connector";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    type Input = PutConnector;
    type Output = ConnectorAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutConnector,
    ) -> Result<Decision<ConnectorAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let before = match input.connector {
            Some(id) => Some(required(store, id).await?),
            None => None,
        };
        if let Some(before) = &before
            && input.version != Some(before.version)
        {
            let message = "somebody changed this connector meanwhile; load it again and repeat your change";
            return Err(Refusal::new(Code::StaleRevision, message).with("version", before.version).into());
        }
        let id = before.as_ref().map_or_else(|| ConnectorId::new(moment, "connector", 0), |it| it.id);
        let old = before.as_ref().map(|before| &before.provider);
        if old.is_some_and(|old| input.provider.is_elsewhere(old)) {
            super::in_use::require_unused(store, id).await?;
        }
        let mut change = Change::new();
        let provider = provider(context, &mut change, id, old, &input.provider).await?;
        let connector = Connector {
            id,
            name: input.name.clone(),
            status: before.as_ref().map_or(ConnectorStatus::Enabled, |before| before.status),
            changes_per_second: input.changes_per_second,
            version: before.as_ref().map_or(1, |before| before.version.saturating_add(1)),
            provider,
        };
        let named = connector.provider.places();
        for place in old.map(Provider::places).unwrap_or_default() {
            if !named.contains(&place) {
                Disposal::give_up(&mut change, place, moment.now);
            }
        }
        let health = load::<ConnectorHealth>(store, &id.to_string()).await?;
        let mut state = health.as_ref().map_or(HealthState::Untested, |health| health.state);
        // What was found with another credential or elsewhere says nothing of this one.
        if old.is_none_or(|old| {
            old.places() != named
                || (old.tenant(), old.sign_in_host())
                    != (connector.provider.tenant(), connector.provider.sign_in_host())
        }) {
            state = HealthState::Untested;
            change.upsert(health.as_ref(), &ConnectorHealth::untested(id));
        }
        change.upsert(before.as_ref(), &connector);
        let event = if before.is_some() { EventKind::ConnectorChanged } else { EventKind::ConnectorAdded };
        let facts = Value::object([
            ("connector", Value::from(id.to_string())),
            ("version", Value::from(connector.version)),
            ("provider", Value::from(connector.provider.name())),
            ("credential", Value::from(connector.provider.credential_name())),
            ("changes_per_second", Value::from(u32::from(connector.pace().get()))),
            ("credential_changed", Value::from(old.is_none_or(|old| old.places() != named))),
        ]);
        change.record(moment.now, &context.admission.actor()?, event, facts);
        let connector = connector_view_with(context.ports, &connector, state).await?;
        Ok(Decision::change(ConnectorAnswer { connector }, change))
    }
}

/// The provider as it should be. What the old one has of the vault stays in use only for the same tenant, host and application: a secret
/// never goes anywhere but where it was typed for.
async fn provider<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    id: ConnectorId,
    old: Option<&Provider>,
    wanted: &PutProvider,
) -> Result<Provider, Failure> {
    Ok(match wanted {
        PutProvider::Okta { host, credential } => {
            let kept = match old {
                Some(Provider::Okta { host: old, credential }) if old == host => Some(credential),
                _ => None,
            };
            let credential = okta_credential(context, change, kept, credential).await?;
            Provider::Okta { host: host.clone(), credential }
        }
        PutProvider::Entra { cloud, tenant, client_id, credential } => {
            let kept = match old {
                Some(Provider::Entra {
                    cloud: old_cloud,
                    tenant: old_tenant,
                    client_id: old_id,
                    credential,
                }) if (old_cloud, old_tenant, old_id) == (cloud, tenant, client_id) => Some(credential),
                _ => None,
            };
            let credential = entra_credential(context, change, id, kept, credential).await?;
            Provider::Entra {
                cloud: *cloud,
                tenant: tenant.clone(),
                client_id: client_id.clone(),
                credential,
            }
        }
    })
}

async fn okta_credential<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    kept: Option<&OktaCredential>,
    wanted: &PutOktaCredential,
) -> Result<OktaCredential, Failure> {
    Ok(match (wanted, kept) {
        (
            PutOktaCredential::KeyPair { client_id },
            Some(OktaCredential::KeyPair { client_id: old, key, next }),
        ) if client_id == old => {
            OktaCredential::KeyPair { client_id: old.clone(), key: key.clone(), next: next.clone() }
        }
        (PutOktaCredential::KeyPair { client_id }, _) => {
            let (key, _) = Kept::rsa_key(context.ports, &context.moment, KEY).await?;
            OktaCredential::KeyPair { client_id: client_id.clone(), key: key.name(change), next: None }
        }
        (PutOktaCredential::ApiToken { token: None }, Some(OktaCredential::ApiToken { secret })) => {
            OktaCredential::ApiToken { secret: secret.clone() }
        }
        (PutOktaCredential::ApiToken { token }, _) => {
            OktaCredential::ApiToken { secret: keep(context, change, token.as_ref(), "token").await? }
        }
    })
}

async fn entra_credential<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    id: ConnectorId,
    kept: Option<&EntraCredential>,
    wanted: &PutEntraCredential,
) -> Result<EntraCredential, Failure> {
    Ok(match (wanted, kept) {
        (PutEntraCredential::Certificate {}, Some(EntraCredential::Certificate { current, next })) => {
            EntraCredential::Certificate { current: current.clone(), next: next.clone() }
        }
        (PutEntraCredential::Certificate {}, _) => {
            EntraCredential::Certificate { current: certified_key(context, change, id).await?, next: None }
        }
        (
            PutEntraCredential::ClientSecret { secret: None, lapses_at },
            Some(EntraCredential::ClientSecret { secret, .. }),
        ) => EntraCredential::ClientSecret { secret: secret.clone(), lapses_at: *lapses_at },
        (PutEntraCredential::ClientSecret { secret, lapses_at }, _) => EntraCredential::ClientSecret {
            secret: keep(context, change, secret.as_ref(), "secret").await?,
            lapses_at: *lapses_at,
        },
    })
}

/// The noun of keys' places in the vault, and which of a command.
const KEY: (&str, u32) = ("connector-key", 0);

async fn keep<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    secret: Option<&Secret>,
    field: &str,
) -> Result<Place, Failure> {
    let secret = secret.ok_or_else(|| {
        let message = "type the secret: there is none yet for this provider, host, tenant and application";
        Refusal::new(Code::SecretRequired, message).with("field", field)
    })?;
    let kept = Kept::secret(context.ports, &context.moment, ("connector-secret", 0), secret).await?;
    Ok(kept.name(change))
}

async fn certified_key<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    id: ConnectorId,
) -> Result<CertifiedKey, Failure> {
    let (key, public) = Kept::rsa_key(context.ports, &context.moment, KEY).await?;
    let certified = CertifiedKey::new(context.ports, &context.moment, id, (key.place(), &public)).await?;
    key.name(change);
    Ok(certified)
}

/// `connectors.rotate_key`.
#[derive(Debug)]
pub struct RotateKey;

impl Operation for RotateKey {
    const NAME: &'static str = "connectors.rotate_key";
    const SUMMARY: &'static str = "Make a new key or certificate for a connector; it takes the old one's place when a test with it has passed";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GetConnector;
    type Output = ConnectorAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetConnector,
    ) -> Result<Decision<ConnectorAnswer>, Failure> {
        let before = required(context.store(), input.connector).await?;
        let mut connector = Connector::clone(&before);
        let mut change = Change::new();
        let unused = match &mut connector.provider {
            Provider::Okta { credential: OktaCredential::KeyPair { next, .. }, .. } => {
                let (key, _) = Kept::rsa_key(context.ports, &context.moment, KEY).await?;
                next.replace(key.name(&mut change))
            }
            Provider::Entra { credential: EntraCredential::Certificate { next, .. }, .. } => {
                let certified = certified_key(context, &mut change, input.connector).await?;
                next.replace(certified).map(|certified| certified.key)
            }
            Provider::Okta { .. } | Provider::Entra { .. } => {
                let message = "this connector signs in with a secret: type a new one instead";
                return Err(Refusal::new(Code::SecretRequired, message).into());
            }
        };
        if let Some(unused) = unused {
            Disposal::give_up(&mut change, &unused, context.moment.now);
        }
        connector.version = connector.version.saturating_add(1);
        change.update(&before, &connector);
        let facts = Value::object([
            ("connector", Value::from(connector.id.to_string())),
            ("version", Value::from(connector.version)),
            ("stage", Value::from("waiting")),
        ]);
        change.record(context.moment.now, &context.admission.actor()?, EventKind::ConnectorKeyRotated, facts);
        let connector = connector_view(context.ports, &connector).await?;
        Ok(Decision::change(ConnectorAnswer { connector }, change))
    }
}
