//! Two policies made ready for the search: names numbered, values that no rule tells apart taken as one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::circle::Ask;
use super::class_sets;
use super::point::{Bits, Remaining};
use super::search::Wider;
use crate::catalog::Risk;
use crate::ids::{GroupId, ToolId};
use crate::policy::{Conditions, Effect, PlacedRule, Snapshot};
use crate::text::Line;
use crate::time::Days;

/// What a rule does, as far as outcomes are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    Deny,
    Approve(Days),
    /// Numbers of what its stages ask, ascending.
    Ask(Vec<usize>),
}

/// A rule of one of the policies.
#[derive(Debug)]
pub(super) struct CompiledRule<'a> {
    pub(super) when: &'a Conditions,
    /// Which sets of data classes it takes, by their number.
    class_sets: Bits,
    pub(super) remaining: Remaining,
    pub(super) does: Does,
    /// Whether the other policy has none that says the same.
    pub(super) changed: bool,
}

impl CompiledRule<'_> {
    /// Whether its conditions on risk and data classes hold in a cell.
    pub(super) fn is_of(&self, risk: Risk, class_set: usize) -> bool {
        self.when.risks.as_ref().is_none_or(|risks| risks.contains(&risk))
            && self.class_sets.contains(class_set)
    }

    /// Whether its conditions on the tool hold.
    pub(super) fn is_for(&self, tool: &ToolClass) -> bool {
        let named = match (&self.when.tools, tool) {
            (None, _) => true,
            (Some(tools), ToolClass::Named(tool)) => tools.contains(tool),
            (Some(_), ToolClass::Other | ToolClass::New) => false,
        };
        named && self.when.new_tool.is_none_or(|new| new == matches!(tool, ToolClass::New))
    }
}

/// Tools that rules do not tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToolClass {
    /// One that a rule names.
    Named(ToolId),
    /// Any other of the catalogue, now or later.
    Other,
    /// One that is not in the catalogue.
    New,
}

/// Both policies.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    pub(super) old: Vec<CompiledRule<'a>>,
    pub(super) new: Vec<CompiledRule<'a>>,
    /// What stages ask; the first is what administrators are asked when nobody else is.
    pub(super) asks: Vec<Ask>,
    /// Tools that rules name.
    pub(super) tools: BTreeSet<ToolId>,
    tags: Vec<Line>,
    groups: Vec<GroupId>,
}

/// Values of one kind, one of each class that the rules do not tell apart.
struct Numbered<T> {
    number_of: BTreeMap<T, usize>,
    values: Vec<T>,
}

impl<T: Ord + Clone> Numbered<T> {
    fn new<'a>(sets: impl Iterator<Item = Option<&'a BTreeSet<T>>>) -> Self
    where
        T: 'a,
    {
        let mut rules_of: BTreeMap<&T, Vec<usize>> = BTreeMap::new();
        for (rule, set) in sets.enumerate() {
            for value in set.into_iter().flatten() {
                rules_of.entry(value).or_default().push(rule);
            }
        }
        let (mut number_of, mut values, mut known) = (BTreeMap::new(), Vec::new(), HashMap::new());
        for (value, rules) in rules_of {
            let number = *known.entry(rules).or_insert_with(|| {
                values.push(value.clone());
                values.len() - 1
            });
            number_of.insert(value.clone(), number);
        }
        Self { number_of, values }
    }

    fn wanted(&self, set: Option<&BTreeSet<T>>) -> Option<(Vec<usize>, Bits)> {
        let set = set?;
        let numbers: BTreeSet<usize> =
            set.iter().filter_map(|value| self.number_of.get(value).copied()).collect();
        let mut bits = Bits::default();
        for number in &numbers {
            bits.insert(*number);
        }
        Some((numbers.into_iter().collect(), bits))
    }
}

