//! Requests that somebody could make now, by which rules are looked at.

use std::collections::BTreeSet;

use crate::catalog::{DataClass, Risk, ToolStatus};
use crate::ids::{PersonId, ToolId};
use crate::policy::evaluate::matches;
use crate::policy::widening::class_sets;
use crate::policy::{ByTool, Effect, Facts, PlacedRule, Rule, Snapshot, ToolFacts};
use crate::time::Days;

/// What rules say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Denied,
    Stages,
    Approved,
}

impl Said {
    /// What a rule would have be said.
    pub(super) fn by(effect: &Effect) -> Self {
        match effect {
            Effect::Deny { .. } => Self::Denied,
            Effect::RequireStages { .. } => Self::Stages,
            Effect::AutoApprove { .. } => Self::Approved,
        }
    }
}

/// A request that a rule matches, as somebody could make it now.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) snapshot: Snapshot,
    /// The tool; none when it is a proposed one.
    pub(super) tool: Option<&'a ToolFacts>,
    /// What all rules together say.
    pub(super) said: Said,
}

impl Request<'_> {
    /// Who owns the tool.
    pub(super) fn owners(&self) -> BTreeSet<PersonId> {
        self.tool.map(|tool| tool.owners.clone()).unwrap_or_default()
    }
}

/// The rules by tool, and the tools.
pub(super) struct Site<'a> {
    facts: &'a Facts,
    rules: ByTool<'a>,
}

impl<'a> Site<'a> {
    pub(super) fn new(rules: &'a [PlacedRule], facts: &'a Facts) -> Self {
        Self { facts, rules: ByTool::new(rules) }
    }

    fn says(&self, request: &Snapshot) -> Said {
        let mut said = None;
        for rule in self.rules.of(request.tool).filter(|rule| matches(rule, request)) {
            match &rule.rule.then {
                Effect::Deny { .. } => return Said::Denied,
                Effect::RequireStages { .. } => said = Some(Said::Stages),
                Effect::AutoApprove { .. } => said = said.or(Some(Said::Approved)),
            }
        }
        said.unwrap_or(Said::Stages)
    }

    /// The least requests that a rule matches: for each tool and set of data classes, with one of its groups.
    pub(super) fn requests(&self, rule: &Rule) -> Vec<Request<'a>> {
        let when = &rule.when;
        let days = Days::of(when.longer_than.map_or(1, |days| days.get().saturating_add(1)));
        let groups: Vec<BTreeSet<_>> = match &when.requester_groups {
            None => vec![BTreeSet::new()],
            Some(groups) => groups.iter().map(|group| BTreeSet::from([*group])).collect(),
        };
        let known = |tool: &ToolId| Some((Some(*tool), Some(self.facts.tools.get(tool)?)));
        let tools: Vec<(Option<ToolId>, Option<&ToolFacts>)> = if let Some(tools) = &when.tools {
            tools.iter().filter_map(known).collect()
        } else {
            self.facts.tools.keys().filter_map(known).chain([(None, None)]).collect()
        };
        let mut requests = Vec::new();
        for (id, tool) in tools {
            let is_offered =
                tool.is_none_or(|tool| tool.status != ToolStatus::Retired && days <= tool.max_days);
            if !is_offered {
                continue;
            }
            for data_classes in class_sets() {
                if tool.is_some_and(|tool| !data_classes.is_subset(&tool.data_classes)) {
                    continue;
                }
                for requester_groups in &groups {
                    let snapshot = Snapshot {
                        tool: id,
                        risk: tool.map_or(Risk::High, |tool| tool.risk),
                        tags: tool.map(|tool| tool.tags.clone()).unwrap_or_default(),
                        requester_groups: requester_groups.clone(),
                        data_classes: data_classes.clone(),
                        days,
                        days_in_all: days,
                        manager: None,
                    };
                    if when.hold(&snapshot) {
                        let said = self.says(&snapshot);
                        requests.push(Request { snapshot, tool, said });
                    }
                }
            }
        }
        requests
    }
}

/// A request that fulfils each condition as far as it can be fulfilled by itself.
pub(super) fn nearest(rule: &Rule, facts: &Facts) -> Snapshot {
    let when = &rule.when;
    let fits = |tool: &&ToolFacts| {
        when.risks.as_ref().is_none_or(|risks| risks.contains(&tool.risk))
            && when.tags.as_ref().is_none_or(|tags| !tags.is_disjoint(&tool.tags))
    };
    let named = when.tools.as_ref().and_then(|tools| tools.first().copied());
    let fitting = || facts.tools.iter().find(|(_, tool)| fits(tool)).or(facts.tools.first_key_value());
    let tool = match (when.new_tool, named) {
        (Some(true), None) => None,
        (_, Some(tool)) => Some(tool),
        (_, None) => fitting().map(|(id, _)| *id),
    };
    let known = tool.and_then(|tool| facts.tools.get(&tool));
    let first = |classes: Option<&BTreeSet<DataClass>>| classes.and_then(|classes| classes.first().copied());
    let class = first(when.any_data_class.as_ref())
        .or(first(when.only_data_classes.as_ref()))
        .or(first(known.map(|tool| &tool.data_classes)))
        .unwrap_or(DataClass::Public);
    let days = Days::of(when.longer_than.map_or(1, |days| days.get().saturating_add(1)));
    Snapshot {
        tool,
        risk: known.map_or(Risk::High, |tool| tool.risk),
        tags: known.map(|tool| tool.tags.clone()).unwrap_or_default(),
        requester_groups: when.requester_groups.iter().flatten().take(1).copied().collect(),
        data_classes: BTreeSet::from([class]),
        days,
        days_in_all: days,
        manager: None,
    }
}
