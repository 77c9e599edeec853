//! B12: how long the program takes to its first answer, and how much memory it holds.

use std::path::Path;
use std::time::Duration;

use super::{Bench, cold_start};
use crate::report::{Figure, Goal};
use crate::site::{DataDirectory, Site};

const STARTS: usize = 5;
const CLIENTS: u32 = 16;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut first = Vec::new();
    for number in 0..STARTS {
        let data = DataDirectory::empty(&bench.cache, &format!("empty-{number}"))?;
        first.push(start(bench, data.path())?);
    }
    add(bench, "start to first 200, no data yet, median of 5", first);

    let (data, load) = bench.site(Site::Past)?;
    let mut again = Vec::new();
    for _ in 0..STARTS {
        again.push(start(bench, data.path())?);
    }
    add(bench, "start to first 200, long past, median of 5", again);

    let server = bench.program.serve(data.path())?;
    let idle = server.resident_mb()?;
    bench.report.add(Figure::new("B12", "memory idle, long past", idle, "MB", Goal::AtMost(40.0)));
    bench.runtime.block_on(load.run(server.address(), CLIENTS, bench.time()))?;
    let after = server.resident_mb()?;
    bench.report.add(Figure::new("B12", "memory after B2, long past", after, "MB", Goal::AtMost(150.0)));
    server.stop()?;
    #[expect(clippy::cast_precision_loss, reason = "bytes of one file")]
    let size = bench.program.bytes()? as f64 / 1e6;
    bench.report.add(Figure::new("B12", "size of the program", size, "MB", Goal::None));
    cold_start::run(bench)
}

pub(super) fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3
}

fn start(bench: &Bench, data: &Path) -> anyhow::Result<Duration> {
    let server = bench.program.serve(data)?;
    let ready = server.until_ready();
    server.stop()?;
    Ok(ready)
}

fn add(bench: &mut Bench, what: &str, starts: Vec<Duration>) {
    bench.report.add(Figure::new("B12", what, median_ms(starts), "ms", Goal::AtMost(100.0)));
}
