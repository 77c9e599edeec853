//! Whether the server works, for whatever watches it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use clearance::ports::{Ports, Store as _};
use serde_json::json;

use super::edge::CountedAs;
use super::{App, answer};

fn counted(mut response: Response) -> Response {
    response.extensions_mut().insert(CountedAs("health"));
    response
}

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> Response {
    counted(answer::json(StatusCode::OK, &json!({ "ok": true })))
}

/// `GET /readyz`: the store answers and the clockwork runs.
pub(super) async fn ready<P: Ports>(State(app): State<Arc<App<P>>>) -> Response {
    let store = app.ports.store().log_head().await.is_ok();
    let clock = !app.metrics.clock_is_halted();
    let status = if store && clock { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    counted(answer::json(status, &json!({ "ok": store && clock, "store": store, "clock": clock })))
}

/// `GET /metrics`: counts and durations in the `OpenMetrics` text format.
pub(super) async fn metrics<P: Ports>(State(app): State<Arc<App<P>>>) -> Response {
    let text = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    let headers = [(CONTENT_TYPE, text), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    counted((headers, app.metrics.render()).into_response())
}
