//! What a line of the log may hold: one JSON object on standard error.
//!
//! Neither credentials, tokens, provider ids nor the provider's prose can end up there, whoever writes the line.

use json_log::Allowed;
use tracing::Level;

use crate::environment::{Environment as _, System};

const ALLOWED: Allowed = Allowed {
    crates: &["ardsaor_core", "core_protocol"],
    // Each holds codes, numbers and installation ids only.
    fields: &[
        "message",
        "failure",
        "installation",
        "provider",
        "operation",
        "outcome",
        "code",
        "status",
        "microseconds",
        "address",
        "version",
        "items",
    ],
};

/// Starts to write. Called once, by the program; inside another process its log is used.
pub(crate) fn start() {
    json_log::start(ALLOWED, Level::INFO, now);
}

fn now() -> String {
    jiff::Timestamp::from_second(System.now().0).map_or_else(|_| String::new(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn only_named_fields_of_our_own_events_are_written() {
        let lines = json_log::written_by(ALLOWED, now, || {
            tracing::info!(operation = "add_member", account = "00u1", token = "ssws", "a call");
            tracing::error!(target: "hyper::proto", "header Authorization: SSWS secret");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["message"], "a call");
        assert_eq!(line.as_object().unwrap().len(), 4, "{line}");
    }
}
