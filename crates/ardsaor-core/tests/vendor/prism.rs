//! Prism as a judge: a proxy that holds requests and answers against API descriptions.
//!
//! It stands beside the traffic rather than in its way: an exchange is sent through it once more, and a server behind it repeats the
//! answer that was given. So nothing that Prism does to an answer reaches Core, and real recordings can be judged in the same way.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use testkit_directories::{Answered, Exchange, Seen};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Prism, in front of a server that repeats answers.
pub(crate) struct Prism {
    child: Child,
    // Kept open: it would stop at its first word to nobody.
    _said: BufReader<ChildStdout>,
    addresses: Vec<String>,
    repeated: Arc<Mutex<Option<Answered>>>,
    server: JoinHandle<()>,
    http: reqwest::Client,
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.server.abort();
    }
}

impl Prism {
    /// What is said of a path or method that the description does not have.
    pub(crate) const NOT_DESCRIBED: &str = "request: Selected route not found";

    /// Starts it with descriptions, or nothing where its npm packages are not installed.
    pub(crate) async fn start(descriptions: &[PathBuf]) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendor");
        if !folder.join("node_modules").is_dir() {
            super::skip(&format!("run `npm ci --ignore-scripts` in {}", folder.display()));
            return None;
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let repeated: Arc<Mutex<Option<Answered>>> = Arc::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&repeated);
        let router = Router::new().fallback(move || {
            let answer = shared.lock().unwrap().clone();
            async move { response(answer) }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut child = Command::new("node")
            .arg("judge.mjs")
            .arg(upstream)
            .args(descriptions)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let addresses = serde_json::from_str(&line).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Some(Self { child, _said: said, addresses, repeated, server, http })
    }

    /// What an exchange has against the description of this number, a line each. Without an answer only the request is judged.
    pub(crate) async fn judge(
        &self,
        description: usize,
        path: &str,
        (seen, answered): &Exchange,
    ) -> Vec<String> {
        self.repeated.lock().unwrap().clone_from(answered);
        let response = self.request(description, path, seen).send().await.unwrap();
        // With an answer of Prism's own, the exchange was not judged.
        let own = response.headers().get("content-type").is_some_and(|it| it == "application/problem+json");
        assert!(!own, "{} {path}: {}", seen.method, response.text().await.unwrap());
        let Some(violations) = response.headers().get("sl-violations") else { return Vec::new() };
        let violations: Vec<serde_json::Value> = serde_json::from_slice(violations.as_bytes()).unwrap();
        let lines = violations.iter().map(|violation| {
            let place = violation["location"].as_array().unwrap().iter();
            // Without positions in lists.
            let place: Vec<_> =
                place.filter_map(|it| it.as_str()).filter(|it| it.parse::<u32>().is_err()).collect();
            format!("{}: {}", place.join("."), violation["message"].as_str().unwrap())
        });
        lines.filter(|line| answered.is_some() || line.starts_with("request")).collect()
    }

    fn request(&self, description: usize, path: &str, seen: &Seen) -> reqwest::RequestBuilder {
        let mut url = reqwest::Url::parse(&format!("{}{path}", self.addresses[description])).unwrap();
        if !seen.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&seen.query);
        }
        let mut request = self.http.request(seen.method.parse().unwrap(), url);
        for (name, value) in &seen.headers {
            if !matches!(name.as_str(), "host" | "content-length" | "connection") {
                request = request.header(name, value);
            }
        }
        if seen.body.is_empty() { request } else { request.body(seen.body.clone()) }
    }
}

fn response(answered: Option<Answered>) -> Response<Body> {
    let answered = answered.unwrap_or(Answered { status: 204, headers: Vec::new(), body: None });
    let mut response = Response::builder().status(answered.status);
    for (name, value) in answered.headers {
        response = response.header(name, value);
    }
    if answered.body.is_some() {
        response = response.header("content-type", "application/json");
    }
    response.body(answered.body.map_or_else(Body::empty, |body| body.to_string().into())).unwrap()
}
