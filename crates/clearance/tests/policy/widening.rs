//! The widening check against brute force: every request of a small domain, compared as the product defines it, by code of its own.

use std::collections::{BTreeMap, BTreeSet};

use clearance::catalog::{DataClass, Risk};
use clearance::ids::{GroupId, PersonId, RuleId, ToolId};
use clearance::policy::{
    Approvers, Conditions, Effect, Escalation, Facts, Outcome, PlacedRule, PlannedStage, Quorum, Rule,
    Snapshot, StageRule, Widening, default_rules, evaluate, widening,
};
use clearance::text::Line;
use clearance::time::Days;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::generate::line;
use crate::small::{PEOPLE, conditions, effect, facts, group, person, placed, stage, stranger, subsets};

/// One step from a policy to a draft.
#[derive(Debug, Clone)]
enum Edit {
    Remove(Index),
    Add(Conditions, Effect),
    When(Index, Conditions),
    Then(Index, Effect),
    /// One approver less in the first stage, if there is more than one.
    FewerApprovers(Index),
    Quorum(Index, Quorum),
    AddStage(Index, StageRule),
    LowerCap(Index),
    NoCondition(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        1 => index().prop_map(Edit::Remove),
        3 => (conditions(), effect()).prop_map(|(when, then)| Edit::Add(when, then)),
        1 => (index(), conditions()).prop_map(|(at, when)| Edit::When(at, when)),
        1 => (index(), effect()).prop_map(|(at, then)| Edit::Then(at, then)),
        5 => index().prop_map(Edit::FewerApprovers),
        2 => (index(), select(vec![Quorum::Any, Quorum::AtLeast(2), Quorum::All])).prop_map(|(at, quorum)| Edit::Quorum(at, quorum)),
        3 => (index(), stage()).prop_map(|(at, stage)| Edit::AddStage(at, stage)),
        2 => index().prop_map(Edit::LowerCap),
        2 => index().prop_map(Edit::NoCondition),
    ]
}

fn edited(rules: &[(Conditions, Effect)], edits: &[Edit]) -> Vec<(Conditions, Effect)> {
    let mut rules = rules.to_vec();
    for edit in edits {
        let at = match edit {
            Edit::Add(when, then) => {
                rules.push((when.clone(), then.clone()));
                continue;
            }
            Edit::Remove(at)
            | Edit::When(at, _)
            | Edit::Then(at, _)
            | Edit::FewerApprovers(at)
            | Edit::Quorum(at, _)
            | Edit::AddStage(at, _)
            | Edit::LowerCap(at)
            | Edit::NoCondition(at) => at,
        };
        if rules.is_empty() {
            continue;
        }
        let at = at.index(rules.len());
        match (edit, &mut rules[at]) {
            (Edit::Remove(_), _) => {
                rules.remove(at);
            }
            (Edit::When(_, when), rule) => rule.0 = when.clone(),
            (Edit::Then(_, then), rule) => rule.1 = then.clone(),
            (Edit::NoCondition(_), rule) => {
                (rule.0.requester_groups, rule.0.longer_than, rule.0.tags) = (None, None, None);
            }
            (Edit::FewerApprovers(_), (_, Effect::RequireStages { stages }))
                if stages[0].approvers.len() > 1 =>
            {
                stages[0].approvers.pop_first();
            }
            (Edit::Quorum(_, quorum), (_, Effect::RequireStages { stages })) => stages[0].quorum = *quorum,
            (Edit::AddStage(_, stage), (_, Effect::RequireStages { stages })) => stages.push(stage.clone()),
            (Edit::LowerCap(_), (_, Effect::AutoApprove { max_days })) => {
                *max_days = Days::of(max_days.get().saturating_sub(1).max(1));
            }
            _ => {}
        }
    }
    rules
}

