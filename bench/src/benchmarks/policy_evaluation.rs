//! B5: what policy says of requests, from a thousand rules over five hundred tools; and whether a draft is wider.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use clearance::catalog::{DataClass, Risk, Tool};
use clearance::ids::{GroupId, PersonId, RuleId};
use clearance::policy::{
    Approvers, ByTool, Conditions, Effect, Facts, Outcome, PlacedRule, Quorum, Rule, Snapshot, StageRule,
    ToolFacts, Widening, default_rules, evaluate, lint, widening,
};
use clearance::text::Line;
use clearance::time::Days;

use super::Bench;
use crate::report::{Figure, Goal};
use crate::site::{person, rules_of, tool_document};
use crate::stopwatch::Stopwatch;

/// Tools and rules of the definition.
const TOOLS: u32 = 500;
const RULES: usize = 1_000;
/// Rules whose widening is decided.
const WIDENING_RULES: u32 = 200;
/// Requests of the back-test.
const PAST: u32 = 10_000;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    decisions(bench)?;
    drafts(bench)
}

fn placed(rules: Vec<Rule>) -> Vec<PlacedRule> {
    (0..).zip(rules).map(|(place, rule)| PlacedRule { place, rule }).collect()
}

/// What somebody asks for, made from the tool's document and the person's groups as the product does.
fn snapshot(number: u32, tools: &[Tool], groups: &BTreeSet<GroupId>) -> Option<Snapshot> {
    let tool = tools.get(usize::try_from(number).ok()? % tools.len())?;
    let class = DataClass::ALL.get(usize::try_from(number).ok()? % DataClass::ALL.len())?;
    let days = Days::of(number % 60 + 1);
    Some(Snapshot {
        tool: Some(tool.id),
        risk: tool.risk,
        tags: tool.tags.clone(),
        requester_groups: groups.clone(),
        data_classes: BTreeSet::from([*class]),
        days,
        days_in_all: days,
        manager: None,
    })
}

fn groups() -> BTreeSet<GroupId> {
    (0..4).map(|number| GroupId::of_name(&format!("bench group {number}"))).collect()
}

fn decisions(bench: &mut Bench) -> anyhow::Result<()> {
    let tools: Vec<Tool> = (0..TOOLS).map(tool_document).collect::<Result<_, _>>()?;
    let mut rules: Vec<Rule> = default_rules()?.into_iter().map(|placed| placed.rule).collect();
    for number in 0..TOOLS {
        rules.extend(rules_of(number)?);
    }
    rules.truncate(RULES);
    let rules = placed(rules);
    let by_tool = ByTool::new(&rules);
    let groups = groups();
    let (mut decided, mut denied) = (0_u32, 0_u32);
    let watch = Stopwatch::start();
    while watch.elapsed() < bench.time() {
        for _ in 0..1_000 {
            let Some(request) = snapshot(decided, &tools, &groups) else { anyhow::bail!("no request") };
            let evaluation = evaluate(1, by_tool.of(request.tool), &request);
            denied += u32::from(matches!(evaluation.outcome, Outcome::Denied { .. }));
            decided += 1;
        }
    }
    let rate = f64::from(decided) / watch.elapsed().as_secs_f64();
    for number in 0..10_000 {
        let Some(request) = snapshot(number, &tools, &groups) else { anyhow::bail!("no request") };
        let sliced = evaluate(1, by_tool.of(request.tool), &request);
        ensure!(sliced == evaluate(1, &rules, &request), "slices change what is decided");
    }
    ensure!(denied > decided / 5, "regulated data is denied");
    bench.report.add(Figure::held("B5", "slices decide as all rules do, 10,000 requests"));
    let what =
        format!("decisions of {} rules over {TOOLS} tools, building the input, one thread", rules.len());
    bench.report.add(Figure::new("B5", what, rate, "/s", Goal::AtLeast(50_000.0)));

    let past: Vec<Snapshot> = (0..PAST).filter_map(|number| snapshot(number, &tools, &groups)).collect();
    let watch = Stopwatch::start();
    let changed = past
        .iter()
        .filter(|request| {
            matches!(evaluate(1, by_tool.of(request.tool), request).outcome, Outcome::Denied { .. })
        })
        .count();
    let seconds = watch.elapsed().as_secs_f64();
    let what = format!("back-test of {} requests, without reading them ({changed} denied)", past.len());
    bench.report.add(Figure::new("B5", what, seconds * 1e3, "ms", Goal::None));
    Ok(())
}

/// A policy in which rules differ by every condition.
fn varied(count: u32) -> anyhow::Result<Vec<Rule>> {
    let line = |text: &str| Line::parse(text);
    let group = |number: u32| GroupId::of_name(&format!("bench group {}", number % 40));
    let rule = |number: u32| -> anyhow::Result<Rule> {
        let risk = Risk::ALL.get(usize::try_from(number)? % Risk::ALL.len()).copied().unwrap_or(Risk::High);
        let class =
            DataClass::ALL.get(usize::try_from(number / 3)? % 4).copied().unwrap_or(DataClass::Public);
        let when = Conditions {
            tools: number.is_multiple_of(4).then(|| BTreeSet::from([crate::site::tool(number)])),
            risks: (!number.is_multiple_of(3)).then(|| BTreeSet::from([risk])),
            tags: number
                .is_multiple_of(5)
                .then(|| line(&format!("tag {}", number % 20)))
                .transpose()?
                .map(|tag| BTreeSet::from([tag])),
            requester_groups: number
                .is_multiple_of(2)
                .then(|| BTreeSet::from([group(number), group(number * 7 + 1)])),
            any_data_class: number.is_multiple_of(7).then(|| BTreeSet::from([class])),
            longer_than: number.is_multiple_of(6).then(|| Days::of(number)),
            ..Conditions::default()
        };
        let approvers =
            [Approvers::ToolOwners, Approvers::Group(group(number)), Approvers::Group(group(number * 3))];
        let quorum = if number.is_multiple_of(9) { Quorum::AtLeast(2) } else { Quorum::Any };
        let stage = StageRule::new(line("Stage")?, approvers.into_iter().collect(), quorum);
        let then = match number % 10 {
            0 => Effect::Deny { reason: line("no")? },
            1..4 => Effect::AutoApprove { max_days: Days::of(number + 7) },
            _ => Effect::RequireStages { stages: vec![stage] },
        };
        Ok(Rule {
            id: RuleId::of_name(&format!("varied {number}")),
            name: line(&format!("Rule {number}"))?,
            when,
            then,
        })
    };
    (0..count).map(rule).collect()
}

