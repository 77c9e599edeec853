//! Client assertions ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)): JWTs that the vault signs, good for five minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::message::{Assertion, EntraClientId, EntraCloud, EntraTenant, OktaClientId, OktaHost};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::CertifiedKey;
use crate::ports::{Moment, Place, RsaPublicKey, RsaScheme, Vault, VaultError};

/// Seconds that an assertion is good for.
const SECONDS: i64 = 300;

/// An assertion for Okta's token endpoint ([private key JWT](https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp)).
pub(super) async fn okta(
    vault: &impl Vault,
    (host, client_id, key): (&OktaHost, &OktaClientId, &Place),
    moment: &Moment,
    number: u32,
) -> Result<Assertion, VaultError> {
    let public = vault.rsa_public_key(key).await?;
    let header = json!({ "alg": "RS256", "kid": key_id(&public), "typ": "JWT" });
    let audience = format!("https://{host}/oauth2/v1/token");
    signed(vault, key, RsaScheme::Rs256, &header, &claims(&audience, client_id.as_str(), moment, number))
        .await
}

/// An assertion for Entra's token endpoint
/// ([certificate credentials](https://learn.microsoft.com/entra/identity-platform/certificate-credentials)).
pub(super) async fn entra(
    vault: &impl Vault,
    (cloud, tenant, client_id): (EntraCloud, &EntraTenant, &EntraClientId),
    certified: &CertifiedKey,
    moment: &Moment,
) -> Result<Assertion, VaultError> {
    let thumbprint = URL_SAFE_NO_PAD.encode(certified.thumbprint_sha256()?);
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint });
    let audience = format!("https://{}/{tenant}/oauth2/v2.0/token", cloud.sign_in_host());
    let claims = claims(&audience, client_id.as_str(), moment, 0);
    signed(vault, &certified.key, RsaScheme::Ps256, &header, &claims).await
}

/// The key's name: its JWK thumbprint ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)), so that it follows from the key alone.
pub(super) fn key_id(key: &RsaPublicKey) -> String {
    let [exponent, modulus] = [&key.exponent, &key.modulus].map(|number| URL_SAFE_NO_PAD.encode(number));
    let canonical = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn claims(audience: &str, client_id: &str, moment: &Moment, number: u32) -> Value {
    let now = moment.now.as_millisecond() / 1000;
    let id = URL_SAFE_NO_PAD.encode(moment.bytes("client assertion", number));
    json!({ "aud": audience, "iss": client_id, "sub": client_id, "jti": id, "iat": now, "nbf": now, "exp": now + SECONDS })
}

async fn signed(
    vault: &impl Vault,
    key: &Place,
    scheme: RsaScheme,
    header: &Value,
    claims: &Value,
) -> Result<Assertion, VaultError> {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = vault.sign_rsa(key, scheme, message.as_bytes()).await?;
    Assertion::try_from(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
        .map_err(|error| VaultError(error.to_string()))
}