/// Every request of the small domain, with the owners that its tool has.
pub(crate) fn requests(facts: &Facts) -> Vec<(Snapshot, BTreeSet<PersonId>)> {
    let later = Some(ToolId::of_name("later"));
    let mut tools: Vec<(Option<ToolId>, BTreeSet<PersonId>)> =
        facts.tools.iter().map(|(id, tool)| (Some(*id), tool.owners.clone())).collect();
    tools.extend([(None, BTreeSet::new()), (later, BTreeSet::new()), (later, BTreeSet::from([stranger(1)]))]);
    let mut requests = Vec::new();
    for (tool, owners) in tools {
        // A proposed tool is taken for one of high risk and has no tags.
        let (risks, tags) = match tool {
            None => (vec![Risk::High], vec![BTreeSet::new()]),
            Some(_) => (
                vec![Risk::Low, Risk::Medium, Risk::High],
                vec![BTreeSet::new(), BTreeSet::from([line("coding")])],
            ),
        };
        for risk in risks {
            for data_classes in subsets(&[DataClass::Public, DataClass::Internal, DataClass::Regulated]) {
                if data_classes.is_empty() {
                    continue;
                }
                for requester_groups in subsets(&[group(0), group(1), group(2)]) {
                    for tags in &tags {
                        for days in 1..=3 {
                            for days_in_all in days..=4 {
                                let snapshot = Snapshot {
                                    tool,
                                    risk,
                                    tags: tags.clone(),
                                    requester_groups: requester_groups.clone(),
                                    data_classes: data_classes.clone(),
                                    days: Days::of(days),
                                    days_in_all: Days::of(days_in_all),
                                    manager: None,
                                };
                                requests.push((snapshot, owners.clone()));
                            }
                        }
                    }
                }
            }
        }
    }
    requests
}

/// What a stage comes to on each of these days: who may have decided until then, and how few approvals were enough; nothing once it has
/// lapsed.
pub(crate) type Demand = Vec<Option<(BTreeSet<PersonId>, usize)>>;

/// Days that are looked at: every stage has done by then what it does.
const LAST_DAY: u32 = 6;

/// Who asks, of which tool's owners, and who manages them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asks<'a> {
    pub(crate) owners: &'a BTreeSet<PersonId>,
    pub(crate) requester: PersonId,
    pub(crate) manager: Option<PersonId>,
}

/// What stages come to for one requester, day by day; nobody and without end when nobody can decide.
pub(crate) fn demands(stages: &[PlannedStage], facts: &Facts, asks: Asks<'_>) -> Vec<Demand> {
    let means = |approvers: &BTreeSet<Approvers>| -> BTreeSet<PersonId> {
        let everybody = facts.groups.values().flatten().chain(facts.people.keys()).chain(asks.owners);
        let everybody = everybody.chain(asks.manager.iter());
        let meant = |person: &&PersonId| {
            approvers.iter().any(|approvers| match approvers {
                Approvers::Person(one) => one == *person && facts.people.get(one) == Some(&true),
                Approvers::Group(group) => {
                    facts.groups.get(group).is_some_and(|members| members.contains(person))
                }
                Approvers::ToolOwners => asks.owners.contains(person),
                Approvers::Manager => asks.manager == Some(**person),
                Approvers::Security => facts.groups[&facts.security].contains(person),
                Approvers::Administrators => facts.groups[&facts.administrators].contains(person),
            })
        };
        everybody.filter(meant).copied().filter(|person| *person != asks.requester).collect()
    };
    let wanted = |quorum: Quorum, people: usize| {
        let wanted = match quorum {
            Quorum::Any => 1,
            Quorum::AtLeast(number) => usize::from(number),
            Quorum::All => people,
        };
        (1..=people).contains(&wanted).then_some(wanted)
    };
    let administrators = means(&BTreeSet::from([Approvers::Administrators]));
    let enough = if administrators.is_empty() { usize::MAX } else { 1 };
    let mut known: Vec<(PlannedStage, Demand)> = Vec::new();
    for stage in stages {
        let first = means(&stage.approvers);
        let Some(required) = wanted(stage.quorum, first.len()) else {
            let fallen = PlannedStage {
                approvers: BTreeSet::from([Approvers::Administrators]),
                quorum: Quorum::Any,
                timeout_days: None,
                fallback: BTreeSet::new(),
                escalation: None,
                ..stage.clone()
            };
            if !known.iter().any(|(other, _)| other.asks_the_same(&fallen)) {
                let day = Some((administrators.clone(), enough));
                known.push((fallen, vec![day; LAST_DAY as usize]));
            }
            continue;
        };
        if known.iter().any(|(other, _)| other.asks_the_same(stage)) {
            continue;
        }
        let (mut people, mut least) = (first, required);
        let mut days = Vec::new();
        for day in 0..LAST_DAY {
            let timed_out = stage.timeout_days.is_some_and(|days| day >= days.get());
            if timed_out && stage.fallback.is_empty() {
                days.push(None);
                continue;
            }
            if let Some(escalation) = stage.escalation.as_ref().filter(|_| !timed_out)
                && day >= escalation.after_days.get()
            {
                people.extend(means(&escalation.approvers));
            }
            if timed_out {
                let fallback = means(&stage.fallback);
                if let Some(then) = wanted(stage.quorum, fallback.len()) {
                    people.extend(fallback);
                    least = least.min(then);
                } else {
                    people.extend(&administrators);
                    least = least.min(enough);
                }
            }
            days.push(Some((people.clone(), least)));
        }
        known.push((stage.clone(), days));
    }
    known.into_iter().map(|(_, demand)| demand).collect()
}

