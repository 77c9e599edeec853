use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::UnixSeconds;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::InvocationRefused;
use super::token::RsaKey;

/// Seconds that fetched keys are good for.
const KEPT_SECONDS: i64 = 3600;
/// Seconds between two fetches, at least, so that made-up key names cannot make Core ask without end.
const FETCH_SECONDS: i64 = 60;
/// Time to fetch them.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of the document, at most.
const LARGEST: usize = 256 * 1024;

#[derive(Debug, Default)]
struct Known {
    keys: HashMap<String, RsaKey>,
    fetched: Option<UnixSeconds>,
}

/// The published keys, fetched when they are needed.
#[derive(Debug)]
pub(super) struct Keys {
    url: Url,
    http: reqwest::Client,
    known: Mutex<Known>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Keys {
    pub(super) fn new(url: Url) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(url.scheme() == "https")
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { url, http, known: Mutex::default() })
    }

    pub(super) async fn get(&self, id: &str, now: UnixSeconds) -> Result<RsaKey, InvocationRefused> {
        let mut known = self.known.lock().await;
        let since = known.fetched.map(|fetched| now.0.saturating_sub(fetched.0));
        let fresh = since.is_some_and(|seconds| seconds < KEPT_SECONDS);
        if let Some(key) = known.keys.get(id).filter(|_| fresh) {
            return Ok(key.clone());
        }
        if since.is_none_or(|seconds| seconds >= FETCH_SECONDS) {
            known.fetched = Some(now);
            known.keys = self.fetch().await.ok_or(InvocationRefused::KeysUnavailable)?;
        }
        known.keys.get(id).cloned().ok_or(InvocationRefused::UnknownKey)
    }

    async fn fetch(&self) -> Option<HashMap<String, RsaKey>> {
        let mut response = self.http.get(self.url.clone()).send().await.ok()?.error_for_status().ok()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            if body.len().saturating_add(chunk.len()) > LARGEST {
                return None;
            }
            body.extend_from_slice(&chunk);
        }
        let document: Document = serde_json::from_slice(&body).ok()?;
        Some(document.keys.into_iter().filter_map(rsa).collect())
    }
}

fn rsa(jwk: Jwk) -> Option<(String, RsaKey)> {
    let signing = jwk.usage.is_none_or(|usage| usage == "sig");
    if jwk.kty != "RSA" || !signing {
        return None;
    }
    let n = URL_SAFE_NO_PAD.decode(jwk.n?).ok()?;
    let e = URL_SAFE_NO_PAD.decode(jwk.e?).ok()?;
    Some((jwk.kid?, RsaKey { n, e }))
}
