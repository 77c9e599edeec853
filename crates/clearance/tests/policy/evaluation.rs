//! Properties of policy evaluation: strictest wins, totality, determinism, monotonicity (as the product defines them).

use std::collections::BTreeSet;

use clearance::catalog::{DataClass, Risk};
use clearance::ids::RuleId;
use clearance::policy::{Approvers, Effect, Outcome, PlacedRule, Rule, Snapshot, default_rules, evaluate};
use clearance::time::Days;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::generate::{conditions, effects, line, rules, snapshots, tools};

/// Stricter or equal, as far as adding a rule goes: what was demanded stays demanded, each stage by itself.
fn at_least_as_strict(new: &Outcome, old: &Outcome) -> bool {
    match (new, old) {
        (Outcome::Denied { .. }, _) | (Outcome::Stages { .. }, Outcome::AutoApproved { .. }) => true,
        (Outcome::Stages { stages: new }, Outcome::Stages { stages: old }) => new.starts_with(old),
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
    fn rules_that_name_other_tools_change_nothing(rules in rules(), request in snapshots()) {
        let names = |rule: &&PlacedRule| rule.rule.when.tools.as_ref().is_none_or(|tools| request.tool.is_some_and(|tool| tools.contains(&tool)));
        prop_assert_eq!(evaluate(1, rules.iter().filter(names), &request), evaluate(1, &rules, &request));
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
            manager: None,
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
