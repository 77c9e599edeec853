use std::time::Duration;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{Request, StatusCode};
use core_protocol::signature::{self, Scheme, normal_authority};
use http_body_util::BodyExt as _;
use zeroize::Zeroizing;

use super::answer::Rejected;

/// Bytes of a request's body, at most. The largest holds two client assertions.
const LARGEST_BODY: usize = 64 * 1024;
/// Time for the body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A request, read whole. Its body, which holds credentials, is wiped when it is dropped.
pub(super) struct Received {
    method: String,
    authority: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: Zeroizing<Vec<u8>>,
}

impl Received {
    /// Reads a request that must be for this authority.
    pub(super) async fn read(
        request: Request<Body>,
        authority: &str,
        scheme: Scheme,
    ) -> Result<Self, Rejected> {
        const MALFORMED: Rejected = Rejected::new(StatusCode::BAD_REQUEST, "malformed");
        let (parts, body) = request.into_parts();
        let mut headers = Vec::with_capacity(parts.headers.len());
        for (name, value) in &parts.headers {
            let value = value.to_str().map_err(|_| MALFORMED)?;
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
        let mut hosts = parts.headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(MALFORMED) };
        let host = normal_authority(host.to_str().map_err(|_| MALFORMED)?, scheme);
        if host != authority {
            return Err(Rejected::new(StatusCode::MISDIRECTED_REQUEST, "wrong_authority"));
        }
        let body = tokio::time::timeout(BODY_TIMEOUT, read_body(body))
            .await
            .map_err(|_| Rejected::new(StatusCode::REQUEST_TIMEOUT, "body_timeout"))??;
        Ok(Self {
            method: parts.method.as_str().to_owned(),
            authority: host,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body,
        })
    }

    /// The header fields as signatures see them.
    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(super) fn signed<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> signature::Request<'a> {
        signature::Request {
            method: &self.method,
            authority: &self.authority,
            path: &self.path,
            query: self.query.as_deref(),
            headers,
            body: &self.body,
        }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Forge's invocation token.
    pub(super) fn bearer(&self) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(name, _)| name == AUTHORIZATION.as_str());
        let (Some((_, value)), None) = (values.next(), values.next()) else { return None };
        value.strip_prefix("Bearer ")
    }
}

async fn read_body(mut body: Body) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    // Room for all of it from the start: a vector that grew would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_BODY));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Rejected::new(StatusCode::BAD_REQUEST, "malformed"))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len().saturating_add(data.len()) > LARGEST_BODY {
                return Err(Rejected::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}
