//! The log: it verifies, and says of each thing what happened to it.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{CompactRange, Record, Verifier};
use clearance::ports::{MAX_LOG_PAGE, Store};
use serde_json::Value;

/// The log's entries, counted by kind and by the thing they are about.
#[derive(Debug)]
pub(super) struct Log {
    counts: BTreeMap<(String, String), usize>,
    /// The entries' bytes as text, one a line.
    pub(super) text: String,
    /// Every text among the entries' facts.
    facts: BTreeSet<String>,
    /// Whatever stands beside each other in the entries: of a long log most texts are found not to be there by it.
    windows: BTreeSet<[u8; WINDOW]>,
}

/// Bytes of a window.
const WINDOW: usize = 5;

impl Log {
    /// Entries of a kind about a thing.
    pub(super) fn count(&self, kind: &str, about: impl ToString) -> usize {
        self.counts.get(&(kind.to_owned(), about.to_string())).copied().unwrap_or(0)
    }

    /// Whether a fact is this text.
    pub(super) fn says(&self, text: impl ToString) -> bool {
        self.facts.contains(&text.to_string())
    }

    /// Whether a text stands anywhere.
    pub(super) fn holds(&self, text: &str) -> bool {
        text.as_bytes().array_windows().all(|window| self.windows.contains(window))
            && self.text.contains(text)
    }
}

/// Kinds of the log's entries, from the first on.
pub async fn log_kinds(store: &impl Store) -> Vec<String> {
    entries(store, &mut Vec::new()).await.into_iter().map(|(record, _)| record.kind).collect()
}

async fn entries(store: &impl Store, broken: &mut Vec<String>) -> Vec<(Record, Vec<u8>)> {
    let head = store.log_head().await.expect("the log has a head");
    let mut verifier = Verifier::new(CompactRange::new());
    let mut records = Vec::new();
    loop {
        let page = store.log_entries(verifier.size(), MAX_LOG_PAGE).await.expect("the log can be read");
        if page.is_empty() {
            break;
        }
        for entry in page {
            if let Err(deviation) = verifier.push(entry.index, &entry.bytes, &entry.leaf_hash) {
                broken.push(format!("log: {deviation}"));
                return records;
            }
            match Record::parse(&entry.bytes) {
                Ok(record) => records.push((record, entry.bytes)),
                Err(error) => broken.push(format!("log entry {}: {error}", entry.index)),
            }
        }
    }
    if let Err(deviation) = verifier.finish(head.size, &head.root) {
        broken.push(format!("log: {deviation}"));
    }
    records
}

/// Reads and verifies the log.
pub(super) async fn read(store: &impl Store, broken: &mut Vec<String>) -> Log {
    let mut log = Log {
        counts: BTreeMap::new(),
        text: String::new(),
        facts: BTreeSet::new(),
        windows: BTreeSet::new(),
    };
    for (record, bytes) in entries(store, broken).await {
        let entry: Value = serde_json::from_slice(&bytes).expect("entries are JSON");
        let noun = record.kind.split('.').next().unwrap_or_default();
        let about = match noun {
            "approval" | "seat" => "request",
            "tool_proposal" => "proposal",
            "drift" => "finding",
            "provider_group" => "tool",
            noun => noun,
        };
        if let Some(about) = entry["facts"][about].as_str() {
            *log.counts.entry((record.kind, about.to_owned())).or_default() += 1;
        }
        collect(&entry["facts"], &mut log.facts);
        log.windows.extend(bytes.array_windows::<WINDOW>());
        log.text.push_str(&String::from_utf8(bytes).expect("entries are text"));
        log.text.push('\n');
    }
    log
}

/// The texts of a value.
fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(values) => values.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
