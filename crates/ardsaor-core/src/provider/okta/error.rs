//! Okta's errors come in three shapes: of the API (`errorCode`), of OAuth (`error`), and of what stands before both (`status`).

use core_protocol::message::{FollowUpReason, RefusalReason, RetryReason};
use serde::Deserialize;

use crate::provider::Interrupted;
use crate::provider::http::{Reply, date, retry_after, unavailable};

/// Seconds to wait when a limit was hit and nothing says for how long.
const LIMITED_SECONDS: i64 = 60;
/// Seconds to wait for work at the provider that excludes ours.
const BUSY_SECONDS: u32 = 10;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    error_code: Option<String>,
    error_summary: Option<String>,
    error_causes: Vec<Cause>,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cause {
    error_summary: Option<String>,
}

fn body(reply: &Reply) -> Body {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// `error` of an OAuth answer.
pub(super) fn token_error(reply: &Reply) -> Option<String> {
    body(reply).error
}

/// Why there is no token.
pub(super) fn of_sign_in(reply: &Reply) -> Interrupted {
    match (reply.status, token_error(reply).as_deref()) {
        (429 | 500.., _) => of(reply, FollowUpReason::UnexpectedAnswer),
        (_, Some("invalid_client" | "unauthorized_client" | "invalid_grant")) => Interrupted::CREDENTIALS,
        (_, Some("invalid_scope" | "access_denied" | "consent_required")) => Interrupted::PERMISSION,
        _ => Interrupted::UNEXPECTED,
    }
}

/// Whether the token was not accepted, as opposed to what it may do. `E0000015` is about a feature of the org, whatever its status says.
pub(super) fn token_refused(reply: &Reply) -> bool {
    reply.status == 401 && body(reply).error_code.as_deref() != Some("E0000015")
}

/// What an error means. `missing` is what a 404 that names nothing is about.
pub(super) fn of(reply: &Reply, missing: FollowUpReason) -> Interrupted {
    let body = body(reply);
    let code = body.error_code.as_deref().unwrap_or_default();
    let follow_up = Interrupted::FollowUp;
    match (reply.status, code) {
        (429, _) => limited(reply),
        (_, "E0000060") => follow_up(FollowUpReason::GroupNotWritable),
        (500.., _) => unavailable(retry_after(reply)),
        (423, _) => Interrupted::RetryAfter { seconds: BUSY_SECONDS, reason: RetryReason::ProviderBusy },
        (401, "E0000015") => Interrupted::PERMISSION,
        (401, _) => Interrupted::CREDENTIALS,
        (403, "E0000038") => follow_up(FollowUpReason::IdentityInactive),
        (403, _) => Interrupted::PERMISSION,
        (404, _) => follow_up(not_found(body.error_summary.as_deref().unwrap_or_default(), missing)),
        (400, "E0000001") if already_exists(&body) => Interrupted::Refused(RefusalReason::NameTaken),
        _ => Interrupted::UNEXPECTED,
    }
}

/// The summary ends with the kind of what is missing.
fn not_found(summary: &str, missing: FollowUpReason) -> FollowUpReason {
    if summary.ends_with("(UserGroup)") {
        FollowUpReason::GroupGone
    } else if summary.ends_with("(User)") {
        FollowUpReason::IdentityGone
    } else {
        missing
    }
}

fn already_exists(body: &Body) -> bool {
    let causes = body.error_causes.iter().filter_map(|cause| cause.error_summary.as_deref());
    causes.chain(body.error_summary.as_deref()).any(|text| text.contains("already exists"))
}

/// Okta sends no `Retry-After` with its limits: the wait is the reset less the answer's own date, and one second. Our clock plays no part.
fn limited(reply: &Reply) -> Interrupted {
    let reset = reply.header("x-rate-limit-reset").and_then(|reset| reset.trim().parse::<i64>().ok());
    let wait = match (reset, date(reply)) {
        (Some(reset), Some(date)) => reset.saturating_sub(date).saturating_add(1),
        _ => LIMITED_SECONDS,
    };
    let wait = u32::try_from(wait.clamp(1, 3600)).unwrap_or(1);
    let seconds = retry_after(reply).map_or(wait, |stated| stated.max(wait));
    Interrupted::RetryAfter { seconds, reason: RetryReason::RateLimited }
}
