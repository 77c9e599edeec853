//! Core's HTTP side: two signed endpoints, and three for whatever watches Core.

mod admission;
mod answer;
mod call;
mod health;
mod pairing;
mod received;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use core_protocol::message::CALL_PATH;
use core_protocol::pairing::PAIRING_PATH;
use core_protocol::signature::Scheme;
use tokio::sync::Semaphore;

use crate::database::Database;
use crate::environment::Environment;
use crate::forge::Verifier;
use crate::metrics::Metrics;
use crate::perform::Performer;

/// What every request needs.
#[derive(Debug)]
pub(crate) struct App<E> {
    pub(crate) environment: E,
    pub(crate) database: Database,
    /// Host and port that requests must be signed for, in normal form.
    pub(crate) authority: String,
    pub(crate) scheme: Scheme,
    pub(crate) forge: Option<Verifier>,
    pub(crate) performer: Performer,
    pub(crate) metrics: Arc<Metrics>,
    /// One permit for each request in work.
    pub(crate) doors: Semaphore,
}

pub(crate) fn router<E: Environment>(app: Arc<App<E>>) -> Router {
    Router::new()
        .route(CALL_PATH, post(call::call::<E>))
        .route(PAIRING_PATH, post(pairing::pair::<E>))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready::<E>))
        .route("/metrics", get(health::metrics::<E>))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .with_state(app)
}