/// Whether the new demand is one for the old one, on every day.
fn fits(old: &Demand, new: &Demand) -> bool {
    old.iter().zip(new).all(|(old, new)| match (old, new) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(old), Some(new)) => new.0.is_subset(&old.0) && new.1 >= old.1,
    })
}

/// Whether each old demand can be given a new one of its own, by trying all ways.
pub(crate) fn each_its_own(old: &[Demand], new: &[Demand], taken: &mut BTreeSet<usize>) -> bool {
    let Some((first, rest)) = old.split_first() else { return true };
    (0..new.len()).any(|at| {
        let fits = fits(first, &new[at]) && taken.insert(at);
        if fits && each_its_own(rest, new, taken) {
            return true;
        }
        if fits {
            taken.remove(&at);
        }
        false
    })
}

fn stricter_or_equal((old, new): (&Outcome, &Outcome), facts: &Facts, asks: Asks<'_>) -> bool {
    match (old, new) {
        (_, Outcome::Denied { .. }) | (Outcome::AutoApproved { .. }, Outcome::Stages { .. }) => true,
        (Outcome::Denied { .. }, _) | (Outcome::Stages { .. }, Outcome::AutoApproved { .. }) => false,
        (Outcome::AutoApproved { max_days: old }, Outcome::AutoApproved { max_days: new }) => new <= old,
        (Outcome::Stages { stages: old }, Outcome::Stages { stages: new }) => {
            old == new || {
                let of = |stages: &[PlannedStage]| demands(stages, facts, asks);
                each_its_own(&of(old), &of(new), &mut BTreeSet::new())
            }
        }
    }
}

pub(crate) fn requesters() -> Vec<PersonId> {
    (0..PEOPLE).map(person).chain([stranger(0), stranger(1)]).collect()
}

/// Managers that are looked at: all of them when a rule asks one, otherwise it does not matter.
fn managers(rules: &[PlacedRule]) -> Vec<Option<PersonId>> {
    let asks = |rule: &PlacedRule| match &rule.rule.then {
        Effect::RequireStages { stages } => {
            stages.iter().flat_map(StageRule::names).any(|approvers| *approvers == Approvers::Manager)
        }
        _ => false,
    };
    if !rules.iter().any(asks) {
        return vec![None];
    }
    (0..PEOPLE).map(person).chain([stranger(2)]).map(Some).chain([None]).collect()
}

/// Whether the old and the new outcome fare alike, or stricter, for everybody who may ask.
fn holds_for_everybody(
    outcomes: (&Outcome, &Outcome),
    facts: &Facts,
    owners: &BTreeSet<PersonId>,
    managers: &[Option<PersonId>],
) -> bool {
    managers.iter().all(|manager| {
        requesters().into_iter().filter(|requester| Some(*requester) != *manager).all(|requester| {
            stricter_or_equal(outcomes, facts, Asks { owners, requester, manager: *manager })
        })
    })
}

/// The first request, by brute force, for which the draft is wider.
fn brute_force(current: &[PlacedRule], draft: &[PlacedRule], facts: &Facts) -> Option<Snapshot> {
    let mut compared = BTreeSet::new();
    let managers = managers(&[current, draft].concat());
    requests(facts).into_iter().find_map(|(request, owners)| {
        let (old, new) = (evaluate(1, current, &request), evaluate(2, draft, &request));
        let known = (
            old.matched.iter().map(|rule| rule.id).collect::<Vec<_>>(),
            new.matched.iter().map(|rule| rule.id).collect::<Vec<_>>(),
            owners.clone(),
        );
        if !compared.insert(known) {
            return None;
        }
        let outcomes = (&old.outcome, &new.outcome);
        (!holds_for_everybody(outcomes, facts, &owners, &managers)).then_some(request)
    })
}

