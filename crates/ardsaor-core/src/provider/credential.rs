use core_protocol::key::SigningKey;
use core_protocol::message::{Connector, EntraCredential, OktaCredential};
use core_protocol::sealing::{NotOpened, Sealed, SealingContext};
use core_protocol::signature::Nonce;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A typed secret, opened for one call.
pub(crate) type Secret = Zeroizing<String>;

/// A call's credential, ready to use. Assertions stay where they are, in the connector.
pub(crate) enum Credential {
    /// Assertions that the app signed.
    Assertions,
    /// A typed secret: Okta API token or Entra client secret.
    Secret(Secret),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

impl Credential {
    /// Opens what is sealed, which works for the connector's own host and tenant and the request's nonce only.
    pub(crate) fn open(connector: &Connector, key: &SigningKey, nonce: &Nonce) -> Result<Self, NotOpened> {
        let sealed: &Sealed = match connector {
            Connector::Okta { credential: OktaCredential::ApiToken { sealed }, .. }
            | Connector::Entra { credential: EntraCredential::ClientSecret { sealed }, .. } => sealed,
            Connector::Okta { credential: OktaCredential::Assertions { .. }, .. }
            | Connector::Entra { credential: EntraCredential::Assertion { .. }, .. } => {
                return Ok(Self::Assertions);
            }
        };
        let context = SealingContext { host: connector.sealing_host(), tenant: connector.tenant(), nonce };
        let bytes = sealed.open(key, &context)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| NotOpened)?;
        // It goes into a header or a form: nothing else but visible characters can be a credential.
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotOpened);
        }
        Ok(Self::Secret(Zeroizing::new(text.to_owned())))
    }

    /// Tells credentials apart without telling them. Assertions change with each call; what stays is their header, which names the key.
    pub(crate) fn hash(&self, connector: &Connector) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        };
        match connector {
            Connector::Okta { credential: OktaCredential::Assertions { client_id, first, .. }, .. } => {
                part(client_id.as_str());
                part(first.expose().split('.').next().unwrap_or_default());
            }
            Connector::Entra { client_id, credential, .. } => {
                part(client_id.as_str());
                if let EntraCredential::Assertion { assertion } = credential {
                    part(assertion.expose().split('.').next().unwrap_or_default());
                }
            }
            Connector::Okta { .. } => {}
        }
        if let Self::Secret(secret) = self {
            part(secret);
        }
        hash.finalize().into()
    }
}
