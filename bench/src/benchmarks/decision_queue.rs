//! B4: what waits for one approver.

use anyhow::ensure;

use super::Bench;
use crate::client::{Client, after};
use crate::cycles::ask;
use crate::report::{Figure, Goal};
use crate::site::Site;
use crate::stopwatch::Stopwatch;

const CLIENTS: u32 = 16;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (data, load) = bench.site(Site::Pending)?;
    let server = bench.program.serve(data.path())?;
    let address = server.address();
    let token = load.tokens.of(0)?;
    let page = async |client: &mut Client, _, _| {
        let answer = client.call("approvals.queue", token, r#"{"limit":50}"#).await?;
        ensure!(answer.matches("\"deadline\"").count() == 50, "a page of fifty has fewer");
        Ok(())
    };
    bench.runtime.block_on(ask(address, CLIENTS, bench.time() / 5, page))?;
    let pages = bench.runtime.block_on(ask(address, CLIENTS, bench.time(), page))?;
    let pending = bench.cache.size().pending;
    let report = &mut bench.report;
    report.add(Figure::new(
        "B4",
        format!("page of 50 of {pending} pending, 16 clients"),
        pages.rate(),
        "/s",
        Goal::AtLeast(3_000.0),
    ));
    report.add(Figure::new(
        "B4",
        "page of 50, 16 clients, p99",
        pages.latencies.p99_ms(),
        "ms",
        Goal::AtMost(10.0),
    ));

    let walk = async || {
        let mut client = Client::connect(address).await?;
        let (mut rows, mut input) = (0, r#"{"limit":100}"#.to_owned());
        let begun = Stopwatch::start();
        loop {
            let answer = client.call("approvals.queue", token, &input).await?;
            rows += answer.matches("\"deadline\"").count();
            match after(answer, "\"next\":\"") {
                Some(next) => input = format!(r#"{{"limit":100,"after":"{next}"}}"#),
                None => break,
            }
        }
        ensure!(rows == usize::try_from(pending)?, "the walk found {rows} of {pending}");
        anyhow::Ok(begun.elapsed())
    };
    let mut walks = Vec::new();
    for _ in 0..5 {
        walks.push(bench.runtime.block_on(walk())?);
    }
    walks.sort_unstable();
    let median = walks.get(2).copied().unwrap_or_default().as_secs_f64();
    bench.report.add(Figure::new(
        "B4",
        format!("all {pending} in pages of 100, 1 client, median of 5"),
        median,
        "s",
        Goal::AtMost(0.1),
    ));
    server.stop()
}
