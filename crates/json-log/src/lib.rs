//! Structured logs: one JSON object a line, on standard error.
//!
//! Nothing reaches a line that is not a named field, and nobody writes one but the named crates: what a library would say may quote a header,
//! an address or a body. So neither credentials, tokens, e-mail addresses nor bodies can end up here by accident. Which names those are is
//! each program's to say, see [`Allowed`].

use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::panic::Location;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// What may be written, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// Begins of the names of the crates whose events are written; others' are dropped.
    pub crates: &'static [&'static str],
    /// Names of the fields that are written; others are left out of their line. `message` is one of them.
    pub fields: &'static [&'static str],
}

/// A layer that makes lines of events and gives each, with its end of line, to `sink`.
///
/// A line has `at` and `level` (`error`, `warn`, `info` or `debug`), then the event's fields that are allowed.
struct Lines<S> {
    allowed: Allowed,
    /// The time as RFC 3339 text.
    now: fn() -> String,
    sink: S,
}

impl<S> Lines<S> {
    fn line(&self, event: &Event<'_>) -> Option<String> {
        let metadata = event.metadata();
        if !self.allowed.crates.iter().any(|own| metadata.target().starts_with(own)) {
            return None;
        }
        let mut fields = Fields { allowed: self.allowed.fields, members: Map::new() };
        fields.members.insert("at".to_owned(), Value::from((self.now)()));
        fields.members.insert("level".to_owned(), Value::from(level_name(*metadata.level())));
        event.record(&mut fields);
        Some(format!("{}\n", Value::Object(fields.members)))
    }
}

impl<R, S> Layer<R> for Lines<S>
where
    R: Subscriber + for<'a> LookupSpan<'a>,
    S: Fn(&str) + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, R>) {
        if let Some(line) = self.line(event) {
            (self.sink)(&line);
        }
    }
}

struct Fields {
    allowed: &'static [&'static str],
    members: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        if self.allowed.contains(&field.name()) {
            self.members.insert(field.name().to_owned(), value);
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

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG | Level::TRACE => "debug",
    }
}

/// Starts to write what is at least this severe to standard error. `now` is the time as RFC 3339 text. A panic is told by its place alone.
///
/// Called once, by a program; whoever runs inside another process uses its log. A second call finds the first one's in place and changes
/// nothing.
pub fn start(allowed: Allowed, level: Level, now: fn() -> String) {
    // A log that cannot be written must not stop the work it tells of.
    let sink = |line: &str| drop(std::io::stderr().lock().write_all(line.as_bytes()));
    let lines = Lines { allowed, now, sink }.with_filter(LevelFilter::from_level(level));
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
    // What a panic says may quote whatever it stumbled over.
    std::panic::set_hook(Box::new(move |panic| {
        let line = panic_line(panic.location(), now());
        drop(std::io::stderr().lock().write_all(line.as_bytes()));
    }));
}

fn panic_line(place: Option<&Location<'_>>, at: String) -> String {
    let place = place.map_or_else(|| "?".to_owned(), ToString::to_string);
    format!("{}\n", json!({ "at": at, "level": "error", "message": "a panic", "place": place }))
}

/// The lines that `work` would write, for tests of what is allowed.
pub fn written_by(allowed: Allowed, now: fn() -> String, work: impl FnOnce()) -> Vec<String> {
    let (sender, lines) = std::sync::mpsc::channel();
    // The receiver lives until `work` is done.
    let sink = move |line: &str| drop(sender.send(line.to_owned()));
    let subscriber = tracing_subscriber::registry().with(Lines { allowed, now, sink });
    tracing::subscriber::with_default(subscriber, work);
    lines.try_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowed =
        Allowed { crates: &["json_log"], fields: &["message", "items", "right", "below"] };

    const CANARY: &str = "canary-of-a-panic";

    fn then() -> String {
        "2026-11-23T18:07:52.123Z".to_owned()
    }

    #[test]
    #[ignore = "panics, for the test that runs it in a process of its own"]
    fn panics_with_a_secret() {
        start(ALLOWED, Level::INFO, then);
        let text = format!("ä{CANARY}");
        // Slicing within a character quotes the whole text.
        let cut = text.get(..).map(|text| text.split_at(1));
        panic!("{CANARY} {cut:?}");
    }

    #[test]
    fn a_panic_is_told_by_its_place_and_without_its_words() {
        let test = "tests::panics_with_a_secret";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture"])
            .output()
            .unwrap();
        let said = [child.stdout, child.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(!child.status.success() && said.contains(test), "{said}");
        assert!(!said.contains(CANARY), "{said}");
        let told = r#"{"at":"2026-11-23T18:07:52.123Z","level":"error","message":"a panic","place":""#;
        assert!(said.contains(told), "{said}");
    }

    #[test]
    fn a_line_holds_the_time_the_level_and_what_is_named() {
        let lines = written_by(
            ALLOWED,
            || "2026-11-23T18:07:52.123Z".to_owned(),
            || {
                tracing::warn!(items = 3, right = true, below = -1, token = "secret", "counted");
                tracing::error!(target: "hyper::proto", "header Authorization: Bearer secret");
            },
        );
        let expected = r#"{"at":"2026-11-23T18:07:52.123Z","below":-1,"items":3,"level":"warn","message":"counted","right":true}"#;
        assert_eq!(lines, [format!("{expected}\n")]);
    }
}
