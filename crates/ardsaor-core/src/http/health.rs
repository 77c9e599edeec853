//! Whether Core works, for whatever watches it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::App;
use crate::environment::Environment;

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], "{\"ok\":true}")
}

/// `GET /readyz`: the database answers, too. Providers are not asked: their trouble is not Core's.
pub(super) async fn ready<E: Environment>(State(app): State<Arc<App<E>>>) -> impl IntoResponse {
    let (status, text) = if app.database.answers().await {
        (StatusCode::OK, "{\"ok\":true}")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "{\"ok\":false}")
    };
    (status, [(CONTENT_TYPE, "application/json")], text)
}

/// `GET /metrics`: counts and durations in the `OpenMetrics` text format.
pub(super) async fn metrics<E: Environment>(State(app): State<Arc<App<E>>>) -> impl IntoResponse {
    let text = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, text), (CACHE_CONTROL, "no-store")], app.metrics.render())
}
