//! The search for a request that tells; why it is complete is said in [the module's documentation](super).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::circle::{ADMINISTRATORS, Ask, Circle, People, managers};
use super::class_sets;
use super::compiled::{CompiledRule, Does, Pair, ToolClass};
use super::point::Point;
use crate::catalog::Risk;
use crate::ids::{PersonId, ToolId};
use crate::policy::{Approvers, Facts};

/// Most points looked at where several stages could lose one another.
pub(super) const BUDGET: u32 = 100_000;

/// Where a draft is wider.
#[derive(Debug)]
pub(super) struct Wider {
    pub(super) tool: Option<ToolId>,
    pub(super) risk: Risk,
    pub(super) class_set: usize,
    pub(super) point: Point,
    pub(super) requester: Option<PersonId>,
    /// The requester's manager, where it matters.
    pub(super) manager: Option<PersonId>,
}

/// What the search came to.
#[derive(Debug)]
pub(super) enum Found {
    /// Nowhere wider.
    Nothing,
    /// The budget was used up.
    TooMuch,
    /// Wider here.
    Wider(Box<Wider>),
}

/// Why the search stops.
enum Stop {
    Wider(Box<Wider>),
    TooMuch,
}

/// Searches what one rule and a second one show, everywhere; only then what more of them show.
pub(super) fn search(pair: &Pair<'_>, facts: &Facts) -> Found {
    let classes: Vec<ToolClass> =
        pair.tools.iter().copied().map(ToolClass::Named).chain([ToolClass::Other, ToolClass::New]).collect();
    let budget = Cell::new(BUDGET);
    for deep in [false, true] {
        for class in &classes {
            match search_class(pair, facts, class, deep.then_some(&budget)) {
                Ok(()) => {}
                Err(Stop::Wider(wider)) => return Found::Wider(wider),
                Err(Stop::TooMuch) => return Found::TooMuch,
            }
        }
    }
    Found::Nothing
}

