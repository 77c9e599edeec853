//! Signing in and out in a browser. What is said here is a contract with the pages in `ui/`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use clearance::failure::Failure;
use clearance::people::Role;
use clearance::ports::{Moment, Ports};
use clearance::refusal::Refusal;
use clearance::sign_in::{
    Method, SessionSecret, SetUpSecret, begin_session, check_set_up_link, end_session, find_password,
    wrong_credentials,
};
use clearance::text::EmailAddress;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cookies::CookieName;
use super::edge::CountedAs;
use super::{App, answer, body, caller};
use crate::sign_in::password::TypedPassword;

fn counted(mut response: Response) -> Response {
    response.extensions_mut().insert(CountedAs("session"));
    response
}

/// `GET /session`: who is signed in, and how one could be.
pub(super) async fn show<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    counted(match caller::session(&app, &parts.headers).await {
        Ok(principal) => {
            let person = &principal.person;
            let administer = matches!(person.role, Role::Administrator | Role::Auditor);
            let person =
                json!({ "id": person.id, "name": person.name, "email": person.email, "role": person.role });
            let body =
                json!({ "person": person, "oidc": provider(&app), "may": { "administer": administer } });
            answer::json(StatusCode::OK, &body)
        }
        Err(failure @ Failure::Refused(_)) => {
            let mut body = failure.into_refusal().to_json();
            if let Some(object) = body.as_object_mut() {
                object.insert("oidc".to_owned(), provider(&app));
            }
            answer::json(StatusCode::UNAUTHORIZED, &body)
        }
        Err(failure) => answer::failed(failure),
    })
}

fn provider<P>(app: &App<P>) -> Value {
    app.openid.as_ref().map_or(Value::Null, |openid| json!({ "name": openid.provider.name() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: String,
    password: TypedPassword,
}

/// `POST /session/sign-in`: e-mail address and password.
pub(super) async fn sign_in<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    counted(signed_in(&app, &parts, check_password(&app, &parts, body).await).await)
}

async fn check_password<P: Ports>(
    app: &App<P>,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<SessionSecret, Failure> {
    let input: SignIn = guarded(app, parts, body).await?;
    let moment = Moment::draw(app.ports.environment());
    // What is no address is no account either: the same answer, after the same work.
    let email = EmailAddress::parse(&input.email).ok();
    let address = caller::address(app, &parts.headers, &parts.extensions);
    app.attempts.admit(&app.ports, address, email.as_ref(), moment.now).await?;
    let account = match &email {
        Some(email) => find_password(app.ports.store(), email).await?,
        None => None,
    };
    let (person, hash) = account.unzip();
    let verified = app.passwords.verify(input.password, hash).await?;
    match person {
        Some(person) if verified => begin_session(&app.ports, &person, Method::Password, &moment).await,
        _ => Err(wrong_credentials().into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUp {
    token: String,
    password: TypedPassword,
}

/// `POST /session/set-up`: sets a password through a one-time link, and signs in.
pub(super) async fn set_up<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    counted(signed_in(&app, &parts, use_link(&app, &parts, body).await).await)
}

async fn use_link<P: Ports>(
    app: &App<P>,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<SessionSecret, Failure> {
    let input: SetUp = guarded(app, parts, body).await?;
    let moment = Moment::draw(app.ports.environment());
    app.attempts
        .admit(&app.ports, caller::address(app, &parts.headers, &parts.extensions), None, moment.now)
        .await?;
    let secret = SetUpSecret::parse(&input.token).map_err(|_| clearance::sign_in::link_expired())?;
    input.password.check_new()?;
    check_set_up_link(app.ports.store(), &secret, moment.now).await?;
    let hash = app.passwords.hash(input.password, app.ports.environment()).await?;
    match clearance::sign_in::set_up(&app.ports, &secret, hash, &moment).await {
        // The link, or the person, was changed at this moment: whoever was first has it.
        Err(failure) if failure.is_conflict() => Err(clearance::sign_in::link_expired().into()),
        settled => settled,
    }
}

/// The body of a request that a page of this site sent.
async fn guarded<P, T: serde::de::DeserializeOwned>(
    app: &App<P>,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<T, Refusal> {
    let same_origin = caller::check_same_origin(app, &parts.headers);
    let input = body::read_json(&parts.headers, body).await;
    same_origin?;
    input
}

/// The new session's cookie; the session that the browser had before ends.
async fn signed_in<P: Ports>(
    app: &App<P>,
    parts: &Parts,
    outcome: Result<SessionSecret, Failure>,
) -> Response {
    let secret = match outcome {
        Ok(secret) => secret,
        Err(failure) => return answer::failed(failure),
    };
    if let Some(before) = caller::session_secret(app, &parts.headers)
        && let Err(failure) = end_session(&app.ports, &before).await
    {
        return answer::failed(failure);
    }
    let mut response = answer::done();
    if let Some(cookie) = CookieName::Session.write(&secret.expose(), None, app.origin.is_https()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// `POST /session/sign-out`: ends the session, if there is one.
pub(super) async fn sign_out<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    counted(match leave(&app, &parts).await {
        Ok(()) => {
            let mut response = answer::done();
            if let Some(cookie) = CookieName::Session.forget(app.origin.is_https()) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            response
        }
        Err(failure) => answer::failed(failure),
    })
}

async fn leave<P: Ports>(app: &App<P>, parts: &Parts) -> Result<(), Failure> {
    caller::check_same_origin(app, &parts.headers)?;
    match caller::session_secret(app, &parts.headers) {
        Some(secret) => end_session(&app.ports, &secret).await,
        None => Ok(()),
    }
}
