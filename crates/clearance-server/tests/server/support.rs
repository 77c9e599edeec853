//! A site with people, and requests to it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use clearance::authorization::Caller;
use clearance::ids::PersonId;
use clearance::operations::{Call, perform};
use clearance::ports::Absent;
use clearance_server::anchor::AnchorFile;
use clearance_server::data::kinds;
use clearance_server::host::Host;
use clearance_server::http::{App, Openid, Origin, Pages, router};
use clearance_server::mail::Mailer;
use clearance_server::vault::VaultKey;
use clearance_store::MemoryStore;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use testkit::{Clock, Seeded};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) type TestHost = Host<MemoryStore, Seeded, Absent>;

/// A server and its clock.
pub(crate) struct Site {
    pub(crate) app: Arc<App<TestHost>>,
    pub(crate) clock: Clock,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The refusal's code.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The session's cookie as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A person's hold on the site.
#[derive(Clone)]
pub(crate) enum Hold {
    Nobody,
    Cookie(String),
    Token(String),
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::at("http://127.0.0.1:8780/", Pages::default()).await
    }

    pub(crate) async fn at(url: &str, pages: Pages) -> Self {
        Self::with(url, pages, None).await
    }

    pub(crate) async fn with(url: &str, pages: Pages, openid: Option<Openid>) -> Self {
        let environment = Seeded::default();
        let clock = environment.clock.clone();
        let vault = VaultKey::new([7; 32]);
        let ports = Host { store: MemoryStore::new(kinds()), environment, vault, core: Absent };
        clearance::site::initialize(&ports).await.unwrap();
        let app = Arc::new(App { pages, openid, ..App::new(ports, Origin::new(url.parse().unwrap())) });
        Self { router: router(Arc::clone(&app)), app, clock }
    }

    /// The same site with an OpenID provider.
    pub(crate) fn and(self, openid: Openid) -> Self {
        self.with_app(|app| App { openid: Some(openid), ..app })
    }

    /// The same site with a mail server.
    pub(crate) fn mailing(self, mailer: Mailer) -> Self {
        self.with_app(|app| App { mailer: Some(mailer), ..app })
    }

    /// The same site with a file outside for checkpoints.
    pub(crate) fn anchoring_in(self, file: &std::path::Path) -> Self {
        self.with_app(|app| App { anchor_file: Some(AnchorFile::at(file)), ..app })
    }

    /// The same site behind a proxy.
    pub(crate) fn behind(self, proxy: &str) -> Self {
        self.with_app(|app| App { trusted_proxies: vec![proxy.parse().unwrap()], ..app })
    }

    fn with_app(self, change: impl FnOnce(App<TestHost>) -> App<TestHost>) -> Self {
        let Self { app, clock, router: old } = self;
        drop(old);
        let app = Arc::new(change(Arc::into_inner(app).unwrap()));
        Self { router: router(Arc::clone(&app)), app, clock }
    }

    /// An operation called from the host's command line.
    pub(crate) async fn console(&self, operation: &str, input: Value) -> Value {
        let input = input.to_string();
        let call =
            Call { operation, caller: Caller::Console, input: input.as_bytes(), idempotency_key: None };
        serde_json::from_slice(&perform(&self.app.ports, call).await.unwrap()).unwrap()
    }

    pub(crate) async fn add(&self, name: &str, role: &str) -> PersonId {
        let email = format!("{}@example.com", name.to_lowercase());
        let person = self.console("people.put", json!({ "name": name, "email": email, "role": role })).await;
        person["person"]["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn token(&self, person: PersonId, scope: &str) -> Hold {
        let made = self.console("tokens.create", json!({ "person": person, "scope": scope })).await;
        Hold::Token(made["secret"].as_str().unwrap().to_owned())
    }

    /// Sets the person's password by a one-time link; the browser is signed in then.
    pub(crate) async fn set_up(&self, person: PersonId) -> Hold {
        let link = self.console("set_up_links.create", json!({ "person": person })).await;
        let token = link["path"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
        let answer = self
            .post("/session/set-up", &Hold::Nobody, json!({ "token": token, "password": PASSWORD }))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
        Hold::Cookie(answer.cookie())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, hold: &Hold) -> Answer {
        let request = held(Request::get(path), hold).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// As a browser that takes these encodings asks for it.
    pub(crate) async fn get_accepting(&self, path: &str, encodings: &str) -> Answer {
        self.send(Request::get(path).header("accept-encoding", encodings).body(Body::empty()).unwrap()).await
    }

    /// As a page of the site, or a program, sends it.
    pub(crate) async fn post(&self, path: &str, hold: &Hold, input: Value) -> Answer {
        let request = held(Request::post(path), hold)
            .header("content-type", "application/json")
            .header("x-clearance-csrf", "1")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(input.to_string())).unwrap()).await
    }

    pub(crate) async fn call(&self, operation: &str, hold: &Hold, input: Value) -> Answer {
        self.post(&format!("/api/v1/{operation}"), hold, input).await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/session/sign-in", &Hold::Nobody, json!({ "email": email, "password": password })).await
    }

    /// Kinds of the log's entries, oldest first.
    pub(crate) async fn log(&self) -> Vec<String> {
        let entries = self.console("audit.entries", json!({ "limit": 100 })).await;
        let kinds = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap().to_owned());
        kinds.collect()
    }
}

pub(crate) fn held(request: axum::http::request::Builder, hold: &Hold) -> axum::http::request::Builder {
    match hold {
        Hold::Nobody => request,
        Hold::Cookie(cookie) => request.header("cookie", cookie),
        Hold::Token(token) => request.header("authorization", format!("Bearer {token}")),
    }
}
