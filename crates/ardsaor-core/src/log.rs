//! Structured logs: one JSON object a line, on standard error.
//!
//! Nothing reaches a line that is not named in [`FIELDS`], and nobody writes one but this program's own code: what a library would say
//! may quote a header, an address or a body. So neither credentials, tokens, provider ids nor the provider's prose can end up here.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::environment::{Environment as _, System};

/// Fields that are written. Each holds codes, numbers and installation ids only.
const FIELDS: &[&str] = &[
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
];

/// Begins of the names of this project's crates.
const OWN: &[&str] = &["ardsaor_core", "core_protocol"];

struct Lines;

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        if FIELDS.contains(&field.name()) {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        if write!(text, "{value:?}").is_ok() {
            self.put(field, Value::String(text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }
}

fn line(event: &Event<'_>) -> Option<String> {
    let metadata = event.metadata();
    if !OWN.iter().any(|own| metadata.target().starts_with(own)) {
        return None;
    }
    let mut fields = Fields(Map::new());
    let at = jiff::Timestamp::from_second(System.now().0).map_or_else(|_| String::new(), |at| at.to_string());
    fields.0.insert("at".to_owned(), Value::from(at));
    fields.0.insert("level".to_owned(), Value::from(level_name(*metadata.level())));
    event.record(&mut fields);
    Some(format!("{}\n", Value::Object(fields.0)))
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG | Level::TRACE => "debug",
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(line) = line(event) {
            // A log that cannot be written must not stop the work it tells of.
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

/// Starts to write. Called once, by the program; inside another process its log is used.
pub(crate) fn start() {
    let subscriber = tracing_subscriber::registry().with(Lines.with_filter(LevelFilter::INFO));
    // A second call finds the first one's in place.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().extend(line(event));
        }
    }

    #[test]
    fn only_named_fields_of_our_own_events_are_written() {
        let kept = Kept::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept.clone()), || {
            tracing::info!(operation = "add_member", account = "00u1", token = "ssws", "a call");
            tracing::error!(target: "hyper::proto", "header Authorization: SSWS secret");
        });
        let lines = kept.0.lock().unwrap().clone();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["message"], "a call");
        assert_eq!(line.as_object().unwrap().len(), 4, "{line}");
    }
}
