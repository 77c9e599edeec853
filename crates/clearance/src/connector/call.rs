use core_protocol::message::{Answer, Operation};

use super::{Connector, EntraCredential, OktaCredential, Provider, assertion, clocks};
use crate::failure::Failure;
use crate::ports::{
    Core as _, CoreCall, CoreError, EntraSignIn, Environment as _, Moment, OktaSignIn, Ports, ProviderSignIn,
    Secret, StoreError, Vault as _, VaultError,
};
use crate::refusal::{Code, Refusal};

/// Why a call at a provider gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// Core gave none.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The vault gave no signature.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The typed secret is not in the vault: it must be typed again.
    #[error("the connector's secret is not there any more")]
    SecretMissing,
}

impl From<CallFailure> for Failure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Core(CoreError::NotConfigured) => {
                let message = "there is no ArdSaor Core here: do this in the pages while the server runs, or configure `core.url`";
                Refusal::new(Code::Unavailable, message).into()
            }
            failure => Self::Store(StoreError::Unavailable(failure.to_string())),
        }
    }
}

/// Carries out one operation at a connector's provider, whatever its status.
///
/// # Errors
/// [`CallFailure`].
pub async fn call<P: Ports>(
    ports: &P,
    connector: &Connector,
    operation: Operation,
) -> Result<Answer, CallFailure> {
    let secret = typed_secret(ports, connector).await?;
    call_with(ports, connector, secret.as_ref(), operation).await
}

/// [`call`] with the connector's [`typed_secret`], which was read before.
///
/// # Errors
/// [`CallFailure`].
pub(crate) async fn call_with<P: Ports>(
    ports: &P,
    connector: &Connector,
    secret: Option<&Secret>,
    operation: Operation,
) -> Result<Answer, CallFailure> {
    let moment = Moment::draw(ports.environment());
    let provider = sign_in(ports, connector, secret, &moment).await?;
    let asked_at = ports.environment().now();
    let answer = ports.core().call(CoreCall { provider, operation: operation.clone() }).await?;
    // What cannot be written down now, the next answer says again.
    let _ = clocks::note(ports, connector.id, &operation, &answer, asked_at).await;
    Ok(answer)
}

/// The secret that somebody typed for a connector; none when it signs in with a key of its own, or the secret is not there any more.
///
/// # Errors
/// The vault's.
pub(crate) async fn typed_secret<P: Ports>(
    ports: &P,
    connector: &Connector,
) -> Result<Option<Secret>, VaultError> {
    match &connector.provider {
        Provider::Okta { credential: OktaCredential::ApiToken { secret }, .. }
        | Provider::Entra { credential: EntraCredential::ClientSecret { secret, .. }, .. } => {
            ports.vault().secret(secret).await
        }
        Provider::Okta { credential: OktaCredential::KeyPair { .. }, .. }
        | Provider::Entra { credential: EntraCredential::Certificate { .. }, .. } => Ok(None),
    }
}

async fn sign_in<P: Ports>(
    ports: &P,
    connector: &Connector,
    secret: Option<&Secret>,
    moment: &Moment,
) -> Result<ProviderSignIn, CallFailure> {
    let vault = ports.vault();
    let typed = || secret.cloned().ok_or(CallFailure::SecretMissing);
    Ok(match &connector.provider {
        Provider::Okta { host, credential } => {
            let credential = match credential {
                OktaCredential::KeyPair { client_id, key, .. } => OktaSignIn::Assertions {
                    client_id: client_id.clone(),
                    first: assertion::okta(vault, (host, client_id, key), moment, 0).await?,
                    second: assertion::okta(vault, (host, client_id, key), moment, 1).await?,
                },
                OktaCredential::ApiToken { .. } => OktaSignIn::ApiToken(typed()?),
            };
            ProviderSignIn::Okta { host: host.clone(), credential }
        }
        Provider::Entra { cloud, tenant, client_id, credential } => {
            let (tenant, client_id) = (tenant.clone(), client_id.clone());
            let credential = match credential {
                EntraCredential::Certificate { current, .. } => {
                    let application = (*cloud, &tenant, &client_id);
                    let assertion = assertion::entra(vault, application, current, moment).await?;
                    EntraSignIn::Assertion(assertion)
                }
                EntraCredential::ClientSecret { .. } => EntraSignIn::ClientSecret(typed()?),
            };
            ProviderSignIn::Entra { cloud: *cloud, tenant, client_id, credential }
        }
    })
}
