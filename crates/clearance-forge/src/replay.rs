//! The same scenario on Forge's storage and on SQLite: what crossed the module's boundary on the local platform is done again natively, its
//! documents and its log on SQLite. Everything must come out the same, to the root of the log.
//!
//! So two things are compared at once: the module as WebAssembly with the rules as compiled here, and what Forge stores with what SQLite stores.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use clearance::ports::{LogHead, Store as _};
use clearance_store::SqliteStore;
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::stage::ForgeStage;

use crate::glue;
use crate::invocation::Invocation;

/// What crossed the boundary of one instance, once.
#[derive(Debug, Deserialize)]
struct Crossing {
    instance: u64,
    export: String,
    given: String,
    answered: String,
}

/// Effects on documents and log, which SQLite answers; the rest is as it was.
const STORED: &[&str] = &["get", "page", "commit", "log_head", "log_entries", "log_tile"];

/// Does everything again; the log at its end, and how many operations there were.
async fn again(recorded: &Path, store: &SqliteStore) -> (LogHead, usize) {
    let mut waiting = BTreeMap::new();
    let mut begun = 0;
    for line in BufReader::new(std::fs::File::open(recorded).unwrap()).lines() {
        let crossing: Crossing = serde_json::from_str(&line.unwrap()).unwrap();
        let (progress, invocation) = if crossing.export == "start" {
            begun += 1;
            Invocation::start(crossing.given.as_bytes())
        } else {
            let (invocation, effects): (Invocation, Value) = waiting.remove(&crossing.instance).unwrap();
            let mut given: Value = serde_json::from_str(&crossing.given).unwrap();
            let answers = given["answers"].as_array_mut().unwrap();
            for (effect, answer) in effects.as_array().unwrap().iter().zip(answers) {
                assert_eq!(effect["id"], answer["id"]);
                if STORED.contains(&glue::text(&effect["kind"])) {
                    *answer = answered_alike(store, effect, answer).await;
                }
            }
            invocation.resume(given.to_string().as_bytes())
        };
        let progress: Value = serde_json::from_slice(&progress.to_json()).unwrap();
        let before: Value = serde_json::from_str(&crossing.answered).unwrap();
        assert_eq!(progress, before, "natively an operation went on otherwise than as WebAssembly");
        waiting.extend(
            invocation.map(|invocation| (crossing.instance, (invocation, progress["effects"].clone()))),
        );
    }
    assert!(waiting.is_empty());
    (store.log_head().await.unwrap(), begun)
}

/// What SQLite answers to an effect: the same as Forge's storage did.
async fn answered_alike(store: &SqliteStore, effect: &Value, before: &Value) -> Value {
    match glue::perform(store, effect).await {
        Ok(ok) => {
            assert_eq!(ok, before["ok"], "SQLite and Forge answer differently to {effect}");
            json!({ "id": effect["id"], "ok": ok })
        }
        Err(error) => {
            let error = glue::describe(&error);
            assert_eq!(
                error["code"], before["error"]["code"],
                "SQLite and Forge refuse differently: {effect}"
            );
            json!({ "id": effect["id"], "error": error })
        }
    }
}

fn replayed(scenario: impl FnOnce(&ForgeStage)) {
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("crossings");
    let forge = ForgeStage::recorded(&recorded);
    scenario(&forge);
    let on_forge = forge.end();
    let kinds: Vec<_> = clearance::KINDS.iter().chain(crate::KINDS).copied().collect();
    let store = SqliteStore::open(folder.path().join("clearance.db"), Vec::leak(kinds)).unwrap();
    let (on_sqlite, operations) = clearance_store::contract::run(again(&recorded, &store));
    assert!(operations > 20 && on_forge.size > 20, "{operations} operations, {} entries", on_forge.size);
    assert_eq!((on_sqlite.size, on_sqlite.root), (on_forge.size, on_forge.root));
}

#[test]
#[ignore = "needs the app, built: run by `cargo xtask test --only forge`"]
fn decisions_have_the_same_log_on_forge_and_on_sqlite() {
    replayed(testkit::life::approval);
}

#[test]
#[ignore = "needs the app, built: run by `cargo xtask test --only forge`"]
fn jobs_at_a_provider_have_the_same_log_on_forge_and_on_sqlite() {
    replayed(testkit::life::provider);
}

#[test]
#[ignore = "needs the app, built: run by `cargo xtask test --only forge`"]
fn an_erasure_has_the_same_log_on_forge_and_on_sqlite() {
    replayed(testkit::life::erasure);
}
