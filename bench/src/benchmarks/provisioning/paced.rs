//! People who wait, during a backlog of removals, at a provider that takes its time and allows few changes.

use std::time::Duration;

use anyhow::ensure;
use testkit::{PersonClient, Site};

use super::super::Bench;
use super::company::{Tool, let_access_end, waits};
use crate::latencies::Latencies;
use crate::report::{Figure, Goal};
use crate::stopwatch::Stopwatch;

/// Removals that are due before anybody asks.
const BACKLOG: u32 = 20_000;
/// People who ask meanwhile.
const ASKING: u32 = 1_000;
/// How many of them in a second, evenly: half of what the provider allows.
const ASKING_PER_SECOND: u32 = 10;
/// Changes that the provider allows in a second, with no more of them saved up.
const ALLOWED: u32 = 20;
/// What the provider takes for one answer.
const LATENCY: Duration = Duration::from_millis(100);
/// Before it is counted what the provider allowed: what it had saved up at first is gone then.
const WARMING_UP: Duration = Duration::from_secs(2);
/// Seconds that those who asked last may wait.
const PATIENCE: f64 = 30.0;
/// How many times as fast as time the clock goes while the backlog comes about.
const SPEED: u32 = 250;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (backlog, asking) = if bench.quick { (BACKLOG / 20, ASKING / 20) } else { (BACKLOG, ASKING) };
    let site = Site::on_disk();
    // What comes about one after the other has not all the same instant.
    site.let_clock_go(1);
    let alice = site.administrator("Alice Admin");
    let tool = Tool::new(&site, 0, None)?;
    let people = tool.people(&site, 0..backlog + asking)?;
    let (leaving, asking) = people.split_at(backlog as usize);
    leaving.iter().try_for_each(|person| tool.ask(person))?;
    site.let_clock_go(SPEED);
    site.run_jobs_at([tool.connector]);
    site.let_clock_go(1);
    ensure!(tool.members(&site) == leaving.len(), "not everybody is in the group");
    let_access_end(&site, backlog.into())?;

    let core = site.core();
    core.set_latency(LATENCY);
    core.allow(Some(ALLOWED));
    site.let_clock_go(1);
    let measured = site.while_jobs_run(|| window(&site, &tool, asking, &alice))?;
    let mut latencies = Latencies::default();
    for wait in measured.waited {
        latencies.push(Duration::from_millis(wait));
    }
    let Measured { seconds, allowed, refused, .. } = measured;
    let report = &mut bench.report;
    let used = 100.0 * allowed / (f64::from(ALLOWED) * seconds);
    let what = format!("what the provider allows in {seconds:.0} seconds, used");
    report.add(Figure::new("B11", what, used, "%", Goal::AtLeast(95.0)));
    let too_many = 100.0 * refused / (allowed + refused);
    report.add(Figure::new("B11", "changes answered with 429", too_many, "%", Goal::AtMost(0.1)));
    let what = |which| format!("{} ask during {backlog} removals: access works, {which}", latencies.len());
    report.add(Figure::new("B11", what("p50"), latencies.p50_ms(), "ms", Goal::None));
    report.add(Figure::new("B11", what("p99"), latencies.p99_ms(), "ms", Goal::AtMost(3_000.0)));
    Ok(())
}

/// What came of those who asked, and of the provider's quota meanwhile.
struct Measured {
    /// Milliseconds that each of them waited.
    waited: Vec<u64>,
    seconds: f64,
    /// Changes that the provider allowed, and refused.
    allowed: f64,
    refused: f64,
}

fn window(
    site: &Site,
    tool: &Tool,
    asking: &[PersonClient],
    administrator: &PersonClient,
) -> anyhow::Result<Measured> {
    let core = site.core();
    wait_until(Stopwatch::start(), WARMING_UP);
    let (allowed_before, refused_before) = core.allowed();
    let window = Stopwatch::start();
    for (number, person) in (0..).zip(asking) {
        wait_until(window, Duration::from_secs(1) * number / ASKING_PER_SECOND);
        tool.ask(person)?;
    }
    let (seconds, (allowed, refused)) = (window.elapsed().as_secs_f64(), core.allowed());
    let waited = loop {
        let waited = waits(&administrator.signed_in_again())?;
        if waited.len() == asking.len() {
            break waited;
        }
        ensure!(window.elapsed().as_secs_f64() < seconds + PATIENCE, "{} of those who asked", waited.len());
        wait_until(Stopwatch::start(), Duration::from_millis(200));
    };
    ensure!(tool.members(site) > asking.len(), "the backlog stood all the time");
    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    let (allowed, refused) = ((allowed - allowed_before) as f64, (refused - refused_before) as f64);
    Ok(Measured { waited, seconds, allowed, refused })
}

fn wait_until(begun: Stopwatch, time: Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "people ask when they want to, not when something happens"
    )]
    std::thread::sleep(time.saturating_sub(begun.elapsed()));
}
