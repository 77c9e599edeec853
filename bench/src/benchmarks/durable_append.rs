//! B7: one entry, acknowledged when it is on disk and in the tree.

use std::time::Duration;

use anyhow::ensure;
use audit_log::Value;
use clearance::audit::{Actor, EventKind};
use clearance::documents::Change;
use clearance::ports::{Commit, Store as _};
use clearance::time::Timestamp;
use clearance_store::SqliteStore;
use futures::future::try_join_all;

use super::Bench;
use crate::report::{Figure, Goal};
use crate::site::{DataDirectory, END, Site, person};
use crate::stopwatch::{Stopwatch, per_second};

/// Writers, and how many entries a second they are to append together.
const WRITERS: [(u32, f64); 3] = [(1, 4_000.0), (16, 25_000.0), (256, 60_000.0)];

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let short = DataDirectory::empty(&bench.cache, "short-log")?;
    for (writers, goal) in WRITERS {
        let rate = measure(bench, &short, writers)?;
        let what = format!("entries on disk and in the tree, {writers} at once");
        let figure = Figure::new("B7", what, rate, "/s", Goal::AtLeast(goal));
        bench.report.add(match writers {
            1 => figure.over(bench.machine.fdatasync, "fdatasync, goal 0.40 ×"),
            _ => figure,
        });
    }
    let entries = bench.cache.size().entries * if bench.long_log { 10 } else { 1 };
    let long = bench.cache.copy(Site::Log(entries))?;
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let new = measure(bench, &DataDirectory::empty(&bench.cache, "new-log")?, 16)?;
        ratios.push(measure(bench, &long, 16)? / new);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios.get(1).copied().unwrap_or_default();
    let what = format!("16 at once behind {entries} entries / on a new log, median of 3");
    bench.report.add(Figure::new("B7", what, ratio, "×", Goal::AtLeast(0.9)));
    Ok(())
}

/// Entries a second, each writer's next only after its last was acknowledged.
fn measure(bench: &Bench, data: &DataDirectory, writers: u32) -> anyhow::Result<f64> {
    let store = SqliteStore::open(data.database(), clearance::KINDS)?;
    let before = futures::executor::block_on(store.log_head())?.size;
    let (begun, time) = (Stopwatch::start(), bench.time() / 3);
    let counts = futures::executor::block_on(try_join_all(
        (0..writers).map(|number| append(&store, number, &begun, time)),
    ))?;
    let (elapsed, count) = (begun.elapsed(), counts.iter().sum());
    let after = futures::executor::block_on(store.log_head())?.size;
    ensure!(after - before == count, "{count} entries were acknowledged, {} are in the log", after - before);
    let file = store.file();
    store.close()?;
    // The whole log, however long: an acknowledged entry that the tree does not hold must not count.
    let threads = std::thread::available_parallelism()?;
    let verified = file.verify(threads, audit_log::Strictness::StoredBytes, |_| {})?;
    ensure!(verified.size == after, "the log verified to {} of {after}", verified.size);
    Ok(per_second(count, elapsed))
}

async fn append(store: &SqliteStore, number: u32, begun: &Stopwatch, time: Duration) -> anyhow::Result<u64> {
    let mut count = 0;
    while begun.elapsed() < time {
        store.commit(entry(number, count)?).await?;
        count += 1;
    }
    Ok(count)
}

/// An entry of the usual size.
fn entry(writer: u32, count: u64) -> anyhow::Result<Commit> {
    let facts = Value::object([
        ("request", Value::from(format!("req_{count:026}"))),
        ("tool", Value::from(format!("tool_{writer:026}"))),
        ("days", Value::from(90)),
        ("outcome", Value::from("stages")),
    ]);
    let mut change = Change::new();
    change.record(
        Timestamp::from_millisecond(END),
        &Actor::Person(person(writer)),
        EventKind::RequestSubmitted,
        facts,
    );
    Ok(change.into_commit()?)
}
