//! `POST /api/v1/{operation}` and the document that describes it.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use clearance::failure::Failure;
use clearance::operations::{Call, perform, table};
use clearance::ports::Ports;
use clearance::refusal::{Code, Refusal, malformed};

use super::edge::CountedAs;
use super::{App, answer, body, caller};

/// Runs one operation.
pub(super) async fn call<P: Ports>(
    State(app): State<Arc<App<P>>>,
    Path(operation): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match run(&app, &operation, &parts, body).await {
        Ok(answer) => answer::json_bytes(StatusCode::OK, answer),
        Err(failure) => answer::failed(failure),
    };
    let name = table().iter().find(|row| row.name == operation).map_or("unknown", |row| row.name);
    response.extensions_mut().insert(CountedAs(name));
    response
}

async fn run<P: Ports>(
    app: &App<P>,
    operation: &str,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<Vec<u8>, Failure> {
    let caller = match caller::identify(app, parts).await {
        Ok(caller) => caller,
        Err(failure) => {
            // Read what was sent all the same: a sender who is cut off while sending does not see the refusal.
            body::read(body).await?;
            return Err(failure);
        }
    };
    let input = body::read(body).await?;
    // A token proves that a program meant it; a browser's cookie goes along with whatever a form sends.
    if !parts.headers.contains_key(AUTHORIZATION) {
        body::check_is_json(&parts.headers)?;
    }
    let idempotency_key = match parts.headers.get("idempotency-key") {
        None => None,
        Some(key) => Some(key.to_str().map_err(|_| malformed("Idempotency-Key", "must be plain text"))?),
    };
    perform(&app.ports, Call { operation, caller, input: &input, idempotency_key }).await
}

/// Operations are called by `POST` alone.
pub(super) async fn wrong_method() -> Response {
    let message = "operations are called with `POST` and a JSON object";
    let mut response = answer::refused(&Refusal::new(Code::MalformedInput, message));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(axum::http::header::ALLOW, HeaderValue::from_static("POST"));
    response
}

/// The OpenAPI document.
pub(super) async fn openapi() -> Response {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| Bytes::from(clearance::operations::openapi().to_string()));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, document.clone()).into_response()
}
