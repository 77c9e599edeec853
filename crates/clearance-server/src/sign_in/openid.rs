//! Signing in at an OpenID provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1, RFC 7636).
//!
//! What the library verifies of an ID token: signature by a key of the provider, issuer, audience, expiry, nonce. Expiry is compared with the
//! operating system's clock by the library itself.

use std::collections::BTreeSet;
use std::time::Duration;

use clearance::sign_in::{ClaimedGroups, VerifiedIdentity};
use clearance::text::EmailAddress;
use clearance::time::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::config::Oidc;

/// Seconds for which the provider's metadata and keys are taken as known.
const KNOWN_SECONDS: u64 = 600;
/// Seconds that the provider has for one answer.
const ANSWER_SECONDS: u64 = 10;
/// Largest answer taken from the provider.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Minutes by which the provider's clock may lie behind ours when it says that somebody signed in just now.
const CLOCK_SKEW_MINUTES: i64 = 2;

/// Claims that the standard does not name: the group claim is among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type RelyingParty = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A sign-in that is under way at the provider: what the browser keeps, sealed, until it comes back.
#[derive(Serialize, Deserialize)]
pub struct Flight {
    state: String,
    nonce: String,
    verifier: String,
    /// Where the browser goes afterwards.
    pub return_to: String,
    /// When it began.
    pub began: Timestamp,
    /// Whether the person must have signed in at the provider since then: somebody signed in here already proves it again.
    pub anew: bool,
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flight").field("began", &self.began).finish_non_exhaustive()
    }
}

/// Why a sign-in at the provider came to nothing. Says nothing that the provider wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenidError {
    /// The provider does not answer, or not what it should.
    #[error("the provider does not answer as it should")]
    Provider,
    /// What came back does not belong to this sign-in.
    #[error("what came back does not belong to a sign-in begun in this browser")]
    Stray,
    /// The provider refused the code.
    #[error("the provider refused the sign-in's code")]
    Code,
    /// The ID token is missing or does not verify.
    #[error("the provider's ID token does not verify")]
    Token,
    /// The person was to prove anew who they are, and the provider did not ask them.
    #[error("the provider did not ask for a new sign-in")]
    NotAnew,
}

#[derive(Debug)]
struct Known {
    metadata: CoreProviderMetadata,
    since: tokio::time::Instant,
}

/// The provider, as configured and as it describes itself.
#[derive(Debug)]
pub struct Provider {
    config: Oidc,
    issuer: IssuerUrl,
    redirect_url: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Option<Known>>,
}

impl Provider {
    /// A provider that was not spoken to yet.
    ///
    /// # Errors
    /// When the configured addresses are none, or no HTTP client can be made.
    pub fn new(config: Oidc, public_address: &str) -> anyhow::Result<Self> {
        let issuer = IssuerUrl::new(config.issuer.clone())?;
        let redirect_url = RedirectUrl::new(format!("{public_address}/session/oidc/callback"))?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(issuer.url().scheme() == "https")
            .timeout(Duration::from_secs(ANSWER_SECONDS))
            .build()?;
        Ok(Self { config, issuer, redirect_url, http, known: Mutex::new(None) })
    }

    /// What the sign-in page calls it.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Where to send the browser, and what it must bring back.
    ///
    /// # Errors
    /// [`OpenidError::Provider`] when the provider does not describe itself.
    pub async fn begin(
        &self,
        return_to: String,
        anew: bool,
        now: Timestamp,
    ) -> Result<(String, Flight), OpenidError> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if anew {
            request = request.set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let flight = Flight {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            return_to,
            began: now,
            anew,
        };
        Ok((url.to_string(), flight))
    }

