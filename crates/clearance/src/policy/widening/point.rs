//! Points of a cell: what of a request is left when tool, risk and data classes are fixed.

use crate::time::Days;

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

/// The least point at which some rules match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Point {
    /// Numbers of the tags, ascending.
    pub(super) tags: Vec<usize>,
    /// Numbers of the requester's groups, ascending.
    pub(super) groups: Vec<usize>,
    /// Days asked for.
    pub(super) days: u32,
    /// Days in all.
    pub(super) days_in_all: u32,
}

impl Point {
    /// The least point above both; none when the days contradict each other.
    pub(super) fn join(&self, other: &Point) -> Option<Point> {
        let union = |one: &[usize], other: &[usize]| {
            let mut all: Vec<usize> = one.iter().chain(other).copied().collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let joined = Point {
            tags: union(&self.tags, &other.tags),
            groups: union(&self.groups, &other.groups),
            days: self.days.max(other.days),
            days_in_all: self.days_in_all.min(other.days_in_all),
        };
        (joined.days <= joined.days_in_all).then_some(joined)
    }
}

/// What is left of a rule's conditions in a cell.
#[derive(Debug)]
pub(super) struct Remaining {
    /// One of these tags.
    pub(super) tags: Option<(Vec<usize>, Bits)>,
    /// One of these groups.
    pub(super) groups: Option<(Vec<usize>, Bits)>,
    /// More days than this.
    pub(super) longer_than: u32,
    /// At most these days in all.
    pub(super) cap: u32,
}

impl Remaining {
    /// Whether they hold at a point.
    pub(super) fn hold(&self, point: &Point) -> bool {
        let hits = |wanted: &Option<(Vec<usize>, Bits)>, given: &[usize]| {
            wanted.as_ref().is_none_or(|(_, wanted)| given.iter().any(|number| wanted.contains(*number)))
        };
        point.days > self.longer_than
            && point.days_in_all <= self.cap
            && hits(&self.groups, &point.groups)
            && hits(&self.tags, &point.tags)
    }

    /// The least points at which they hold, one for each choice of a tag and a group; none when they never hold.
    pub(super) fn least(&self, with_tags: bool) -> Vec<Point> {
        let one_each = |wanted: &Option<(Vec<usize>, Bits)>| match wanted {
            None => vec![Vec::new()],
            Some((numbers, _)) => numbers.iter().map(|number| vec![*number]).collect(),
        };
        let days = self.longer_than.saturating_add(1);
        let days_in_all = self.cap.min(Days::MAX.get());
        if days > days_in_all || (self.tags.is_some() && !with_tags) {
            return Vec::new();
        }
        let mut points = Vec::new();
        for tags in one_each(&self.tags) {
            for groups in one_each(&self.groups) {
                points.push(Point { tags: tags.clone(), groups, days, days_in_all });
            }
        }
        points
    }
}
