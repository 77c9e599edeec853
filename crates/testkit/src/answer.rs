//! What the HTTP surface answered.

use axum::http::HeaderMap;
use clearance::refusal::{Class, Code};
use serde_json::Value;

/// What the HTTP surface answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` when there is none.
    pub json: Value,
}

impl Answer {
    /// The operation's output.
    ///
    /// # Panics
    /// Unless it succeeded.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{:#}", self.json);
        self.json
    }

    /// The refusal, when it has this code and the status that goes with it.
    ///
    /// # Panics
    /// Unless it was refused so.
    #[track_caller]
    pub fn refused(self, code: &str) -> Value {
        assert_eq!(self.code(), Some(code), "status {}: {:#}", self.status, self.json);
        let known = Code::ALL.iter().find(|known| known.as_str() == code).expect("a code of this program");
        assert_eq!(self.status, status(known.class()), "{code}");
        let message = self.json["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{code} comes without a message");
        self.json["error"].clone()
    }

    /// The refusal's code; none when it succeeded.
    pub fn code(&self) -> Option<&str> {
        self.json["error"]["code"].as_str()
    }
}

/// The status of each class of refusal, written down apart from the server's own table.
fn status(class: Class) -> u16 {
    match class {
        Class::Malformed => 400,
        Class::Unauthenticated => 401,
        Class::Forbidden => 403,
        Class::NotFound => 404,
        Class::Refused => 409,
        Class::TooLarge => 413,
        Class::TooManyRequests => 429,
        Class::Unavailable => 503,
    }
}
