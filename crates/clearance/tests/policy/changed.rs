//! The widening check of changed tools and people against brute force: every request of a small domain before and after.

use std::collections::BTreeSet;

use clearance::catalog::{DataClass, Risk, ToolStatus};
use clearance::ids::{GroupId, PersonId};
use clearance::policy::{
    ChangedRequester, Facts, Outcome, PlacedRule, PlannedStage, Snapshot, ToolFacts, Widening, evaluate,
    people_widening, tool_widening,
};
use clearance::time::Days;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::generate::line;
use crate::small::{PEOPLE, conditions, effect, facts, group, person, placed, stranger, subsets, tool};
use crate::widening::{Asks, demands, each_its_own, requesters, requests};

/// Who is known and who owns the tool.
type Known<'a> = (&'a Facts, &'a BTreeSet<PersonId>);

fn stricter_or_equal(
    (old, new): (&Outcome, &Outcome),
    (before, after): (Known<'_>, Known<'_>),
    requester: PersonId,
) -> bool {
    match (old, new) {
        (_, Outcome::Denied { .. }) | (Outcome::AutoApproved { .. }, Outcome::Stages { .. }) => true,
        (Outcome::Denied { .. }, _) | (Outcome::Stages { .. }, Outcome::AutoApproved { .. }) => false,
        (Outcome::AutoApproved { max_days: old }, Outcome::AutoApproved { max_days: new }) => new <= old,
        (Outcome::Stages { stages: old }, Outcome::Stages { stages: new }) => {
            let manager = Some(stranger(2));
            let of = |stages: &[PlannedStage], (facts, owners): Known<'_>| {
                demands(stages, facts, Asks { owners, requester, manager })
            };
            each_its_own(&of(old, before), &of(new, after), &mut BTreeSet::new())
        }
    }
}

prop_compose! {
    fn tool_facts()(
        risk in select(Risk::ALL),
        open in any::<bool>(),
        tagged in any::<bool>(),
        data_classes in btree_set(select(vec![DataClass::Public, DataClass::Internal, DataClass::Regulated]), 1..4),
        owners in btree_set((0..PEOPLE).prop_map(person), 0..3),
        max_days in 1..4_u32,
    ) -> ToolFacts {
        ToolFacts {
            risk,
            status: if open { ToolStatus::Requestable } else { ToolStatus::Suspended },
            tags: if tagged { BTreeSet::from([line("coding")]) } else { BTreeSet::new() },
            data_classes,
            owners,
            max_days: Days::of(max_days),
            review_days: Days::of(7),
        }
    }
}

/// One thing about a tool that changes; two of them are seldom what somebody does.
#[derive(Debug, Clone)]
enum Step {
    Risk(Risk),
    Open(bool),
    Tag(bool),
    DataClasses(BTreeSet<DataClass>),
    Owners(BTreeSet<PersonId>),
    MaxDays(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        select(Risk::ALL).prop_map(Step::Risk),
        any::<bool>().prop_map(Step::Open),
        any::<bool>().prop_map(Step::Tag),
        btree_set(select(vec![DataClass::Public, DataClass::Internal, DataClass::Regulated]), 1..4)
            .prop_map(Step::DataClasses),
        btree_set((0..PEOPLE).prop_map(person), 0..3).prop_map(Step::Owners),
        (1..4_u32).prop_map(Step::MaxDays),
    ]
}

fn changed(before: &ToolFacts, steps: Vec<Step>) -> ToolFacts {
    let mut after = before.clone();
    for step in steps {
        match step {
            Step::Risk(risk) => after.risk = risk,
            Step::Open(true) => after.status = ToolStatus::Requestable,
            Step::Open(false) => after.status = ToolStatus::Retired,
            Step::Tag(true) => after.tags = BTreeSet::from([line("coding")]),
            Step::Tag(false) => after.tags = BTreeSet::new(),
            Step::DataClasses(classes) => after.data_classes = classes,
            Step::Owners(owners) => after.owners = owners,
            Step::MaxDays(days) => after.max_days = Days::of(days),
        }
    }
    after
}

/// What becomes of a request for the tool, by rules and tool.
fn outcome(rules: &[PlacedRule], known: Option<&ToolFacts>, request: &Snapshot) -> Outcome {
    let refused = Outcome::Denied { reasons: Vec::new() };
    let Some(known) = known.filter(|known| known.status == ToolStatus::Requestable) else { return refused };
    if !request.data_classes.is_subset(&known.data_classes) || request.days > known.max_days {
        return refused;
    }
    let request = Snapshot { risk: known.risk, tags: known.tags.clone(), ..request.clone() };
    evaluate(0, rules, &request).outcome
}

