//! What a line of the log may hold: one JSON object on standard error.
//!
//! Neither tokens, passwords, e-mail addresses nor bodies can end up there by accident, whoever writes the line: Core's crates may, too,
//! since Core can run inside this process.

use clearance::ports::Environment;
use json_log::Allowed;
use tracing::Level;

use crate::config::LogLevel;
use crate::environment::System;

const ALLOWED: Allowed = Allowed {
    crates: &["clearance", "audit_log", "ardsaor_core", "core_protocol"],
    // `message` is a constant of the program; `failure` is made where what it may hold is known; `installation` is Core's id of this site,
    // `provider` a kind of directory, `outcome` and `code` are from fixed lists.
    fields: &[
        "message",
        "failure",
        "request_id",
        "operation",
        "status",
        "microseconds",
        "address",
        "version",
        "passes",
        "items",
        "size",
        "installation",
        "provider",
        "outcome",
        "code",
    ],
};

/// Starts to write what is at least this severe. Called once, by the program.
pub fn start(level: LogLevel) {
    let level = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    json_log::start(ALLOWED, level, now);
}

fn now() -> String {
    System.now().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn only_named_fields_of_our_own_events_are_written() {
        let lines = json_log::written_by(ALLOWED, now, || {
            tracing::info!(
                operation = "tokens.create",
                email = "ada@example.com",
                token = "clr_secret",
                "a request"
            );
            tracing::error!(target: "hyper::proto", "header Authorization: Bearer clr_secret");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["message"], "a request");
        assert_eq!(line["operation"], "tokens.create");
        assert_eq!(line.as_object().unwrap().len(), 4, "{line}");
    }

    #[test]
    fn a_call_that_core_performed_is_written_whole() {
        let lines = json_log::written_by(ALLOWED, now, || {
            tracing::info!(
                target: "ardsaor_core::perform",
                installation = "ins_1",
                provider = "okta",
                operation = "add_member",
                outcome = "succeeded",
                code = "added",
                microseconds = 1200,
                "a call"
            );
        });
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["provider"], "okta");
        assert_eq!(line.as_object().unwrap().len(), 9, "{line}");
    }
}