fn facts(tools: &[Tool]) -> Facts {
    let members =
        |number: u32| -> BTreeSet<PersonId> { (0..10).map(|member| person(number * 5 + member)).collect() };
    let tool_facts = |tool: &Tool| ToolFacts {
        risk: tool.risk,
        status: tool.status,
        tags: tool.tags.clone(),
        data_classes: tool.data_classes.clone(),
        owners: tool.owners.clone(),
        max_days: tool.max_days,
        review_days: tool.review_days,
    };
    let mut groups: BTreeMap<GroupId, BTreeSet<PersonId>> =
        (0..40).map(|number| (GroupId::of_name(&format!("bench group {number}")), members(number))).collect();
    let [security, administrators] = ["bench security", "bench administrators"].map(GroupId::of_name);
    groups.extend([(security, members(50)), (administrators, members(60))]);
    let tools = tools.iter().map(|tool| (tool.id, tool_facts(tool))).collect();
    Facts { tools, people: BTreeMap::new(), groups, security, administrators, delegates: BTreeMap::new() }
}

/// Times a verdict, which must be the right one.
fn compare(
    bench: &mut Bench,
    what: String,
    (current, draft): (&[PlacedRule], &[PlacedRule]),
    facts: &Facts,
    is_right: impl Fn(&Widening) -> bool,
) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let verdict = widening(current, draft, facts);
    let seconds = watch.elapsed().as_secs_f64();
    ensure!(is_right(&verdict), "{what}, but {verdict:?}");
    bench.report.add(Figure::new("B5", what, seconds * 1e3, "ms", Goal::AtMost(1_000.0)));
    Ok(())
}

/// A draft that is narrower everywhere takes longest: nothing ends the search early, least of all where nothing is asked still as it was.
fn drafts(bench: &mut Bench) -> anyhow::Result<()> {
    let tools: Vec<Tool> = (0..TOOLS).map(tool_document).collect::<Result<_, _>>()?;
    let facts = facts(&tools);
    let rules = varied(WIDENING_RULES)?;
    let mut narrower = rules.clone();
    for rule in &mut narrower {
        match &mut rule.then {
            Effect::AutoApprove { max_days } => *max_days = Days::of(max_days.get() - 1),
            Effect::RequireStages { stages } => {
                let fewer = stages.iter().cloned().map(|stage| StageRule {
                    approvers: stage.approvers.into_iter().take(2).collect(),
                    ..stage
                });
                // What was asked is asked still, and something more.
                let more: Vec<_> = fewer.collect();
                stages.extend(more);
            }
            Effect::Deny { .. } => {}
        }
    }
    let mut replaced = rules.clone();
    for rule in &mut replaced {
        match &mut rule.then {
            Effect::AutoApprove { max_days } => *max_days = Days::of(max_days.get() - 1),
            Effect::RequireStages { stages } => {
                for stage in stages {
                    stage.quorum = Quorum::AtLeast(if stage.quorum == Quorum::Any { 3 } else { 4 });
                }
            }
            Effect::Deny { .. } => {}
        }
    }
    let current = placed(rules.clone());
    let not_wider = |verdict: &Widening| *verdict == Widening::No;
    for (how, draft) in [("narrowed", narrower), ("replaced by a stricter one", replaced)] {
        let what = format!("{WIDENING_RULES} rules, {TOOLS} tools, nearly every rule {how}: found not wider");
        compare(bench, what, (&current, &placed(draft)), &facts, not_wider)?;
    }

    let mut stricter = rules.clone();
    for rule in stricter.iter_mut().filter(|rule| matches!(rule.then, Effect::RequireStages { .. })).take(1) {
        rule.then = Effect::Deny { reason: Line::parse("no")? };
    }
    let what = format!("{WIDENING_RULES} rules, one changed: found not wider");
    compare(bench, what, (&current, &placed(stricter)), &facts, not_wider)?;

    // Every fortieth rule asks the same people, and nobody else does.
    let lost = (0_u32..).zip(rules).filter(|(number, _)| number % 40 != 39).map(|(_, rule)| rule);
    let what = format!("{WIDENING_RULES} rules, a demand lost: a witness found");
    compare(bench, what, (&current, &placed(lost.collect())), &facts, |verdict| {
        matches!(verdict, Widening::Yes(_))
    })?;

    let watch = Stopwatch::start();
    let findings = lint(&current, &facts).len();
    let seconds = watch.elapsed().as_secs_f64();
    let what = format!("lint of {WIDENING_RULES} rules, {TOOLS} tools ({findings} findings)");
    bench.report.add(Figure::new("B5", what, seconds * 1e3, "ms", Goal::None));
    Ok(())
}
