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

/// `GET /readyz`: the store answers and the clockwork runs. How the site stands with its Core is told, and nothing more: while Core cannot be
/// used, what is to be done at providers waits, and everything else goes on. Providers are not asked.
pub(super) async fn ready<P: Ports>(State(app): State<Arc<App<P>>>) -> Response {
    let store = app.ports.store().log_head().await.is_ok();
    let clock = !app.metrics.clock_is_halted();
    let status = if store && clock { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    counted(answer::json(
        status,
        &json!({ "ok": store && clock, "store": store, "clock": clock, "core": app.core.state() }),
    ))
}

/// `GET /metrics`: counts and durations in the `OpenMetrics` text format.
pub(super) async fn metrics<P: Ports>(State(app): State<Arc<App<P>>>) -> Response {
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    app.metrics.set_core(app.core.state());
    let mut text = app.metrics.render();
    if let Some(core) = app.core.metrics() {
        // One page has one end.
        let end = text.trim_end().trim_end_matches("# EOF").len();
        text.truncate(end);
        text.push_str(&core);
    }
    counted((headers, text).into_response())
}
