use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ardsaor_core::CoreMetrics;
use clearance::ports::{
    Core, CoreCall, CoreError, EntraSignIn, Environment, OktaSignIn, ProviderSignIn, Secret, Store,
    Vault as _,
};
use core_protocol::key::SigningKey;
use core_protocol::message::{
    Answer, CALL_PATH, Call, Connector, EntraCredential, InstallationId, NO_CALL, NO_CALL_CODE,
    OktaCredential,
};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer, PairingCode};
use core_protocol::sealing::{Sealed, SealingContext};
use core_protocol::signature::Nonce;
use zeroize::Zeroizing;

use super::Address;
use super::exchange::{Http, Message, Reply, random, unreachable};
use super::inside::address_in;
use super::key::{Pairing, place};
use crate::vault::{SealedVault, VaultKey};

/// Where this site's Core is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// Inside a server of this data directory; here are its database and address.
    Inside(PathBuf),
    /// Another program.
    At(Address),
}

/// How this site stands with its Core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It has no key for the Core that is configured.
    NotPaired,
    /// Core knows its key.
    Paired,
    /// Core knows its key, and refuses its calls with this code.
    Refused(String),
    /// Core does not know its key.
    Unknown,
}

/// The `Core` port over the signed protocol. The signing key is in the vault.
#[derive(Debug, Clone)]
pub struct CoreClient<S, E> {
    store: S,
    environment: E,
    vault: VaultKey,
    whereabouts: Whereabouts,
    http: Http,
    /// Where Core listens that runs in this very process.
    own: Arc<OnceLock<Address>>,
    /// What that one counts.
    own_metrics: Arc<OnceLock<CoreMetrics>>,
}

impl<S: Store, E: Environment> CoreClient<S, E> {
    /// A way to Core. Nothing is sent yet.
    pub fn new(store: S, environment: E, vault: VaultKey, whereabouts: Whereabouts) -> Self {
        let (http, own, own_metrics) = (Http::default(), Arc::default(), Arc::default());
        Self { store, environment, vault, whereabouts, http, own, own_metrics }
    }

    /// Where Core is.
    pub fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    /// From now on, Core runs in this process.
    pub(super) fn set_own(&self, address: Address, metrics: CoreMetrics) {
        // It starts once in a process.
        let _ = self.own.set(address);
        let _ = self.own_metrics.set(metrics);
    }

    /// What the Core in this process counts, once it runs.
    pub(super) fn own_metrics(&self) -> Arc<OnceLock<CoreMetrics>> {
        Arc::clone(&self.own_metrics)
    }

    /// How this site stands with its Core: asked by a call without a credential or operation.
    ///
    /// # Errors
    /// [`CoreError`] when Core cannot be asked.
    pub async fn standing(&self) -> Result<Standing, CoreError> {
        let address = self.address()?;
        self.standing_at(&address).await
    }

    pub(super) async fn standing_at(&self, address: &Address) -> Result<Standing, CoreError> {
        let Some(pairing) = self.pairing().await? else { return Ok(Standing::NotPaired) };
        let reply = self.probe(address, &pairing.key).await?;
        match (reply.is_proven(), reply.code()) {
            (true, Some(code)) if code == NO_CALL_CODE => Ok(Standing::Paired),
            (true, Some(code)) => Ok(Standing::Refused(code)),
            (false, Some(code)) if code == "signature_mismatch" => Ok(Standing::Unknown),
            _ => match reply.answer() {
                Ok(_) => Err(unreachable("it answered what it was not asked")),
                Err(error) => Err(error),
            },
        }
    }

    /// Exchanges a pairing code for this site's signing key at the Core that is configured, and keeps it in the vault.
    ///
    /// # Errors
    /// [`CoreError`]; the code is used up only when Core gave the key.
    pub async fn pair(&self, code: &PairingCode) -> Result<InstallationId, CoreError> {
        let address = self.address()?;
        self.pair_at(&address, code).await
    }

    pub(super) async fn pair_at(
        &self,
        address: &Address,
        code: &PairingCode,
    ) -> Result<InstallationId, CoreError> {
        let (key, nonce) = (code.key(), self.nonce());
        let body = Zeroizing::new(b"{}".to_vec());
        let message = Message { path: PAIRING_PATH, key: &key, nonce: &nonce, body };
        let answer = self.http.post(&self.environment, address, message).await?.answer()?;
        let answer: PairingAnswer =
            serde_json::from_slice(&answer).map_err(|_| unreachable("its answer is not understood"))?;
        let key = answer.open(&key, &nonce).map_err(|_| unreachable("its answer does not open"))?;
        let pairing = Pairing { installation: answer.installation, key };
        let (place, secret) = (place(&self.whereabouts), pairing.to_secret(&self.whereabouts));
        let (Some(place), Some(secret)) = (place, secret) else {
            return Err(unreachable("its key cannot be kept"));
        };
        self.sealed().keep(&place, &secret).await.map_err(no_vault)?;
        Ok(pairing.installation)
    }