/// A witness is a request that anybody can look at: it must show what it claims.
fn check_witness(current: &[PlacedRule], draft: &[PlacedRule], facts: &Facts, found: &Widening) {
    let Widening::Yes(witness) = found else { return };
    let (before, after) =
        (evaluate(0, current, &witness.request).outcome, evaluate(0, draft, &witness.request).outcome);
    assert_eq!((&before, &after), (&witness.before, &witness.after));
    let owners = match witness.request.tool {
        Some(tool) if facts.tools.contains_key(&tool) => vec![facts.tools[&tool].owners.clone()],
        Some(_) => vec![
            BTreeSet::new(),
            BTreeSet::from([witness.requester.unwrap_or(stranger(1))]),
            BTreeSet::from([stranger(1)]),
        ],
        None => vec![BTreeSet::new()],
    };
    let requester = witness.requester.unwrap_or(stranger(0));
    let manager = witness.request.manager;
    assert!(
        owners.iter().any(|owners| {
            !stricter_or_equal((&before, &after), facts, Asks { owners, requester, manager })
        }),
        "no witness: {witness:#?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_agrees_with_brute_force(
        facts in facts(),
        rules in vec((conditions(), effect()), 0..5),
        edits in vec(edit(), 0..4),
    ) {
        let (current, draft) = (placed(rules.clone()), placed(edited(&rules, &edits)));
        let found = widening(&current, &draft, &facts);
        check_witness(&current, &draft, &facts, &found);
        let expected = brute_force(&current, &draft, &facts);
        prop_assert!(found != Widening::Undecided);
        prop_assert_eq!(found.is_wider(), expected.is_some(), "{:?} against {:?}", found, expected);
    }

    #[test]
    fn it_agrees_with_brute_force_where_stages_lose_one_another(
        facts in facts(),
        rules in vec((option::weighted(0.6, (0..3_u32).prop_map(group)), stage()), 1..5),
        merged in stage(),
        dropped in vec(any::<Index>(), 1..3),
    ) {
        let rule = |(group, stage): &(Option<GroupId>, StageRule)| {
            let requester_groups = group.map(|group| BTreeSet::from([group]));
            (Conditions { requester_groups, ..Conditions::default() }, Effect::RequireStages { stages: vec![stage.clone()] })
        };
        let old: Vec<_> = rules.iter().map(rule).collect();
        let mut new = old.clone();
        for index in dropped {
            let at = index.index(new.len());
            new[at] = (new[at].0.clone(), Effect::RequireStages { stages: vec![merged.clone()] });
        }
        let (current, draft) = (placed(old), placed(new));
        let found = widening(&current, &draft, &facts);
        check_witness(&current, &draft, &facts, &found);
        prop_assert_eq!(found.is_wider(), brute_force(&current, &draft, &facts).is_some(), "{:?}", found);
    }
}

/// Many rules that hide one another, and few edits.
#[test]
fn it_never_misses_on_random_policies() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut wider = 0;
    for _ in 0..16 {
        let facts = facts().new_tree(&mut runner).unwrap().current();
        let rules = vec((conditions(), effect()), 20..40).new_tree(&mut runner).unwrap().current();
        let edits = vec(edit(), 2..6).new_tree(&mut runner).unwrap().current();
        let (current, draft) = (placed(rules.clone()), placed(edited(&rules, &edits)));
        let found = widening(&current, &draft, &facts);
        check_witness(&current, &draft, &facts, &found);
        assert_eq!(found.is_wider(), brute_force(&current, &draft, &facts).is_some(), "{edits:#?}");
        wider += i32::from(found.is_wider());
    }
    assert!(wider > 1 && wider < 15, "both answers came: {wider} of 16");
}

fn simple(stages: &[(&str, Approvers)]) -> Effect {
    let stage = |(name, approvers): &(&str, Approvers)| {
        StageRule::new(Line::parse(name).unwrap(), BTreeSet::from([*approvers]), Quorum::Any)
    };
    Effect::RequireStages { stages: stages.iter().map(stage).collect() }
}

fn company() -> Facts {
    let groups = [(0, vec![0, 1]), (1, vec![1]), (2, vec![2]), (3, vec![3]), (4, vec![4])];
    Facts {
        tools: BTreeMap::new(),
        people: (0..PEOPLE).map(|number| (person(number), true)).collect(),
        groups: groups
            .into_iter()
            .map(|(number, members)| (group(number), members.into_iter().map(person).collect()))
            .collect(),
        security: group(3),
        administrators: group(4),
        delegates: BTreeMap::new(),
    }
}

/// One stage of the team, with what else of it changes.
fn of_the_team(change: impl FnOnce(&mut StageRule)) -> Vec<PlacedRule> {
    let team = BTreeSet::from([Approvers::Group(group(0))]);
    let mut stage = StageRule::new(line("Team"), team, Quorum::Any);
    change(&mut stage);
    placed(vec![(Conditions::default(), Effect::RequireStages { stages: vec![stage] })])
}

