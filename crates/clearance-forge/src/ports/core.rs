//! The `Core` port over the platform's remote: each call is one signed request, and its answer must be signed for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearance::ports::{
    Core, CoreCall, CoreError, EntraSignIn, Environment as _, OktaSignIn, Place, ProviderSignIn, Secret,
    Vault as _,
};
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::{
    Answer, CALL_PATH, Call, Connector, EntraCredential, ErrorBody, InstallationId, NO_CALL, NO_CALL_CODE,
    OktaCredential,
};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer, PairingCode};
use core_protocol::sealing::{Sealed, SealingContext};
use core_protocol::signature::{Nonce, Request, Response, Validity, sign_request, verify_response};
use zeroize::Zeroizing;

use super::environment::InvocationEnvironment;
use super::vault::EffectVault;
use crate::bus::Bus;
use crate::effect::{CoreAnswer, CoreRequest};

/// Seconds that a request is valid: room for two clocks that differ, and no more.
const VALID_SECONDS: i64 = 90;
/// Where in the secret storage the signing key is.
const PLACE: &str = "ardsaor-core:configured";

/// How this site stands with its Core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The app was deployed without a Core.
    NotConfigured,
    /// It has no key for its Core.
    NotPaired,
    /// Core knows its key.
    Paired,
    /// Core knows its key, and refuses its calls with this code.
    Refused(String),
    /// Core does not know its key.
    Unknown,
}

/// The way to Core. The signing key is in the platform's secret storage.
#[derive(Debug)]
pub(crate) struct EffectCore {
    bus: Bus,
    environment: Arc<InvocationEnvironment>,
    /// Host and port of the remote as it is addressed; nothing when the app was deployed without one.
    authority: Option<String>,
}

/// What came back.
struct Reply {
    status: u16,
    body: Zeroizing<String>,
    /// Whether it is signed with the request's key, as the answer to this very request.
    proven: bool,
}

fn unreachable(what: impl Into<String>) -> CoreError {
    CoreError::Unreachable(what.into())
}

impl Reply {
    /// The code of a refusal.
    fn code(&self) -> Option<String> {
        let code = serde_json::from_str::<ErrorBody>(&self.body).ok()?.error.code;
        let known = (1..=64).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        known.then_some(code)
    }

    /// The body of an answer that is Core's answer to this request, and no refusal.
    fn answer(self) -> Result<Zeroizing<String>, CoreError> {
        match (self.status, self.code()) {
            (200, _) if self.proven => Ok(self.body),
            (200, _) => Err(unreachable("its answer is not signed as the one to this request")),
            // Neither is the request's fault: the same may go well later.
            (status, Some(code)) if matches!(code.as_str(), "busy" | "body_timeout") => {
                Err(unreachable(format!("it answered {status} ({code})")))
            }
            (400..=499, Some(code)) => Err(CoreError::Refused(code)),
            (status, Some(code)) => Err(unreachable(format!("it answered {status} ({code})"))),
            (status, None) => Err(unreachable(format!("it answered {status}"))),
        }
    }
}

