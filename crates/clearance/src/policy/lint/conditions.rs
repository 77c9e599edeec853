//! What is wrong with a rule by itself: names of nothing, conditions that exclude one another.

use std::collections::BTreeSet;

use super::requests::nearest;
use super::{Finding, FindingCode};
use crate::catalog::Risk;
use crate::policy::{Approvers, Effect, Facts, Rule};
use crate::time::Days;

/// Names of what does not exist.
pub(super) fn unknown(rule: &Rule, facts: &Facts, findings: &mut Vec<Finding>) {
    let mut find = |code, stage, sentence: String| {
        let example = nearest(rule, facts);
        findings.push(Finding { code, rule: rule.id, stage, sentence, example, requester: None });
    };
    for tool in rule.when.tools.iter().flatten().filter(|tool| !facts.tools.contains_key(*tool)) {
        find(FindingCode::UnknownTool, None, format!("The tool {tool} is not in the catalogue."));
    }
    for group in
        rule.when.requester_groups.iter().flatten().filter(|group| !facts.groups.contains_key(*group))
    {
        find(FindingCode::UnknownGroup, None, format!("The group {group} of the conditions does not exist."));
    }
    let Effect::RequireStages { stages } = &rule.then else { return };
    for (number, stage) in stages.iter().enumerate() {
        for approvers in stage.names() {
            match approvers {
                Approvers::Group(group) if !facts.groups.contains_key(group) => {
                    let sentence = format!("The group {group} of the stage `{}` does not exist.", stage.name);
                    find(FindingCode::UnknownGroup, Some(number), sentence);
                }
                Approvers::Person(person) if facts.people.get(person) != Some(&true) => {
                    let sentence =
                        format!("{person}, named in the stage `{}`, does not exist or has left.", stage.name);
                    find(FindingCode::UnknownPerson, Some(number), sentence);
                }
                _ => {}
            }
        }
    }
}

/// Why no request at all can match.
pub(super) fn contradiction(rule: &Rule) -> Option<&'static str> {
    fn is_empty<T>(set: Option<&BTreeSet<T>>) -> bool {
        set.is_some_and(BTreeSet::is_empty)
    }
    let when = &rule.when;
    let is_new = when.new_tool == Some(true);
    let cap = match rule.then {
        Effect::AutoApprove { max_days } => max_days,
        Effect::Deny { .. } | Effect::RequireStages { .. } => Days::MAX,
    };
    let apart = |any: &BTreeSet<_>| when.only_data_classes.as_ref().is_some_and(|only| only.is_disjoint(any));
    let contradictions = [
        (is_empty(when.tools.as_ref()), "it wants one of no tools"),
        (is_empty(when.risks.as_ref()), "it wants one of no risks"),
        (is_empty(when.tags.as_ref()), "it wants one of no tags"),
        (is_empty(when.requester_groups.as_ref()), "it wants one of no groups"),
        (is_empty(when.any_data_class.as_ref()), "it wants one of no data classes"),
        (
            is_empty(when.only_data_classes.as_ref()),
            "it allows no data class, and every request declares one",
        ),
        (
            when.any_data_class.as_ref().is_some_and(apart),
            "the data class it wants is none of those it allows",
        ),
        (is_new && when.tools.is_some(), "a proposed tool is none of the catalogue"),
        (is_new && when.tags.is_some(), "a proposed tool has no tags"),
        (
            is_new && when.risks.as_ref().is_some_and(|risks| !risks.contains(&Risk::High)),
            "a proposed tool counts as high risk",
        ),
        (
            when.longer_than.is_some_and(|longer_than| longer_than >= cap),
            "nothing is longer than it wants and still within its cap",
        ),
    ];
    contradictions.into_iter().find_map(|(holds, why)| holds.then_some(why))
}
