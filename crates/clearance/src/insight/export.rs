//! Insights as files for spreadsheets: the tables beside the charts.

use evidence_pack::table::write_row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{by_risk, tool_insights};
use super::reconcile::days;
use super::series::{By, Durations, Period, Point, SeatsInsight, points};
use crate::failure::Failure;
use crate::operations::Context;
use crate::ports::Ports;

/// A table of insights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Requests by day or week, by what happened to them.
    Requests,
    /// How long decisions and removals took, by day or week.
    Times,
    /// Access by day or week, by what happened to it.
    Grants,
    /// Differences by day or week, by what happened to them.
    Drift,
    /// Reviews of access by day or week, by what happened to them.
    Reviews,
    /// Seats that were kept for whoever waited, by day or week, by what happened to them.
    Seats,
    /// Who has access, by tool, with seats taken, kept and waited for.
    Tools,
    /// Who has access, by risk.
    Risks,
    /// What ends, is due or runs out in the next 90 days, by day.
    Forecast,
    /// Reviews that come in the next 90 days, by who decides them and by week.
    Reviewers,
}

impl Table {
    /// The table as files and the log name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Times => "times",
            Self::Grants => "grants",
            Self::Drift => "drift",
            Self::Reviews => "reviews",
            Self::Seats => "seats",
            Self::Tools => "tools",
            Self::Risks => "risks",
            Self::Forecast => "forecast",
            Self::Reviewers => "reviewers",
        }
    }
}

/// Rows under a head.
struct Rows {
    out: Vec<u8>,
    count: u32,
}

impl Rows {
    fn under<C: AsRef<str>>(head: impl IntoIterator<Item = C>) -> Self {
        let mut out = Vec::new();
        write_row(&mut out, head);
        Self { out, count: 0 }
    }

    fn add<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        write_row(&mut self.out, cells);
        self.count = self.count.saturating_add(1);
    }

    fn finish(self) -> (u32, String) {
        (self.count, String::from_utf8_lossy(&self.out).into_owned())
    }
}

/// How many rows a table has, and its text.
pub(super) async fn table<P: Ports>(
    context: &Context<'_, P>,
    table: Table,
    period: Period,
    by: By,
) -> Result<(u32, String), Failure> {
    let store = context.store();
    let series = async || -> Result<Vec<Point>, Failure> {
        Ok(points(period, by, &days(store, period.from, period.until).await?))
    };
    Ok(match table {
        Table::Requests => counts(&series().await?, |point| point.counted.requests.named()),
        Table::Grants => counts(&series().await?, |point| point.counted.grants.named()),
        Table::Drift => counts(&series().await?, |point| point.counted.drift.named()),
        Table::Reviews => counts(&series().await?, |point| point.counted.reviews.named()),
        Table::Seats => counts(&series().await?, |point| point.counted.seats.named()),
        Table::Times => times(&series().await?),
        Table::Tools => {
            let mut rows = Rows::under([
                "tool",
                "name",
                "risk",
                "with_access",
                "requests",
                "seat_cap",
                "seats_in_use",
                "seats_kept",
                "waiting_for_seat",
            ]);
            for tool in tool_insights(store).await? {
                let risk = tool.risk.map_or("", crate::catalog::Risk::as_str);
                let seats = |of: fn(&SeatsInsight) -> u32| {
                    tool.seats.as_ref().map_or(String::new(), |seats| of(seats).to_string())
                };
                rows.add([
                    tool.id.to_string().as_str(),
                    &tool.name,
                    risk,
                    &tool.with_access.to_string(),
                    &tool.requests.to_string(),
                    &seats(|seats| seats.cap),
                    &seats(|seats| seats.in_use),
                    &seats(|seats| seats.kept),
                    &seats(|seats| seats.waiting),
                ]);
            }
            rows.finish()
        }
        Table::Risks => {
            let mut rows = Rows::under(["risk", "with_access"]);
            for risk in by_risk(&tool_insights(store).await?) {
                rows.add([risk.risk.as_str(), &risk.with_access.to_string()]);
            }
            rows.finish()
        }
        Table::Forecast => {
            let forecast = super::forecast::of(context.ports, context.moment.now).await?;
            let named = |day: &super::forecast::DayForecast| day.counts.named();
            let head = forecast.days.first().map(named).unwrap_or_default();
            let mut rows = Rows::under(std::iter::once("day").chain(head.into_iter().map(|(name, _)| name)));
            for day in &forecast.days {
                let counts = named(day).into_iter().map(|(_, count)| count.to_string());
                rows.add(std::iter::once(day.day.to_string()).chain(counts));
            }
            rows.finish()
        }
        Table::Reviewers => {
            let forecast = super::forecast::of(context.ports, context.moment.now).await?;
            let weeks = forecast.weeks.iter().map(ToString::to_string);
            let head = ["reviewer", "waiting"].map(ToOwned::to_owned);
            let mut rows = Rows::under(head.into_iter().chain(weeks));
            for reviewer in &forecast.reviewers {
                let counts = reviewer.weeks.iter().map(ToString::to_string);
                let begin = [reviewer.reviewer.clone(), reviewer.waiting.to_string()];
                rows.add(begin.into_iter().chain(counts));
            }
            rows.finish()
        }
    })
}

fn counts(points: &[Point], of: impl Fn(&Point) -> Vec<(&'static str, u64)>) -> (u32, String) {
    let head = points.first().map(&of).unwrap_or_default();
    let mut rows = Rows::under(std::iter::once("from").chain(head.into_iter().map(|(name, _)| name)));
    for point in points {
        let counts = of(point).into_iter().map(|(_, count)| count.to_string());
        rows.add(std::iter::once(point.from.to_string()).chain(counts));
    }
    rows.finish()
}

fn times(points: &[Point]) -> (u32, String) {
    let mut rows = Rows::under([
        "from",
        "decisions",
        "decision_p50_seconds",
        "decision_p90_seconds",
        "decision_p99_seconds",
        "removals",
        "removal_p50_seconds",
        "removal_p90_seconds",
        "removal_p99_seconds",
    ]);
    let cells = |durations: &Durations| {
        let Durations { count, p50_seconds, p90_seconds, p99_seconds } = durations;
        let seconds = |seconds: &Option<u64>| seconds.map_or(String::new(), |seconds| seconds.to_string());
        [count.to_string(), seconds(p50_seconds), seconds(p90_seconds), seconds(p99_seconds)]
    };
    for point in points {
        let cells = cells(&point.counted.decision).into_iter().chain(cells(&point.counted.removal));
        rows.add(std::iter::once(point.from.to_string()).chain(cells));
    }
    rows.finish()
}