    /// Where Core is now.
    fn address(&self) -> Result<Address, CoreError> {
        match (&self.whereabouts, self.own.get()) {
            (Whereabouts::At(address), _) => Ok(address.clone()),
            (Whereabouts::Inside(_), Some(own)) => Ok(own.clone()),
            (Whereabouts::Inside(directory), None) => address_in(directory).ok_or(CoreError::NotConfigured),
        }
    }

    /// Where a call may be sent, and with which key.
    pub(super) async fn reach(&self) -> Result<(Address, SigningKey), CoreError> {
        let address = self.address()?;
        let Pairing { key, .. } = self.pairing().await?.ok_or(CoreError::NotConfigured)?;
        let elsewhere = matches!(self.whereabouts, Whereabouts::Inside(_)) && self.own.get().is_none();
        // The port in the file may be another program's by now, which must get no credential: whoever listens there proves first that it
        // has the key.
        if elsewhere && !self.probe(&address, &key).await?.is_proven() {
            return Err(unreachable("another program is at its address"));
        }
        Ok((address, key))
    }

    async fn probe(&self, address: &Address, key: &SigningKey) -> Result<Reply, CoreError> {
        let (nonce, body) = (self.nonce(), Zeroizing::new(NO_CALL.as_bytes().to_vec()));
        let message = Message { path: CALL_PATH, key, nonce: &nonce, body };
        self.http.post(&self.environment, address, message).await
    }

    pub(super) async fn pairing(&self) -> Result<Option<Pairing>, CoreError> {
        let Some(place) = place(&self.whereabouts) else { return Ok(None) };
        let secret = self.sealed().secret(&place).await.map_err(no_vault)?;
        Ok(secret.and_then(|secret| Pairing::from_secret(&secret, &self.whereabouts)))
    }

    pub(super) fn sealed(&self) -> SealedVault<'_, S, E> {
        SealedVault { store: &self.store, environment: &self.environment, key: &self.vault }
    }

    fn nonce(&self) -> Nonce {
        Nonce::from_entropy(random(&self.environment))
    }

    /// The connector as it travels: a typed secret is sealed for its host, its tenant and this one request.
    fn connector(
        &self,
        provider: ProviderSignIn,
        key: &SigningKey,
        nonce: &Nonce,
    ) -> Result<Connector, CoreError> {
        let seal = |secret: &Secret, host: &str, tenant: &str| {
            let context = SealingContext { host, tenant, nonce };
            Sealed::seal(key, &context, secret.expose().as_bytes(), random(&self.environment))
                .map_err(|_| unreachable("a secret cannot be sealed"))
        };
        Ok(match provider {
            ProviderSignIn::Okta { host, credential } => {
                let credential = match credential {
                    OktaSignIn::Assertions { client_id, first, second } => {
                        OktaCredential::Assertions { client_id, first, second }
                    }
                    OktaSignIn::ApiToken(secret) => {
                        OktaCredential::ApiToken { sealed: seal(&secret, host.as_str(), host.as_str())? }
                    }
                };
                Connector::Okta { host, credential }
            }
            ProviderSignIn::Entra { cloud, tenant, client_id, credential } => {
                let credential = match credential {
                    EntraSignIn::Assertion(assertion) => EntraCredential::Assertion { assertion },
                    EntraSignIn::ClientSecret(secret) => EntraCredential::ClientSecret {
                        sealed: seal(&secret, cloud.sign_in_host(), tenant.as_str())?,
                    },
                };
                Connector::Entra { cloud, tenant, client_id, credential }
            }
        })
    }
}

impl<S: Store, E: Environment> Core for CoreClient<S, E> {
    async fn call(&self, call: CoreCall) -> Result<Answer, CoreError> {
        let (address, key) = self.reach().await?;
        let nonce = self.nonce();
        let connector = self.connector(call.provider, &key, &nonce)?;
        let call = Call { connector, operation: call.operation };
        let body = serde_json::to_vec(&call).map(Zeroizing::new);
        let body = body.map_err(|_| unreachable("a request cannot be written"))?;
        let message = Message { path: CALL_PATH, key: &key, nonce: &nonce, body };
        let answer = self.http.post(&self.environment, &address, message).await?.answer()?;
        serde_json::from_slice(&answer).map_err(|_| unreachable("its answer is not understood"))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the error is used up")]
fn no_vault(error: clearance::ports::VaultError) -> CoreError {
    unreachable(error.to_string())
}
