//! Who decides: what stages ask, turned into people for a tool's owners and a requester.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::PersonId;
use crate::policy::{Approvers, Facts, Quorum};

/// What a stage asks of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) approvers: BTreeSet<Approvers>,
    pub(super) quorum: Quorum,
}

/// The number of what administrators are asked.
pub(super) const ADMINISTRATORS: usize = 0;

/// Whom each ask means, with the owners of one tool.
#[derive(Debug)]
pub(super) struct People(Vec<BTreeSet<PersonId>>);

impl People {
    pub(super) fn new(asks: &[Ask], facts: &Facts, owners: &BTreeSet<PersonId>) -> Self {
        Self(asks.iter().map(|ask| facts.people(&ask.approvers, owners)).collect())
    }

    fn of(&self, ask: usize) -> impl ExactSizeIterator<Item = &PersonId> {
        self.0.get(ask).map(BTreeSet::iter).unwrap_or_default()
    }

    fn means(&self, ask: usize, person: PersonId) -> bool {
        self.0.get(ask).is_some_and(|people| people.contains(&person))
    }

    /// People whose own request may fare differently from a stranger's, one of each kind: taking any of them out leaves a stage with too
    /// few, or changes how many are all. Whoever is in the same asks as another is of one kind with them.
    pub(super) fn special(&self, asks: &[Ask]) -> Vec<PersonId> {
        let mut asks_of: BTreeMap<PersonId, Vec<usize>> = BTreeMap::new();
        let mut sensitive = BTreeSet::new();
        for (number, (people, ask)) in self.0.iter().zip(asks).enumerate() {
            if ask.quorum == Quorum::All || ask.quorum.required(people.len().saturating_sub(1)).is_none() {
                sensitive.insert(number);
            }
            for person in people {
                asks_of.entry(*person).or_default().push(number);
            }
        }
        let mut kinds = BTreeMap::new();
        for (person, asks) in asks_of {
            if asks.iter().any(|ask| sensitive.contains(ask)) {
                kinds.entry(asks).or_insert(person);
            }
        }
        kinds.into_values().collect()
    }
}

/// Whom asks mean for one requester.
#[derive(Debug)]
pub(super) struct Circle<'a> {
    people: &'a People,
    /// Somebody whom an ask means, or a stranger.
    pub(super) requester: Option<PersonId>,
    /// For each ask: which one stands for it once those with too few have fallen to administrators, and how many approvals that takes.
    settled: Vec<(usize, usize)>,
}

impl<'a> Circle<'a> {
    pub(super) fn new(asks: &[Ask], people: &'a People, requester: Option<PersonId>) -> Self {
        let required = |number: usize, quorum: Quorum| {
            let asks_them = requester.is_some_and(|requester| people.means(number, requester));
            quorum.required(people.of(number).len().saturating_sub(usize::from(asks_them)))
        };
        // Without administrators nobody decides, and the request is refused: nothing is stricter.
        let fallen = (ADMINISTRATORS, required(ADMINISTRATORS, Quorum::Any).unwrap_or(usize::MAX));
        let settle = |(number, ask): (usize, &Ask)| {
            required(number, ask.quorum).map_or(fallen, |required| (number, required))
        };
        Self { people, requester, settled: asks.iter().enumerate().map(settle).collect() }
    }

    /// Whether the new ask is one for the old one: no more people, no fewer approvals. Both are settled.
    fn serves(&self, new: (usize, usize), old: (usize, usize)) -> bool {
        let mut people = self.people.of(new.0).filter(|person| Some(**person) != self.requester);
        new == old || (new.1 >= old.1 && people.all(|person| self.people.means(old.0, *person)))
    }

    fn settled(&self, asks: impl IntoIterator<Item = usize>) -> Vec<(usize, usize)> {
        let settled: BTreeSet<_> =
            asks.into_iter().filter_map(|ask| self.settled.get(ask).copied()).collect();
        settled.into_iter().collect()
    }

    /// Whether two asks come to the same.
    pub(super) fn same(&self, one: usize, other: usize) -> bool {
        self.settled.get(one) == self.settled.get(other)
    }

    /// Whether one of the new asks could serve both old ones.
    pub(super) fn share(&self, one: usize, other: usize, new: &BTreeSet<usize>) -> bool {
        let (Some(one), Some(other)) = (self.settled.get(one), self.settled.get(other)) else { return false };
        let mut new = new.iter().filter_map(|ask| self.settled.get(*ask));
        new.any(|new| self.serves(*new, *one) && self.serves(*new, *other))
    }

    /// Whether every old ask has a new one of its own.
    pub(super) fn all_served(&self, old: &[usize], new: &[usize]) -> bool {
        let (old, new) = (self.settled(old.iter().copied()), self.settled(new.iter().copied()));
        let candidates: Vec<Vec<usize>> = old
            .iter()
            .map(|old| {
                (0..)
                    .zip(&new)
                    .filter(|(_, new)| self.serves(**new, *old))
                    .map(|(number, _)| number)
                    .collect()
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
