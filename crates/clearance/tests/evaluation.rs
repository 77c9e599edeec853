//! Properties of policy evaluation: strictest wins, totality, determinism, monotonicity (as the product defines them).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use clearance::catalog::{DataClass, Risk};
use clearance::ids::{GroupId, RuleId, ToolId};
use clearance::policy::{
    Approvers, Conditions, Effect, Outcome, PlacedRule, PlannedStage, Quorum, Rule, Snapshot, StageRule,
    default_rules, evaluate,
};
use clearance::text::Line;
use clearance::time::Days;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn tools() -> Vec<ToolId> {
    (0..4).map(|number| ToolId::of_name(&format!("tool {number}"))).collect()
}

fn groups() -> Vec<GroupId> {
    (0..4).map(|number| GroupId::of_name(&format!("group {number}"))).collect()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn days() -> impl Strategy<Value = Days> {
    (1..60_u32).prop_map(Days::of)
}

fn classes() -> impl Strategy<Value = BTreeSet<DataClass>> {
    btree_set(select(DataClass::ALL), 1..4)
}

prop_compose! {
    fn snapshots()(
        tool in option::weighted(0.9, select(tools())),
        risk in select(Risk::ALL),
        tags in btree_set(select(vec![line("coding"), line("meetings")]), 0..3),
        requester_groups in btree_set(select(groups()), 0..4),
        data_classes in classes(),
        days in days(),
        more in 0..40_u32,
    ) -> Snapshot {
        Snapshot { tool, risk, tags, requester_groups, data_classes, days, days_in_all: Days::of(days.get() + more) }
    }
}

prop_compose! {
    fn conditions()(
        tools in option::weighted(0.3, btree_set(select(tools()), 1..3)),
        risks in option::weighted(0.3, btree_set(select(Risk::ALL), 1..3)),
        tags in option::weighted(0.2, btree_set(select(vec![line("coding"), line("meetings")]), 1..2)),
        requester_groups in option::weighted(0.2, btree_set(select(groups()), 1..3)),
        any_data_class in option::weighted(0.2, classes()),
        only_data_classes in option::weighted(0.2, classes()),
        longer_than in option::weighted(0.2, days()),
        new_tool in option::weighted(0.1, any::<bool>()),
    ) -> Conditions {
        Conditions { tools, risks, tags, requester_groups, any_data_class, only_data_classes, longer_than, new_tool }
    }
}

fn approvers() -> impl Strategy<Value = Approvers> {
    prop_oneof![
        select(groups()).prop_map(Approvers::Group),
        Just(Approvers::ToolOwners),
        Just(Approvers::Security),
        Just(Approvers::Administrators),
    ]
}

fn stages() -> impl Strategy<Value = Vec<StageRule>> {
    let quorum = prop_oneof![Just(Quorum::Any), (1..4_u8).prop_map(Quorum::AtLeast), Just(Quorum::All)];
    let stage = (btree_set(approvers(), 1..3), quorum).prop_map(|(approvers, quorum)| StageRule {
        name: line("Stage"),
        approvers,
        quorum,
    });
    vec(stage, 1..3)
}

fn effects() -> impl Strategy<Value = Effect> {
    prop_oneof![
        1 => Just(Effect::Deny { reason: line("no") }),
        3 => days().prop_map(|max_days| Effect::AutoApprove { max_days }),
        3 => stages().prop_map(|stages| Effect::RequireStages { stages }),
    ]
}

fn rules() -> impl Strategy<Value = Vec<PlacedRule>> {
    vec((conditions(), effects()), 0..8).prop_map(|rules| {
        let place = |(number, (when, then)): (u32, (Conditions, Effect))| PlacedRule {
            place: number,
            rule: Rule {
                id: RuleId::of_name(&number.to_string()),
                name: line(&format!("rule {number}")),
                when,
                then,
            },
        };
        (0..).zip(rules).map(place).collect()
    })
}

/// Stricter or equal: deny ≥ stages ≥ auto; every old stage has a new one with no more approvers and no smaller quorum; caps no longer.
fn at_least_as_strict(new: &Outcome, old: &Outcome) -> bool {
    let covered = |old: &PlannedStage, new: &PlannedStage| {
        new.approvers.is_subset(&old.approvers) && new.quorum >= old.quorum
    };
    match (new, old) {
        (Outcome::Denied { .. }, _) | (Outcome::Stages { .. }, Outcome::AutoApproved { .. }) => true,
        (Outcome::Stages { stages: new }, Outcome::Stages { stages: old }) => {
            old.iter().all(|old| new.iter().any(|new| covered(old, new)))
        }
        (Outcome::AutoApproved { max_days: new }, Outcome::AutoApproved { max_days: old }) => new <= old,
        _ => false,
    }
}

/// Which rules match, worked out in another way than the evaluation does: by what would make each condition fail.
fn matching<'a>(rules: &'a [PlacedRule], request: &Snapshot) -> Vec<&'a PlacedRule> {
    let fails = |rule: &PlacedRule| {
        let when = &rule.rule.when;
        when.tools.iter().any(|tools| !tools.iter().any(|tool| Some(*tool) == request.tool))
            || when.risks.iter().any(|risks| !risks.iter().any(|risk| *risk == request.risk))
            || when.tags.iter().any(|tags| request.tags.iter().all(|tag| !tags.contains(tag)))
            || when
                .requester_groups
                .iter()
                .any(|set| request.requester_groups.iter().all(|group| !set.contains(group)))
            || when
                .any_data_class
                .iter()
                .any(|set| request.data_classes.iter().all(|class| !set.contains(class)))
            || when
                .only_data_classes
                .iter()
                .any(|set| request.data_classes.iter().any(|class| !set.contains(class)))
            || when.longer_than.iter().any(|days| request.days.get() <= days.get())
            || when.new_tool.is_some_and(|new| new == request.tool.is_some())
            || matches!(rule.rule.then, Effect::AutoApprove { max_days } if request.days_in_all.get() > max_days.get())
    };
    rules.iter().filter(|rule| !fails(rule)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strictest_matching_effect_wins(rules in rules(), request in snapshots()) {
        let matching = matching(&rules, &request);
        let evaluation = evaluate(1, &rules, &request);
        let ids: Vec<_> = matching.iter().map(|rule| rule.rule.id).collect();
        prop_assert_eq!(ids, evaluation.matched.iter().map(|rule| rule.id).collect::<Vec<_>>());
        let denies = matching.iter().filter(|rule| matches!(rule.rule.then, Effect::Deny { .. })).count();
        let demands: Vec<_> = matching.iter().filter_map(|rule| match &rule.rule.then {
            Effect::RequireStages { stages } => Some(stages),
            _ => None,
        }).flatten().collect();
        let cap = matching.iter().filter_map(|rule| match rule.rule.then {
            Effect::AutoApprove { max_days } => Some(max_days),
            _ => None,
        }).min();
        match evaluation.outcome {
            Outcome::Denied { reasons } => prop_assert_eq!(reasons.len(), denies),
            Outcome::Stages { stages } => {
                prop_assert_eq!(denies, 0);
                prop_assert!(!stages.is_empty(), "an outcome of stages has stages");
                for demand in &demands {
                    prop_assert!(stages.iter().any(|stage| stage.approvers == demand.approvers && stage.quorum == demand.quorum));
                }
                if demands.is_empty() {
                    prop_assert!(matching.is_empty(), "only a request without a matching rule falls to administrators");
                    prop_assert_eq!(&stages[0].approvers, &BTreeSet::from([Approvers::Administrators]));
                }
            }
            Outcome::AutoApproved { max_days } => {
                prop_assert_eq!((denies, demands.len()), (0, 0));
                prop_assert_eq!(Some(max_days), cap);
                prop_assert!(request.days_in_all <= max_days);
            }
        }
    }

    #[test]
    fn evaluation_depends_on_places_not_on_the_order_of_reading(mut rules in rules(), request in snapshots(), swaps in vec((0..8_usize, 0..8_usize), 0..8)) {
        let first = evaluate(1, &rules, &request);
        for (a, b) in swaps {
            if a < rules.len() && b < rules.len() {
                rules.swap(a, b);
            }
        }
        prop_assert_eq!(first, evaluate(1, &rules, &request));
    }

    #[test]
    fn adding_a_rule_never_makes_the_outcome_more_permissive(rules in rules(), when in conditions(), then in effects(), request in snapshots()) {
        let before = evaluate(1, &rules, &request);
        // A first match replaces the administrator default; that is defined to be no loosening.
        if before.matched.is_empty() {
            return Ok(());
        }
        let mut more = rules;
        more.push(PlacedRule { place: 99, rule: Rule { id: RuleId::of_name("more"), name: line("more"), when, then } });
        let after = evaluate(2, &more, &request);
        prop_assert!(at_least_as_strict(&after.outcome, &before.outcome), "{:?} then {:?}", before.outcome, after.outcome);
    }

    #[test]
    fn an_evaluation_can_be_recomputed_from_what_is_stored(rules in rules(), request in snapshots()) {
        let stored = (serde_json::to_string(&rules).unwrap(), serde_json::to_string(&request).unwrap());
        let rules_again: Vec<PlacedRule> = serde_json::from_str(&stored.0).unwrap();
        let request_again: Snapshot = serde_json::from_str(&stored.1).unwrap();
        prop_assert_eq!(evaluate(7, &rules, &request), evaluate(7, &rules_again, &request_again));
    }
}

