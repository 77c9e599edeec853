//! One signed request and what comes back.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use clearance::ports::{CoreError, Environment};
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::ErrorBody;
use core_protocol::signature::{Nonce, Request, Response, Validity, sign_request, verify_response};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::Address;

/// Time for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for everything. Core is done with a call, one way or the other, within 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Seconds that a request is valid: room for two clocks that differ, and no more.
const VALID_SECONDS: i64 = 90;
/// Bytes of an answer, at most. The largest is a page of members.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// An HTTP client, made when it is needed first.
#[derive(Debug, Clone, Default)]
pub(super) struct Http(Arc<OnceCell<reqwest::Client>>);

/// What to send, to which path, signed by whom.
pub(super) struct Message<'a> {
    pub(super) path: &'static str,
    pub(super) key: &'a SigningKey,
    pub(super) nonce: &'a Nonce,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// What came back.
pub(super) struct Reply {
    status: u16,
    body: Zeroizing<Vec<u8>>,
    /// Whether it is signed with the request's key, as the answer to this very request.
    proven: bool,
}

pub(super) fn unreachable(what: impl Into<String>) -> CoreError {
    CoreError::Unreachable(what.into())
}

pub(super) fn now(environment: &impl Environment) -> UnixSeconds {
    UnixSeconds(environment.now().as_millisecond().div_euclid(1000))
}

/// The first bytes of fresh entropy.
pub(crate) fn random<const N: usize>(environment: &impl Environment) -> [u8; N] {
    const { assert!(N <= 32, "one draw gives 32 bytes") };
    let entropy = Zeroizing::new(environment.entropy());
    std::array::from_fn(|index| entropy.get(index).copied().unwrap_or_default())
}

impl Http {
    async fn client(&self) -> Result<&reqwest::Client, CoreError> {
        let make = || async {
            // The first provider of cryptography installed stays; there is no other in this program.
            let _ = rustls::crypto::ring::default_provider().install_default();
            // Where requests go is start-up configuration: neither a proxy of the environment nor a redirect changes it.
            reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .build()
        };
        self.0.get_or_try_init(make).await.map_err(|_| unreachable("no HTTP client can be made"))
    }

    /// Signs and sends, and reads what comes back.
    pub(super) async fn post(
        &self,
        environment: &impl Environment,
        to: &Address,
        message: Message<'_>,
    ) -> Result<Reply, CoreError> {
        let Message { path, key, nonce, body } = message;
        let request = Request {
            method: "POST",
            authority: to.authority(),
            path,
            query: None,
            headers: &[],
            body: &body,
        };
        let signed = Validity::new(now(environment), VALID_SECONDS)
            .and_then(|validity| sign_request(key, &request, validity, nonce))
            .map_err(|_| unreachable("a request cannot be signed"))?;
        let mut request = self.client().await?.post(to.of(path));
        for (name, value) in signed.fields() {
            request = request.header(name, value);
        }
        // The bytes are wiped when the HTTP library lets go of them.
        let response = request.body(Bytes::from_owner(body)).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = read(response).await?;
        let headers: Vec<_> = headers
            .iter()
            .filter_map(|(name, value)| value.to_str().ok().map(|value| (name.as_str(), value)))
            .collect();
        let response = Response { status, headers: &headers, body: &body };
        let proven = verify_response(key, &response, signed.signature(), now(environment)).is_ok();
        Ok(Reply { status, body, proven })
    }
}

async fn read(mut response: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, CoreError> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len().saturating_add(chunk.len()) > LARGEST_ANSWER {
            return Err(unreachable("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What the library says may quote addresses; here is only what kind of trouble it was.
#[expect(clippy::needless_pass_by_value, reason = "the error is used up")]
fn failed(error: reqwest::Error) -> CoreError {
    unreachable(if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the exchange broke off"
    })
}

impl Reply {
    /// Whether whoever answered has the key.
    pub(super) fn is_proven(&self) -> bool {
        self.proven
    }

    /// The code of a refusal.
    pub(super) fn code(&self) -> Option<String> {
        let code = serde_json::from_slice::<ErrorBody>(&self.body).ok()?.error.code;
        let known = (1..=64).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        known.then_some(code)
    }

    /// The body of an answer that is Core's answer to this request, and no refusal.
    pub(super) fn answer(self) -> Result<Zeroizing<Vec<u8>>, CoreError> {
        match (self.status, self.code()) {
            (200, _) if self.proven => Ok(self.body),
            (200, _) => Err(unreachable("its answer is not signed as the one to this request")),
            // Neither is the request's fault: the same may go well later.
            (status, Some(code)) if matches!(code.as_str(), "busy" | "body_timeout") => {
                Err(unreachable(format!("it answered {status} ({code})")))
            }
            (400..=499, Some(code)) => Err(CoreError::Refused(code)),
            (status, Some(code)) => Err(unreachable(format!("it answered {status} ({code})"))),
            (status, None) => Err(unreachable(format!("it answered {status}"))),
        }
    }
}