fn search_class(
    pair: &Pair<'_>,
    facts: &Facts,
    class: &ToolClass,
    deep: Option<&Cell<u32>>,
) -> Result<(), Stop> {
    let old: Vec<_> = pair.old.iter().filter(|rule| rule.is_for(class)).collect();
    let new: Vec<_> = pair.new.iter().filter(|rule| rule.is_for(class)).collect();
    if !old.iter().chain(&new).any(|rule| rule.changed) {
        return Ok(());
    }
    let owned = owned(pair, facts, class);
    let mut circles = Vec::new();
    for (tool, people) in &owned {
        circles.push((*tool, Circle::new(&pair.asks, people, None)));
        for person in people.special(&pair.asks) {
            circles.push((*tool, Circle::new(&pair.asks, people, Some(person))));
        }
    }
    let asked = new.iter().flat_map(|rule| asks_of(rule)).copied().chain([ADMINISTRATORS]).collect();
    let (served, shared) = (RefCell::default(), RefCell::default());
    let slice = Slice { circles, asked, with_tags: *class != ToolClass::New, served, shared };
    let risks: &[Risk] = if *class == ToolClass::New { &[Risk::High] } else { Risk::ALL };
    let mut searched = HashSet::new();
    for risk in risks {
        for class_set in 0..class_sets().count() {
            let is_here = |(_, rule): &(usize, &CompiledRule<'_>)| rule.is_of(*risk, class_set);
            let (old_places, old): (Vec<_>, _) = old.iter().copied().enumerate().filter(is_here).unzip();
            let (new_places, new): (Vec<_>, _) = new.iter().copied().enumerate().filter(is_here).unzip();
            // Where the same rules can match, the same is found.
            if !searched.insert((old_places, new_places)) {
                continue;
            }
            let block = Block { slice: &slice, risk: *risk, class_set, old, new };
            match deep {
                None => block.search()?,
                Some(budget) => block.search_deep(budget)?,
            }
        }
    }
    Ok(())
}

fn asks_of<'a>(rule: &'a CompiledRule<'_>) -> &'a [usize] {
    match &rule.does {
        Does::Ask(asks) => asks,
        Does::Deny | Does::Approve(_) => &[],
    }
}

/// Whom asks mean for the tools of a class: once for each set of owners and each manager that asks can tell apart, with a tool that has them.
fn owned(pair: &Pair<'_>, facts: &Facts, class: &ToolClass) -> Vec<(Option<ToolId>, People)> {
    let nobody = BTreeSet::new();
    // Of tools to come nothing is known: somebody owns them whom no rule names, or nobody does.
    let later = ToolId::of_name("a tool that is not in the catalogue yet");
    let somebody = BTreeSet::from([PersonId::of_name("an owner who is not known yet")]);
    let tools: Vec<(Option<ToolId>, &BTreeSet<PersonId>)> = match class {
        ToolClass::New => vec![(None, &nobody)],
        ToolClass::Named(tool) => match facts.tools.get(tool) {
            Some(known) => vec![(Some(*tool), &known.owners)],
            None => vec![(Some(*tool), &nobody), (Some(*tool), &somebody)],
        },
        ToolClass::Other => {
            let mut owned = vec![(Some(later), &nobody)];
            let owners = |ask: &Ask| ask.names().any(|approvers| *approvers == Approvers::ToolOwners);
            if pair.asks.iter().any(owners) {
                owned.push((Some(later), &somebody));
                let named: BTreeSet<PersonId> =
                    pair.asks.iter().flat_map(|ask| facts.people(ask.names(), &nobody, None)).collect();
                let mut kinds = BTreeMap::new();
                for (tool, known) in facts.tools.iter().filter(|(tool, _)| !pair.tools.contains(*tool)) {
                    // Owners whom no rule names are all alike.
                    let owners: BTreeSet<_> = known.owners.intersection(&named).copied().collect();
                    let others = known.owners.len().saturating_sub(owners.len());
                    kinds.entry((owners, others)).or_insert((*tool, &known.owners));
                }
                owned.extend(kinds.into_values().map(|(tool, owners)| (Some(tool), owners)));
            }
            owned
        }
    };
    let mut people = Vec::new();
    for (tool, owners) in tools {
        for manager in managers(&pair.asks, facts, owners) {
            people.push((tool, People::new(&pair.asks, facts, owners, manager)));
        }
    }
    people
}

/// Tools of a class, with who decides.
struct Slice<'a> {
    circles: Vec<(Option<ToolId>, Circle<'a>)>,
    /// What new rules ask, and what administrators are asked.
    asked: BTreeSet<usize>,
    /// Whether its tools have tags.
    with_tags: bool,
    /// New asks that were compared with old ones already, by these, and found to serve them.
    served: RefCell<HashMap<Vec<usize>, HashSet<Vec<usize>>>>,
    shared: RefCell<HashMap<(usize, usize), bool>>,
}

impl Slice<'_> {
    /// Whether a new ask could serve both old ones, for any tool and requester.
    fn share(&self, one: usize, other: usize) -> bool {
        let known = self.shared.borrow().get(&(one, other)).copied();
        known.unwrap_or_else(|| {
            let share = self.circles.iter().any(|(_, circle)| circle.share(one, other, &self.asked));
            self.shared.borrow_mut().insert((one, other), share);
            share
        })
    }

    /// Whether an ask comes to the same as one of these, for any tool and requester.
    fn same(&self, ask: usize, others: &BTreeSet<usize>) -> bool {
        let in_circle = |circle: &Circle<'_>| others.iter().any(|other| circle.same(ask, *other));
        others.contains(&ask) || self.circles.iter().any(|(_, circle)| in_circle(circle))
    }

    /// The tool and requester for which not every old ask has a new one of its own.
    fn unserved(&self, old: &[usize], new: Vec<usize>) -> Option<ForWhom> {
        if old == new || self.served.borrow().get(old).is_some_and(|served| served.contains(&new)) {
            return None;
        }
        let wider = self.circles.iter().find(|(_, circle)| !circle.all_served(old, &new));
        if wider.is_none() {
            self.served.borrow_mut().entry(old.to_vec()).or_default().insert(new);
        }
        wider.map(|(tool, circle)| ForWhom {
            tool: *tool,
            requester: circle.requester,
            manager: circle.manager(),
        })
    }
}

/// For which tool and whose request something is wider.
struct ForWhom {
    tool: Option<ToolId>,
    requester: Option<PersonId>,
    manager: Option<PersonId>,
}

/// What rules say at a point.
enum Says {
    /// Denied.
    No,
    /// Approved, within this cap.
    Yes(u32),
    /// This is asked, ascending.
    Ask { asks: Vec<usize>, by_default: bool },
}

fn says(rules: &[&CompiledRule<'_>], point: &Point) -> Says {
    let (mut asks, mut cap) = (Vec::new(), None);
    for rule in rules.iter().filter(|rule| rule.remaining.hold(point)) {
        match &rule.does {
            Does::Deny => return Says::No,
            Does::Approve(days) => cap = Some(cap.unwrap_or(u32::MAX).min(days.get())),
            Does::Ask(more) => asks.extend_from_slice(more),
        }
    }
    asks.sort_unstable();
    asks.dedup();
    match cap {
        Some(cap) if asks.is_empty() => Says::Yes(cap),
        None if asks.is_empty() => Says::Ask { asks: vec![ADMINISTRATORS], by_default: true },
        Some(_) | None => Says::Ask { asks, by_default: false },
    }
}

/// What was seen at a point that is not wider.
struct Seen {
    /// What is asked by the old rules, unless either policy denies.
    old_asks: Option<Vec<usize>>,
    /// Whether no new rule matches.
    new_by_default: bool,
}

/// A cell: tools of a class, one risk, one set of data classes, and the rules that can match there.
struct Block<'a> {
    slice: &'a Slice<'a>,
    risk: Risk,
    class_set: usize,
    old: Vec<&'a CompiledRule<'a>>,
    new: Vec<&'a CompiledRule<'a>>,
}

