//! How fast the store commits on this disk: `cargo run --release -p clearance-store --example append -- DIRECTORY [SECONDS]`.
//!
//! `append` is one log entry per commit. `unit` is a commit of an operation: two documents made, two revised, two entries.
#![expect(clippy::disallowed_methods, reason = "measures wall-clock time")]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use audit_log::{Entry, Value};
use clearance::ports::{Commit, Expected, Index, Kind, Revision, Store as _, StoreError, Write};
use clearance_store::SqliteStore;
use futures::future::join_all;

const REQUEST: &Kind = &Kind {
    name: "request",
    attributes: &["person", "tool", "state", "made_at"],
    indexes: &[
        Index { name: "by_person", partition: &["person"], range: "made_at" },
        Index { name: "by_state", partition: &["state"], range: "made_at" },
    ],
};
const WAITING: &Kind = &Kind {
    name: "waiting",
    attributes: &["selector", "made_at"],
    indexes: &[Index { name: "by_selector", partition: &["selector"], range: "made_at" }],
};
const HOLDING: &Kind = &Kind { name: "holding", attributes: &[], indexes: &[] };
const KINDS: &[&Kind] = &[REQUEST, WAITING, HOLDING];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: append DIRECTORY [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let time = Duration::from_secs(seconds);
    println!("{:8} {:>7} {:>10} {:>9} {:>9}", "commit", "writers", "per second", "p50 µs", "p99 µs");
    for writers in [1, 16, 64, 256] {
        run(Path::new(&directory), "append", writers, time)?;
        run(Path::new(&directory), "unit", writers, time)?;
    }
    Ok(())
}

fn run(directory: &Path, what: &str, writers: u64, time: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let place = tempfile::tempdir_in(directory)?;
    let store = SqliteStore::open(place.path().join("clearance.db"), KINDS)?;
    let numbers = AtomicU64::new(0);
    let end = Instant::now() + time;
    let writer = async |holder: u64| {
        let mut latencies = Vec::new();
        let mut round = 0;
        while Instant::now() < end {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let commit = if what == "append" { append(number)? } else { unit(holder, round, number)? };
            round += 1;
            let begun = Instant::now();
            store.commit(commit).await?;
            latencies.push(begun.elapsed().as_micros());
        }
        Ok::<_, Box<dyn std::error::Error>>(latencies)
    };
    let begun = Instant::now();
    let done = futures::executor::block_on(join_all((0..writers).map(writer)));
    let elapsed = begun.elapsed();
    let mut latencies = Vec::new();
    for each in done {
        latencies.extend(each?);
    }
    latencies.sort_unstable();
    let commits = latencies.len();
    let rate = u128::try_from(commits)? * 1_000_000 / elapsed.as_micros().max(1);
    let at = |hundredths: usize| latencies.get(commits * hundredths / 100).copied().unwrap_or_default();
    println!("{what:8} {writers:>7} {rate:>10} {:>9} {:>9}", at(50), at(99));
    let head = futures::executor::block_on(store.log_head())?;
    let expected = if what == "append" { commits } else { commits * 2 };
    if head.size != u64::try_from(expected)? {
        return Err("the log does not hold every acknowledged entry".into());
    }
    Ok(store.close()?)
}

fn entry(number: u64) -> Result<Entry, Box<dyn std::error::Error>> {
    let facts = Value::object([
        ("request", Value::from(id("req", number))),
        ("tool", Value::from(id("tool", number % 500))),
        ("person", Value::from(id("person", number % 50_000))),
    ]);
    let record = Value::object([
        ("at", Value::from("2026-11-23T09:30:00.000000Z")),
        ("kind", Value::from("request.submitted")),
        ("actor", Value::from(id("person", number % 50_000))),
        ("facts", facts),
    ]);
    Ok(Entry::prepare(&record)?)
}

fn append(number: u64) -> Result<Commit, Box<dyn std::error::Error>> {
    Ok(Commit { writes: Vec::new(), entries: vec![entry(number)?] })
}

fn unit(holder: u64, round: u64, number: u64) -> Result<Commit, Box<dyn std::error::Error>> {
    let body = format!(r#"{{"purpose":"{}"}}"#, "x".repeat(600));
    // Spread over people like hashes: keys that all end an index would flatter the figure.
    let person = id("person", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 50_000);
    let made_at = format!("2026-11-23T09:30:00.{:06}Z", number % 1_000_000);
    let put = |kind, key, expected, attributes: Vec<&str>| {
        let attributes = attributes.into_iter().map(|value| Some(value.to_owned())).collect();
        Write::Put { kind, key, expected, body: body.clone(), attributes }
    };
    let revised = |what: &str| {
        let expected = if round == 0 { Expected::Absent } else { Expected::At(Revision(round)) };
        put(HOLDING, format!("{what}-{holder}"), expected, Vec::new())
    };
    let tool = id("tool", number % 500);
    let writes = vec![
        put(REQUEST, id("req", number), Expected::Absent, vec![&person, &tool, "pending", &made_at]),
        put(WAITING, id("wait", number), Expected::Absent, vec![&tool, &made_at]),
        revised("holding"),
        revised("seats"),
    ];
    let entries = vec![entry(number)?, entry(number + 1)?];
    Ok::<_, StoreError>(Commit { writes, entries }).map_err(Into::into)
}

fn id(prefix: &str, number: u64) -> String {
    format!("{prefix}_{number:026}")
}
