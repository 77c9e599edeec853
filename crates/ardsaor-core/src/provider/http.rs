//! One request to a provider and its whole answer.

use std::sync::Arc;
use std::time::Duration;

use core_protocol::message::{RateLimit, RetryReason};
use reqwest::header::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::dns::PublicOnly;
use super::{Endpoints, Interrupted, Provider};
use crate::metrics::Metrics;

/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer, at most: 1,000 members with their profiles have about 2 MB.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// Seconds to wait when a provider failed and said no time: callers make their pauses longer each time, and after several failures the
/// circuit breaker speaks.
pub(crate) const UNAVAILABLE_SECONDS: u32 = 1;

/// The client: no redirects, no proxy from the surroundings, no cookies, TLS only.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    metrics: Arc<Metrics>,
}

/// A provider's answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Wiped when it is dropped: it may hold a token.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Interrupted> {
        serde_json::from_slice(&self.body).map_err(|_| Interrupted::UNEXPECTED)
    }

    /// A header field's value, when it is there once and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers.get(name)?.to_str().ok()
    }
}

impl Http {
    pub(super) fn new(
        endpoints: Endpoints,
        timeout: Duration,
        metrics: Arc<Metrics>,
    ) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .user_agent(concat!("ardsaor-core/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout);
        let builder = match endpoints {
            Endpoints::Public => builder.https_only(true).dns_resolver(Arc::new(PublicOnly)),
            Endpoints::DangerousLoopback { .. } => builder,
        };
        Ok(Self { client: builder.build()?, metrics })
    }

    pub(super) fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request. What a provider answered, however unhappy, is a reply.
    pub(super) async fn send(
        &self,
        provider: Provider,
        request: reqwest::RequestBuilder,
    ) -> Result<Reply, Interrupted> {
        let reply = exchange(request).await;
        let status = reply.as_ref().map_or(0, |reply| reply.status);
        self.metrics.count_asked(provider.name(), status);
        reply
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<Reply, Interrupted> {
    let mut response = request.send().await.map_err(failed)?;
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len().saturating_add(chunk.len()) > LARGEST_ANSWER {
            return Err(Interrupted::UNEXPECTED);
        }
        body.extend_from_slice(&chunk);
    }
    let status = response.status().as_u16();
    Ok(Reply { status, headers: std::mem::take(response.headers_mut()), body })
}

/// The error itself is dropped: it quotes the address.
fn failed(error: reqwest::Error) -> Interrupted {
    let reason =
        if error.is_timeout() { RetryReason::ProviderTimeout } else { RetryReason::ProviderUnavailable };
    Interrupted::RetryAfter { seconds: UNAVAILABLE_SECONDS, reason }
}

/// A provider that failed: when to come back, if it said.
pub(crate) fn unavailable(retry_after: Option<u32>) -> Interrupted {
    let seconds = retry_after.unwrap_or(UNAVAILABLE_SECONDS);
    Interrupted::RetryAfter { seconds, reason: RetryReason::ProviderUnavailable }
}

/// `Retry-After` in seconds, kept within an hour.
pub(crate) fn retry_after(reply: &Reply) -> Option<u32> {
    let seconds: u32 = reply.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.clamp(1, 3600))
}

/// Percent-encodes what is not unreserved (RFC 3986), for one segment of a path or a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                encoded.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    encoded
}

/// What is left of a limit, as Okta tells with every answer. Microsoft does not.
pub(crate) fn rate_limit(reply: &Reply) -> Option<RateLimit> {
    let number = |name| reply.header(name)?.trim().parse::<i64>().ok();
    let resets_in = number("x-rate-limit-reset")?.saturating_sub(date(reply)?);
    Some(RateLimit {
        limit: number("x-rate-limit-limit")?.try_into().ok()?,
        remaining: number("x-rate-limit-remaining")?.try_into().ok()?,
        resets_in: resets_in.max(0).try_into().ok()?,
    })
}

/// The provider's clock, from the `Date` field (RFC 9110: always GMT).
pub(crate) fn date(reply: &Reply) -> Option<i64> {
    let text = reply.header("date")?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&'static str, &str)]) -> Reply {
        let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect();
        Reply { status: 200, headers, body: Zeroizing::default() }
    }

    #[test]
    fn headers_are_read_as_the_providers_write_them() {
        assert_eq!(date(&reply(&[("date", "Thu, 11 Sep 2025 16:21:50 GMT")])), Some(1_757_607_710));
        assert_eq!(date(&reply(&[("date", "yesterday")])), None);
        assert_eq!(retry_after(&reply(&[("retry-after", "10")])), Some(10));
        assert_eq!(retry_after(&reply(&[("retry-after", "999999")])), Some(3600));
        assert_eq!(retry_after(&reply(&[("retry-after", "0")])), Some(1));
        assert_eq!(retry_after(&reply(&[("retry-after", "soon")])), None);
    }

    #[test]
    fn a_sign_in_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(encoded("ada#EXT#@acme.example"), "ada%23EXT%23%40acme.example");
        assert_eq!(encoded("a/../b?c%d é"), "a%2F..%2Fb%3Fc%25d%20%C3%A9");
    }
}
