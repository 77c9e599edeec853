//! `DPoP` proofs ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): that whoever shows a token is who got it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::UnixSeconds;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A P-256 key made for one token, in memory only.
pub(crate) struct ProofKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(…)")
    }
}

/// What a proof is for.
pub(super) struct Proven<'a> {
    pub(super) method: &'a str,
    /// Without query.
    pub(super) url: &'a str,
    pub(super) nonce: Option<&'a str>,
    /// The token that is shown with it.
    pub(super) token: Option<&'a str>,
}

impl ProofKey {
    /// A new key; nothing when the operating system gives no randomness.
    pub(super) fn generate() -> Option<Self> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).ok()?;
        Some(Self { pair, random })
    }

    /// A proof, good for one request.
    pub(super) fn prove(&self, proven: &Proven<'_>, now: UnixSeconds) -> Option<String> {
        // The point is 0x04, then x and y of 32 bytes each (SEC 1).
        let (_, point) = self.pair.public_key().as_ref().split_first()?;
        let (x, y) = point.split_at_checked(32)?;
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {
                "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
            },
        });
        let mut id = [0; 16];
        self.random.fill(&mut id).ok()?;
        let mut claims = json!({
            "htm": proven.method, "htu": proven.url, "iat": now.0, "jti": URL_SAFE_NO_PAD.encode(id),
        });
        if let Some(claims) = claims.as_object_mut() {
            if let Some(nonce) = proven.nonce {
                claims.insert("nonce".to_owned(), nonce.into());
            }
            if let Some(token) = proven.token {
                claims.insert("ath".to_owned(), URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into());
            }
        }
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self.pair.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
