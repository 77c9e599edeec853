use std::sync::Arc;

use core_protocol::message::{Assertion, Connector, OktaClientId, OktaCredential};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error;
use super::proof::{ProofKey, Proven};
use crate::provider::http::{Reply, encoded};
use crate::provider::tokens::{Scheme, Token};
use crate::provider::{Credential, Interrupted, Session};

/// What Core needs, and nothing more.
const SCOPES: &str = "okta.groups.manage okta.groups.read okta.users.read";
/// The kind of client assertion ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a request shows who sends it.
pub(super) enum Authorization {
    ApiToken(Zeroizing<String>),
    Token {
        token: Token,
        /// Whether it was there before this call, so that a fresh one may do better.
        cached: bool,
    },
}

#[derive(Deserialize)]
struct Granted {
    token_type: String,
    access_token: Zeroizing<String>,
    expires_in: i64,
}

/// The API token, or an access token: a kept one, or a new one.
pub(super) async fn authorize(session: &mut Session<'_>, base: &str) -> Result<Authorization, Interrupted> {
    if let Credential::Secret(secret) = session.credential {
        return Ok(Authorization::ApiToken(secret.clone()));
    }
    if let Some(token) = session.cached_token() {
        return Ok(Authorization::Token { token, cached: true });
    }
    let Connector::Okta { credential: OktaCredential::Assertions { client_id, first, second }, .. } =
        session.connector
    else {
        return Err(Interrupted::CREDENTIALS);
    };
    let key = Arc::new(ProofKey::generate().ok_or(Interrupted::UNEXPECTED)?);
    let url = format!("{base}/oauth2/v1/token");
    let mut reply = ask(session, &url, &key, (client_id, first), None).await?;
    // The first proof earns the nonce that the second must carry; its assertion is used up.
    if reply.status == 400
        && error::token_error(&reply).as_deref() == Some("use_dpop_nonce")
        && let Some(nonce) = reply.header("dpop-nonce").map(str::to_owned)
    {
        reply = ask(session, &url, &key, (client_id, second), Some(&nonce)).await?;
    }
    if reply.status != 200 {
        return Err(error::of_sign_in(&reply));
    }
    let granted: Granted = reply.json()?;
    let scheme = match granted.token_type.to_ascii_lowercase().as_str() {
        "dpop" => Scheme::Dpop(key),
        "bearer" => Scheme::Bearer,
        _ => return Err(Interrupted::UNEXPECTED),
    };
    let ends = session.now.plus(granted.expires_in);
    let token = Token { text: Arc::new(granted.access_token), scheme, ends };
    session.keep_token(token.clone());
    Ok(Authorization::Token { token, cached: false })
}

async fn ask(
    session: &mut Session<'_>,
    url: &str,
    key: &ProofKey,
    (client_id, assertion): (&OktaClientId, &Assertion),
    nonce: Option<&str>,
) -> Result<Reply, Interrupted> {
    let proof = key.prove(&Proven { method: "POST", url, nonce, token: None }, session.now);
    let form = format!(
        "grant_type=client_credentials&scope={}&client_id={}&client_assertion_type={}&client_assertion={}",
        encoded(SCOPES),
        encoded(client_id.as_str()),
        encoded(ASSERTION_TYPE),
        encoded(assertion.expose())
    );
    let request = session
        .request(Method::POST, url)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("dpop", proof.ok_or(Interrupted::UNEXPECTED)?)
        .body(form);
    session.send(request).await
}
