//! B9: proofs of a long log, made from its tiles and verified with nothing but hashes.

use std::time::Duration;

use anyhow::ensure;
use audit_log::proof::read_range;
use audit_log::tile::TilePlan;
use audit_log::{Hash, Verifier, verify_consistency, verify_inclusion};
use clearance::audit::proof::{consistency, inclusion};
use clearance::audit::{Tiles, root_at};
use clearance::ports::{MAX_LOG_PAGE, Store as _};
use clearance_store::SqliteStore;
use futures::executor::block_on;

use super::Bench;
use crate::latencies::Latencies;
use crate::report::{Figure, Goal};
use crate::site::Site;
use crate::stopwatch::Stopwatch;

/// Proofs made for one figure.
const PROOFS: u64 = 5_000;
/// Entries of the log that the goal for the size of proofs was set for; a longer one needs more hashes.
const MILLION: u32 = 1_000_000;
/// Entries of the new tail.
const TAIL: u64 = 1_000;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let usual = bench.cache.size().entries;
    measure(bench, usual)?;
    if bench.long_log {
        measure(bench, usual * 10)?;
    }
    Ok(())
}

#[derive(Default)]
struct Times {
    make: Latencies,
    verify: Latencies,
    sizes: Vec<usize>,
}

impl Times {
    #[expect(clippy::cast_precision_loss, reason = "bytes of proofs stay far below 2^52")]
    fn report(&self, bench: &mut Bench, name: &str, entries: u32) {
        let micro = |time: Duration| time.as_secs_f64() * 1e6;
        let largest = self.sizes.iter().max().copied().unwrap_or_default() as f64;
        let mean = self.sizes.iter().sum::<usize>() as f64 / self.sizes.len() as f64;
        for (what, measured, unit, goal) in [
            ("made, p50", micro(self.make.percentile(50)), "µs", Goal::None),
            ("made, p99", micro(self.make.percentile(99)), "µs", Goal::AtMost(200.0)),
            ("verified, p50", micro(self.verify.percentile(50)), "µs", Goal::AtMost(5.0)),
            ("hashes, mean", mean, "B", if entries > MILLION { Goal::None } else { Goal::AtMost(640.0) }),
            // A consistency proof may need one hash more than the tree has levels.
            ("hashes, at most", largest, "B", Goal::None),
        ] {
            let what = format!("{name} in {entries} entries: {what}");
            bench.report.add(Figure::new("B9", what, measured, unit, goal));
        }
    }
}

fn measure(bench: &mut Bench, entries: u32) -> anyhow::Result<()> {
    let data = bench.cache.copy(Site::Log(entries))?;
    let store = SqliteStore::open(data.database(), clearance::KINDS)?;
    let head = block_on(store.log_head())?;
    let (size, root) = (head.size, head.root);
    let (mut included, mut consistent) = (Times::default(), Times::default());
    for number in 0..PROOFS {
        // Spread over the whole log, and the same in every run.
        let index = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
        let leaf = block_on(store.log_entries(index, 1))?.first().map(|entry| entry.leaf_hash);
        let Some(leaf) = leaf else { anyhow::bail!("entry {index} is missing") };
        let begun = Stopwatch::start();
        let hashes = block_on(inclusion(&store, index, size))?;
        included.make.push(begun.elapsed());
        let begun = Stopwatch::start();
        verify_inclusion(&leaf, index, size, &hashes, &root)?;
        included.verify.push(begun.elapsed());
        included.sizes.push(hashes.len() * Hash::LEN);

        let older = block_on(root_at(&store, index + 1))?;
        let begun = Stopwatch::start();
        let hashes = block_on(consistency(&store, index + 1, size))?;
        consistent.make.push(begun.elapsed());
        let begun = Stopwatch::start();
        verify_consistency(index + 1, &older, size, &root, &hashes)?;
        consistent.verify.push(begun.elapsed());
        consistent.sizes.push(hashes.len() * Hash::LEN);
    }
    included.report(bench, "inclusion", entries);
    consistent.report(bench, "consistency", entries);
    let tail = block_on(verify_tail(&store, size, &root))?;
    let what = format!("new tail of {TAIL} entries of {entries} verified");
    bench.report.add(Figure::new("B9", what, tail.as_secs_f64() * 1e3, "ms", Goal::AtMost(5.0)));
    store.close()?;
    Ok(())
}

/// Whoever knows the head from before the last entries verifies these alone.
async fn verify_tail(store: &SqliteStore, size: u64, root: &Hash) -> anyhow::Result<Duration> {
    let known = size - TAIL;
    let plan = TilePlan::new(size);
    read_range(&plan, 0, known)?;
    let tiles = Tiles::read(store, size, plan).await?;
    let head = audit_log::proof::read_head(&tiles.reader(), known)?;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begun = Stopwatch::start();
        let mut verifier = Verifier::new(head.clone());
        while verifier.size() < size {
            for entry in store.log_entries(verifier.size(), MAX_LOG_PAGE).await? {
                verifier.push(entry.index, &entry.bytes, &entry.leaf_hash)?;
            }
        }
        ensure!(verifier.finish(size, root)?.size == size, "the tail is not that of the log");
        best = best.min(begun.elapsed());
    }
    Ok(best)
}
