//! Answers: the operation's output, or a refusal in the one form that every surface uses.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use clearance::failure::Failure;
use clearance::ports::StoreError;
use clearance::refusal::{Class, Refusal};
use serde::Serialize;

/// The status of each class of refusal.
pub(super) fn status(class: Class) -> StatusCode {
    match class {
        Class::Malformed => StatusCode::BAD_REQUEST,
        Class::Unauthenticated => StatusCode::UNAUTHORIZED,
        Class::Forbidden => StatusCode::FORBIDDEN,
        Class::NotFound => StatusCode::NOT_FOUND,
        Class::Refused => StatusCode::CONFLICT,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Class::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// JSON that somebody else made already.
pub(super) fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A value as JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_bytes(status, body),
        Err(error) => failed(Failure::Defect(error.to_string())),
    }
}

/// Nothing but that it is done.
pub(super) fn done() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `{"error": {"code", "message", "details"}}` with the status of its class.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = status(refusal.code().class());
    let json = refusal.to_json();
    let retry_after = json.pointer("/error/details/retry_after").and_then(|seconds| seconds.as_str());
    let retry_after = retry_after.and_then(|seconds| HeaderValue::from_str(seconds).ok());
    let mut response = json_bytes(status, json.to_string().into_bytes());
    match status {
        StatusCode::UNAUTHORIZED => {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = retry_after.unwrap_or(HeaderValue::from_static("1"));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        _ => {}
    }
    response
}

/// A failure as its caller is told it. What the caller is not told goes to the log, here and nowhere else.
pub(super) fn failed(failure: Failure) -> Response {
    refused(&logged(failure))
}

/// What the caller is told of a failure; the rest is logged.
pub(super) fn logged(failure: Failure) -> Refusal {
    if let Some(what) = unexpected(&failure) {
        tracing::error!(failure = what, "an operation failed");
    }
    failure.into_refusal()
}

/// What the log says of a failure that is no rule's refusal. Keys and contents of documents stay out of it: they can be e-mail addresses.
pub(crate) fn unexpected(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Refused(_) | Failure::Store(StoreError::Conflict) => None,
        Failure::Store(StoreError::Damaged(what)) => {
            let kind = what.split('`').next().unwrap_or_default().trim();
            Some(format!("stored data is damaged: {kind}; run `clearance audit verify`"))
        }
        other @ (Failure::Store(_) | Failure::Defect(_)) => Some(other.to_string()),
    }
}
