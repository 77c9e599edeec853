//! Who calls, by bearer token or by the session's cookie.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use clearance::authorization::{Caller, Principal, not_signed_in};
use clearance::failure::Failure;
use clearance::ports::{Environment as _, Ports, Store as _, StoreError};
use clearance::refusal::{Code, Refusal};
use clearance::sign_in::{SessionSecret, TokenSecret, authenticate_session, authenticate_token};

use super::cookies::CookieName;
use super::{App, answer};

/// The header that a page of this site sends and a form of another site cannot.
const CSRF_HEADER: &str = "x-clearance-csrf";

/// Who sends a request that may change something: by token, by cookie with proof that a page of this site sent it, or nobody.
pub(super) async fn identify<P: Ports>(app: &App<P>, parts: &Parts) -> Result<Caller, Failure> {
    if parts.headers.contains_key(AUTHORIZATION) {
        let secret = bearer(&parts.headers).ok_or_else(not_signed_in)?;
        let secret = TokenSecret::parse(secret).map_err(|_| not_signed_in())?;
        let now = app.ports.environment().now();
        let principal = authenticate_token(app.ports.store(), &secret, now).await?;
        return Ok(Caller::Person(Box::new(principal)));
    }
    if CookieName::Session.read(&parts.headers, app.origin.is_https()).is_none() {
        return Ok(Caller::Anonymous);
    }
    check_same_origin(app, &parts.headers)?;
    let principal = session(app, &parts.headers).await?;
    Ok(Caller::Person(Box::new(principal)))
}

/// Who downloads a file: by token, or by a cookie with a link of this site's own pages, which cannot set a header.
///
/// The answer is a file that no other site can read; that none makes a browser fetch it is what the browser says of the link's origin.
pub(super) async fn identify_download<P: Ports>(app: &App<P>, parts: &Parts) -> Result<Caller, Failure> {
    let site = parts.headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if parts.headers.contains_key(AUTHORIZATION) || !matches!(site, Some("same-origin" | "none")) {
        return identify(app, parts).await;
    }
    if CookieName::Session.read(&parts.headers, app.origin.is_https()).is_none() {
        return Ok(Caller::Anonymous);
    }
    Ok(Caller::Person(Box::new(session(app, &parts.headers).await?)))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The session's secret, if the browser sent one.
pub(super) fn session_secret<P>(app: &App<P>, headers: &HeaderMap) -> Option<SessionSecret> {
    let text = CookieName::Session.read(headers, app.origin.is_https())?;
    SessionSecret::parse(text).ok()
}

/// Who is signed in by the session's cookie. Notes its use.
pub(super) async fn session<P: Ports>(app: &App<P>, headers: &HeaderMap) -> Result<Principal, Failure> {
    let secret = session_secret(app, headers).ok_or_else(not_signed_in)?;
    let now = app.ports.environment().now();
    let (principal, note) = authenticate_session(app.ports.store(), &secret, now).await?;
    if let Some(note) = note {
        match app.ports.store().commit(note.into_commit()?).await {
            Ok(_) | Err(StoreError::Conflict) => {}
            // The session stands although its use was not noted; the store's trouble will show in what follows.
            Err(error) => {
                if let Some(what) = answer::unexpected(&error.into()) {
                    tracing::warn!(failure = what, "the use of a session was not noted");
                }
            }
        }
    }
    Ok(principal)
}

/// Refuses what another site made the browser send.
///
/// The header cannot be set across origins without a preflight, which is never granted; what the browser says about the origin must agree.
/// A request without any such statement comes from no current browser.
pub(super) fn check_same_origin<P>(app: &App<P>, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let marked = text(CSRF_HEADER) == Some("1");
    let same = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            app.origin.is(origin) || text(HOST.as_str()).is_some_and(|host| has_host(origin, host))
        }
        (None, None) => false,
    };
    if marked && same {
        return Ok(());
    }
    let message =
        "this request did not come from a page of this site; programs use a token instead of a cookie";
    Err(Refusal::new(Code::NotPermitted, message))
}

/// Whether the origin is this very host and port: the browser writes both, the sender of a forged request neither.
fn has_host(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}

/// The network address of whoever calls: the peer's, or what a trusted proxy says it is.
pub(super) fn address<P>(app: &App<P>, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let mut address = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    // Each proxy appends whom it heard from: read from the right, for as long as those who wrote are trusted.
    let chain = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    for claimed in chain.flat_map(|value| value.rsplit(',')) {
        if !app.trusted_proxies.contains(&address) {
            break;
        }
        let Ok(claimed) = claimed.trim().parse::<IpAddr>() else { break };
        address = claimed.to_canonical();
    }
    address
}
