//! The `Vault` port: private keys that are made in the backend and never leave it, and secrets that are kept there.

use std::fmt;
use std::future::Future;

use futures_util::future::join_all;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

/// Private keys and secrets, by name. Nobody is given a key: whoever needs a signature hands the message in.
pub trait Vault: Send + Sync {
    /// The public half of the Ed25519 key of this name ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)). A key
    /// that is asked for the first time is made, from randomness of the backend; from then on it stays the same.
    fn public_key(&self, key: &str) -> impl Future<Output = Result<[u8; 32], VaultError>> + Send;

    /// An Ed25519 signature over the message, with the key of this name; it is made as [`public_key`](Self::public_key) makes it.
    fn sign(&self, key: &str, message: &[u8]) -> impl Future<Output = Result<[u8; 64], VaultError>> + Send;

    /// The public half of the RSA key at this place: 2,048 bits, public exponent 65,537. A key that is asked for the first time is made.
    fn rsa_public_key(&self, key: &Place) -> impl Future<Output = Result<RsaPublicKey, VaultError>> + Send;

    /// An RSA signature over the message, with the key at this place; it is made as [`rsa_public_key`](Self::rsa_public_key) makes it.
    fn sign_rsa(
        &self,
        key: &Place,
        scheme: RsaScheme,
        message: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, VaultError>> + Send;

    /// HMAC-SHA256 ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)) of each message, in order, under the random key of this name, which
    /// is made when there is none and never leaves.
    fn fingerprints(
        &self,
        key: &str,
        messages: &[String],
    ) -> impl Future<Output = Result<Vec<[u8; 32]>, VaultError>> + Send;

    /// Keeps a secret at a place, over whatever is there.
    fn keep(&self, place: &Place, secret: &Secret) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The secret at a place, if there is one.
    fn secret(&self, place: &Place) -> impl Future<Output = Result<Option<Secret>, VaultError>> + Send;

    /// The secrets at several places, in their order, each as [`secret`](Self::secret) finds it.
    fn secrets(
        &self,
        places: &[Place],
    ) -> impl Future<Output = Vec<Result<Option<Secret>, VaultError>>> + Send {
        join_all(places.iter().map(|place| self.secret(place)))
    }

    /// Destroys whatever is at a place, a secret or a key. Nothing there is no error.
    fn destroy(&self, place: &Place) -> impl Future<Output = Result<(), VaultError>> + Send;
}

/// The vault does not give a key or signature now. What it says is for the host's log, and holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("the vault is not available: {0}")]
pub struct VaultError(pub String);

/// How an RSA key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaScheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256 ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)).
    Rs256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes ([RFC 7518 §3.5](https://www.rfc-editor.org/rfc/rfc7518#section-3.5)).
    Ps256,
}

/// The public half of an RSA key, both numbers big-endian without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    /// The modulus.
    pub modulus: Vec<u8>,
    /// The public exponent.
    pub exponent: Vec<u8>,
}

/// Where a secret or key is kept: 1 to 200 of `A–Z a–z 0–9 : . _ -`, which every host's secret storage takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Place(String);

/// The text names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place of the vault")]
pub struct InvalidPlace;

impl Place {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Place {
    type Error = InvalidPlace;

    fn try_from(text: String) -> Result<Self, InvalidPlace> {
        let taken = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'_' | b'-');
        if (1..=200).contains(&text.len()) && text.bytes().all(taken) {
            Ok(Self(text))
        } else {
            Err(InvalidPlace)
        }
    }
}

/// A secret that somebody typed or a provider's id of a person: at most 4 KiB of text. It cannot be printed or serialised, and is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Bytes of a secret, at most.
    pub const LONGEST: usize = 4096;

    /// A secret, without white space around it.
    ///
    /// # Errors
    /// [`InvalidSecret`] when nothing is left, or too much, or a control character is in it.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidSecret> {
        let text = Zeroizing::new(text.into());
        let inner = text.trim();
        if inner.is_empty() || inner.len() > Self::LONGEST || inner.chars().any(char::is_control) {
            return Err(InvalidSecret);
        }
        Ok(Self(Zeroizing::new(inner.to_owned())))
    }

    /// The text. Name it nowhere but in a request to Core.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text is no secret that could be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 4096 bytes without control characters")]
pub struct InvalidSecret;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": Self::LONGEST, "writeOnly": true, "format": "password" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print_and_places_are_plain() {
        let secret = Secret::new("  hunter2 \n").unwrap();
        assert_eq!((secret.expose(), format!("{secret:?}").as_str()), ("hunter2", "Secret(…)"));
        for wrong in ["", " ", "a\u{0}b", &"x".repeat(4097)] {
            assert_eq!(Secret::new(wrong), Err(InvalidSecret));
        }
        assert!(Place::try_from("connector:conn_1:k1".to_owned()).is_ok());
        for wrong in ["", "a/b", "é", &"x".repeat(201)] {
            assert_eq!(Place::try_from(wrong.to_owned()), Err(InvalidPlace));
        }
    }
}
