//! B1, B2: request → policy → approval → grant, job and log entries, over HTTP.

use std::time::Duration;

use anyhow::ensure;

use super::Bench;
use crate::guards::{Counts, check_acknowledged};
use crate::report::{Figure, Goal};
use crate::site::Site;

const CLIENTS: u32 = 16;
/// Cycles before the measurement: pages read, write-ahead log grown to its working size.
const WARM_UP: Duration = Duration::from_secs(3);

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (data, load) = bench.site(Site::Fresh)?;
    let before = Counts::read(&data.database())?;
    let server = bench.program.serve(data.path())?;
    let address = server.address();
    let time = bench.time();

    bench.runtime.block_on(load.run(address, CLIENTS, WARM_UP))?;
    let one = bench.runtime.block_on(load.run(address, 1, time))?.latencies;
    // Two syncs is the least that two acknowledged commands can take.
    let limit = 2.0 * 1e3 / bench.machine.fdatasync;
    let (p50, p99) = (one.p50_ms(), one.p99_ms());
    bench.report.add(
        Figure::new("B1", "cycle, 1 client, p50", p50, "ms", Goal::AtMost(1.2)).over(limit, "two fdatasyncs"),
    );
    bench.report.add(Figure::new("B1", "cycle, 1 client, p99", p99, "ms", Goal::AtMost(4.0)));

    let many = bench.runtime.block_on(load.run(address, CLIENTS, time))?;
    let limit = bench.machine.sqlite_five_rows_grouped;
    bench.report.add(
        Figure::new("B2", "cycles, 16 clients", many.rate(), "/s", Goal::AtLeast(4_000.0))
            .over(limit, "grouped five-row commits"),
    );
    bench.report.add(Figure::new(
        "B2",
        "cycle, 16 clients, p99",
        many.latencies.p99_ms(),
        "ms",
        Goal::AtMost(15.0),
    ));

    server.stop()?;
    bench.program.verify(data.path())?;
    let acknowledged = load.acknowledged();
    before.check_cycles(Counts::read(&data.database())?, u64::try_from(acknowledged.len())?)?;
    bench.report.add(Figure::held("B2", "log verifies; requests, grants, jobs = acknowledged cycles"));

    kill(bench)
}

/// SIGKILL under load loses nothing that was acknowledged.
fn kill(bench: &mut Bench) -> anyhow::Result<()> {
    let (data, load) = bench.site(Site::Fresh)?;
    for round in 0..3_u64 {
        let mut server = bench.program.serve(data.path())?;
        let address = server.address();
        let clients = load.clone();
        let outcome = bench.runtime.block_on(async move {
            let clients =
                tokio::spawn(async move { clients.run(address, CLIENTS, Duration::from_mins(1)).await });
            tokio::time::sleep(Duration::from_millis(700 + 311 * round)).await;
            server.kill()?;
            // They end because the server is gone.
            anyhow::Ok(clients.await?)
        })?;
        ensure!(outcome.is_err(), "the clients did not notice that the server was killed");
    }
    let acknowledged = load.acknowledged();
    ensure!(!acknowledged.is_empty(), "nothing was acknowledged before the server was killed");
    bench.program.verify(data.path())?;
    check_acknowledged(&data.database(), &acknowledged)?;
    bench.report.add(Figure::held("B2", "3 × SIGKILL under load: every acknowledged cycle is stored"));
    Ok(())
}
