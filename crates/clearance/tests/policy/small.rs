//! A small domain: every request of it can be looked at.

use std::collections::{BTreeMap, BTreeSet};

use clearance::catalog::{DataClass, Risk, ToolStatus};
use clearance::ids::{GroupId, PersonId, RuleId, ToolId};
use clearance::policy::{
    Approvers, Conditions, Effect, Facts, PlacedRule, Quorum, Rule, StageRule, ToolFacts,
};
use clearance::text::Line;
use clearance::time::Days;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::generate::{line, times};

pub(crate) fn tool(number: u32) -> ToolId {
    ToolId::of_name(&format!("tool {number}"))
}

pub(crate) fn group(number: u32) -> GroupId {
    GroupId::of_name(&format!("group {number}"))
}

pub(crate) fn person(number: u32) -> PersonId {
    PersonId::of_name(&format!("person {number}"))
}

/// Nobody of the site: owns tools to come, asks without being in any stage.
pub(crate) fn stranger(number: u32) -> PersonId {
    PersonId::of_name(&format!("stranger {number}"))
}

pub(crate) const PEOPLE: u32 = 5;

prop_compose! {
    /// Two tools that rules name and one that none names; three groups that rules name, and those of security and administrators.
    pub(crate) fn facts()(
        owners in vec(btree_set(0..PEOPLE, 0..3), 3),
        members in vec(btree_set(0..PEOPLE, 0..4), 5),
        inactive in 0..PEOPLE * 3,
        risks in vec(select(Risk::ALL), 3),
        tags in vec(btree_set(Just(line("coding")), 0..2), 3),
    ) -> Facts {
        let tool_facts = |((owners, risk), tags): ((&BTreeSet<u32>, Risk), BTreeSet<Line>)| ToolFacts {
            risk,
            status: ToolStatus::Requestable,
            tags,
            data_classes: DataClass::ALL.iter().copied().collect(),
            owners: owners.iter().copied().map(person).collect(),
            max_days: Days::of(30),
            review_days: Days::of(7),
        };
        Facts {
            tools: (0..).map(tool).zip(owners.iter().zip(risks).zip(tags).map(tool_facts)).collect(),
            people: (0..PEOPLE).map(|number| (person(number), number != inactive)).collect(),
            groups: (0..).map(group).zip(members.iter().map(|members| members.iter().copied().map(person).collect())).collect(),
            security: group(3),
            administrators: group(4),
            delegates: BTreeMap::new(),
        }
    }
}

prop_compose! {
    pub(crate) fn conditions()(
        tools in option::weighted(0.25, btree_set((0..2_u32).prop_map(tool), 1..3)),
        risks in option::weighted(0.2, btree_set(select(vec![Risk::Low, Risk::High]), 1..3)),
        tags in option::weighted(0.2, Just(BTreeSet::from([line("coding")]))),
        requester_groups in option::weighted(0.4, btree_set((0..3_u32).prop_map(group), 1..3)),
        any_data_class in option::weighted(0.2, btree_set(select(vec![DataClass::Public, DataClass::Internal]), 1..3)),
        only_data_classes in option::weighted(0.2, btree_set(select(vec![DataClass::Public, DataClass::Internal]), 1..3)),
        longer_than in option::weighted(0.25, (1..3_u32).prop_map(Days::of)),
        new_tool in option::weighted(0.1, any::<bool>()),
    ) -> Conditions {
        Conditions { tools, risks, tags, requester_groups, any_data_class, only_data_classes, longer_than, new_tool }
    }
}

pub(crate) fn approvers() -> impl Strategy<Value = Approvers> {
    prop_oneof![
        3 => (0..3_u32).prop_map(|number| Approvers::Group(group(number))),
        2 => (0..PEOPLE).prop_map(|number| Approvers::Person(person(number))),
        2 => Just(Approvers::ToolOwners),
        1 => Just(Approvers::Manager),
        1 => Just(Approvers::Security),
        1 => Just(Approvers::Administrators),
    ]
}

pub(crate) fn stage() -> impl Strategy<Value = StageRule> {
    let quorum =
        prop_oneof![3 => Just(Quorum::Any), 1 => (1..3_u8).prop_map(Quorum::AtLeast), 1 => Just(Quorum::All)];
    (btree_set(approvers(), 1..4), quorum, times(approvers))
        .prop_map(|(approvers, quorum, times)| times.of(line("Stage"), approvers, quorum))
}

pub(crate) fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        1 => Just(Effect::Deny { reason: line("no") }),
        2 => (1..4_u32).prop_map(|cap| Effect::AutoApprove { max_days: Days::of(cap) }),
        5 => vec(stage(), 1..3).prop_map(|stages| Effect::RequireStages { stages }),
    ]
}

pub(crate) fn placed(rules: Vec<(Conditions, Effect)>) -> Vec<PlacedRule> {
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
}

pub(crate) fn subsets<T: Ord + Copy>(values: &[T]) -> Vec<BTreeSet<T>> {
    (0..1_u32 << values.len())
        .map(|bits| (0..values.len()).filter(|at| bits >> at & 1 == 1).map(|at| values[at]).collect())
        .collect()
}