#[test]
fn what_a_stage_does_with_time_is_wider_when_more_people_may_decide_sooner_or_it_lapses_later() {
    let administrators = || BTreeSet::from([Approvers::Administrators]);
    let plain = || of_the_team(|_| {});
    let falls_back = |days: u32| {
        of_the_team(|stage| {
            (stage.timeout_days, stage.fallback) = (Some(Days::of(days)), administrators());
        })
    };
    let to_the_team_itself = of_the_team(|stage| {
        (stage.timeout_days, stage.fallback) =
            (Some(Days::of(3)), BTreeSet::from([Approvers::Group(group(0))]));
    });
    let lapses = |days: u32| of_the_team(|stage| stage.timeout_days = Some(Days::of(days)));
    let escalates = |days: u32| {
        of_the_team(|stage| {
            stage.escalation = Some(Escalation { after_days: Days::of(days), approvers: administrators() });
        })
    };
    let reminded = of_the_team(|stage| stage.reminder_days = Some(Days::of(1)));
    let wider = |old: &[PlacedRule], new: &[PlacedRule]| widening(old, new, &company()).is_wider();
    for (old, new, expected) in [
        (plain(), falls_back(3), true),
        (falls_back(3), plain(), false),
        (falls_back(3), falls_back(2), true),
        (falls_back(2), falls_back(3), false),
        (plain(), to_the_team_itself, false),
        (plain(), lapses(3), false),
        (lapses(3), plain(), true),
        (lapses(3), lapses(4), true),
        (lapses(4), lapses(3), false),
        (lapses(3), falls_back(3), true),
        (plain(), escalates(3), true),
        (escalates(3), plain(), false),
        (escalates(3), escalates(2), true),
        (escalates(2), escalates(3), false),
        (escalates(2), falls_back(3), false),
        (escalates(3), falls_back(2), true),
        (plain(), reminded, false),
    ] {
        assert_eq!(wider(&old, &new), expected, "{old:#?} {new:#?}");
        assert_eq!(brute_force(&old, &new, &company()).is_some(), expected, "by brute force: {new:#?}");
    }
}

#[test]
fn a_requesters_manager_may_be_anybody_and_nobody() {
    let ask = |approvers| placed(vec![(Conditions::default(), simple(&[("Stage", approvers)]))]);
    let manager = || ask(Approvers::Manager);
    let company = company();
    assert!(widening(&ask(Approvers::Administrators), &manager(), &company).is_wider());
    assert!(widening(&manager(), &ask(Approvers::Administrators), &company).is_wider());
    assert_eq!(widening(&manager(), &manager(), &company), Widening::No);
    let both = placed(vec![(
        Conditions::default(),
        simple(&[("Manager", Approvers::Manager), ("Administrators", Approvers::Administrators)]),
    )]);
    assert_eq!(widening(&manager(), &both, &company), Widening::No);
}

#[test]
fn two_approvals_that_become_one_are_a_widening() {
    let two = simple(&[("Team", Approvers::Group(group(0))), ("Lead", Approvers::Person(person(1)))]);
    let one = simple(&[("Lead", Approvers::Person(person(1)))]);
    let found = widening(
        &placed(vec![(Conditions::default(), two)]),
        &placed(vec![(Conditions::default(), one)]),
        &company(),
    );
    assert!(matches!(found, Widening::Yes(_)), "{found:?}");
}

#[test]
fn the_same_policy_and_a_stricter_one_are_not_wider() {
    let rules = default_rules().unwrap();
    assert_eq!(widening(&rules, &rules, &company()), Widening::No);
    let mut stricter = rules.clone();
    stricter.push(PlacedRule {
        place: 9,
        rule: Rule {
            id: RuleId::of_name("more"),
            name: line("Regulated data is denied"),
            when: Conditions {
                any_data_class: Some(BTreeSet::from([DataClass::Regulated])),
                ..Conditions::default()
            },
            then: Effect::Deny { reason: line("no") },
        },
    });
    assert_eq!(widening(&rules, &stricter, &company()), Widening::No);
    let Widening::Yes(witness) = widening(&stricter, &rules, &company()) else { panic!("a denial was lost") };
    assert_eq!(witness.request.data_classes, BTreeSet::from([DataClass::Regulated]));
    assert!(matches!(witness.before, Outcome::Denied { .. }), "{witness:?}");
}
