//! Reviews that will be opened because access ends soon, and who decides them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::super::calendar::Day;
use super::operations::ReviewerForecast;
use super::{DAYS, bounded};
use crate::approval::Selector;
use crate::catalog::Tool;
use crate::documents::{Select, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{GrantId, PersonId, ToolId};
use crate::people::{Names, Person};
use crate::ports::Store;
use crate::review::{Review, Reviewers, opens_at};
use crate::settings;
use crate::time::Timestamp;

/// Most reviewers that are named.
const MAX_REVIEWERS: usize = 100;

/// A review that will be opened if nobody does anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upcoming {
    /// When.
    pub(super) opens_at: Timestamp,
    /// Who will decide it.
    reviewer: Selector,
}

/// Reviews that wait and that will be opened.
pub(super) struct Reviews {
    pub(super) upcoming: Vec<Upcoming>,
    waiting: Vec<Selector>,
    /// Whether there are more than were looked at.
    pub(super) more: bool,
}

/// The Mondays of the weeks looked ahead at, this one included.
pub(super) fn weeks(today: Day) -> Vec<Day> {
    let last = today.plus(i64::from(DAYS) - 1);
    let weeks = (0..).map(|week: i64| today.monday().plus(7 * week));
    weeks.take_while(|monday| *monday <= last).collect()
}

/// What will be opened for grants that run, by the clockwork's own rule, and what waits already.
pub(super) async fn coming(
    store: &impl Store,
    now: Timestamp,
    tools: &HashMap<ToolId, Tool>,
    grants: &[Grant],
) -> Result<Reviews, Failure> {
    let (open, more_open) = bounded::<Review>(store, Select::by(&Review::BY_STATE, ["open"])).await?;
    // What was decided longer ago was of ends that have passed.
    let lately =
        Select::by(&Review::BY_STATE, ["decided"]).from(now.plus_minutes(-24 * 60 * i64::from(DAYS)));
    let (decided, more_decided) = bounded::<Review>(store, lately).await?;
    let mut known: HashMap<GrantId, (bool, Option<Timestamp>)> =
        decided.iter().map(|review| (review.grant, (false, review.ends_at))).collect();
    known.extend(open.iter().map(|review| (review.grant, (true, review.ends_at))));
    let settings = settings::current(store).await?;
    let (mut reviewers, mut managers) = (HashMap::new(), HashMap::new());
    let mut upcoming = Vec::new();
    for grant in grants {
        let Some(tool) = tools.get(&grant.tool) else { continue };
        let Some(opens_at) = opens_at(grant, tool.review_days, known.get(&grant.id).copied()) else {
            continue;
        };
        let manager = if Reviewers::are_managers(&settings, tool) {
            manager_of(store, &mut managers, grant.person).await?
        } else {
            None
        };
        let reviewers = match reviewers.entry((tool.id, manager)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Reviewers::load(store, &settings, tool, manager).await?),
        };
        upcoming.push(Upcoming { opens_at: opens_at.max(now), reviewer: reviewers.of(grant.person) });
    }
    let waiting = open.into_iter().map(|review| review.reviewer).collect();
    Ok(Reviews { upcoming, waiting, more: more_open || more_decided })
}

async fn manager_of(
    store: &impl Store,
    known: &mut HashMap<PersonId, Option<PersonId>>,
    person: PersonId,
) -> Result<Option<PersonId>, Failure> {
    if let Some(manager) = known.get(&person) {
        return Ok(*manager);
    }
    let manager = load::<Person>(store, &person.to_string()).await?.and_then(|person| person.manager);
    known.insert(person, manager);
    Ok(manager)
}

impl Reviews {
    /// How many come to whom, in which week: those who get most first.
    pub(super) async fn by_reviewer(
        &self,
        store: &impl Store,
        weeks: &[Day],
    ) -> Result<Vec<ReviewerForecast>, Failure> {
        let mut counts = BTreeMap::<Selector, (u64, Vec<u64>)>::new();
        let none = || (0, vec![0; weeks.len()]);
        for reviewer in &self.waiting {
            counts.entry(*reviewer).or_insert_with(none).0 += 1;
        }
        for Upcoming { opens_at, reviewer } in &self.upcoming {
            let monday = Day::of(*opens_at).monday();
            let place = weeks.iter().position(|week| *week == monday);
            let (_, of_weeks) = counts.entry(*reviewer).or_insert_with(none);
            if let Some(count) = place.and_then(|place| of_weeks.get_mut(place)) {
                *count += 1;
            }
        }
        let mut most: Vec<_> = counts.into_iter().collect();
        most.sort_by_key(|(_, (waiting, weeks))| std::cmp::Reverse(waiting + weeks.iter().sum::<u64>()));
        let mut names = Names::new(store);
        let mut reviewers = Vec::new();
        for (selector, (waiting, weeks)) in most.into_iter().take(MAX_REVIEWERS) {
            let reviewer = match selector {
                Selector::Person(person) => names.person(person).await?.name,
                Selector::Group(group) => names.group(group).await?.name,
                Selector::Owner(tool) => format!("Owners of {}", names.tool(tool).await?.name),
            };
            reviewers.push(ReviewerForecast { reviewer, waiting, weeks });
        }
        Ok(reviewers)
    }
}
