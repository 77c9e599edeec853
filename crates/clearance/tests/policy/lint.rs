//! Lint: each finding with the policy that has it, and unreachable rules against brute force.

use std::collections::BTreeSet;

use clearance::catalog::{DataClass, Risk};
use clearance::ids::{GroupId, PersonId, ToolId};
use clearance::policy::{
    Approvers, Conditions, Effect, Facts, Finding, FindingCode, Outcome, PlacedRule, Quorum, Severity,
    Snapshot, StageRule, default_rules, evaluate, lint,
};
use clearance::time::Days;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::generate::line;
use crate::small::{conditions, effect, facts, group, person, placed, subsets, tool};

/// A site with tools 0 (low), 1 (medium) and 2 (high), each of 30 days and a review window of 7; group 0 holds persons 0 and 1.
fn site() -> Facts {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut site = facts().new_tree(&mut runner).unwrap().current();
    for (number, risk) in [(0, Risk::Low), (1, Risk::Medium), (2, Risk::High)] {
        let tool = site.tools.get_mut(&tool(number)).unwrap();
        (tool.risk, tool.owners, tool.tags) =
            (risk, BTreeSet::from([person(number), person(3)]), BTreeSet::new());
    }
    for number in 0..5 {
        site.people.insert(person(number), true);
        site.groups.insert(group(number), BTreeSet::from([person(number), person((number + 1) % 5)]));
    }
    site
}

fn approve(max_days: u32) -> Effect {
    Effect::AutoApprove { max_days: Days::of(max_days) }
}

fn ask(approvers: Approvers, quorum: Quorum) -> Effect {
    let stage = StageRule::new(line("Stage"), BTreeSet::from([approvers]), quorum);
    Effect::RequireStages { stages: vec![stage] }
}

fn of_risk(risk: Risk) -> Conditions {
    Conditions { risks: Some(BTreeSet::from([risk])), ..Conditions::default() }
}

fn codes(findings: &[Finding]) -> Vec<FindingCode> {
    findings.iter().map(|finding| finding.code).collect()
}

