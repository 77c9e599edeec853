//! How many jobs are claimed and completed in a second, each with its result in document and log, when the provider answers at once and allows
//! any number.

use std::time::Duration;

use anyhow::ensure;
use testkit::Site;

use super::super::Bench;
use super::company::{Tool, entries, let_access_end};
use crate::report::{Figure, Goal};
use crate::stopwatch::{Stopwatch, per_second};

/// Connectors, each run apart from the others, as the server does it.
const CONNECTORS: u32 = 8;
/// People at each of them.
const PEOPLE: u32 = 1_250;
/// The most changes a second that a connector's provider can be said to bear: with the clock below it is as good as any number.
const PACE: u32 = 200;
/// How many times as fast as time the site's clock goes: the pace that a connector keeps stands in nobody's way then. A lease of two minutes is
/// nearly half a second.
const SPEED: u32 = 250;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let people = if bench.quick { PEOPLE / 10 } else { PEOPLE };
    let site = Site::on_disk();
    // What comes about one after the other has not all the same instant.
    site.let_clock_go(1);
    let tools = (0..CONNECTORS).map(|number| Tool::new(&site, number, Some(PACE)));
    let tools = tools.collect::<Result<Vec<_>, _>>()?;
    std::thread::scope(|scope| {
        let settings: Vec<_> = tools
            .iter()
            .map(|tool| {
                let site = &site;
                scope.spawn(move || {
                    tool.people(site, 0..people)?.iter().try_for_each(|person| tool.ask(person))
                })
            })
            .collect();
        settings
            .into_iter()
            .try_for_each(|setting| setting.join().map_err(|_| anyhow::anyhow!("the set-up panicked"))?)
    })?;
    let jobs = u64::from(people * CONNECTORS);

    let provisions = all_jobs(&site, &tools);
    ensure!(tools.iter().all(|tool| tool.members(&site) == people as usize), "not everybody is in the group");
    ensure!(entries(&site, "job.succeeded") == jobs, "not every job succeeded once");
    let_access_end(&site, jobs)?;
    let removals = all_jobs(&site, &tools);
    ensure!(tools.iter().all(|tool| tool.members(&site) == 0), "somebody is still in a group");
    ensure!(entries(&site, "job.succeeded") == 2 * jobs, "not every job succeeded once");
    site.check();

    let limit = bench.machine.sqlite_five_rows_grouped;
    let report = &mut bench.report;
    for (what, time) in [("giving access", provisions), ("taking it away", removals)] {
        let rate = per_second(jobs, time);
        let what = format!("jobs claimed and completed, {what}");
        // The goal was set where SQLite made 78,057 of these a second.
        let figure = Figure::new("B11", what, rate, "/s", Goal::AtLeast(20_000.0));
        report.add(figure.over(limit, "grouped five-row commits, 0.26 where the goal was set"));
    }
    report.add(Figure::held("B11", "every job once in group, documents and log, which verify"));
    Ok(())
}

/// Runs every job that is due; how long that takes.
fn all_jobs(site: &Site, tools: &[Tool]) -> Duration {
    site.let_clock_go(SPEED);
    let begun = Stopwatch::start();
    site.run_jobs_at(tools.iter().map(|tool| tool.connector));
    let elapsed = begun.elapsed();
    site.let_clock_go(1);
    elapsed
}