impl Block<'_> {
    /// Compares the outcomes at a point.
    fn look(&self, point: &Point) -> Result<Seen, Stop> {
        let new = says(&self.new, point);
        let new_by_default = matches!(new, Says::Ask { by_default: true, .. });
        // What is denied is no wider, whatever was said before.
        let old = if matches!(new, Says::No) { Says::No } else { says(&self.old, point) };
        let anybody = self.slice.circles.first();
        let anybody = anybody.map(|(tool, _)| ForWhom { tool: *tool, requester: None, manager: None });
        let (wider, old_asks) = match (old, new) {
            (_, Says::No) => (None, None),
            (Says::No, _) => (anybody, None),
            (Says::Yes(old), Says::Yes(new)) => (anybody.filter(|_| new > old), Some(Vec::new())),
            (Says::Yes(_), Says::Ask { .. }) => (None, Some(Vec::new())),
            (Says::Ask { asks, .. }, Says::Yes(_)) => (anybody, Some(asks)),
            (Says::Ask { asks: old, .. }, Says::Ask { asks: new, .. }) => {
                (self.slice.unserved(&old, new), Some(old))
            }
        };
        match wider {
            None => Ok(Seen { old_asks, new_by_default }),
            Some(ForWhom { tool, requester, manager }) => Err(Stop::Wider(Box::new(Wider {
                tool,
                risk: self.risk,
                class_set: self.class_set,
                point: point.clone(),
                requester,
                manager,
            }))),
        }
    }

    fn least(&self, rule: &CompiledRule<'_>) -> Vec<Point> {
        rule.remaining.least(self.slice.with_tags)
    }

    /// What changed rules show, alone or with one new rule.
    fn search(&self) -> Result<(), Stop> {
        for rule in self.old.iter().filter(|rule| rule.changed) {
            for point in self.least(rule) {
                let seen = self.look(&point)?;
                if seen.old_asks.is_none() || !seen.new_by_default {
                    continue;
                }
                for other in self.new.iter().flat_map(|rule| self.least(rule)) {
                    if let Some(joined) = point.join(&other) {
                        self.look(&joined)?;
                    }
                }
            }
        }
        for point in self.new.iter().filter(|rule| rule.changed).flat_map(|rule| self.least(rule)) {
            self.look(&point)?;
        }
        Ok(())
    }

    /// What changed old rules show together with others that demand stages.
    fn search_deep(&self, budget: &Cell<u32>) -> Result<(), Stop> {
        let demanded_anew: BTreeSet<usize> =
            self.new.iter().filter(|rule| rule.changed).flat_map(|rule| asks_of(rule)).copied().collect();
        let useful = |rule: &CompiledRule<'_>| {
            let asks = asks_of(rule);
            !asks.is_empty()
                && (rule.changed
                    || !demanded_anew.is_empty()
                        && asks.iter().any(|ask| self.slice.same(*ask, &demanded_anew)))
        };
        let candidates: Vec<_> = self.old.iter().copied().filter(|rule| useful(rule)).collect();
        let mut seen_points = HashSet::new();
        for rule in candidates.iter().filter(|rule| rule.changed) {
            for point in self.least(rule) {
                self.deepen(point, &candidates, &mut seen_points, budget)?;
            }
        }
        Ok(())
    }

    fn deepen(
        &self,
        point: Point,
        candidates: &[&CompiledRule<'_>],
        seen_points: &mut HashSet<Point>,
        budget: &Cell<u32>,
    ) -> Result<(), Stop> {
        if !seen_points.insert(point.clone()) {
            return Ok(());
        }
        budget.set(budget.get().checked_sub(1).ok_or(Stop::TooMuch)?);
        let Some(asked) = self.look(&point)?.old_asks else { return Ok(()) };
        for rule in candidates {
            let asks = asks_of(rule);
            let adds = asks.iter().any(|ask| asked.binary_search(ask).is_err());
            let connected =
                || asks.iter().any(|one| asked.iter().any(|other| self.slice.share(*one, *other)));
            if !adds || !connected() {
                continue;
            }
            for other in self.least(rule) {
                if let Some(joined) = point.join(&other) {
                    self.deepen(joined, candidates, seen_points, budget)?;
                }
            }
        }
        Ok(())
    }
}
