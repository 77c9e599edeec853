//! The same contract kept by the app's own glue, in a Node process with the local platform under it (`forge/tools/effects.mts`).
//!
//! `cargo xtask test --only forge` builds what this needs and runs it; elsewhere the cases say that they were not run.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use clearance_store::contract::KINDS;
use futures::channel::oneshot;
use serde_json::{Value, json};

use super::Interpreter;

// Without the limit in bytes: that of a value (240 KiB) comes long before.
clearance_store::contract_suite!(@common
    [#[ignore = "needs the glue, built: run by `cargo xtask test --only forge`"]]
    crate::contract::ByEffects<crate::contract::platform::Glue>
);

/// The Node to run it with, of 22.18 or newer.
const NODE: &str = "CLEARANCE_FORGE_NODE";

/// A platform of its own, as long as one of these is there.
#[derive(Clone)]
struct Glue(Arc<Process>);

struct Process {
    child: Mutex<Child>,
    input: Mutex<ChildStdin>,
    waiting: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Value>>>>,
    last: AtomicU64,
}

impl Interpreter for Glue {
    fn new() -> Self {
        Self::with_faults(&[])
    }

    async fn answer(&self, mut effect: Value) -> Value {
        // Ids are unique within a call only; here many calls wait at once.
        let id = effect["id"].take();
        let number = self.0.last.fetch_add(1, Ordering::Relaxed) + 1;
        effect["id"] = number.into();
        let (sender, receiver) = oneshot::channel();
        self.0.waiting.lock().unwrap().insert(number, sender);
        writeln!(self.0.input.lock().unwrap(), "{effect}").unwrap();
        let mut answer = receiver.await.expect("the glue's process ended");
        answer["id"] = id;
        answer
    }
}

impl Glue {
    /// On a platform whose calls of these names fail so a few times: `kvs/transaction=lost`.
    fn with_faults(faults: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        #[expect(clippy::disallowed_methods, reason = "xtask tells the test which Node to take")]
        let node = std::env::var(NODE).unwrap_or_else(|_| "node".to_owned());
        let mut child = Command::new(node)
            .args(["--disable-warning=ExperimentalWarning", "forge/tools/effects.mts"])
            .args(faults)
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let kinds = KINDS.iter().map(|kind| {
            let indexes = kind.indexes.iter().map(
                |index| json!({ "name": index.name, "partition": index.partition, "range": index.range }),
            );
            json!({ "name": kind.name, "attributes": kind.attributes, "indexes": indexes.collect::<Vec<_>>() })
        });
        writeln!(input, "{}", json!({ "kinds": kinds.collect::<Vec<_>>() })).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let waiting = Arc::new(Mutex::new(BTreeMap::<u64, oneshot::Sender<Value>>::new()));
        let answered = waiting.clone();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let answer: Value = serde_json::from_str(&line).unwrap_or_default();
                let number = answer["id"].as_u64().unwrap_or_default();
                let waits = answered.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                // Whoever stopped waiting needs no answer.
                waits.map(|waits| waits.send(answer));
            }
            // Nobody else will answer: those who wait learn it by their channel's end.
            answered.lock().unwrap_or_else(PoisonError::into_inner).clear();
        });
        let last = AtomicU64::new(0);
        Self(Arc::new(Process { child: Mutex::new(child), input: Mutex::new(input), waiting, last }))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

mod own {
    use audit_log::Hash;
    use clearance::ports::{Commit, Expected, Store as _};
    use clearance_store::contract::{at, entry, is_too_large, note, run, writes};

    use super::super::ByEffects;
    use super::*;

    async fn tiles(store: &ByEffects<Glue>) -> Vec<Vec<Hash>> {
        let mut tiles = Vec::new();
        for (level, index) in [(0, 0), (0, 1), (0, 2), (1, 0)] {
            tiles.push(store.log_tile(level, index).await.unwrap());
        }
        tiles
    }

    #[test]
    #[ignore = "needs the glue, built: run by `cargo xtask test --only forge`"]
    fn packed_entries_and_tiles_read_the_same() {
        run(async {
            let store = ByEffects(Glue::with_faults(&[]));
            for first in (0..600).step_by(20) {
                let entries = (first..first + 20).map(entry).collect();
                store.commit(Commit { writes: Vec::new(), entries }).await.unwrap();
            }
            let before = (store.log_entries(200, 350).await.unwrap(), tiles(&store).await);
            // Twice: whoever packs again finds it done.
            for bundle in [0, 1, 1] {
                let packed = store.0.answer(json!({ "id": 1, "kind": "log_pack", "bundle": bundle })).await;
                assert_eq!(packed, json!({ "id": 1, "ok": {} }));
                assert_eq!((store.log_entries(200, 350).await.unwrap(), tiles(&store).await), before);
            }
            let early = store.0.answer(json!({ "id": 1, "kind": "log_pack", "bundle": 2 })).await;
            assert_eq!(early["error"]["code"], "unavailable", "a bundle that is not full stays as it is");
            store.commit(Commit { writes: Vec::new(), entries: vec![entry(600)] }).await.unwrap();
            assert_eq!(store.log_entries(599, 9).await.unwrap().len(), 2);
        });
    }

    #[test]
    #[ignore = "needs the glue, built: run by `cargo xtask test --only forge`"]
    fn a_commit_whose_answer_is_lost_is_done_once() {
        for fault in [
            "kvs/transaction=lost",
            "kvs/transaction=timeout",
            "kvs/transaction=conflict",
            "kvs/transaction=rate_limited",
            // What the platform does not say: conditions on missing keys may be refused.
            "missing=refused",
        ] {
            run(async {
                let store = ByEffects(Glue::with_faults(&[fault]));
                for revision in 0..12 {
                    let expected = if revision == 0 { Expected::Absent } else { at(revision) };
                    let writes = vec![note("n1", expected, &revision.to_string())];
                    let entries = vec![entry(usize::try_from(revision).unwrap())];
                    let done = store.commit(Commit { writes, entries }).await;
                    assert_eq!(done.unwrap().first_entry, revision, "{fault}");
                }
                assert_eq!(store.log_head().await.unwrap().size, 12, "{fault}");
                let removed = store.commit(writes([note("n2", Expected::Absent, "{}")])).await;
                removed.unwrap();
            });
        }
    }

    #[test]
    #[ignore = "needs the glue, built: run by `cargo xtask test --only forge`"]
    fn a_document_larger_than_the_platform_takes_is_refused() {
        run(async {
            let store = ByEffects(Glue::with_faults(&[]));
            let body = "x".repeat(240 * 1024);
            assert!(is_too_large(&store.commit(writes([note("n1", Expected::Absent, &body)])).await));
            let body = "x".repeat(239 * 1024);
            store.commit(writes([note("n1", Expected::Absent, &body)])).await.unwrap();
        });
    }
}
