//! `GET /log/…`: the log as the files of [C2SP tlog-tiles](https://c2sp.org/tlog-tiles), for clients that know nothing of this product.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clearance::audit::resource::{Resource, ResourceAnswer};
use clearance::failure::Failure;
use clearance::operations::{Call, Operation as _, perform};
use clearance::ports::Ports;
use serde_json::json;

use super::edge::CountedAs;
use super::{App, answer, caller};

/// One file of the log. Who may have it, and how often, is the operation's to say.
pub(super) async fn file<P: Ports>(
    State(app): State<Arc<App<P>>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let mut response = match read(&app, &path, request).await {
        Ok(response) => response,
        Err(failure) => answer::failed(failure),
    };
    response.extensions_mut().insert(CountedAs(Resource::NAME));
    response
}

async fn read<P: Ports>(app: &App<P>, path: &str, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let caller = caller::identify(app, &parts).await?;
    let input = json!({ "path": path }).to_string();
    let call = Call { operation: Resource::NAME, caller, input: input.as_bytes(), idempotency_key: None };
    let answer = perform(&app.ports, call).await?;
    let defect = |what: String| Failure::Defect(format!("{}: {what}", Resource::NAME));
    let file: ResourceAnswer = serde_json::from_slice(&answer).map_err(|error| defect(error.to_string()))?;
    let content = STANDARD.decode(file.content).map_err(|error| defect(error.to_string()))?;
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    let content_type = if file.text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Only who asked may keep it: the log is for auditors and administrators, not for proxies on the way.
    let keep = if file.immutable { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
