//! `GET /api/v1/exports/{id}`: an export as a file, made while it is sent.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use clearance::evidence::ExportContent;
use clearance::evidence::operations::GetExport;
use clearance::failure::Failure;
use clearance::ids::ExportId;
use clearance::operations::{Call, Operation as _, perform};
use clearance::ports::Ports;
use clearance::refusal::not_found;
use futures_util::stream::unfold;
use serde_json::json;

use super::edge::CountedAs;
use super::{App, answer, caller};

/// One's own export. Who may have it, until when and how often, is the operation's to say.
pub(super) async fn download<P: Ports + 'static>(
    State(app): State<Arc<App<P>>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let mut response = match begin(&app, &id, request).await {
        Ok(response) => response,
        Err(failure) => answer::failed(failure),
    };
    response.extensions_mut().insert(CountedAs(GetExport::NAME));
    response
}

async fn begin<P: Ports + 'static>(
    app: &Arc<App<P>>,
    id: &str,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let caller = caller::identify_download(app, &parts).await?;
    let id: ExportId = id.parse().map_err(|_| not_found("export"))?;
    let input = json!({ "export": id }).to_string();
    let call = Call { operation: GetExport::NAME, caller, input: input.as_bytes(), idempotency_key: None };
    perform(&app.ports, call).await?;
    let content = ExportContent::open(&app.ports, id).await?;
    let (name, content_type) = match &content {
        ExportContent::Pack(_) => (format!("attachment; filename=\"evidence-{id}.zip\""), "application/zip"),
        ExportContent::Requests(_) => {
            (format!("attachment; filename=\"requests-{id}.csv\""), "text/csv; charset=utf-8")
        }
    };
    let stream = unfold(Some((Arc::clone(app), content)), async |state| {
        let (app, mut content) = state?;
        match content.next(&app.ports).await {
            Ok(None) => None,
            Ok(Some(bytes)) => Some((Ok(bytes), Some((app, content)))),
            Err(failure) => {
                // What was sent stays incomplete, and the connection is broken off, so that nobody takes it for whole.
                let refusal = answer::logged(failure);
                tracing::warn!(code = refusal.code().as_str(), "a download was broken off");
                Some((Err(io::Error::other(refusal.code().as_str())), None))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
