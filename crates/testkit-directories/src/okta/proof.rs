use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What a valid `DPoP` proof says.
pub(super) struct Proven {
    pub(super) nonce: Option<String>,
    /// The key, as text.
    pub(super) key: String,
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// Checks a proof ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3)), but for its time and for being used once.
pub(super) fn check(proof: &str, method: &str, url: &str, token: Option<&str>) -> Option<Proven> {
    let (signed, signature) = proof.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
    let claims: Value = serde_json::from_slice(&decoded(claims)?).ok()?;
    if header["typ"] != "dpop+jwt" || header["alg"] != "ES256" || !header["jwk"]["d"].is_null() {
        return None;
    }
    let (x, y) = (header["jwk"]["x"].as_str()?, header["jwk"]["y"].as_str()?);
    let point = [vec![4], decoded(x)?, decoded(y)?].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &decoded(signature)?)
        .ok()?;
    if claims["htm"] != method
        || claims["htu"] != url
        || !claims["jti"].is_string()
        || !claims["iat"].is_i64()
    {
        return None;
    }
    let expected = token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    if claims["ath"].as_str() != expected.as_deref() {
        return None;
    }
    Some(Proven { nonce: claims["nonce"].as_str().map(str::to_owned), key: format!("{x}.{y}") })
}
