use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Client assertions ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)) as a token endpoint takes them: each once, and signed by a key that
/// was entered, once there is one. Until then no signature is looked at.
#[derive(Debug, Default)]
pub(crate) struct Assertions {
    keys: Vec<Key>,
    used: HashSet<String>,
}

#[derive(Debug)]
enum Key {
    /// As Okta takes it: a JWK.
    Jwk { id: String, modulus: Vec<u8>, exponent: Vec<u8> },
    /// As Entra takes it: a certificate, known by its SHA-256.
    Certificate { thumbprint: String, public_key: Vec<u8> },
}

impl Key {
    fn signed(&self, header: &Value, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Jwk { id, modulus, exponent } => {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                header["alg"] == "RS256"
                    && header["kid"] == id.as_str()
                    && key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            Self::Certificate { thumbprint, public_key } => {
                let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public_key);
                header["alg"] == "PS256"
                    && header["typ"] == "JWT"
                    && header["x5t#S256"] == thumbprint.as_str()
                    && key.verify(message, signature).is_ok()
            }
        }
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

impl Assertions {
    /// Enters a public key; nothing when it is none.
    pub(crate) fn enter_jwk(&mut self, jwk: &Value) -> Option<()> {
        let number = |name: &str| decoded(jwk[name].as_str()?);
        let id = jwk["kid"].as_str()?.to_owned();
        let key = Key::Jwk { id, modulus: number("n")?, exponent: number("e")? };
        self.keys.push(key);
        Some(())
    }

    /// Enters a certificate in PEM; nothing when it is none.
    pub(crate) fn enter_certificate(&mut self, pem: &str) -> Option<()> {
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).ok()?;
        let (_, certificate) = X509Certificate::from_der(&pem.contents).ok()?;
        let public_key = certificate.public_key().subject_public_key.data.to_vec();
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&pem.contents));
        self.keys.push(Key::Certificate { thumbprint, public_key });
        Some(())
    }

    /// Takes away every key that was entered; none fits any more.
    pub(crate) fn revoke(&mut self) {
        let nobody = Key::Certificate { thumbprint: String::new(), public_key: Vec::new() };
        self.keys = vec![nobody];
    }

    /// Whether an assertion is good at an audience, for a client, now. It never is again.
    pub(crate) fn accept(&mut self, assertion: &str, audience: &str, client_id: &str, now: i64) -> bool {
        // What makes it usable once is its `jti`; where nothing is looked at, its text.
        if self.keys.is_empty() {
            return self.used.insert(assertion.to_owned());
        }
        let claims = || {
            let (message, signature) = assertion.rsplit_once('.')?;
            let (header, claims) = message.split_once('.')?;
            let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
            let claims: Value = serde_json::from_slice(&decoded(claims)?).ok()?;
            let signature = decoded(signature)?;
            let signed = self.keys.iter().any(|key| key.signed(&header, message.as_bytes(), &signature));
            signed.then_some(claims)
        };
        let Some(claims) = claims() else { return false };
        let time = |name: &str| claims[name].as_i64();
        // The clocks may differ by a minute; a long life is refused, as both vendors do.
        let lives = time("exp").is_some_and(|end| now - 60 < end && end <= now + 3600)
            && time("nbf").or_else(|| time("iat")).is_some_and(|begin| begin <= now + 60);
        let names = claims["aud"] == audience && claims["iss"] == client_id && claims["sub"] == client_id;
        let id = claims["jti"].as_str().map(str::to_owned);
        lives && names && id.is_some_and(|id| self.used.insert(id))
    }
}