impl<'a> Pair<'a> {
    pub(super) fn new(current: &'a [PlacedRule], draft: &'a [PlacedRule]) -> Self {
        let all = || current.iter().chain(draft).map(|placed| &placed.rule);
        let tags = Numbered::new(all().map(|rule| rule.when.tags.as_ref()));
        let groups = Numbered::new(all().map(|rule| rule.when.requester_groups.as_ref()));
        let mut asks = Asks::new();
        let mut compile = |placed: &'a PlacedRule| {
            let when = &placed.rule.when;
            let mut taken = Bits::default();
            for (number, classes) in class_sets().enumerate() {
                let any = when.any_data_class.as_ref().is_none_or(|any| !any.is_disjoint(&classes));
                let only = when.only_data_classes.as_ref().is_none_or(|only| classes.is_subset(only));
                if any && only {
                    taken.insert(number);
                }
            }
            let does = asks.what(&placed.rule.then);
            let remaining = Remaining {
                tags: tags.wanted(when.tags.as_ref()),
                groups: groups.wanted(when.requester_groups.as_ref()),
                longer_than: when.longer_than.map_or(0, Days::get),
                cap: if let Does::Approve(cap) = does { cap.get() } else { Days::MAX.get() },
            };
            CompiledRule { when, class_sets: taken, remaining, does, changed: false }
        };
        let mut old: Vec<CompiledRule<'a>> = current.iter().map(&mut compile).collect();
        let mut new: Vec<CompiledRule<'a>> = draft.iter().map(&mut compile).collect();
        let same = |one: &CompiledRule<'_>, other: &CompiledRule<'_>| {
            one.when == other.when && one.does == other.does
        };
        let lost: Vec<bool> = old.iter().map(|rule| !new.iter().any(|other| same(rule, other))).collect();
        for rule in &mut new {
            rule.changed = !old.iter().any(|other| same(rule, other));
        }
        for (rule, lost) in old.iter_mut().zip(lost) {
            rule.changed = lost;
        }
        let tools = all().filter_map(|rule| rule.when.tools.as_ref()).flatten().copied().collect();
        Self { old, new, asks: asks.asks, tools, tags: tags.values, groups: groups.values }
    }

    /// The request that a place in the domain stands for.
    pub(super) fn snapshot(&self, found: &Wider) -> Snapshot {
        fn chosen<T: Clone + Ord>(numbers: &[usize], values: &[T]) -> BTreeSet<T> {
            numbers.iter().filter_map(|number| values.get(*number).cloned()).collect()
        }
        let point = &found.point;
        Snapshot {
            tool: found.tool,
            risk: found.risk,
            tags: chosen(&point.tags, &self.tags),
            requester_groups: chosen(&point.groups, &self.groups),
            data_classes: class_sets().nth(found.class_set).unwrap_or_default(),
            days: Days::of(point.days),
            days_in_all: Days::of(point.days_in_all),
            manager: found.manager,
        }
    }
}

/// What stages ask, each once.
struct Asks {
    asks: Vec<Ask>,
    number_of: BTreeMap<Ask, usize>,
}

impl Asks {
    fn new() -> Self {
        let mut asks = Self { asks: Vec::new(), number_of: BTreeMap::new() };
        asks.number(Ask::administrators());
        asks
    }

    fn number(&mut self, ask: Ask) -> usize {
        if let Some(known) = self.number_of.get(&ask) {
            return *known;
        }
        let next = self.asks.len();
        self.number_of.insert(ask.clone(), next);
        self.asks.push(ask);
        next
    }

    fn what(&mut self, effect: &Effect) -> Does {
        match effect {
            Effect::Deny { .. } => Does::Deny,
            Effect::AutoApprove { max_days } => Does::Approve(*max_days),
            Effect::RequireStages { stages } => {
                let asked: BTreeSet<usize> =
                    stages.iter().map(|stage| self.number(Ask::from(stage))).collect();
                Does::Ask(asked.into_iter().collect())
            }
        }
    }
}