fn tool_by_brute_force(
    rules: &[PlacedRule],
    facts: &Facts,
    before: Option<&ToolFacts>,
    after: &ToolFacts,
) -> Option<Snapshot> {
    let nobody = BTreeSet::new();
    for data_classes in subsets(&[DataClass::Public, DataClass::Internal, DataClass::Regulated]) {
        if data_classes.is_empty() {
            continue;
        }
        for requester_groups in subsets(&[group(0), group(1), group(2)]) {
            for days in 1..=4 {
                for days_in_all in days..=5 {
                    let request = Snapshot {
                        tool: Some(tool(0)),
                        risk: after.risk,
                        tags: after.tags.clone(),
                        requester_groups: requester_groups.clone(),
                        data_classes: data_classes.clone(),
                        days: Days::of(days),
                        days_in_all: Days::of(days_in_all),
                        manager: None,
                    };
                    let (old, new) =
                        (outcome(rules, before, &request), outcome(rules, Some(after), &request));
                    let owners = before.map_or(&nobody, |before| &before.owners);
                    let known = ((facts, owners), (facts, &after.owners));
                    if requesters().into_iter().any(|who| !stricter_or_equal((&old, &new), known, who)) {
                        return Some(request);
                    }
                }
            }
        }
    }
    None
}

/// The site once somebody is in these groups, takes part or not.
fn with_person(facts: &Facts, who: PersonId, groups: &BTreeSet<GroupId>) -> Facts {
    let mut facts = facts.clone();
    for (group, members) in &mut facts.groups {
        members.remove(&who);
        if groups.contains(group) {
            members.insert(who);
        }
    }
    facts
}

fn people_by_brute_force(
    rules: &[PlacedRule],
    (before, after): (&Facts, &Facts),
    requester: Option<ChangedRequester<'_>>,
) -> Option<Snapshot> {
    let mut compared = BTreeSet::new();
    for (request, owners) in requests(before) {
        let evaluation = evaluate(0, rules, &request);
        let known = ((before, &owners), (after, &owners));
        let outcomes = (&evaluation.outcome, &evaluation.outcome);
        let matched: Vec<_> = evaluation.matched.iter().map(|rule| rule.id).collect();
        let new = compared.insert((matched, owners.clone()));
        if new && requesters().into_iter().any(|who| !stricter_or_equal(outcomes, known, who)) {
            return Some(request);
        }
        let Some(ChangedRequester { person, before: was, after: is }) = requester else { continue };
        if request.requester_groups == BTreeSet::new() {
            let of = |groups: &BTreeSet<GroupId>| {
                let request = Snapshot { requester_groups: groups.clone(), ..request.clone() };
                evaluate(0, rules, &request).outcome
            };
            if !stricter_or_equal((&of(was), &of(is)), known, person) {
                return Some(request);
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_tool_is_wider_exactly_when_a_request_for_it_gets_more(
        facts in facts(),
        rules in vec((conditions(), effect()), 0..6),
        before in option::weighted(0.9, tool_facts()),
        other in tool_facts(),
        steps in vec(step(), 1..3),
    ) {
        let rules = placed(rules);
        let after = before.as_ref().map_or(other, |before| changed(before, steps));
        let found = tool_widening(&rules, &facts, tool(0), (before.as_ref(), &after));
        let expected = tool_by_brute_force(&rules, &facts, before.as_ref(), &after);
        prop_assert!(found != Widening::Undecided);
        prop_assert_eq!(found.is_wider(), expected.is_some(), "{:?} against {:?}", found, expected);
        if let Widening::Yes(witness) = found {
            prop_assert_eq!(outcome(&rules, Some(&after), &witness.request), witness.after);
            let denied = matches!(outcome(&rules, before.as_ref(), &witness.request), Outcome::Denied { .. });
            prop_assert_eq!(matches!(witness.before, Outcome::Denied { .. }), denied);
        }
    }

    #[test]
    fn a_changed_person_is_found_wider_whenever_somebody_gets_more(
        facts in facts(),
        rules in vec((conditions(), effect()), 0..5),
        number in 0..PEOPLE,
        was in btree_set((0..5_u32).prop_map(group), 0..3),
        is in btree_set((0..5_u32).prop_map(group), 0..3),
    ) {
        let (rules, who) = (placed(rules), person(number));
        let (before, after) = (with_person(&facts, who, &was), with_person(&facts, who, &is));
        let requester = Some(ChangedRequester { person: who, before: &was, after: &is });
        let found = people_widening(&rules, (&before, &after), requester);
        let expected = people_by_brute_force(&rules, (&before, &after), requester);
        prop_assert!(found.is_wider() || expected.is_none(), "{:?} against {:?}", found, expected);
    }

    #[test]
    fn other_groups_of_security_and_administrators_are_found_wider_whenever_somebody_gets_more(
        facts in facts(),
        rules in vec((conditions(), effect()), 0..5),
        security in 0..5_u32,
        administrators in 0..5_u32,
    ) {
        let rules = placed(rules);
        let after = Facts { security: group(security), administrators: group(administrators), ..facts.clone() };
        let found = people_widening(&rules, (&facts, &after), None);
        let expected = people_by_brute_force(&rules, (&facts, &after), None);
        prop_assert!(found.is_wider() || expected.is_none(), "{:?} against {:?}", found, expected);
    }
}
