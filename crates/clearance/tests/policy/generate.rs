//! Random rules, conditions and requests.

use std::collections::BTreeSet;

use clearance::catalog::{DataClass, Risk};
use clearance::ids::{GroupId, RuleId, ToolId};
use clearance::policy::{
    Approvers, Conditions, Effect, Escalation, PlacedRule, Quorum, Rule, Snapshot, StageRule,
};
use clearance::text::Line;
use clearance::time::Days;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn tools() -> Vec<ToolId> {
    (0..4).map(|number| ToolId::of_name(&format!("tool {number}"))).collect()
}

pub(crate) fn groups() -> Vec<GroupId> {
    (0..4).map(|number| GroupId::of_name(&format!("group {number}"))).collect()
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub(crate) fn days() -> impl Strategy<Value = Days> {
    (1..60_u32).prop_map(Days::of)
}

pub(crate) fn classes() -> impl Strategy<Value = BTreeSet<DataClass>> {
    btree_set(select(DataClass::ALL), 1..4)
}

prop_compose! {
    pub(crate) fn snapshots()(
        tool in option::weighted(0.9, select(tools())),
        risk in select(Risk::ALL),
        tags in btree_set(select(vec![line("coding"), line("meetings")]), 0..3),
        requester_groups in btree_set(select(groups()), 0..4),
        data_classes in classes(),
        days in days(),
        more in 0..40_u32,
    ) -> Snapshot {
        Snapshot { tool, risk, tags, requester_groups, data_classes, days, days_in_all: Days::of(days.get() + more), manager: None }
    }
}

prop_compose! {
    pub(crate) fn conditions()(
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

pub(crate) fn approvers() -> impl Strategy<Value = Approvers> {
    prop_oneof![
        select(groups()).prop_map(Approvers::Group),
        Just(Approvers::ToolOwners),
        Just(Approvers::Manager),
        Just(Approvers::Security),
        Just(Approvers::Administrators),
    ]
}

/// What a stage does with time.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    timeout: Option<u32>,
    fallback: BTreeSet<Approvers>,
    escalation: Option<(u32, BTreeSet<Approvers>)>,
}

impl Times {
    pub(crate) fn of(self, name: Line, approvers: BTreeSet<Approvers>, quorum: Quorum) -> StageRule {
        StageRule {
            timeout_days: self.timeout.map(Days::of),
            fallback: self.fallback,
            escalation: self
                .escalation
                .map(|(days, approvers)| Escalation { after_days: Days::of(days), approvers }),
            ..StageRule::new(name, approvers, quorum)
        }
    }
}

pub(crate) fn times<S: Strategy<Value = Approvers> + 'static>(
    approvers: impl Fn() -> S,
) -> impl Strategy<Value = Times> {
    (
        option::weighted(0.35, 2..5_u32),
        btree_set(approvers(), 0..3),
        option::weighted(0.3, (1..4_u32, btree_set(approvers(), 1..3))),
    )
        .prop_map(|(timeout, fallback, escalation)| Times {
            timeout,
            fallback: if timeout.is_some() { fallback } else { BTreeSet::new() },
            escalation: escalation.filter(|(days, _)| timeout.is_none_or(|timeout| *days < timeout)),
        })
}

pub(crate) fn stages() -> impl Strategy<Value = Vec<StageRule>> {
    let quorum = prop_oneof![Just(Quorum::Any), (1..4_u8).prop_map(Quorum::AtLeast), Just(Quorum::All)];
    let stage = (btree_set(approvers(), 1..3), quorum, times(approvers));
    let stage = stage.prop_map(|(approvers, quorum, times)| times.of(line("Stage"), approvers, quorum));
    vec(stage, 1..3)
}

pub(crate) fn effects() -> impl Strategy<Value = Effect> {
    prop_oneof![
        1 => Just(Effect::Deny { reason: line("no") }),
        3 => days().prop_map(|max_days| Effect::AutoApprove { max_days }),
        3 => stages().prop_map(|stages| Effect::RequireStages { stages }),
    ]
}

pub(crate) fn rules() -> impl Strategy<Value = Vec<PlacedRule>> {
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
