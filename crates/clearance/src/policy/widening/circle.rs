//! Who decides: what stages ask, turned into people for a tool's owners, a requester's manager and a requester.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::PersonId;
use crate::policy::{Approvers, Escalation, Facts, Quorum, StageRule};
use crate::time::Days;

/// What a stage asks of whom, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ask {
    pub(super) approvers: BTreeSet<Approvers>,
    pub(super) quorum: Quorum,
    timeout: Option<Days>,
    fallback: BTreeSet<Approvers>,
    escalation: Option<Escalation>,
}

impl Ask {
    /// What administrators are asked when nobody else is.
    pub(super) fn administrators() -> Self {
        Self {
            approvers: BTreeSet::from([Approvers::Administrators]),
            quorum: Quorum::Any,
            timeout: None,
            fallback: BTreeSet::new(),
            escalation: None,
        }
    }

    /// Everybody whom it names, now or later.
    pub(super) fn names(&self) -> impl Iterator<Item = &Approvers> {
        let escalation = self.escalation.iter().flat_map(|escalation| &escalation.approvers);
        self.approvers.iter().chain(escalation).chain(&self.fallback)
    }
}

impl From<&StageRule> for Ask {
    fn from(stage: &StageRule) -> Self {
        Self {
            approvers: stage.approvers.clone(),
            quorum: stage.quorum,
            timeout: stage.timeout_days,
            fallback: stage.fallback.clone(),
            escalation: stage.escalation.clone(),
        }
    }
}

/// The number of what administrators are asked.
pub(super) const ADMINISTRATORS: usize = 0;

/// The part of whom an ask means that says who may decide once it was escalated.
const ADDED_LATER: usize = 1;

/// Whom a stage means at first, once it was escalated, and once it has timed out.
#[derive(Debug, Default)]
struct Meant {
    first: BTreeSet<PersonId>,
    escalated: BTreeSet<PersonId>,
    fallback: BTreeSet<PersonId>,
}

impl Meant {
    fn parts(&self) -> [&BTreeSet<PersonId>; 3] {
        [&self.first, &self.escalated, &self.fallback]
    }
}

/// Whom each ask means, with the owners of one tool and one requester's manager.
#[derive(Debug)]
pub(super) struct People {
    asks: Vec<Meant>,
    manager: Option<PersonId>,
}

impl People {
    pub(super) fn new(
        asks: &[Ask],
        facts: &Facts,
        owners: &BTreeSet<PersonId>,
        manager: Option<PersonId>,
    ) -> Self {
        let meant = |ask: &Ask| {
            let first = facts.people(&ask.approvers, owners, manager);
            let added = ask.escalation.iter().flat_map(|escalation| &escalation.approvers);
            let escalated = facts.people(added, owners, manager).union(&first).copied().collect();
            Meant { first, escalated, fallback: facts.people(&ask.fallback, owners, manager) }
        };
        Self { asks: asks.iter().map(meant).collect(), manager }
    }

    /// People whose own request may fare differently from a stranger's, one of each kind: taking any of them out leaves a stage with too
    /// few, or changes how many are all. Whoever is in the same asks as another is of one kind with them.
    pub(super) fn special(&self, asks: &[Ask]) -> Vec<PersonId> {
        let mut parts_of: BTreeMap<PersonId, Vec<(usize, usize)>> = BTreeMap::new();
        let mut sensitive = BTreeSet::new();
        for (number, (meant, ask)) in self.asks.iter().zip(asks).enumerate() {
            for (part, people) in meant.parts().into_iter().enumerate() {
                let one_less = people.len().saturating_sub(1);
                // Whoever is added later changes nothing of how many it takes.
                let counts = part != ADDED_LATER;
                if counts && (ask.quorum == Quorum::All || ask.quorum.required(one_less).is_none()) {
                    sensitive.insert((number, part));
                }
                for person in people {
                    parts_of.entry(*person).or_default().push((number, part));
                }
            }
        }
        let mut kinds = BTreeMap::new();
        // Nobody is their own manager.
        for (person, parts) in parts_of.into_iter().filter(|(person, _)| Some(*person) != self.manager) {
            if parts.iter().any(|part| sensitive.contains(part)) {
                kinds.entry(parts).or_insert(person);
            }
        }
        kinds.into_values().collect()
    }
}

