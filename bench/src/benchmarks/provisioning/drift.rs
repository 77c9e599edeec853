//! Comparing who is in a group with what was approved.

use std::time::Duration;

use anyhow::ensure;
use testkit::Site;
use testkit::connected::TENANT;

use super::super::Bench;
use crate::report::{Figure, Goal};
use crate::stopwatch::Stopwatch;

/// Members of the larger group of the two whose checks are compared.
const MEMBERS: u32 = 50_000;

/// Drift checks of one large group. The provider answers at once, so that what is measured is this program's part; SQLite, every commit
/// synced.
pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let members = if bench.quick { MEMBERS / 10 } else { MEMBERS };
    let half = Checks::measure(members / 2)?;
    let all = Checks::measure(members)?;
    for (what, time, half) in [
        ("all strangers", all.strangers, half.strangers),
        ("nothing changed", all.unchanged, half.unchanged),
        ("all gone", all.gone, half.gone),
    ] {
        let figure = Figure::new(
            "B11",
            format!("drift check of {members}, {what}"),
            time.as_secs_f64(),
            "s",
            Goal::AtMost(10.0),
        );
        bench.report.add(figure.over(half.as_secs_f64(), "half as many; linear is 2"));
    }
    Ok(())
}

/// Times of three checks in a row.
struct Checks {
    strangers: Duration,
    unchanged: Duration,
    gone: Duration,
}

impl Checks {
    fn measure(members: u32) -> anyhow::Result<Self> {
        let site = Site::on_disk();
        let at = site.connected("Code agent");
        let account = |number: u32| format!("00umember{number:06}");
        (0..members).for_each(|number| site.core().join(TENANT, &at.group, &account(number)));
        let check = || {
            site.advance_minutes(6 * 60 + 1);
            let begun = Stopwatch::start();
            (site.check_drift(), begun.elapsed())
        };
        let (found, strangers) = check();
        ensure!((found.checked, found.found) == (1, members), "{found:?}");
        let (found, unchanged) = check();
        ensure!((found.checked, found.found, found.settled) == (1, 0, 0), "{found:?}");
        (0..members).for_each(|number| site.core().leave(TENANT, &at.group, &account(number)));
        let (found, gone) = check();
        ensure!((found.checked, found.settled) == (1, members), "{found:?}");
        site.leave_as_it_is();
        Ok(Self { strangers, unchanged, gone })
    }
}
