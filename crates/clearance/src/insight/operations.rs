//! `insights.summary`, `insights.series`, `insights.export`, `insights.rebuild`.

use std::collections::BTreeMap;

use audit_log::Value;
use audit_log::canonical::Integer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::counters::Standing;
use super::export::{Table, table};
use super::reconcile::{InsightProgress, days, tools};
use super::series::{By, Counted, Period, Point, SeatsInsight, ToolInsight, points, total};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::{Risk, Tool};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Ports, Store};
use crate::seats::Seats;
use crate::settings::operations::Nothing;

/// Tools that one answer names: those to which most have access.
const MAX_TOOLS: usize = 200;

/// How far the log is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedUntil {
    /// Entries of the log that are counted.
    pub entries: u64,
    /// Entries in the log.
    pub of: u64,
}

async fn counted_until(store: &impl Store, progress: &InsightProgress) -> Result<CountedUntil, Failure> {
    let entries = if progress.clearing { 0 } else { progress.next };
    Ok(CountedUntil { entries, of: store.log_head().await?.size.max(entries) })
}

/// Those who have access, by risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RiskInsight {
    /// The risk.
    pub risk: Risk,
    /// People whose access to a tool of this risk began to work and is not confirmed gone, counted once for each tool.
    pub with_access: u64,
}

/// `insights.summary`.
#[derive(Debug)]
pub struct Summary;

/// The time that insights are of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodInput {
    /// The first day, in UTC; 30 days before `until` when not given.
    #[serde(default)]
    pub from: Option<Day>,
    /// The first day that is not counted; tomorrow when not given.
    #[serde(default)]
    pub until: Option<Day>,
    /// By day or by week; by day when not given. A period by day is at most 366 days long, one by week at most three years.
    #[serde(default)]
    pub by: By,
}

impl PeriodInput {
    fn period<P: Ports>(&self, context: &Context<'_, P>) -> Result<Period, Failure> {
        Ok(Period::asked(self.from, self.until, self.by, Day::of(context.moment.now))?)
    }
}

/// What `insights.summary` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummaryAnswer {
    /// The first day.
    pub from: Day,
    /// The first day that is not counted.
    pub until: Day,
    /// How far the log is counted.
    pub counted_until: CountedUntil,
    /// What was counted in this time.
    pub counted: Counted,
    /// How things stand now.
    pub standing: Standing,
    /// Tools, those to which most have access first; at most 200.
    pub by_tool: Vec<ToolInsight>,
    /// Whether there are more tools.
    pub more_tools: bool,
    /// Access by the tools' risk now.
    pub by_risk: Vec<RiskInsight>,
}

/// Tools with their names and risks now, those to which most have access first.
pub(super) async fn tool_insights(store: &impl Store) -> Result<Vec<ToolInsight>, Failure> {
    let mut insights = Vec::new();
    for counted in tools(store).await? {
        let tool = load::<Tool>(store, &counted.tool.to_string()).await?;
        let seats = match &tool {
            Some(tool) if tool.seat_cap.is_some() => {
                let seats = load::<Seats>(store, &tool.id.to_string()).await?;
                SeatsInsight::of(tool, seats.as_deref())
            }
            _ => None,
        };
        insights.push(ToolInsight {
            id: counted.tool,
            name: tool.as_ref().map_or_else(|| "(unknown tool)".to_owned(), |tool| tool.name.to_string()),
            risk: tool.as_ref().map(|tool| tool.risk),
            with_access: counted.with_access,
            requests: counted.requests,
            seats,
        });
    }
    insights.sort_by(|one, other| {
        (other.with_access, other.requests, &one.name).cmp(&(one.with_access, one.requests, &other.name))
    });
    Ok(insights)
}

pub(super) fn by_risk(tools: &[ToolInsight]) -> Vec<RiskInsight> {
    let mut counts = BTreeMap::<Risk, u64>::new();
    for tool in tools {
        if let Some(risk) = tool.risk {
            let count = counts.entry(risk).or_default();
            *count = count.saturating_add(tool.with_access);
        }
    }
    counts.into_iter().map(|(risk, with_access)| RiskInsight { risk, with_access }).collect()
}

