//! Clients by identity: nobody, a person's program with a token, a person's browser with a session. All have the same verbs.

use axum::body::Body;
use axum::http::{Request, request};
use clearance::ids::PersonId;
use serde_json::Value;

use crate::Answer;
use crate::site::Handle;

/// Somebody who calls operations over HTTP.
pub trait Client {
    /// The site.
    fn site(&self) -> &Handle;

    /// Adds what shows who calls.
    fn identify(&self, request: request::Builder) -> request::Builder;

    /// Calls an operation.
    #[must_use]
    fn call(&self, operation: &str, input: Value) -> Answer {
        self.send(operation, input.to_string().into_bytes(), &[])
    }

    /// Calls an operation under an idempotency key.
    #[must_use]
    fn call_once(&self, key: &str, operation: &str, input: Value) -> Answer {
        self.send(operation, input.to_string().into_bytes(), &[("idempotency-key", key)])
    }

    /// Sends any bytes with any headers; declared as JSON unless the headers say otherwise.
    #[must_use]
    fn send(&self, operation: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(format!("/api/v1/{operation}"));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request =
            self.identify(request).body(Body::from(body)).expect("headers of tests are well-formed");
        self.site().send(request)
    }

    /// Downloads a file: its status and bytes.
    ///
    /// # Panics
    /// When it breaks off.
    #[must_use]
    fn download(&self, path: &str) -> (u16, Vec<u8>) {
        let request = self.identify(Request::get(path));
        let request = request.body(Body::empty()).expect("headers of tests are well-formed");
        let (status, bytes) = self.site().fetch(request);
        (status, bytes.expect("the download is whole"))
    }

    /// Every item of a list, page after page.
    fn all(&self, operation: &str, input: Value) -> Vec<Value> {
        let (mut items, mut input) = (Vec::new(), input);
        loop {
            let mut page = self.call(operation, input.clone()).ok();
            items.extend(page["items"].as_array_mut().map(std::mem::take).expect("a list has items"));
            if page["next"].is_null() {
                return items;
            }
            input["after"] = page["next"].take();
        }
    }
}

/// Nobody.
#[derive(Debug, Clone)]
pub struct AnonymousClient {
    pub(crate) site: Handle,
}

impl Client for AnonymousClient {
    fn site(&self) -> &Handle {
        &self.site
    }

    fn identify(&self, request: request::Builder) -> request::Builder {
        request
    }
}

/// A person's program, with a token.
#[derive(Debug, Clone)]
pub struct PersonClient {
    pub(crate) site: Handle,
    pub(crate) person: PersonId,
    pub(crate) token: String,
}

impl PersonClient {
    /// The person's id.
    pub fn id(&self) -> String {
        self.person.to_string()
    }

    /// The same person with a token made now: tokens last 90 days, and count as a sign-in for ten minutes.
    #[must_use]
    pub fn signed_in_again(&self) -> Self {
        Self { token: self.site.token(self.person, "act"), ..self.clone() }
    }

    /// The same person with a token made now, unless they left.
    #[must_use]
    pub fn signed_in_again_if_active(&self) -> Self {
        let token = self.site.try_token(self.person, "act").unwrap_or_else(|_| self.token.clone());
        Self { token, ..self.clone() }
    }

    /// The same person with a token of another scope.
    #[must_use]
    pub fn with_scope(&self, scope: &str) -> Self {
        Self { token: self.site.token(self.person, scope), ..self.clone() }
    }

    /// The same person in a browser.
    pub fn in_browser(&self) -> SessionClient {
        SessionClient { site: self.site.clone(), cookie: self.site.session(self.person) }
    }
}

impl Client for PersonClient {
    fn site(&self) -> &Handle {
        &self.site
    }

    fn identify(&self, request: request::Builder) -> request::Builder {
        request.header("authorization", format!("Bearer {}", self.token))
    }
}

/// A person's browser, on a page of the site.
#[derive(Debug, Clone)]
pub struct SessionClient {
    site: Handle,
    cookie: String,
}

impl Client for SessionClient {
    fn site(&self) -> &Handle {
        &self.site
    }

    fn identify(&self, request: request::Builder) -> request::Builder {
        request
            .header("cookie", format!("clearance_session={}", self.cookie))
            .header("sec-fetch-site", "same-origin")
            .header("x-clearance-csrf", "1")
    }
}
