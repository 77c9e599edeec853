//! Graph's errors, and those of Microsoft's sign-in.

use core_protocol::message::{FollowUpReason, RetryReason};
use serde::Deserialize;
use serde_json::Value;

use crate::provider::Interrupted;
use crate::provider::http::{Reply, retry_after, unavailable};

/// Seconds to wait when a limit was hit and nothing says for how long.
const LIMITED_SECONDS: u32 = 30;

#[derive(Deserialize)]
struct Body {
    error: GraphError,
}

#[derive(Deserialize)]
struct GraphError {
    /// A text; in old answers an object that holds one.
    message: Option<Value>,
}

/// Whether the error's message says this. Never more than a hint: what it says is confirmed by a read.
pub(super) fn says(reply: &Reply, text: &str) -> bool {
    let body: Option<Body> = serde_json::from_slice(&reply.body).ok();
    let message = body.and_then(|body| body.error.message);
    let said = match &message {
        Some(Value::String(said)) => Some(said.as_str()),
        Some(Value::Object(object)) => object.get("value").and_then(Value::as_str),
        _ => None,
    };
    said.is_some_and(|said| said.contains(text))
}

/// What an error means. `missing` is what a 404 is about.
pub(super) fn of(reply: &Reply, missing: FollowUpReason) -> Interrupted {
    match reply.status {
        429 => {
            let seconds = retry_after(reply).unwrap_or(LIMITED_SECONDS);
            Interrupted::RetryAfter { seconds, reason: RetryReason::RateLimited }
        }
        500.. => unavailable(retry_after(reply)),
        401 => Interrupted::CREDENTIALS,
        403 => Interrupted::PERMISSION,
        404 => Interrupted::FollowUp(missing),
        _ => Interrupted::UNEXPECTED,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignInError {
    error: String,
    error_codes: Vec<u32>,
}

/// Why there is no token. The numbers are what stays the same; the description holds ids and is not looked at.
pub(super) fn of_sign_in(reply: &Reply) -> Interrupted {
    if matches!(reply.status, 429 | 500..) {
        return of(reply, FollowUpReason::UnexpectedAnswer);
    }
    let body: SignInError = serde_json::from_slice(&reply.body).unwrap_or_default();
    // 500011: the resource is not there for this tenant, which is a matter of consent.
    if body.error_codes.contains(&500_011) {
        return Interrupted::PERMISSION;
    }
    match body.error.as_str() {
        "invalid_client" | "unauthorized_client" | "invalid_grant" => Interrupted::CREDENTIALS,
        _ => Interrupted::UNEXPECTED,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() }
    }

    #[test]
    fn messages_are_read_in_both_forms() {
        let text = r#"{"error":{"code":"Request_BadRequest","message":"One or more added object references already exist"}}"#;
        let object = r#"{"error":{"code":"Request_BadRequest","message":{"lang":"en","value":"references already exist"}}}"#;
        assert!(says(&reply(400, text), "already exist"));
        assert!(says(&reply(400, object), "already exist"));
        assert!(!says(&reply(400, "already exist"), "already exist"));
    }
}
