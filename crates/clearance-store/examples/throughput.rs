//! How fast the store is on this disk: `cargo run --release -p clearance-store --example throughput -- DIRECTORY [SECONDS]`.
//!
//! `append` is a commit of one log entry; `unit` that of an operation: two documents made, two revised, two entries. `get` and `page`
//! read one document and 50 by an index, `verify` all entries, from what the last `unit` run has left.
#![expect(clippy::disallowed_methods, reason = "measures wall-clock time")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use audit_log::{Entry, Strictness, Value};
use clearance::ports::{
    Commit, Expected, Index, Kind, Order, PageQuery, Revision, Store as _, StoreError, Write,
};
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
    let directory = arguments.next().ok_or("usage: throughput DIRECTORY [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let time = Duration::from_secs(seconds);
    println!(
        "{:8} {:>7} {:>10} {:>9} {:>9} {:>9}",
        "", "clients", "per second", "p50 µs", "p99 µs", "most µs"
    );
    for what in ["append", "unit"] {
        for writers in [1, 16, 64, 256] {
            let place = tempfile::tempdir_in(&directory)?;
            let store = SqliteStore::open(place.path().join("clearance.db"), KINDS)?;
            let commits = commits(&store, what, writers, time)?;
            if (what, writers) == ("unit", 256) {
                reads(&store, commits, time)?;
            }
            store.close()?;
        }
    }
    Ok(())
}

fn reads(store: &SqliteStore, documents: u64, time: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let timed = |what: &str, read: &dyn Fn(u64) -> Result<(), StoreError>| {
        let begun = Instant::now();
        let mut latencies = Vec::new();
        for number in 0.. {
            if begun.elapsed() > time {
                break;
            }
            let one = Instant::now();
            read(spread(number))?;
            latencies.push(one.elapsed().as_micros());
        }
        report(what, 1, latencies, begun.elapsed());
        Ok::<_, StoreError>(())
    };
    timed("get", &|number| {
        let key = id("req", number % documents);
        futures::executor::block_on(store.get(REQUEST, &key)).map(drop)
    })?;
    timed("page", &|number| {
        let index = WAITING.indexes.first().map(|index| (index, vec![id("tool", number % 500)]));
        let (from, until, after, order) = (None, None, None, Order::Ascending);
        let query = PageQuery { kind: WAITING, index, from, until, order, after, limit: 50 };
        futures::executor::block_on(store.page(query)).map(drop)
    })?;
    for threads in [1, 2] {
        let begun = Instant::now();
        let threads = NonZeroUsize::new(threads).ok_or("no thread")?;
        let verified = store.file().verify(threads, Strictness::StoredBytes, |_| ())?;
        let rate = u128::from(verified.size) * 1_000_000 / begun.elapsed().as_micros().max(1);
        println!("{:8} {threads:>7} {rate:>10}", "verify");
    }
    Ok(())
}

/// Numbers that follow no order.
fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}

fn report(what: &str, clients: u64, mut latencies: Vec<u128>, elapsed: Duration) {
    latencies.sort_unstable();
    let count = latencies.len();
    let rate = (count as u128) * 1_000_000 / elapsed.as_micros().max(1);
    let at = |hundredths: usize| latencies.get(count * hundredths / 100).copied().unwrap_or_default();
    let most = latencies.last().copied().unwrap_or_default();
    println!("{what:8} {clients:>7} {rate:>10} {:>9} {:>9} {most:>9}", at(50), at(99));
}

fn commits(
    store: &SqliteStore,
    what: &str,
    writers: u64,
    time: Duration,
) -> Result<u64, Box<dyn std::error::Error>> {
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
    let commits = u64::try_from(latencies.len())?;
    report(what, writers, latencies, elapsed);
    let head = futures::executor::block_on(store.log_head())?;
    let expected = if what == "append" { commits } else { commits * 2 };
    if head.size != expected {
        return Err("the log does not hold every acknowledged entry".into());
    }
    Ok(commits)
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
    let person = id("person", spread(number) % 50_000);
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
