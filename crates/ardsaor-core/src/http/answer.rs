use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Response, StatusCode};
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::{ErrorBody, ErrorCode};
use core_protocol::signature::{self, CONTENT_TYPE, CONTENT_TYPE_FIELD, SignatureRefused, sign_response};
use serde::Serialize;

use crate::database::DatabaseError;

/// Key and request that an answer is bound to.
pub(super) struct Bound {
    pub(super) key: SigningKey,
    pub(super) request_signature: String,
}

/// A request that is not carried out.
pub(super) struct Rejected {
    status: StatusCode,
    code: &'static str,
    bound: Option<Bound>,
}

impl Rejected {
    pub(super) const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, bound: None }
    }

    /// Too many requests are in work.
    pub(super) const BUSY: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy");

    /// The same, signed: the caller proved who it is.
    pub(super) fn to(mut self, bound: Bound) -> Self {
        self.bound = Some(bound);
        self
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn respond(self, now: UnixSeconds) -> Response<Body> {
        let body = ErrorBody { error: ErrorCode { code: self.code.to_owned() } };
        respond(self.status, &body, self.bound.as_ref(), now)
    }
}

impl From<SignatureRefused> for Rejected {
    fn from(refused: SignatureRefused) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, refused.code())
    }
}

impl From<DatabaseError> for Rejected {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(failure = %error, "the database failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable")
    }
}

/// An answer, signed when it is known whom it goes to.
pub(super) fn respond(
    status: StatusCode,
    body: &impl Serialize,
    bound: Option<&Bound>,
    now: UnixSeconds,
) -> Response<Body> {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let unsigned = signature::Response { status: status.as_u16(), headers: &[], body: &body };
    match bound.map(|bound| sign_response(&bound.key, &unsigned, &bound.request_signature, now)) {
        Some(Ok(signed)) => {
            for (name, value) in signed.fields() {
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(name, value);
                }
            }
        }
        _ => {
            headers.insert(CONTENT_TYPE_FIELD, HeaderValue::from_static(CONTENT_TYPE));
        }
    }
    *response.body_mut() = body.into();
    response
}

pub(super) async fn not_found() -> Response<Body> {
    Rejected::new(StatusCode::NOT_FOUND, "not_found").respond(UnixSeconds(0))
}

pub(super) async fn method_not_allowed() -> Response<Body> {
    Rejected::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").respond(UnixSeconds(0))
}