    /// Who came back.
    ///
    /// # Errors
    /// [`OpenidError`]; nothing of what the provider wrote is in it.
    pub async fn finish(
        &self,
        flight: &Flight,
        callback: &Callback,
    ) -> Result<VerifiedIdentity, OpenidError> {
        // RFC 9207: an answer of another provider is not ours.
        let of_issuer = callback.issuer.as_ref().is_none_or(|issuer| *issuer == self.config.issuer);
        // The library's type compares in constant time.
        let same_state = CsrfToken::new(flight.state.clone()) == CsrfToken::new(callback.state.clone());
        if !of_issuer || !same_state {
            return Err(OpenidError::Stray);
        }
        let client = self.client().await?;
        let http = self.http();
        let exchange = client.exchange_code(AuthorizationCode::new(callback.code.clone()));
        let exchange = exchange.map_err(|_| OpenidError::Provider)?;
        let verifier = PkceCodeVerifier::new(flight.verifier.clone());
        let tokens =
            exchange.set_pkce_verifier(verifier).request_async(&http).await.map_err(|_| OpenidError::Code)?;
        let claims = verify(&client, &tokens, flight)?;
        let subject = claims.subject().clone();
        let mut email = claims.email().map(|email| email.to_string());
        let mut verified = claims.email_verified();
        let mut other = claims.additional_claims().0.clone();
        let group_claim = self.config.groups.as_ref().map(|groups| groups.claim.as_str());
        let lacks_groups = group_claim.is_some_and(|claim| !other.contains_key(claim));
        if email.is_none() || lacks_groups {
            // Providers may keep these claims out of the ID token (OpenID Connect Core 1.0 §5.4). The subject must be the same (§5.3.2).
            if let Ok(request) = client.user_info(tokens.access_token().clone(), Some(subject.clone())) {
                let info: UserInfoClaims<OtherClaims, CoreGenderClaim> =
                    request.request_async(&http).await.map_err(|_| OpenidError::Provider)?;
                if email.is_none() {
                    (email, verified) = (info.email().map(|email| email.to_string()), info.email_verified());
                }
                other.extend(info.additional_claims().0.clone());
            }
        }
        let may_bind = self.config.bind_by_email && verified == Some(true);
        Ok(VerifiedIdentity {
            issuer: self.config.issuer.clone(),
            subject: subject.to_string(),
            invited_as: email.filter(|_| may_bind).and_then(|email| EmailAddress::parse(&email).ok()),
            groups: self.groups(&other),
        })
    }

    /// Memberships by the group claim: a list of texts, or one text. Without the claim, membership in no managed group is granted.
    fn groups(&self, claims: &Map<String, Value>) -> Option<ClaimedGroups> {
        let groups = self.config.groups.as_ref()?;
        let values = match claims.get(&groups.claim) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(value)) => vec![value.as_str()],
            _ => Vec::new(),
        };
        let granted: BTreeSet<_> =
            values.into_iter().filter_map(|value| groups.map.get(value).copied()).collect();
        Some(ClaimedGroups { managed: groups.map.values().copied().collect(), granted })
    }

    async fn client(&self) -> Result<RelyingParty, OpenidError> {
        let mut known = self.known.lock().await;
        let fresh = known.as_ref().filter(|known| known.since.elapsed() < Duration::from_secs(KNOWN_SECONDS));
        let metadata = if let Some(known) = fresh {
            known.metadata.clone()
        } else {
            // Checks that the provider calls itself by the configured issuer, and fetches its keys.
            let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http()).await;
            let metadata = metadata.map_err(|_| OpenidError::Provider)?;
            *known = Some(Known { metadata: metadata.clone(), since: tokio::time::Instant::now() });
            metadata
        };
        drop(known);
        let secret =
            self.config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client = RelyingParty::from_provider_metadata(
            metadata,
            ClientId::new(self.config.client_id.clone()),
            secret,
        );
        Ok(client.set_redirect_uri(self.redirect_url.clone()))
    }

    fn http(&self) -> impl Fn(HttpRequest) -> Sending + use<> {
        let http = self.http.clone();
        move |request| Box::pin(send(http.clone(), request))
    }
}

fn verify<'a>(
    client: &RelyingParty,
    tokens: &'a Tokens,
    flight: &Flight,
) -> Result<&'a openidconnect::IdTokenClaims<OtherClaims, CoreGenderClaim>, OpenidError> {
    let id_token = tokens.id_token().ok_or(OpenidError::Token)?;
    let verifier = client.id_token_verifier();
    let claims =
        id_token.claims(&verifier, &Nonce::new(flight.nonce.clone())).map_err(|_| OpenidError::Token)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(|_| OpenidError::Token)?;
        let key = id_token.signing_key(&verifier).map_err(|_| OpenidError::Token)?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        if actual.map_err(|_| OpenidError::Token)? != *expected {
            return Err(OpenidError::Token);
        }
    }
    if flight.anew {
        let earliest = flight.began.plus_minutes(-CLOCK_SKEW_MINUTES).as_millisecond();
        let signed_in = claims.auth_time().map(|at| at.timestamp_millis());
        if signed_in.is_none_or(|at| at < earliest) {
            return Err(OpenidError::NotAnew);
        }
    }
    Ok(claims)
}

/// What the provider's redirect brings back.
#[derive(Debug, Clone)]
pub struct Callback {
    /// The code to exchange.
    pub code: String,
    /// The state that went out.
    pub state: String,
    /// Who answers, when the provider says so (RFC 9207).
    pub issuer: Option<String>,
}

type Sending = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send>>;

/// A request to the provider failed.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, SendError> {
    let mut response = client.execute(reqwest::Request::try_from(request)?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > MAX_ANSWER_BYTES {
            return Err(SendError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}