impl Operation for Summary {
    const NAME: &'static str = "insights.summary";
    const SUMMARY: &'static str =
        "How requests, access, reviews, seats and differences went in a time, and how they stand";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = PeriodInput;
    type Output = SummaryAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PeriodInput,
    ) -> Result<Decision<SummaryAnswer>, Failure> {
        let store = context.store();
        let period = input.period(context)?;
        let (_, progress) = InsightProgress::current(store).await?;
        let mut by_tool = tool_insights(store).await?;
        let by_risk = by_risk(&by_tool);
        let more_tools = by_tool.len() > MAX_TOOLS;
        by_tool.truncate(MAX_TOOLS);
        Ok(Decision::answer(SummaryAnswer {
            from: period.from,
            until: period.until,
            counted_until: counted_until(store, &progress).await?,
            counted: (&total(&days(store, period.from, period.until).await?)).into(),
            standing: progress.standing,
            by_tool,
            more_tools,
            by_risk,
        }))
    }
}

/// `insights.series`.
#[derive(Debug)]
pub struct Series;

/// What `insights.series` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeriesAnswer {
    /// How far the log is counted.
    pub counted_until: CountedUntil,
    /// A point for each day or week, in order, also where nothing was counted.
    pub points: Vec<Point>,
}

impl Operation for Series {
    const NAME: &'static str = "insights.series";
    const SUMMARY: &'static str = "What was counted, by day or by week";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = PeriodInput;
    type Output = SeriesAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PeriodInput,
    ) -> Result<Decision<SeriesAnswer>, Failure> {
        let store = context.store();
        let period = input.period(context)?;
        let (_, progress) = InsightProgress::current(store).await?;
        let days = days(store, period.from, period.until).await?;
        Ok(Decision::answer(SeriesAnswer {
            counted_until: counted_until(store, &progress).await?,
            points: points(period, input.by, &days),
        }))
    }
}

/// `insights.export`.
#[derive(Debug)]
pub struct Export;

/// What `insights.export` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportInsights {
    /// Which table.
    pub table: Table,
    /// The first day, in UTC; 30 days before `until` when not given. Of tables that say how things stand it means nothing.
    #[serde(default)]
    pub from: Option<Day>,
    /// The first day that is not counted; tomorrow when not given.
    #[serde(default)]
    pub until: Option<Day>,
    /// By day or by week; by day when not given.
    #[serde(default)]
    pub by: By,
}

/// What `insights.export` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InsightsFile {
    /// What to call the file.
    pub name: String,
    /// Rows, without the head.
    pub rows: u32,
    /// The file: RFC 4180, in which no cell is a formula.
    pub csv: String,
}

impl Operation for Export {
    const NAME: &'static str = "insights.export";
    const SUMMARY: &'static str = "A table of insights as a file for spreadsheets";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = ExportInsights;
    type Output = InsightsFile;

    /// Rows that it may have.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &ExportInsights) -> Result<u32, Failure> {
        let period = Period::asked(input.from, input.until, input.by, Day::of(context.moment.now))?;
        Ok(u32::try_from(period.from.days_to(period.until)).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ExportInsights,
    ) -> Result<Decision<InsightsFile>, Failure> {
        let today = Day::of(context.moment.now);
        let period = Period::asked(input.from, input.until, input.by, today)?;
        let (rows, csv) = table(context, input.table, period, input.by).await?;
        let facts = Value::object([
            ("table", Value::from(input.table.as_str())),
            ("rows", Value::from(rows)),
            ("from", Value::from(period.from.to_string())),
            ("until", Value::from(period.until.to_string())),
        ]);
        let mut change = Change::new();
        change.record(context.moment.now, &context.admission.actor()?, EventKind::InsightsExported, facts);
        let name = format!("{}-{today}.csv", input.table.as_str());
        Ok(Decision::change(InsightsFile { name, rows, csv }, change))
    }
}

/// `insights.rebuild`.
#[derive(Debug)]
pub struct Rebuild;

/// What `insights.rebuild` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RebuildAnswer {
    /// Entries that are counted anew.
    pub entries: u64,
}

impl Operation for Rebuild {
    const NAME: &'static str = "insights.rebuild";
    const SUMMARY: &'static str = "Throw all counters away and count the log anew; the clockwork does it";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = Nothing;
    type Output = RebuildAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        _: &Nothing,
    ) -> Result<Decision<RebuildAnswer>, Failure> {
        let (loaded, progress) = InsightProgress::current(context.store()).await?;
        let entries = context.store().log_head().await?.size;
        let mut change = Change::new();
        if !progress.clearing {
            change.upsert(loaded.as_ref(), &InsightProgress { clearing: true, ..progress });
            let facts =
                Value::object([("entries", Value::from(Integer::try_from(entries).unwrap_or(Integer::MAX)))]);
            let actor = context.admission.actor()?;
            change.record(context.moment.now, &actor, EventKind::InsightsRebuilt, facts);
        }
        Ok(Decision::change(RebuildAnswer { entries }, change))
    }
}
