//! The same check for changes other than of the policy: of a tool, of who is meant, and of who asks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Widening, Witness, widening};
use crate::catalog::{DataClass, ToolStatus};
use crate::ids::{GroupId, PersonId, RuleId, ToolId};
use crate::policy::evaluate::evaluate;
use crate::policy::{Approvers, Conditions, Effect, Facts, PlacedRule, Rule, ToolFacts};
use crate::text::Line;

/// Whether requests for a tool get more once it is changed. `before` is none for a tool that is added: nobody could ask for it.
///
/// The rules that name no tool, and those that name this one, are enough. Of the facts only people and groups are looked at.
pub fn tool_widening(
    rules: &[PlacedRule],
    facts: &Facts,
    tool: ToolId,
    (before, after): (Option<&ToolFacts>, &ToolFacts),
) -> Widening {
    let shown = Shown { tool, after };
    let (said, would_say) = (shown.rules(rules, before), shown.rules(rules, Some(after)));
    let (mut current, mut draft) = (said.clone(), would_say.clone());
    let mut facts = facts.clone();
    facts.tools = BTreeMap::from([(tool, after.clone())]);
    let owned = before.map(|before| before.owners.clone()).unwrap_or_default();
    if owned != after.owners {
        current = asking(&current, &mut facts, "before", |asked| {
            (asked == Approvers::ToolOwners).then(|| owned.clone())
        });
        draft = asking(&draft, &mut facts, "after", |asked| {
            (asked == Approvers::ToolOwners).then(|| after.owners.clone())
        });
    }
    match widening(&current, &draft, &facts) {
        Widening::Yes(mut witness) => {
            retell(&mut witness, &said, &would_say);
            witness.request.tags.clone_from(&after.tags);
            Widening::Yes(witness)
        }
        other => other,
    }
}

/// Says of a request what the rules themselves say, without groups of the comparison's own.
fn retell(witness: &mut Witness, said: &[PlacedRule], would_say: &[PlacedRule]) {
    witness.before = evaluate(0, said, &witness.request).outcome;
    witness.after = evaluate(0, would_say, &witness.request).outcome;
}

/// The rules with stages that ask a group of their own where `means` says whom they mean.
fn asking(
    rules: &[PlacedRule],
    facts: &mut Facts,
    when: &str,
    means: impl Fn(Approvers) -> Option<BTreeSet<PersonId>>,
) -> Vec<PlacedRule> {
    let mut asked = |approvers: &BTreeSet<Approvers>| -> BTreeSet<Approvers> {
        let named = |approvers: &Approvers| match means(*approvers) {
            None => *approvers,
            Some(people) => {
                let group = GroupId::of_name(&format!("{when} {approvers:?}"));
                facts.groups.insert(group, people);
                Approvers::Group(group)
            }
        };
        approvers.iter().map(named).collect()
    };
    let mut rules = rules.to_vec();
    for placed in &mut rules {
        let Effect::RequireStages { stages } = &mut placed.rule.then else { continue };
        for stage in stages {
            stage.approvers = asked(&stage.approvers);
            stage.fallback = asked(&stage.fallback);
            if let Some(escalation) = &mut stage.escalation {
                escalation.approvers = asked(&escalation.approvers);
            }
        }
    }
    rules
}

/// A tool as policies for it alone are written: as it will be.
struct Shown<'a> {
    tool: ToolId,
    after: &'a ToolFacts,
}