/// Managers whom asks tell apart: none, somebody whom no rule names, and one of each kind of people who count twice in a stage when they are
/// the manager. Who is whose manager is taken as free: it changes without the policy being published again.
pub(super) fn managers(asks: &[Ask], facts: &Facts, owners: &BTreeSet<PersonId>) -> Vec<Option<PersonId>> {
    if !asks.iter().any(|ask| ask.names().any(|approvers| *approvers == Approvers::Manager)) {
        return vec![None];
    }
    let somebody = PersonId::of_name("a manager whom no rule names");
    let without = People::new(asks, facts, owners, None);
    let mut parts_of: BTreeMap<PersonId, Vec<(usize, usize)>> = BTreeMap::new();
    let mut counting = BTreeSet::new();
    for (number, (meant, ask)) in without.asks.iter().zip(asks).enumerate() {
        for (part, people) in meant.parts().into_iter().enumerate() {
            let named = if part == 0 { &ask.approvers } else { &ask.fallback };
            if part != ADDED_LATER && ask.quorum != Quorum::Any && named.contains(&Approvers::Manager) {
                counting.insert((number, part));
            }
            for person in people {
                parts_of.entry(*person).or_default().push((number, part));
            }
        }
    }
    let mut kinds = BTreeMap::new();
    for (person, parts) in parts_of {
        if parts.iter().any(|part| counting.contains(part)) {
            kinds.entry(parts).or_insert(person);
        }
    }
    [None, Some(somebody)].into_iter().chain(kinds.into_values().map(Some)).collect()
}

/// What an ask comes to for one requester.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Settled {
    /// Which ask stands for it, once one with too few has fallen to administrators.
    ask: usize,
    /// From which day on who may have decided, and how many it takes at least: later steps say more people or fewer approvals.
    steps: Vec<Step>,
    /// From which day on nobody decides any more.
    lapses: Option<u32>,
}

/// Who may have decided from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    day: u32,
    who: Who,
    required: usize,
}

/// Which of those whom an ask means may have decided until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Those it means at first.
    First,
    /// Those of the escalation, too.
    Escalated,
    /// Those it means at first, and those who took over.
    FirstAndFallback,
    /// Those of the escalation, too, and those who took over.
    EscalatedAndFallback,
    /// Those it means at first, and administrators, who took over because the fallback has too few.
    FirstAndAdministrators,
    /// Those of the escalation, too, and those administrators.
    EscalatedAndAdministrators,
}

/// Whom asks mean for one requester.
#[derive(Debug)]
pub(super) struct Circle<'a> {
    people: &'a People,
    /// Somebody whom an ask means, or a stranger.
    pub(super) requester: Option<PersonId>,
    settled: Vec<Settled>,
}

impl<'a> Circle<'a> {
    pub(super) fn new(asks: &[Ask], people: &'a People, requester: Option<PersonId>) -> Self {
        let circle = Self { people, requester, settled: Vec::new() };
        let settled = asks.iter().enumerate().map(|(number, ask)| circle.settle(number, ask)).collect();
        Self { settled, ..circle }
    }

    /// The requester's manager.
    pub(super) fn manager(&self) -> Option<PersonId> {
        self.people.manager
    }

    fn meant(&self, ask: usize) -> Option<&Meant> {
        self.people.asks.get(ask)
    }

    /// How many of these are left once the requester is out.
    fn count(&self, people: &BTreeSet<PersonId>) -> usize {
        let asks_them = self.requester.is_some_and(|requester| people.contains(&requester));
        people.len().saturating_sub(usize::from(asks_them))
    }

    /// How many approvals administrators take. Without administrators nobody decides: nothing is stricter.
    fn administrators(&self) -> usize {
        let administrators = self.meant(ADMINISTRATORS).map_or(0, |meant| self.count(&meant.first));
        Quorum::Any.required(administrators).unwrap_or(usize::MAX)
    }

    fn settle(&self, number: usize, ask: &Ask) -> Settled {
        let required = self.meant(number).and_then(|meant| ask.quorum.required(self.count(&meant.first)));
        let Some(required) = required else {
            let step = Step { day: 0, who: Who::First, required: self.administrators() };
            return Settled { ask: ADMINISTRATORS, steps: vec![step], lapses: None };
        };
        let mut steps = vec![Step { day: 0, who: Who::First, required }];
        let timeout = ask.timeout.map(Days::get);
        let escalates = ask.escalation.as_ref().map(|escalation| escalation.after_days.get());
        // What would be escalated when it has timed out is not.
        let escalates = escalates.filter(|day| timeout.is_none_or(|timeout| *day < timeout));
        if let Some(day) = escalates {
            steps.push(Step { day, who: Who::Escalated, required });
        }
        let mut lapses = None;
        if let Some(day) = timeout {
            if ask.fallback.is_empty() {
                lapses = Some(day);
            } else {
                let left = self.meant(number).map_or(0, |meant| self.count(&meant.fallback));
                let (who, then) = match (ask.quorum.required(left), escalates.is_some()) {
                    (Some(then), false) => (Who::FirstAndFallback, then),
                    (Some(then), true) => (Who::EscalatedAndFallback, then),
                    (None, false) => (Who::FirstAndAdministrators, self.administrators()),
                    (None, true) => (Who::EscalatedAndAdministrators, self.administrators()),
                };
                steps.push(Step { day, who, required: required.min(then) });
            }
        }
        Settled { ask: number, steps, lapses }
    }