impl EffectCore {
    pub(crate) fn new(bus: Bus, environment: Arc<InvocationEnvironment>, authority: Option<String>) -> Self {
        Self { bus, environment, authority }
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        const { assert!(N <= 32, "one draw gives 32 bytes") };
        let entropy = Zeroizing::new(self.environment.entropy());
        std::array::from_fn(|index| entropy.get(index).copied().unwrap_or_default())
    }

    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.environment.now().as_millisecond().div_euclid(1000))
    }

    fn nonce(&self) -> Nonce {
        Nonce::from_entropy(self.random())
    }

    fn vault(&self) -> EffectVault {
        EffectVault::new(self.bus.clone())
    }

    fn authority(&self) -> Result<&str, CoreError> {
        self.authority.as_deref().ok_or(CoreError::NotConfigured)
    }

    /// Signs and sends, and reads what comes back.
    async fn post(
        &self,
        path: &'static str,
        key: &SigningKey,
        nonce: &Nonce,
        body: String,
    ) -> Result<Reply, CoreError> {
        let request = Request {
            method: "POST",
            authority: self.authority()?,
            path,
            query: None,
            headers: &[],
            body: body.as_bytes(),
        };
        let signed = Validity::new(self.now(), VALID_SECONDS)
            .and_then(|validity| sign_request(key, &request, validity, nonce))
            .map_err(|_| unreachable("a request cannot be signed"))?;
        let headers: BTreeMap<_, _> =
            signed.fields().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let answer: Result<CoreAnswer, _> = self.bus.call(CoreRequest::Core { path, headers, body }).await;
        let CoreAnswer { status, headers, body } = answer.map_err(|error| unreachable(error.to_string()))?;
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let response = Response { status, headers: &headers, body: body.as_bytes() };
        let proven = verify_response(key, &response, signed.signature(), self.now()).is_ok();
        Ok(Reply { status, body: Zeroizing::new(body), proven })
    }

    /// How this site stands with its Core: asked by a call without a credential or operation.
    ///
    /// # Errors
    /// [`CoreError`] when Core cannot be asked.
    pub(crate) async fn standing(&self) -> Result<Standing, CoreError> {
        if self.authority.is_none() {
            return Ok(Standing::NotConfigured);
        }
        let Some((_, key)) = self.pairing().await? else { return Ok(Standing::NotPaired) };
        let reply = self.post(CALL_PATH, &key, &self.nonce(), NO_CALL.to_owned()).await?;
        match (reply.proven, reply.code()) {
            (true, Some(code)) if code == NO_CALL_CODE => Ok(Standing::Paired),
            (true, Some(code)) => Ok(Standing::Refused(code)),
            (false, Some(code)) if code == "signature_mismatch" => Ok(Standing::Unknown),
            _ => {
                Err(reply.answer().err().unwrap_or_else(|| unreachable("it answered what it was not asked")))
            }
        }
    }

    /// Exchanges a pairing code for this site's signing key, and keeps it in the secret storage.
    ///
    /// # Errors
    /// [`CoreError`]; the code is used up only when Core gave the key.
    pub(crate) async fn pair(&self, code: &PairingCode) -> Result<InstallationId, CoreError> {
        let (key, nonce) = (code.key(), self.nonce());
        let answer = self.post(PAIRING_PATH, &key, &nonce, "{}".to_owned()).await?.answer()?;
        let answer: PairingAnswer =
            serde_json::from_str(&answer).map_err(|_| unreachable("its answer is not understood"))?;
        let key = answer.open(&key, &nonce).map_err(|_| unreachable("its answer does not open"))?;
        let text = Zeroizing::new(format!(
            "{} {} {} {}",
            self.authority()?,
            answer.installation,
            key.id(),
            *key.to_text()
        ));
        let (place, secret) = (place()?, Secret::new(text.as_str()));
        let secret = secret.map_err(|_| unreachable("its key cannot be kept"))?;
        self.vault().keep(&place, &secret).await.map_err(|error| unreachable(error.to_string()))?;
        Ok(answer.installation)
    }

    /// Who this site is at the Core that is configured; a key that belongs to another is not used.
    async fn pairing(&self) -> Result<Option<(InstallationId, SigningKey)>, CoreError> {
        let authority = self.authority()?;
        let secret = self.vault().secret(&place()?).await.map_err(|error| unreachable(error.to_string()))?;
        Ok(secret.and_then(|secret| {
            let mut words = secret.expose().split(' ');
            let mut word = || words.next();
            let (at, installation, id, key) = (word()?, word()?, word()?, word()?);
            if at != authority {
                return None;
            }
            Some((installation.parse().ok()?, SigningKey::from_text(id.parse().ok()?, key).ok()?))
        }))
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
            Sealed::seal(key, &context, secret.expose().as_bytes(), self.random())
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

fn place() -> Result<Place, CoreError> {
    Place::try_from(PLACE.to_owned()).map_err(|_| unreachable("there is no place for its key"))
}

impl Core for EffectCore {
    async fn call(&self, call: CoreCall) -> Result<Answer, CoreError> {
        let (_, key) = self.pairing().await?.ok_or(CoreError::NotConfigured)?;
        let nonce = self.nonce();
        let connector = self.connector(call.provider, &key, &nonce)?;
        let call = Call { connector, operation: call.operation };
        let body = serde_json::to_string(&call).map_err(|_| unreachable("a request cannot be written"))?;
        let answer = self.post(CALL_PATH, &key, &nonce, body).await?.answer()?;
        serde_json::from_str(&answer).map_err(|_| unreachable("its answer is not understood"))
    }
}
