//! Keys and secrets, in the platform's secret storage.

use audit_log::Hash;
use clearance::ports::{Place, Secret};
use serde::{Deserialize, Serialize};

/// What to do with keys and secrets.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VaultRequest {
    /// Give the public half of an Ed25519 key, which is made when it is asked for the first time. Answer: [`PublicKeyAnswer`].
    PublicKey {
        /// Its name in the platform's secret storage.
        key: String,
    },
    /// Sign with an Ed25519 key, which is made when there is none. Answer: [`SignAnswer`].
    Sign {
        /// Its name in the platform's secret storage.
        key: String,
        /// The message, lower-case hexadecimal.
        message: String,
    },
    /// Give the public half of an RSA key of 2,048 bits, which is made when it is asked for the first time. Answer: [`RsaPublicKeyAnswer`].
    RsaPublicKey {
        /// Its place in the platform's secret storage.
        place: Place,
    },
    /// Sign with an RSA key, which is made when there is none. Answer: [`SignatureAnswer`].
    SignRsa {
        /// Its place in the platform's secret storage.
        place: Place,
        /// `RS256` or `PS256`.
        scheme: &'static str,
        /// The message, lower-case hexadecimal.
        message: String,
    },
    /// HMAC-SHA256 of texts under a random key, which is made when there is none. Answer: [`FingerprintsAnswer`].
    Fingerprints {
        /// The key's name in the platform's secret storage.
        key: String,
        /// The texts.
        messages: Vec<String>,
    },
    /// Keep a secret. Answer: `{}`.
    Keep {
        /// Its place in the platform's secret storage.
        place: Place,
        /// The secret.
        secret: Exposed,
    },
    /// Give a secret. Answer: [`SecretAnswer`].
    Secret {
        /// Its place in the platform's secret storage.
        place: Place,
    },
    /// Destroy whatever is at a place. Answer: `{}`.
    Destroy {
        /// The place in the platform's secret storage.
        place: Place,
    },
}

/// A secret on its way to the platform's secret storage.
#[derive(Clone)]
pub struct Exposed(pub(crate) Secret);

impl std::fmt::Debug for Exposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Exposed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// Answer to `public_key`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeyAnswer {
    /// 32 bytes, 64 hexadecimal digits (the form of a [`Hash`]).
    pub public_key: Hash,
}

/// Answer to `sign`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignAnswer {
    /// 64 bytes in two halves, 64 hexadecimal digits each (the form of a [`Hash`]).
    pub signature: [Hash; 2],
}

/// Answer to `rsa_public_key`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RsaPublicKeyAnswer {
    /// The modulus, base64url without padding, as a JWK has it.
    pub n: String,
    /// The public exponent, likewise.
    pub e: String,
}

/// Answer to `sign_rsa`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureAnswer {
    /// The signature, base64url without padding.
    pub signature: String,
}

/// Answer to `fingerprints`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FingerprintsAnswer {
    /// One for each text, in order: 64 hexadecimal digits (the form of a [`Hash`]).
    pub fingerprints: Vec<Hash>,
}

/// Answer to `secret`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretAnswer {
    /// The secret; `null` when there is none.
    pub secret: Option<Secret>,
}
