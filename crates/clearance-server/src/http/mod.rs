//! The HTTP surface: operations, signing in, the built pages, health.
//!
//! It decides nothing: it finds out who calls, hands the call to [`clearance::operations::perform`], and turns the answer or refusal into
//! HTTP once. Whatever is common to every answer (request id, time limit, metrics, what happens to a panic) is in [`edge`].

mod answer;
mod body;
mod caller;
mod cookies;
mod edge;
mod exports;
mod health;
mod log;
mod openid;
mod operations;
mod origin;
mod pages;
mod session;
mod unsubscribe;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use clearance::ports::{Environment as _, Ports};
use zeroize::Zeroizing;

use crate::anchor::AnchorFile;
use crate::core::CoreWatch;
use crate::known_checkpoint::KnownCheckpoint;
use crate::mail::mailer::Mailer;
use crate::metrics::Metrics;
use crate::sign_in::attempts::Attempts;
use crate::sign_in::password::Passwords;

pub(crate) use answer::unexpected;
pub use body::MAX_BODY_BYTES;
pub use edge::{MAX_SECONDS, RequestIds};
pub use openid::Openid;
pub use origin::Origin;
pub use pages::Pages;

/// Everything a request may need.
#[derive(Debug)]
pub struct App<P> {
    /// Store and environment.
    pub ports: P,
    /// The address under which people reach the server.
    pub origin: Origin,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Counts tries to sign in.
    pub attempts: Attempts,
    /// The built pages.
    pub pages: Pages,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// Sign-in at an OpenID provider.
    pub openid: Option<Openid>,
    /// Sends notices.
    pub mailer: Option<Mailer>,
    /// The log's head as last seen, kept beside the database.
    pub known_checkpoint: Option<KnownCheckpoint>,
    /// Where checkpoints are appended, outside the data directory.
    pub anchor_file: Option<AnchorFile>,
    /// Names requests in the log.
    pub request_ids: RequestIds,
    /// How the site stands with its Core.
    pub core: CoreWatch,
}

impl<P: Ports> App<P> {
    /// A server at an address, with nothing that is optional: no pages, provider, mail server or trusted proxy. It counts tries to sign in
    /// under a key of its own.
    pub fn new(ports: P, origin: Origin) -> Self {
        let (passwords, request_ids) =
            (Passwords::new(ports.environment()), RequestIds::new(ports.environment()));
        let attempts_key = Zeroizing::new(ports.environment().entropy());
        Self {
            ports,
            origin,
            trusted_proxies: Vec::new(),
            passwords,
            attempts: Attempts::new(&attempts_key),
            pages: Pages::default(),
            metrics: Metrics::default(),
            openid: None,
            mailer: None,
            known_checkpoint: None,
            anchor_file: None,
            core: CoreWatch::default(),
            request_ids,
        }
    }
}

/// The whole HTTP surface over one host.
pub fn router<P: Ports + 'static>(app: Arc<App<P>>) -> Router {
    Router::new()
        .route("/api/v1/openapi.json", get(operations::openapi))
        .route("/api/v1/{operation}", post(operations::call::<P>).fallback(operations::wrong_method))
        .route("/log/{*path}", get(log::file::<P>))
        .route("/api/v1/exports/{id}", get(exports::download::<P>))
        .route("/session", get(session::show::<P>))
        .route("/session/sign-in", post(session::sign_in::<P>))
        .route("/session/set-up", post(session::set_up::<P>))
        .route("/session/sign-out", post(session::sign_out::<P>))
        .route("/session/oidc/start", get(openid::start::<P>))
        .route("/session/oidc/callback", get(openid::callback::<P>))
        .route("/unsubscribe/{secret}/{from}", get(unsubscribe::ask::<P>).post(unsubscribe::one_click::<P>))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready::<P>))
        .route("/metrics", get(health::metrics::<P>))
        .fallback(pages::serve::<P>)
        .layer(from_fn_with_state(Arc::clone(&app), edge::guard::<P>))
        .with_state(app)
}
