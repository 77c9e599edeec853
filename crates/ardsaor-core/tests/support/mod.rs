//! A Core, the providers' stand-ins, and callers.

pub(crate) mod directory;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use ardsaor_core::provider::Endpoints;
use ardsaor_core::{Core, Environment, ForgeSettings, InstallationKind, Limits, Settings};
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::{
    Answer, CALL_PATH, Call, Connector, ErrorBody, InstallationId, Operation, Outcome,
};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer, PairingCode};
use core_protocol::signature::{Nonce, Request, Response, Validity, sign_request, verify_response};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use testkit_directories::{Entra, Okta};

/// When tests begin.
pub(crate) const NOW: i64 = 1_757_607_710;

/// The host that requests are signed for: it stays the same when Core starts anew on another port.
pub(crate) const AUTHORITY: &str = "core.test";

/// A clock that is set, and entropy that counts.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    now: Arc<AtomicI64>,
    drawn: Arc<AtomicU64>,
}

impl Surroundings {
    fn new() -> Self {
        Self { now: Arc::new(AtomicI64::new(NOW)), drawn: Arc::default() }
    }

    /// Sets the clock to another's.
    pub(crate) fn set(&self, other: &impl Environment) {
        self.now.store(other.now().0, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Environment for Surroundings {
    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.now.load(Ordering::SeqCst))
    }

    fn entropy(&self) -> [u8; 32] {
        Sha256::digest(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes()).into()
    }
}

/// Everything that a test needs.
pub(crate) struct Site {
    pub(crate) core: Core,
    pub(crate) okta: Okta,
    pub(crate) entra: Entra,
    pub(crate) surroundings: Surroundings,
    pub(crate) data: TempDir,
    http: reqwest::Client,
    settings: Settings,
}

/// An installation's backend.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) installation: InstallationId,
    pub(crate) key: SigningKey,
}

/// A request that is ready to be sent, or to be spoilt before.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) path: &'static str,
    pub(crate) host: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Prepared {
    pub(crate) fn signature(&self) -> &str {
        &self.fields.iter().find(|(name, _)| *name == "signature").unwrap().1
    }
}

/// What came back.
pub(crate) struct Returned {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Returned {
    pub(crate) fn code(&self) -> String {
        serde_json::from_slice::<ErrorBody>(&self.body)
            .map_or_else(|_| "none".to_owned(), |body| body.error.code)
    }

    pub(crate) fn verify(&self, key: &SigningKey, signature: &str, now: UnixSeconds) {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let response = Response { status: self.status, headers: &fields, body: &self.body };
        verify_response(key, &response, signature, now).unwrap();
    }
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(None, Limits { request_timeout: Duration::from_millis(300), ..Limits::default() })
            .await
    }

    pub(crate) async fn start_with(forge: Option<ForgeSettings>, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (okta, entra) = (Okta::start(NOW).await.unwrap(), Entra::start(NOW).await.unwrap());
        let authority = Some(AUTHORITY.to_owned());
        let settings = Settings { forge, limits, authority, ..Settings::inside(data.path().join("core")) };
        let surroundings = Surroundings::new();
        let core = start(&settings, &surroundings, &okta, &entra).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { core, okta, entra, surroundings, data, http, settings }
    }

    /// Core stops and starts anew on the same directory.
    pub(crate) async fn restart(self) -> Self {
        self.core.stop().await.unwrap();
        let core = start(&self.settings, &self.surroundings, &self.okta, &self.entra).await;
        Self { core, ..self }
    }

    pub(crate) fn now(&self) -> UnixSeconds {
        self.surroundings.now()
    }

    fn nonce(&self) -> Nonce {
        Nonce::from_entropy(self.surroundings.entropy()[..16].try_into().unwrap())
    }

    pub(crate) fn sign(&self, key: &SigningKey, path: &'static str, body: Vec<u8>) -> Prepared {
        self.sign_with(key, path, body, &self.nonce())
    }

    pub(crate) fn sign_with(
        &self,
        key: &SigningKey,
        path: &'static str,
        body: Vec<u8>,
        nonce: &Nonce,
    ) -> Prepared {
        let host = AUTHORITY.to_owned();
        let request =
            Request { method: "POST", authority: &host, path, query: None, headers: &[], body: &body };
        let validity = Validity::new(self.now(), 120).unwrap();
        let signed = sign_request(key, &request, validity, nonce).unwrap();
        let fields = signed.fields().map(|(name, value)| (name, value.to_owned())).to_vec();
        Prepared { path, host, fields, body }
    }

    pub(crate) async fn send(&self, prepared: &Prepared) -> Returned {
        let mut request = self.http.post(format!("http://{}{}", self.core.address(), prepared.path));
        request = request.header("host", &prepared.host).body(prepared.body.clone());
        for (name, value) in &prepared.fields {
            request = request.header(*name, value);
        }
        let response = request.send().await.unwrap();
        let fields = response.headers().iter();
        let fields =
            fields.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        Returned {
            status: response.status().as_u16(),
            fields,
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("http://{}{path}", self.core.address())).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Adds an installation and pairs its backend.
    pub(crate) async fn caller(&self, name: &str) -> Caller {
        let installations = self.core.installations();
        let (_, code) = installations.add(&self.surroundings, name, InstallationKind::SelfHosted).unwrap();
        self.pair(&code, &[]).await.unwrap()
    }

    /// Exchanges a code, with more header fields; the error is the code of the refusal.
    pub(crate) async fn pair(
        &self,
        code: &PairingCode,
        more: &[(&'static str, &str)],
    ) -> Result<Caller, String> {
        let (key, nonce) = (code.key(), self.nonce());
        let mut prepared = self.sign_with(&key, PAIRING_PATH, b"{}".to_vec(), &nonce);
        prepared.fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let returned = self.send(&prepared).await;
        if returned.status != 200 {
            return Err(returned.code());
        }
        returned.verify(&key, prepared.signature(), self.now());
        let answer: PairingAnswer = serde_json::from_slice(&returned.body).unwrap();
        let key = answer.open(&key, &nonce).unwrap();
        Ok(Caller { installation: answer.installation, key })
    }

    /// A call, signed; `connector` seals its secret for the request's nonce.
    pub(crate) fn prepare(
        &self,
        caller: &Caller,
        connector: impl FnOnce(&SigningKey, &Nonce) -> Connector,
        operation: Operation,
    ) -> Prepared {
        let nonce = self.nonce();
        let call = Call { connector: connector(&caller.key, &nonce), operation };
        self.sign_with(&caller.key, CALL_PATH, serde_json::to_vec(&call).unwrap(), &nonce)
    }

    /// Sends a call and takes its answer, whose signature is checked.
    pub(crate) async fn answer(&self, caller: &Caller, prepared: &Prepared) -> Answer {
        let returned = self.send(prepared).await;
        assert_eq!(returned.status, 200, "{}", returned.code());
        returned.verify(&caller.key, prepared.signature(), self.now());
        serde_json::from_slice(&returned.body).unwrap()
    }

    pub(crate) async fn call(
        &self,
        caller: &Caller,
        connector: impl FnOnce(&SigningKey, &Nonce) -> Connector,
        operation: Operation,
    ) -> Outcome {
        self.answer(caller, &self.prepare(caller, connector, operation)).await.outcome
    }
}

async fn start(settings: &Settings, surroundings: &Surroundings, okta: &Okta, entra: &Entra) -> Core {
    let endpoints = Endpoints::DangerousLoopback { okta: okta.address(), entra: entra.address() };
    Core::start(settings.clone(), surroundings.clone(), endpoints).await.unwrap()
}
