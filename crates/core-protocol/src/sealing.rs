//! Sealing what must not be readable in a request even where TLS ends early.
//!
//! XChaCha20-Poly1305 under a key derived from the signing key ([RFC 5869]) for this purpose alone. The associated data names the
//! provider's host, the tenant and the request's nonce: a sealed secret moved to another host, another tenant or another request does not
//! open.
//!
//! [RFC 5869]: https://www.rfc-editor.org/rfc/rfc5869

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::key::SigningKey;
use crate::signature::Nonce;
use crate::text::InvalidText;

/// Bytes of randomness that sealing takes.
pub const SEALING_ENTROPY: usize = 24;
/// Bytes of a sealed secret, at most.
const LONGEST: usize = 8 * 1024;
/// What the derived key is for.
const PURPOSE: &str = "ardsaor-core sealed secret v1";

/// What a sealed secret is bound to.
#[derive(Debug, Clone, Copy)]
pub struct SealingContext<'a> {
    /// The host that the secret may be sent to.
    pub host: &'a str,
    /// The tenant at that host.
    pub tenant: &'a str,
    /// The nonce of the request that carries it.
    pub nonce: &'a Nonce,
}

impl SealingContext<'_> {
    /// Each part after its length, so that no two contexts give the same bytes.
    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for part in [self.host, self.tenant, self.nonce.as_str()] {
            data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// A sealed secret: nonce and ciphertext, as base64url text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed {
    nonce: [u8; SEALING_ENTROPY],
    ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// The sealed secret does not open: another key, host, tenant or request, or a changed bit. The cipher does not tell which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open")]
pub struct NotOpened;

impl NotOpened {
    /// The stable name of the reason.
    pub const fn code(self) -> &'static str {
        "sealed_secret_not_opened"
    }
}

impl Sealed {
    /// Seals a secret. `entropy` must be random and used once.
    ///
    /// # Errors
    /// [`NotOpened`] when the secret is longer than the 8 KiB that any credential has.
    pub fn seal(
        key: &SigningKey,
        context: &SealingContext<'_>,
        secret: &[u8],
        entropy: [u8; SEALING_ENTROPY],
    ) -> Result<Self, NotOpened> {
        if secret.len() > LONGEST {
            return Err(NotOpened);
        }
        let payload = Payload { msg: secret, aad: &context.associated_data() };
        let ciphertext = cipher(key).encrypt(&XNonce::from(entropy), payload).map_err(|_| NotOpened)?;
        Ok(Self { nonce: entropy, ciphertext })
    }

    /// Opens a secret that was sealed with this key in this context.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn open(
        &self,
        key: &SigningKey,
        context: &SealingContext<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let payload = Payload { msg: &self.ciphertext, aad: &context.associated_data() };
        cipher(key).decrypt(&XNonce::from(self.nonce), payload).map(Zeroizing::new).map_err(|_| NotOpened)
    }
}

fn cipher(key: &SigningKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.derive(PURPOSE)).into())
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        URL_SAFE_NO_PAD.encode([sealed.nonce.as_slice(), &sealed.ciphertext].concat())
    }
}

impl TryFrom<String> for Sealed {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const INVALID: InvalidText = InvalidText("sealed secret");
        if text.len() > 2 * LONGEST {
            return Err(INVALID);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| INVALID)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<SEALING_ENTROPY>().ok_or(INVALID)?;
        Ok(Self { nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce(first: u8) -> Nonce {
        Nonce::from_entropy([first; 16])
    }

    #[test]
    fn a_secret_opens_with_its_key_for_its_host_tenant_and_request_only() {
        let key = SigningKey::new("key_1".parse().unwrap(), &[7; 32]).unwrap();
        let other = SigningKey::new("key_1".parse().unwrap(), &[8; 32]).unwrap();
        let (one, two) = (nonce(1), nonce(2));
        let context = SealingContext { host: "acme.okta.com", tenant: "acme", nonce: &one };
        let sealed = Sealed::seal(&key, &context, b"hunter2", [3; 24]).unwrap();
        assert_eq!(sealed.open(&key, &context).unwrap().as_slice(), b"hunter2");
        assert_eq!(sealed.open(&other, &context), Err(NotOpened));
        for wrong in [
            SealingContext { host: "evil.okta.com", ..context },
            SealingContext { tenant: "other", ..context },
            SealingContext { host: "acme.okta.comacme", tenant: "", ..context },
            SealingContext { nonce: &two, ..context },
        ] {
            assert_eq!(sealed.open(&key, &wrong), Err(NotOpened), "{wrong:?}");
        }
        let text = String::from(sealed.clone());
        assert_eq!(Sealed::try_from(text.clone()).unwrap(), sealed);
        for position in 0..text.len() - 1 {
            let mut changed = text.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = Sealed::try_from(String::from_utf8(changed).unwrap());
            assert!(
                changed.is_err() || changed.unwrap().open(&key, &context).is_err(),
                "character {position}"
            );
        }
        assert_eq!(format!("{sealed:?}"), "Sealed(…)");
    }
}
