use core_protocol::message::{Answer, Operation};

use super::{Connector, EntraCredential, OktaCredential, Provider, assertion, clocks};
use crate::failure::Failure;
use crate::ports::{
    Core as _, CoreCall, CoreError, EntraSignIn, Environment as _, Moment, OktaSignIn, Place, Ports,
    ProviderSignIn, Secret, StoreError, Vault as _, VaultError,
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
    let moment = Moment::draw(ports.environment());
    let provider = sign_in(ports, connector, &moment).await?;
    let asked_at = ports.environment().now();
    let answer = ports.core().call(CoreCall { provider, operation: operation.clone() }).await?;
    // What cannot be written down now, the next answer says again.
    let _ = clocks::note(ports, connector.id, &operation, &answer, asked_at).await;
    Ok(answer)
}

async fn sign_in<P: Ports>(
    ports: &P,
    connector: &Connector,
    moment: &Moment,
) -> Result<ProviderSignIn, CallFailure> {
    let vault = ports.vault();
    Ok(match &connector.provider {
        Provider::Okta { host, credential } => {
            let credential = match credential {
                OktaCredential::KeyPair { client_id, key, .. } => OktaSignIn::Assertions {
                    client_id: client_id.clone(),
                    first: assertion::okta(vault, (host, client_id, key), moment, 0).await?,
                    second: assertion::okta(vault, (host, client_id, key), moment, 1).await?,
                },
                OktaCredential::ApiToken { secret } => OktaSignIn::ApiToken(secret_at(ports, secret).await?),
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
                EntraCredential::ClientSecret { secret, .. } => {
                    EntraSignIn::ClientSecret(secret_at(ports, secret).await?)
                }
            };
            ProviderSignIn::Entra { cloud: *cloud, tenant, client_id, credential }
        }
    })
}

async fn secret_at<P: Ports>(ports: &P, place: &Place) -> Result<Secret, CallFailure> {
    ports.vault().secret(place).await?.ok_or(CallFailure::SecretMissing)
}
