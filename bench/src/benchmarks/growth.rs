//! B3: the same load on an empty site and on one with a long past, in turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Bench;
use crate::client::Client;
use crate::cycles::{Done, Load, ask};
use crate::latencies::Latencies;
use crate::report::{Figure, Goal};
use crate::site::Site;
use crate::stopwatch::per_second;

const CLIENTS: u32 = 16;
const ROUNDS: u32 = 4;

#[derive(Default)]
struct Side {
    cycles: u64,
    time: Duration,
    pages: Latencies,
    rates: Vec<f64>,
}

impl Side {
    fn add(&mut self, done: &Done) {
        self.cycles += u64::try_from(done.latencies.len()).unwrap_or(u64::MAX);
        self.time += done.time;
        self.rates.push(done.rate());
    }
}

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (empty_data, empty_load) = bench.site(Site::Fresh)?;
    let (grown_data, grown_load) = bench.site(Site::Past)?;
    let empty_server = bench.program.serve(empty_data.path())?;
    let grown_server = bench.program.serve(grown_data.path())?;
    let sides = [(&empty_load, empty_server.address()), (&grown_load, grown_server.address())];
    let turn = bench.time() / 2;
    let mut results = [Side::default(), Side::default()];
    for (load, address) in sides {
        bench.runtime.block_on(load.run(address, CLIENTS, Duration::from_secs(3)))?;
    }
    for _ in 0..ROUNDS {
        for ((load, address), side) in sides.iter().zip(&mut results) {
            side.add(&bench.runtime.block_on(load.run(*address, CLIENTS, turn))?);
            side.pages.extend(bench.runtime.block_on(pages(load, *address, turn / 4))?);
        }
    }
    let [empty, grown] = results;
    let empty_rate = per_second(empty.cycles, empty.time);
    let rate = per_second(grown.cycles, grown.time);
    let (past, report) = (bench.cache.size().past_requests, &mut bench.report);
    report.add(Figure::new("B3", "cycles, 16 clients, empty site", empty_rate, "/s", Goal::None));
    report.add(
        Figure::new(
            "B3",
            format!("cycles, 16 clients, {past} requests and as many entries"),
            rate,
            "/s",
            Goal::None,
        )
        .over(empty_rate, "empty"),
    );
    report.add(Figure::new(
        "B3",
        "cycles against empty",
        100.0 * rate / empty_rate,
        "%",
        Goal::AtLeast(80.0),
    ));
    let ratio = grown.pages.p50_ms() / empty.pages.p50_ms();
    report.add(Figure::new("B3", "page of 50 against empty, p50", ratio, "×", Goal::AtMost(1.2)));
    report.add(Figure::new("B3", "page of 50 with a long past, p50", grown.pages.p50_ms(), "ms", Goal::None));
    report.add(Figure::new(
        "B3",
        "page of 50 with a long past, p99",
        grown.pages.p99_ms(),
        "ms",
        Goal::AtMost(5.0),
    ));
    let memory = grown_server.resident_mb()?;
    report.add(Figure::new("B12", "memory after B2 with a long past", memory, "MB", Goal::AtMost(150.0)));
    for server in [empty_server, grown_server] {
        server.stop()?;
    }
    for data in [empty_data, grown_data] {
        bench.program.verify(data.path())?;
    }
    bench.report.add(Figure::held("B3", "both logs verify"));
    Ok(())
}

/// The newest fifty of all requests, as an auditor sees them.
async fn pages(load: &Arc<Load>, address: SocketAddr, time: Duration) -> anyhow::Result<Latencies> {
    let token = load.tokens.auditor();
    let page = async |client: &mut Client, _, _| {
        let answer = client.call("requests.list", token, r#"{"limit":50}"#).await?;
        anyhow::ensure!(answer.matches("\"policy_version\"").count() == 50, "a page of fifty has fewer");
        Ok(())
    };
    Ok(ask(address, 1, time, page).await?.latencies)
}