impl Shown<'_> {
    /// A policy for this tool alone that says what the rules and the tool say together, with these facts of the tool.
    fn rules(&self, rules: &[PlacedRule], known: Option<&ToolFacts>) -> Vec<PlacedRule> {
        let holds = |when: &Conditions, known: &ToolFacts| {
            when.tools.as_ref().is_none_or(|tools| tools.contains(&self.tool))
                && when.risks.as_ref().is_none_or(|risks| risks.contains(&known.risk))
                && when.tags.as_ref().is_none_or(|tags| !tags.is_disjoint(&known.tags))
                && when.new_tool != Some(true)
        };
        let mut shown = Vec::new();
        let Some(known) = known.filter(|known| known.status == ToolStatus::Requestable) else {
            shown.extend(self.refusal("it could not be asked for", Conditions::default()));
            return shown;
        };
        for placed in rules.iter().filter(|placed| holds(&placed.rule.when, known)) {
            let when = Conditions { risks: None, tags: None, new_tool: None, ..placed.rule.when.clone() };
            let rule = Rule { when: self.narrowed(when), ..placed.rule.clone() };
            shown.push(PlacedRule { place: placed.place, rule });
        }
        let others: BTreeSet<DataClass> =
            DataClass::ALL.iter().filter(|class| !known.data_classes.contains(class)).copied().collect();
        if !others.is_empty() {
            let when = Conditions { any_data_class: Some(others), ..Conditions::default() };
            shown.extend(self.refusal("it is not for this data", when));
        }
        let when = Conditions { longer_than: Some(known.max_days), ..Conditions::default() };
        shown.extend(self.refusal("it is longer than the tool allows", when));
        shown
    }

    fn narrowed(&self, when: Conditions) -> Conditions {
        Conditions {
            tools: Some(BTreeSet::from([self.tool])),
            risks: Some(BTreeSet::from([self.after.risk])),
            ..when
        }
    }

    /// What the tool refuses by itself, as a rule; none if its text is no line.
    fn refusal(&self, reason: &str, when: Conditions) -> Option<PlacedRule> {
        let reason = Line::parse(reason).ok()?;
        let rule = Rule {
            id: RuleId::of_name(reason.as_str()),
            name: reason.clone(),
            when: self.narrowed(when),
            then: Effect::Deny { reason },
        };
        Some(PlacedRule { place: u32::MAX, rule })
    }
}

/// Somebody who is in other groups after than before.
#[derive(Debug, Clone, Copy)]
pub struct ChangedRequester<'a> {
    /// Who.
    pub person: PersonId,
    /// Their groups before.
    pub before: &'a BTreeSet<GroupId>,
    /// Their groups after.
    pub after: &'a BTreeSet<GroupId>,
}

/// Whether requests get more once stages mean other people, or somebody's own once they are in other groups.
///
/// Somebody new among those to whom everything falls that no rule matches is found to be wider without a request. Otherwise it never
/// misses; where somebody's own requests change it may find wider what is so for others alone.
pub fn people_widening(
    rules: &[PlacedRule],
    (before, after): (&Facts, &Facts),
    requester: Option<ChangedRequester<'_>>,
) -> Widening {
    let administrators = |facts: &Facts| facts.people(&[Approvers::Administrators], &BTreeSet::new(), None);
    if !administrators(after).is_subset(&administrators(before)) {
        return Widening::Undecided;
    }
    if before != after {
        let nobody = BTreeSet::new();
        let mut facts = after.clone();
        let whom = |facts: &Facts, asked: Approvers| facts.people(&[asked], &nobody, None);
        let moved = |asked: Approvers| whom(before, asked) != whom(after, asked);
        let current = asking(rules, &mut facts, "before", |asked| moved(asked).then(|| whom(before, asked)));
        let draft = asking(rules, &mut facts, "after", |asked| moved(asked).then(|| whom(after, asked)));
        match widening(&current, &draft, &facts) {
            Widening::No => {}
            Widening::Undecided => return Widening::Undecided,
            Widening::Yes(mut witness) => {
                retell(&mut witness, rules, rules);
                return Widening::Yes(witness);
            }
        }
        for (tool, known) in &after.tools {
            let old = before.tools.get(tool);
            if old.is_some_and(|old| old.owners != known.owners) {
                let found = tool_widening(rules, after, *tool, (old, known));
                if found.is_wider() {
                    return found;
                }
            }
        }
    }
    let Some(ChangedRequester { person, before: was, after: is }) = requester else { return Widening::No };
    // Nobody decides their own requests: without them everybody asks as they do.
    let mut others = after.clone();
    others.people.entry(person).and_modify(|active| *active = false);
    for members in others.groups.values_mut() {
        members.remove(&person);
    }
    for tool in others.tools.values_mut() {
        tool.owners.remove(&person);
    }
    match widening(&of_member(rules, was), &of_member(rules, is), &others) {
        Widening::Yes(mut witness) => {
            witness.request.requester_groups.clone_from(is);
            witness.requester = witness.requester.or(Some(person));
            Widening::Yes(witness)
        }
        other => other,
    }
}

/// The policy for the requests of somebody in these groups.
fn of_member(rules: &[PlacedRule], groups: &BTreeSet<GroupId>) -> Vec<PlacedRule> {
    let holds = |placed: &&PlacedRule| {
        let wanted = placed.rule.when.requester_groups.as_ref();
        wanted.is_none_or(|wanted| !wanted.is_disjoint(groups))
    };
    let without = |placed: &PlacedRule| {
        let when = Conditions { requester_groups: None, ..placed.rule.when.clone() };
        PlacedRule { place: placed.place, rule: Rule { when, ..placed.rule.clone() } }
    };
    rules.iter().filter(holds).map(without).collect()
}