#[test]
fn the_default_policy_does_what_it_says() {
    let rules = default_rules().unwrap();
    let ask = |risk, classes: &[DataClass], days| {
        let snapshot = Snapshot {
            tool: Some(tools()[0]),
            risk,
            tags: BTreeSet::new(),
            requester_groups: BTreeSet::new(),
            data_classes: classes.iter().copied().collect(),
            days: Days::of(days),
            days_in_all: Days::of(days),
        };
        evaluate(1, &rules, &snapshot).outcome
    };
    let approvers = |outcome: Outcome| match outcome {
        Outcome::Stages { stages } => {
            stages.into_iter().flat_map(|stage| stage.approvers).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        ask(Risk::Low, &[DataClass::Public, DataClass::Internal], 30),
        Outcome::AutoApproved { .. }
    ));
    assert_eq!(approvers(ask(Risk::Low, &[DataClass::Public], 31)), [Approvers::Administrators]);
    assert_eq!(approvers(ask(Risk::Low, &[DataClass::Confidential], 1)), [Approvers::Administrators]);
    assert_eq!(approvers(ask(Risk::Medium, &[DataClass::Public], 1)), [Approvers::ToolOwners]);
    assert_eq!(
        approvers(ask(Risk::High, &[DataClass::Public], 1)),
        [Approvers::ToolOwners, Approvers::Security]
    );
    assert!(matches!(ask(Risk::Restricted, &[DataClass::Public], 1), Outcome::Denied { .. }));
}
