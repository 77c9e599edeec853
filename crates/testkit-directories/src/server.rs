use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The query's names and values, decoded.
    pub query: Vec<(String, String)>,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body as a form.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(&self.body);
        fields.find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
    }

    /// The body as JSON; `null` when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer that was given.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Header fields; a name may come more than once.
    pub headers: Vec<(&'static str, String)>,
    /// The body, unless it is empty.
    pub body: Option<Value>,
}

/// A request, and its answer unless none came.
pub type Exchange = (Seen, Option<Answered>);

/// Something that goes wrong, for requests that fit, so many times.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Method of the requests.
    pub method: &'static str,
    /// What their path holds.
    pub path: &'static str,
    /// How often.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum FaultKind {
    /// This status and body in place of the answer; nothing is done.
    Answer(u16, Value),
    /// The vendor's 429, with a wait of so many seconds said in the vendor's way.
    RateLimited(i64),
    /// What was asked is done, but no answer comes.
    DoneWithoutAnswer,
    /// Nothing is done, and no answer comes.
    Hang,
    /// Nothing is done, and the answer says that it was (204).
    Pretend,
}

/// An answer to be given.
pub(crate) type Reply = Answered;

impl Answered {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What both stand-ins keep besides their directories.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// What was asked and answered, unless that is not kept.
    pub(crate) exchanges: Option<Vec<Exchange>>,
    /// Before each answer.
    pub(crate) latency: Duration,
    /// How many changes it allows, when that is limited.
    pub(crate) allowance: Option<Allowance>,
    pub(crate) faults: Vec<Fault>,
    /// The stand-in's clock, in seconds since 1970, as it was set.
    pub(crate) set_to: i64,
    /// When it was set, if it goes on from there.
    pub(crate) goes_since: Option<tokio::time::Instant>,
    /// Answers given, from which ids are made.
    pub(crate) answered: u64,
}

impl Common {
    /// The requests that arrived.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.exchanges.iter().flatten().map(|(seen, _)| seen.clone()).collect()
    }

    /// The fault for a request, used up once.
    pub(crate) fn fault(&mut self, seen: &Seen) -> Option<FaultKind> {
        let fault = self
            .faults
            .iter_mut()
            .find(|fault| fault.times > 0 && fault.method == seen.method && seen.path.contains(fault.path))?;
        fault.times -= 1;
        Some(fault.kind.clone())
    }

    /// The stand-in's clock, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let passed = self.goes_since.map(|since| since.elapsed().as_secs()).unwrap_or_default();
        self.set_to.saturating_add_unsigned(passed)
    }

    /// Sets the clock; it stands still, or goes on from there.
    pub(crate) fn set_clock(&mut self, now: i64) {
        self.set_to = now;
        self.goes_since = self.goes_since.map(|_| tokio::time::Instant::now());
    }

    /// Lets the clock go, from what it shows.
    pub(crate) fn let_time_pass(&mut self) {
        self.goes_since = Some(tokio::time::Instant::now());
    }

    /// The `Date` field.
    pub(crate) fn date(&self) -> String {
        let at = jiff::Timestamp::from_second(self.now()).unwrap_or_default();
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

/// Changes that are allowed: so many a second, and no more saved up than that.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: f64,
    left: f64,
    at: tokio::time::Instant,
    /// Changes that were allowed, and refused.
    pub(crate) counted: (u64, u64),
}

impl Allowance {
    pub(crate) fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, left: per_second, at: tokio::time::Instant::now(), counted: (0, 0) }
    }

    /// Whether one more is allowed now.
    pub(crate) fn take(&mut self) -> bool {
        let now = tokio::time::Instant::now();
        let gained = (now - self.at).as_secs_f64() * self.per_second;
        (self.left, self.at) = ((self.left + gained).min(self.per_second), now);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
            self.counted.0 += 1;
        } else {
            self.counted.1 += 1;
        }
        allowed
    }
}

/// A directory that answers requests.
pub(crate) trait Directory: Send + 'static {
    /// The answer; nothing when none is to come.
    fn answer(&mut self, seen: &Seen) -> Option<Reply>;

    /// What every stand-in keeps.
    fn common(&mut self) -> &mut Common;
}

/// A directory behind a port.
#[derive(Debug)]
pub(crate) struct Served<D> {
    directory: Arc<Mutex<D>>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl<D: Directory> Served<D> {
    pub(crate) async fn start(directory: D) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let directory = Arc::new(Mutex::new(directory));
        let shared = Arc::clone(&directory);
        let router = Router::new().fallback(move |request: Request<Body>| {
            let shared = Arc::clone(&shared);
            async move { handle(shared, request).await }
        });
        let task = tokio::spawn(async move {
            // Ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { directory, address, task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, D> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D> Drop for Served<D> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle<D: Directory>(directory: Arc<Mutex<D>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect(),
        body,
    };
    let (reply, latency) = {
        let mut directory = directory.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = directory.answer(&seen);
        let common = directory.common();
        if let Some(exchanges) = &mut common.exchanges {
            exchanges.push((seen, reply.clone()));
        }
        (reply, common.latency)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let Some(reply) = reply else { return std::future::pending().await };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    if let Some(body) = reply.body {
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        *response.body_mut() = body.to_string().into();
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