    /// The sets of people whom a step names.
    fn sets(&self, settled: &Settled, who: Who) -> [Option<&BTreeSet<PersonId>>; 2] {
        let (Some(meant), Some(administrators)) = (self.meant(settled.ask), self.meant(ADMINISTRATORS))
        else {
            return [None, None];
        };
        match who {
            Who::First => [Some(&meant.first), None],
            Who::Escalated => [Some(&meant.escalated), None],
            Who::FirstAndFallback => [Some(&meant.first), Some(&meant.fallback)],
            Who::EscalatedAndFallback => [Some(&meant.escalated), Some(&meant.fallback)],
            Who::FirstAndAdministrators => [Some(&meant.first), Some(&administrators.first)],
            Who::EscalatedAndAdministrators => [Some(&meant.escalated), Some(&administrators.first)],
        }
    }

    /// Whether the new ask is one for the old one. On every day: nobody may have decided until then who may not have with the old one, no
    /// fewer approvals are enough, and nothing is decided when the old one has lapsed.
    fn serves(&self, new: &Settled, old: &Settled) -> bool {
        if new == old {
            return true;
        }
        if let Some(over) = old.lapses
            && new.lapses.is_none_or(|lapses| lapses > over)
        {
            return false;
        }
        // A step of the new one says the same until the next; what the old one says only grows meanwhile. So the day on which each step
        // begins tells.
        new.steps.iter().all(|step| {
            let before = old.steps.iter().take_while(|other| other.day <= step.day).last();
            before.is_some_and(|other| {
                let theirs = self.sets(old, other.who);
                let may = |person: &PersonId| theirs.iter().flatten().any(|people| people.contains(person));
                let mut ours = self.sets(new, step.who).into_iter().flatten().flatten();
                step.required >= other.required
                    && ours.all(|person| Some(*person) == self.requester || may(person))
            })
        })
    }

    fn settled(&self, asks: impl IntoIterator<Item = usize>) -> Vec<&Settled> {
        let mut settled: Vec<_> = asks.into_iter().filter_map(|ask| self.settled.get(ask)).collect();
        settled.sort_unstable();
        settled.dedup();
        settled
    }

    /// Whether two asks come to the same.
    pub(super) fn same(&self, one: usize, other: usize) -> bool {
        self.settled.get(one) == self.settled.get(other)
    }

    /// Whether one of the new asks could serve both old ones.
    pub(super) fn share(&self, one: usize, other: usize, new: &BTreeSet<usize>) -> bool {
        let (Some(one), Some(other)) = (self.settled.get(one), self.settled.get(other)) else { return false };
        let mut new = new.iter().filter_map(|ask| self.settled.get(*ask));
        new.any(|new| self.serves(new, one) && self.serves(new, other))
    }

    /// Whether every old ask has a new one of its own.
    pub(super) fn all_served(&self, old: &[usize], new: &[usize]) -> bool {
        let (old, new) = (self.settled(old.iter().copied()), self.settled(new.iter().copied()));
        // As a rule what was asked is asked still.
        if old.iter().all(|old| new.binary_search(old).is_ok()) {
            return true;
        }
        let candidates: Vec<Vec<usize>> = old
            .iter()
            .map(|old| {
                (0..).zip(&new).filter(|(_, new)| self.serves(new, old)).map(|(number, _)| number).collect()
            })
            .collect();
        let mut serves = vec![None; new.len()];
        (0..old.len()).all(|number| seat(number, &candidates, &mut serves, &mut vec![false; new.len()]))
    }
}

/// One augmenting path of a matching: stages are few.
fn seat(old: usize, candidates: &[Vec<usize>], serves: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for new in candidates.get(old).into_iter().flatten().copied() {
        match tried.get_mut(new) {
            Some(tried) if !*tried => *tried = true,
            _ => continue,
        }
        let free = match serves.get(new).copied().flatten() {
            None => true,
            Some(other) => seat(other, candidates, serves, tried),
        };
        if free {
            if let Some(place) = serves.get_mut(new) {
                *place = Some(old);
            }
            return true;
        }
    }
    false
}
