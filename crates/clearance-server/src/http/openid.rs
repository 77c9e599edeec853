//! The two addresses by which a browser goes to the OpenID provider and comes back.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use clearance::failure::Failure;
use clearance::ports::{Environment as _, Moment, Ports};
use clearance::refusal::not_found;
use clearance::sign_in::{SessionSecret, end_session, sign_in_externally};
use url::form_urlencoded;

use super::cookies::CookieName;
use super::edge::CountedAs;
use super::{App, answer, caller, pages};
use crate::sign_in::openid::{Callback, Flight, OpenidError, Provider};
use crate::vault::{Sealed, VaultKey};

/// Minutes that a person has at the provider.
const FLIGHT_MINUTES: i64 = 10;
/// What a sealed flight is sealed for.
const PLACE: &str = "cookie/openid";

/// The provider, and the key under which a browser keeps a sign-in that is under way.
#[derive(Debug)]
pub struct Openid {
    /// The provider.
    pub provider: Provider,
    /// Seals what the browser keeps.
    pub cookie_key: VaultKey,
}

/// Why nobody was signed in.
enum Problem {
    Provider(OpenidError),
    Domain(Failure),
}

impl From<OpenidError> for Problem {
    fn from(error: OpenidError) -> Self {
        Self::Provider(error)
    }
}

impl<F: Into<Failure>> From<F> for Problem {
    fn from(failure: F) -> Self {
        Self::Domain(failure.into())
    }
}

fn counted(mut response: Response) -> Response {
    response.extensions_mut().insert(CountedAs("session"));
    response
}

fn query(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A place inside these pages; anything else becomes the App page.
fn safe_return_to(text: Option<String>) -> String {
    let inside = |text: &String| {
        let rest = text.strip_prefix("/app").or_else(|| text.strip_prefix("/admin"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#']))
            && text.chars().all(|character| character.is_ascii_graphic() && character != '\\')
    };
    text.filter(inside).unwrap_or_else(|| "/app".to_owned())
}

/// `GET /session/oidc/start?return_to=`: to the provider.
pub(super) async fn start<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    counted(match begin(&app, &parts).await {
        Ok(response) => response,
        Err(problem) => explained(problem),
    })
}

async fn begin<P: Ports>(app: &App<P>, parts: &Parts) -> Result<Response, Problem> {
    let openid = app.openid.as_ref().ok_or_else(|| not_found("address"))?;
    let now = app.ports.environment().now();
    app.attempts
        .admit(&app.ports, caller::address(app, &parts.headers, &parts.extensions), None, now)
        .await?;
    // Whoever is signed in and comes here again is to prove anew who they are.
    let anew = caller::session(app, &parts.headers).await.is_ok();
    let return_to = safe_return_to(query(parts, "return_to"));
    let (url, flight) = openid.provider.begin(return_to, anew, now).await?;
    let mut response = redirect(&url)?;
    let minutes = u32::try_from(FLIGHT_MINUTES).unwrap_or_default();
    let cookie = seal(app, openid, &flight)?;
    let cookie = CookieName::Openid.write(&cookie, Some(minutes.saturating_mul(60)), app.origin.is_https());
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn seal<P: Ports>(app: &App<P>, openid: &Openid, flight: &Flight) -> Result<String, Failure> {
    let defect = |what: &str| Failure::Defect(format!("a sign-in at the provider cannot be kept: {what}"));
    let text = serde_json::to_vec(flight).map_err(|error| defect(&error.to_string()))?;
    let [nonce @ .., _, _, _, _, _, _, _, _] = app.ports.environment().entropy();
    let sealed = openid.cookie_key.seal(PLACE, &text, nonce).map_err(|error| defect(&error.to_string()))?;
    Ok(sealed.into())
}

fn unseal<P: Ports>(app: &App<P>, openid: &Openid, headers: &HeaderMap) -> Result<Flight, OpenidError> {
    let text = CookieName::Openid.read(headers, app.origin.is_https()).ok_or(OpenidError::Stray)?;
    let sealed = Sealed::try_from(text.to_owned()).map_err(|_| OpenidError::Stray)?;
    let text = openid.cookie_key.open_sealed(PLACE, &sealed).map_err(|_| OpenidError::Stray)?;
    let flight: Flight = serde_json::from_slice(&text).map_err(|_| OpenidError::Stray)?;
    if app.ports.environment().now() < flight.began.plus_minutes(FLIGHT_MINUTES) {
        Ok(flight)
    } else {
        Err(OpenidError::Stray)
    }
}

/// `GET /session/oidc/callback`: back from the provider.
pub(super) async fn callback<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let https = app.origin.is_https();
    let mut response = match finish(&app, &parts).await {
        Ok((secret, return_to)) => match redirect(&return_to) {
            Ok(mut response) => {
                if let Some(cookie) = CookieName::Session.write(&secret.expose(), None, https) {
                    response.headers_mut().append(SET_COOKIE, cookie);
                }
                response
            }
            Err(failure) => explained(Problem::Domain(failure)),
        },
        Err(problem) => explained(problem),
    };
    if let Some(cookie) = CookieName::Openid.forget(https) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    counted(response)
}

async fn finish<P: Ports>(app: &App<P>, parts: &Parts) -> Result<(SessionSecret, String), Problem> {
    let openid = app.openid.as_ref().ok_or_else(|| not_found("address"))?;
    let moment = Moment::draw(app.ports.environment());
    app.attempts
        .admit(&app.ports, caller::address(app, &parts.headers, &parts.extensions), None, moment.now)
        .await?;
    let flight = unseal(app, openid, &parts.headers)?;
    let (Some(state), Some(code)) = (query(parts, "state"), query(parts, "code")) else {
        // The provider says no, or somebody else wrote the address: either way there is no code.
        return Err(OpenidError::Code.into());
    };
    let callback = Callback { code, state, issuer: query(parts, "iss") };
    let verified = openid.provider.finish(&flight, &callback).await?;
    let secret = sign_in_externally(&app.ports, &verified, &moment).await?;
    if let Some(before) = caller::session_secret(app, &parts.headers) {
        end_session(&app.ports, &before).await?;
    }
    Ok((secret, flight.return_to))
}

fn redirect(to: &str) -> Result<Response, Failure> {
    let to =
        HeaderValue::from_str(to).map_err(|_| Failure::Defect("an address is no header value".to_owned()))?;
    let no_store = HeaderValue::from_static("no-store");
    let headers = [(LOCATION, to), (axum::http::header::CACHE_CONTROL, no_store)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// A page that says why, and how to go on. Every sentence on it is one of this program's own.
fn explained(problem: Problem) -> Response {
    let (status, sentence) = match problem {
        Problem::Provider(error) => {
            tracing::warn!(failure = error.to_string(), "a sign-in at the OpenID provider failed");
            let status = match error {
                OpenidError::Provider => StatusCode::BAD_GATEWAY,
                OpenidError::Stray | OpenidError::Code | OpenidError::Token | OpenidError::NotAnew => {
                    StatusCode::BAD_REQUEST
                }
            };
            (status, error.to_string())
        }
        Problem::Domain(failure) => {
            let refusal = answer::logged(failure);
            (answer::status(refusal.code().class()), refusal.message().to_owned())
        }
    };
    pages::html(
        status,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>AI Clearance</title></head><body>\
             <h1>You are not signed in</h1><p>Signing in did not work: {sentence}.</p>\
             <p><a href=\"/sign-in\">Try again</a></p></body></html>"
        ),
    )
}
