//! The log: it verifies, and says of each thing what happened to it.

use std::collections::BTreeMap;

use audit_log::{CompactRange, Record, Verifier};
use clearance::ports::{MAX_LOG_PAGE, Store};
use serde_json::Value;

/// The log's entries, counted by kind and by the thing they are about.
#[derive(Debug)]
pub(super) struct Log {
    counts: BTreeMap<(String, String), usize>,
    /// The entries' bytes as text, one a line.
    pub(super) text: String,
}

impl Log {
    /// Entries of a kind about a thing.
    pub(super) fn count(&self, kind: &str, about: impl ToString) -> usize {
        self.counts.get(&(kind.to_owned(), about.to_string())).copied().unwrap_or(0)
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
    let mut log = Log { counts: BTreeMap::new(), text: String::new() };
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
        log.text.push_str(&String::from_utf8(bytes).expect("entries are text"));
        log.text.push('\n');
    }
    log
}
