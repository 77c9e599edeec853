//! Forge's invocation token: an RS256 JWT that says which app, installation and environment a request comes from. It covers neither
//! method, path nor body, which is why requests are signed besides.

mod jwks;
mod token;

use core_protocol::UnixSeconds;
use url::Url;

use crate::installation::ForgeIdentity;
use jwks::Keys;

/// What invocation tokens are checked against.
#[derive(Debug, Clone)]
pub struct ForgeSettings {
    /// Where Atlassian publishes the keys.
    pub jwks_url: Url,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens: the app's id, `ari:cloud:ecosystem::app/…`.
    pub audience: String,
    /// Seconds that Atlassian's clock and ours may differ.
    pub clock_skew: i64,
}

/// Why an invocation token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvocationRefused {
    /// There is none.
    #[error("the invocation token is missing")]
    Missing,
    /// It is no JWT of the expected kind.
    #[error("the invocation token is malformed")]
    Malformed,
    /// Its algorithm is not RS256.
    #[error("the invocation token must be signed with RS256")]
    Algorithm,
    /// No published key has the name that it gives.
    #[error("the invocation token's key is unknown")]
    UnknownKey,
    /// The published keys cannot be had.
    #[error("the keys for invocation tokens cannot be fetched")]
    KeysUnavailable,
    /// The signature does not match.
    #[error("the invocation token's signature does not match")]
    Signature,
    /// Another issued it.
    #[error("the invocation token has another issuer")]
    Issuer,
    /// It is for another app.
    #[error("the invocation token is for another audience")]
    Audience,
    /// It is not valid now.
    #[error("the invocation token is not valid now")]
    Time,
    /// It is from another installation, app or environment than the one that was paired.
    #[error("the invocation token is from another installation")]
    OtherInstallation,
    /// This Core is not set up for Forge.
    #[error("this Core is not set up for Forge")]
    NotSetUp,
}

impl InvocationRefused {
    /// The stable name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "invocation_token_missing",
            Self::Malformed => "invocation_token_malformed",
            Self::Algorithm => "invocation_token_algorithm",
            Self::UnknownKey => "invocation_token_key_unknown",
            Self::KeysUnavailable => "invocation_keys_unavailable",
            Self::Signature => "invocation_token_signature",
            Self::Issuer => "invocation_token_issuer",
            Self::Audience => "invocation_token_audience",
            Self::Time => "invocation_token_time",
            Self::OtherInstallation => "invocation_token_other_installation",
            Self::NotSetUp => "forge_not_set_up",
        }
    }
}

/// Checks invocation tokens.
#[derive(Debug)]
pub(crate) struct Verifier {
    settings: ForgeSettings,
    keys: Keys,
}

impl Verifier {
    pub(crate) fn new(settings: ForgeSettings) -> reqwest::Result<Self> {
        Ok(Self { keys: Keys::new(settings.jwks_url.clone())?, settings })
    }

    /// Who the token says is calling.
    pub(crate) async fn verify(
        &self,
        token: &str,
        now: UnixSeconds,
    ) -> Result<ForgeIdentity, InvocationRefused> {
        let unverified = token::Unverified::parse(token)?;
        let key = self.keys.get(unverified.key_id(), now).await?;
        let claims = unverified.verify(&key)?;
        claims.check(&self.settings, now)
    }
}
