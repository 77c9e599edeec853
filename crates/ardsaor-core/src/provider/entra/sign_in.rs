use std::sync::Arc;

use core_protocol::message::{Connector, EntraCredential};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error;
use crate::provider::http::encoded;
use crate::provider::tokens::{Scheme, Token};
use crate::provider::{Credential, Interrupted, Session};

/// The kind of client assertion ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An access token for Graph.
pub(super) struct Bearer {
    pub(super) token: Token,
    /// Whether it was there before this call, so that a fresh one may do better.
    pub(super) cached: bool,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    expires_in: i64,
}

/// A kept token, or a new one.
pub(super) async fn authorize(session: &mut Session<'_>) -> Result<Bearer, Interrupted> {
    if let Some(token) = session.cached_token() {
        return Ok(Bearer { token, cached: true });
    }
    let Connector::Entra { cloud, tenant, client_id, credential } = session.connector else {
        return Err(Interrupted::CREDENTIALS);
    };
    let proof = match (credential, session.credential) {
        (EntraCredential::Assertion { assertion }, _) => format!(
            "client_assertion_type={}&client_assertion={}",
            encoded(ASSERTION_TYPE),
            encoded(assertion.expose())
        ),
        (EntraCredential::ClientSecret { .. }, Credential::Secret(secret)) => {
            format!("client_secret={}", encoded(secret))
        }
        (EntraCredential::ClientSecret { .. }, Credential::Assertions) => {
            return Err(Interrupted::CREDENTIALS);
        }
    };
    let scope = encoded(&format!("https://{}/.default", cloud.graph_host()));
    let form = format!("grant_type=client_credentials&client_id={client_id}&scope={scope}&{proof}");
    let url = format!("{}/{tenant}/oauth2/v2.0/token", session.base(cloud.sign_in_host()));
    let request = session
        .request(Method::POST, &url)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    let reply = session.send(request).await?;
    if reply.status != 200 {
        return Err(error::of_sign_in(&reply));
    }
    let granted: Granted = reply.json()?;
    let ends = session.now.plus(granted.expires_in);
    let token = Token { text: Arc::new(granted.access_token), scheme: Scheme::Bearer, ends };
    session.keep_token(token.clone());
    Ok(Bearer { token, cached: false })
}