#[track_caller]
fn one(rules: Vec<(Conditions, Effect)>, expected: FindingCode) -> Finding {
    let findings = lint(&placed(rules), &site());
    assert_eq!(codes(&findings), [expected], "{findings:#?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn a_sound_policy_has_no_findings() {
    let rules = vec![
        (of_risk(Risk::Low), approve(20)),
        (of_risk(Risk::Medium), ask(Approvers::ToolOwners, Quorum::Any)),
        (of_risk(Risk::High), ask(Approvers::Security, Quorum::All)),
    ];
    assert_eq!(lint(&placed(rules), &site()), []);
}

#[test]
fn the_default_policy_has_no_errors() {
    let findings = lint(&default_rules().unwrap(), &site());
    let errors: Vec<_> =
        findings.iter().filter(|finding| finding.code.severity() == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn conditions_that_exclude_one_another() {
    let classes = |class| Some(BTreeSet::from([class]));
    let apart = Conditions {
        any_data_class: classes(DataClass::Regulated),
        only_data_classes: classes(DataClass::Public),
        ..Conditions::default()
    };
    let new_of_catalogue =
        Conditions { new_tool: Some(true), tools: Some(BTreeSet::from([tool(0)])), ..Conditions::default() };
    let low_and_new = Conditions { new_tool: Some(true), ..of_risk(Risk::Low) };
    let longer = Conditions { longer_than: Some(Days::of(20)), ..of_risk(Risk::Low) };
    let none = Conditions { risks: Some(BTreeSet::new()), ..Conditions::default() };
    for when in [apart, new_of_catalogue, low_and_new, longer, none] {
        let finding = one(vec![(when.clone(), approve(20))], FindingCode::ContradictoryConditions);
        assert!(!when.hold(&finding.example) || finding.example.days_in_all > Days::of(20), "{finding:?}");
    }
}

#[test]
fn names_of_nothing() {
    let unknown = ToolId::of_name("nothing");
    let when = Conditions { tools: Some(BTreeSet::from([unknown])), ..Conditions::default() };
    let finding = one(vec![(when, approve(20))], FindingCode::UnknownTool);
    assert_eq!(finding.example.tool, Some(unknown));
    let nobody = GroupId::of_name("nobody");
    let when = Conditions { requester_groups: Some(BTreeSet::from([nobody])), ..of_risk(Risk::Low) };
    one(vec![(when, approve(20))], FindingCode::UnknownGroup);
    let findings =
        lint(&placed(vec![(of_risk(Risk::Low), ask(Approvers::Group(nobody), Quorum::Any))]), &site());
    assert_eq!(codes(&findings), [FindingCode::UnknownGroup, FindingCode::StageWithoutApprovers]);
    let stranger = || Approvers::Person(PersonId::of_name("nobody"));
    let findings = lint(&placed(vec![(of_risk(Risk::Low), ask(stranger(), Quorum::Any))]), &site());
    assert_eq!(codes(&findings), [FindingCode::UnknownPerson, FindingCode::StageWithoutApprovers]);
    let tagged = Conditions { tags: Some(BTreeSet::from([line("music")])), ..Conditions::default() };
    let findings = lint(&placed(vec![(tagged, ask(stranger(), Quorum::Any))]), &site());
    assert_eq!(codes(&findings), [FindingCode::UnknownPerson, FindingCode::UnreachableRule]);
}

#[test]
fn rules_that_never_have_a_say() {
    let deny = Effect::Deny { reason: line("no") };
    let finding =
        lint(&placed(vec![(Conditions::default(), deny), (of_risk(Risk::Low), approve(20))]), &site());
    assert_eq!(codes(&finding), [FindingCode::UnreachableRule]);
    assert_eq!(finding[0].example.risk, Risk::Low);
    let tagged = Conditions { tags: Some(BTreeSet::from([line("music")])), ..Conditions::default() };
    one(vec![(tagged, approve(20))], FindingCode::UnreachableRule);
    let long = Conditions { longer_than: Some(Days::of(30)), ..of_risk(Risk::Medium) };
    one(vec![(long, ask(Approvers::ToolOwners, Quorum::Any))], FindingCode::UnreachableRule);
}

#[test]
fn stages_that_nobody_could_decide() {
    let alone = ask(Approvers::Person(person(2)), Quorum::Any);
    let finding = one(vec![(of_risk(Risk::Low), alone)], FindingCode::StageWithoutApprovers);
    assert_eq!((finding.requester, finding.stage), (Some(person(2)), Some(0)));
    let finding = one(
        vec![(of_risk(Risk::Low), ask(Approvers::Group(group(0)), Quorum::AtLeast(3)))],
        FindingCode::QuorumTooLarge,
    );
    assert_eq!(finding.requester, None);
    let finding = one(
        vec![(of_risk(Risk::Low), ask(Approvers::Group(group(0)), Quorum::AtLeast(2)))],
        FindingCode::QuorumTooLarge,
    );
    assert!(finding.requester.is_some(), "only when one of the two asks: {finding:?}");
}

#[test]
fn stages_that_nobody_could_decide_because_one_stands_in_for_another() {
    let mut site = site();
    let rules = placed(vec![(of_risk(Risk::Low), ask(Approvers::Group(group(0)), Quorum::Any))]);
    assert_eq!(codes(&lint(&rules, &site)), []);
    // Group 0 holds persons 0 and 1: when the first asks, the second one stands in for them and does not decide either.
    site.delegates.insert(person(0), BTreeSet::from([person(1)]));
    let findings = lint(&rules, &site);
    assert_eq!(codes(&findings), [FindingCode::StageWithoutApprovers]);
    assert_eq!(findings[0].requester, Some(person(0)));
}

#[test]
fn stages_that_time_out() {
    let timed = |fallback: BTreeSet<Approvers>| {
        let stage = StageRule {
            timeout_days: Some(Days::of(3)),
            fallback,
            ..StageRule::new(line("Stage"), BTreeSet::from([Approvers::Group(group(0))]), Quorum::Any)
        };
        vec![(of_risk(Risk::Low), Effect::RequireStages { stages: vec![stage] })]
    };
    one(timed(BTreeSet::new()), FindingCode::TimeoutWithoutFallback);
    assert_eq!(codes(&lint(&placed(timed(BTreeSet::from([Approvers::Administrators]))), &site())), []);
    let finding =
        one(timed(BTreeSet::from([Approvers::Person(person(2))])), FindingCode::StageWithoutApprovers);
    assert_eq!(finding.requester, Some(person(2)), "{finding:?}");
    let stranger = PersonId::of_name("nobody");
    let findings = lint(&placed(timed(BTreeSet::from([Approvers::Person(stranger)]))), &site());
    assert!(codes(&findings).contains(&FindingCode::UnknownPerson), "whom the fallback names: {findings:?}");
}

#[test]
fn automatic_approvals_that_somebody_should_look_at() {
    let finding = one(vec![(of_risk(Risk::High), approve(20))], FindingCode::AutoApprovalOfHighRisk);
    assert_eq!(finding.example.risk, Risk::High);
    let finding = one(vec![(of_risk(Risk::Low), approve(31))], FindingCode::CapAboveMaximum);
    assert_eq!(finding.example.days, Days::of(30));
    let findings = lint(&placed(vec![(of_risk(Risk::Low), approve(3650))]), &site());
    assert_eq!(codes(&findings), [FindingCode::AutoApprovalWithoutCap, FindingCode::CapAboveMaximum]);
    one(vec![(of_risk(Risk::Low), approve(7))], FindingCode::ReviewLongerThanGrant);
}

/// Everything that can be asked for: each tool as it is, or a proposed one.
fn requests(facts: &Facts) -> Vec<Snapshot> {
    let known = facts.tools.iter().map(|(id, tool)| (Some(*id), tool.risk, tool.tags.clone()));
    let mut requests = Vec::new();
    for (tool, risk, tags) in known.chain([(None, Risk::High, BTreeSet::new())]) {
        for data_classes in subsets(&[DataClass::Public, DataClass::Internal, DataClass::Regulated]) {
            for requester_groups in subsets(&[group(0), group(1), group(2)]) {
                for days in (1..5).filter(|_| !data_classes.is_empty()) {
                    for more in 0..4 {
                        requests.push(Snapshot {
                            tool,
                            risk,
                            tags: tags.clone(),
                            requester_groups: requester_groups.clone(),
                            data_classes: data_classes.clone(),
                            days: Days::of(days),
                            days_in_all: Days::of(days + more),
                            manager: None,
                        });
                    }
                }
            }
        }
    }
    requests
}

fn has_a_say(placed: &PlacedRule, rules: &[PlacedRule], facts: &Facts) -> bool {
    requests(facts).iter().any(|request| {
        let evaluation = evaluate(1, rules, request);
        evaluation.matched.iter().any(|rule| rule.id == placed.rule.id)
            && matches!(
                (&placed.rule.then, evaluation.outcome),
                (Effect::Deny { .. }, Outcome::Denied { .. })
                    | (Effect::AutoApprove { .. }, Outcome::AutoApproved { .. })
                    | (Effect::RequireStages { .. }, Outcome::Stages { .. })
            )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_is_unreachable_exactly_when_no_request_shows_it(facts in facts(), rules in vec((conditions(), effect()), 0..6)) {
        let rules = placed(rules);
        let findings = lint(&rules, &facts);
        for placed in &rules {
            let hidden = findings.iter().any(|finding| {
                finding.rule == placed.rule.id
                    && matches!(finding.code, FindingCode::UnreachableRule | FindingCode::ContradictoryConditions)
            });
            prop_assert_eq!(!hidden, has_a_say(placed, &rules, &facts), "{:?} among {:?}", placed, findings);
        }
    }

    #[test]
    fn lint_is_pure_and_ignores_the_order_of_reading(facts in facts(), rules in vec((conditions(), effect()), 0..6)) {
        let mut rules = placed(rules);
        let first = lint(&rules, &facts);
        rules.reverse();
        let again = lint(&rules, &facts);
        let say = |findings: &[Finding]| findings.iter().map(|finding| (finding.rule, finding.code)).collect::<Vec<_>>();
        prop_assert_eq!(say(&first), say(&again));
    }
}
