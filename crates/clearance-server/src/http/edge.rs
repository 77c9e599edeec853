//! What is common to every request: its id, its time limit, what becomes of a panic, and its count.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use clearance::ports::{Environment, Ports};
use clearance::refusal::{Code, Refusal};
use tokio::time::{Instant, timeout};

use super::{App, answer};

/// Seconds after which a request is answered whatever became of it.
pub const MAX_SECONDS: u64 = 30;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is counted as: an operation's name, or a part of the surface. Never anything that a caller wrote.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountedAs(pub(super) &'static str);

/// Names requests: a random beginning, then one more each time.
#[derive(Debug)]
pub struct RequestIds(AtomicU64);

impl RequestIds {
    /// Begins at a random number.
    pub fn new(environment: &impl Environment) -> Self {
        let [random @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            environment.entropy();
        // 56 bits are 14 digits.
        Self(AtomicU64::new(u64::from_be_bytes(random) >> 8))
    }

    fn next(&self) -> String {
        format!("{:014x}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Runs a request under the rules that hold for all of them.
pub(super) async fn guard<P: Ports>(
    State(app): State<Arc<App<P>>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = app.request_ids.next();
    let answered = timeout(Duration::from_secs(MAX_SECONDS), caught(next.run(request))).await;
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(Panicked)) => {
            // What a panic says may quote whatever it stumbled over: the log has its place from where it happened.
            tracing::error!(request_id = id, "a request panicked");
            let message = "this did not work; look whether anything was changed before you try again";
            answer::refused(&Refusal::new(Code::Unavailable, message))
        }
        Err(_) => {
            tracing::error!(request_id = id, "a request was not answered in time");
            let message = "this took too long; look whether anything was changed before you try again";
            answer::refused(&Refusal::new(Code::Unavailable, message))
        }
    };
    let counted_as = response.extensions_mut().remove::<CountedAs>().map_or("pages", |name| name.0);
    let elapsed = started.elapsed();
    app.metrics.count(counted_as, response.status(), elapsed);
    let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(
        request_id = id,
        operation = counted_as,
        status = response.status().as_u16(),
        microseconds,
        "request"
    );
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if app.origin.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// A future panicked.
#[derive(Debug, PartialEq, Eq)]
struct Panicked;

/// Runs a future; a panic in it becomes an error of it alone.
async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // A request that panicked is dropped whole; what it shares with others is behind locks that are held across no await.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error_of_its_request_alone() {
        let defect = async |works: bool| {
            tokio::task::yield_now().await;
            assert!(works, "a defect");
        };
        assert_eq!(caught(defect(false)).await, Err(Panicked));
        assert_eq!(caught(async { 7 }).await, Ok(7));
    }
}
