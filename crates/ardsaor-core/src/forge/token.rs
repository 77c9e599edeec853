use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::UnixSeconds;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use super::{ForgeSettings, InvocationRefused};
use crate::installation::ForgeIdentity;

/// Characters of a token, at most. Forge's have about 1,500.
const LONGEST: usize = 8 * 1024;

/// A public RSA key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RsaKey {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
}

/// Only what is used. `crit` would name extensions that must be understood: none are.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    crit: Option<serde::de::IgnoredAny>,
}

/// A token that was taken apart and is not believed yet.
pub(super) struct Unverified<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, InvocationRefused> {
        const MALFORMED: InvocationRefused = InvocationRefused::Malformed;
        if token.len() > LONGEST {
            return Err(MALFORMED);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
        let (header, payload) = signed.split_once('.').ok_or(MALFORMED)?;
        if payload.contains('.') {
            return Err(MALFORMED);
        }
        let header: Header = json(header)?;
        if header.crit.is_some() {
            return Err(MALFORMED);
        }
        // The algorithm is ours to choose, not the token's.
        if header.alg != "RS256" {
            return Err(InvocationRefused::Algorithm);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| MALFORMED)?;
        Ok(Self { header, signed, payload, signature })
    }

    pub(super) fn key_id(&self) -> &str {
        &self.header.kid
    }

    pub(super) fn verify(self, key: &RsaKey) -> Result<Claims, InvocationRefused> {
        RsaPublicKeyComponents { n: &key.n, e: &key.e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, self.signed.as_bytes(), &self.signature)
            .map_err(|_| InvocationRefused::Signature)?;
        json(self.payload)
    }
}

fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, InvocationRefused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| InvocationRefused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| InvocationRefused::Malformed)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: i64,
    app: App,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    id: String,
    installation_id: String,
    environment: AppEnvironment,
}

#[derive(Deserialize)]
struct AppEnvironment {
    id: String,
}

impl Claims {
    pub(super) fn check(
        self,
        settings: &ForgeSettings,
        now: UnixSeconds,
    ) -> Result<ForgeIdentity, InvocationRefused> {
        let for_us = match &self.aud {
            Audience::One(audience) => *audience == settings.audience,
            Audience::Several(audiences) => audiences.contains(&settings.audience),
        };
        if self.iss != settings.issuer {
            return Err(InvocationRefused::Issuer);
        }
        if !for_us || self.app.id != settings.audience {
            return Err(InvocationRefused::Audience);
        }
        let skew = settings.clock_skew;
        if self.exp.saturating_add(skew) <= now.0 || self.nbf.saturating_sub(skew) > now.0 {
            return Err(InvocationRefused::Time);
        }
        Ok(ForgeIdentity {
            installation: self.app.installation_id,
            app: self.app.id,
            environment: self.app.environment.id,
        })
    }
}
