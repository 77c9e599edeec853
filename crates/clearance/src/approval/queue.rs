//! `approvals.queue`: what the caller can decide now, longest waiting first.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::selector::Selector;
use super::waiting::{Waiting, WaitingSummary};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::catalog::Ownership;
use crate::delegation::Delegations;
use crate::documents::{self, List, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Membership, Person, PersonRef};
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::settings::{self, Settings};
use crate::text::Line;
use crate::time::Timestamp;

/// `approvals.queue`.
#[derive(Debug)]
pub struct Queue;

/// What `approvals.queue` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueInput {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// A request that the caller can decide now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueueItem {
    /// The request.
    pub request: WaitingSummary,
    /// The stage that waits.
    pub stage: Line,
    /// Since when it waits.
    pub since: Timestamp,
    /// For whom the caller decides it, if they stand in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonRef>,
}

impl Operation for Queue {
    const NAME: &'static str = "approvals.queue";
    const SUMMARY: &'static str = "Requests that the caller can decide now, longest waiting first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    type Input = QueueInput;
    type Output = List<QueueItem>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &QueueInput,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let person = context.admission.person()?;
        let limit = Paging { after: None, limit: input.limit }.limit();
        let delegators = delegators_of(store, person.id, now).await?;
        // Their own right comes before anybody else's.
        let mut ways: BTreeMap<Selector, (Way<'_>, Option<Timestamp>)> = BTreeMap::new();
        let settings = settings::current(store).await?;
        for (selector, own_doing) in selectors_of(store, person, &settings).await? {
            ways.insert(selector, (Way::Own, own_doing));
        }
        for delegator in &delegators {
            for (selector, own_doing) in selectors_of(store, delegator, &settings).await? {
                ways.entry(selector).or_insert((Way::For(delegator), own_doing));
            }
        }
        let selectors: Vec<Selector> = ways.keys().copied().collect();
        let mut after = input.after.clone();
        let mut items = Vec::with_capacity(usize::from(limit));
        loop {
            let page = merged(store, &selectors, after.as_ref(), limit).await?;
            for (request, way) in page.items.into_iter().filter_map(|rows| {
                let way = way_to(&rows, person.id, &delegators, &ways)?;
                Some((rows.into_iter().next()?, way))
            }) {
                if items.len() < usize::from(limit) {
                    let on_behalf_of = way.delegator();
                    let on_behalf_of =
                        on_behalf_of.map(|person| PersonRef { id: person.id, name: person.name.to_string() });
                    items.push(QueueItem {
                        request: request.request,
                        stage: request.stage_name,
                        since: request.since,
                        on_behalf_of,
                    });
                }
            }
            after = page.next;
            // Rows that are not the caller's to decide are skipped; a page of nothing but those is not the end.
            if !items.is_empty() || after.is_none() {
                return Ok(Decision::answer(List { items, next: after }));
            }
        }
    }
}

/// By whose right somebody finds a request.
#[derive(Debug, Clone, Copy)]
enum Way<'a> {
    /// Their own.
    Own,
    /// That of somebody for whom they stand in.
    For(&'a Person),
}

impl<'a> Way<'a> {
    fn delegator(self) -> Option<&'a Person> {
        match self {
            Self::Own => None,
            Self::For(delegator) => Some(delegator),
        }
    }
}

/// By whose right somebody decides a request that these rows are of; none when they do not.
fn way_to<'a>(
    rows: &[Waiting],
    person: PersonId,
    delegators: &[Person],
    ways: &BTreeMap<Selector, (Way<'a>, Option<Timestamp>)>,
) -> Option<Way<'a>> {
    let first = rows.first()?;
    let asks = first.request.requester.id;
    if first.without.contains(&person) || delegators.iter().any(|delegator| delegator.id == asks) {
        return None;
    }
    let found = rows.iter().flat_map(|row| [Some(row.selector), row.other]).flatten();
    // What was asked for before they did something about it themselves is not theirs to decide.
    let asked = first.request.submitted_at;
    let found = found.filter_map(|selector| ways.get(&selector).copied());
    let found =
        found.filter(|(_, own_doing)| own_doing.is_none_or(|since| since <= asked)).map(|(way, _)| way);
    let free = found.filter(|way| !way.delegator().is_some_and(|one| first.without.contains(&one.id)));
    // Nobody is less than somebody: their own right comes first.
    free.min_by_key(|way| way.delegator().map(|delegator| delegator.id))
}

/// For whom somebody decides now.
async fn delegators_of(store: &impl Store, person: PersonId, now: Timestamp) -> Result<Vec<Person>, Failure> {
    let own = Delegations::load(store, person).await?;
    let ids = own.map(|own| own.delegators(now)).unwrap_or_default();
    let mut delegators = Vec::with_capacity(ids.len());
    for id in ids {
        let delegator = load::<Person>(store, &id.to_string()).await?;
        delegators.extend(delegator.filter(|delegator| delegator.is_active()).map(Loaded::into_inner));
    }
    Ok(delegators)
}

/// Under what a person's rows are found: themselves, their groups, the tools they own; each with since when, if that is their own doing.
async fn selectors_of(
    store: &impl Store,
    person: &Person,
    settings: &Settings,
) -> Result<Vec<(Selector, Option<Timestamp>)>, Failure> {
    let mut selectors = vec![(Selector::Person(person.id), None)];
    let named = settings.groups_named.as_ref().filter(|named| named.by.contains(&person.id));
    for group in person.groups.iter().copied() {
        let membership = load::<Membership>(store, &Membership::key_of(group, person.id)).await?;
        let joined =
            membership.filter(|joined| joined.added_by.contains(&person.id)).map(|joined| joined.since);
        let by_settings = [settings.security, settings.administrators].contains(&group);
        let own_doing = joined.max(named.filter(|_| by_settings).map(|named| named.at));
        selectors.push((Selector::Group(group), own_doing));
    }
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let owned =
        documents::list::<Ownership>(store, Select::by(&Ownership::BY_PERSON, [person.id]), &paging).await?;
    selectors.extend(owned.items.iter().map(|owned| {
        let own_doing = owned.added_at.filter(|_| owned.added_by.contains(&person.id));
        (Selector::Owner(owned.tool), own_doing)
    }));
    Ok(selectors)
}

/// One page of requests over several partitions, merged by time and key, each with its rows that the selectors find.
///
/// A cursor is a place in that order, hence in every partition; no partition needs a place of its own. A partition has at most one row of a
/// request, so whatever comes first in all of them came first in each.
async fn merged(
    store: &impl Store,
    selectors: &[Selector],
    after: Option<&String>,
    limit: u16,
) -> Result<List<Vec<Waiting>>, Failure> {
    let paging = Paging { after: after.cloned(), limit: Some(limit) };
    let places = selectors.iter().flat_map(|selector| {
        [&Waiting::BY_SELECTOR, &Waiting::BY_OTHER].map(|index| Select::by(index, [selector]))
    });
    let pages = places.map(|place| documents::list::<Waiting>(store, place, &paging));
    let pages = try_join_all(pages).await?;
    let mut more = pages.iter().any(|page| page.next.is_some());
    let mut requests: BTreeMap<_, BTreeMap<u8, Waiting>> = BTreeMap::new();
    for row in pages.into_iter().flat_map(|page| page.items) {
        let row = row.into_inner();
        requests.entry((row.since, row.request.id)).or_default().insert(row.number, row);
    }
    more |= requests.len() > usize::from(limit);
    let mut items = Vec::with_capacity(requests.len().min(usize::from(limit)));
    let mut next = None;
    for ((since, request), rows) in requests.into_iter().take(usize::from(limit)) {
        // The key of the cursor lies behind all of the last request's rows: `;` follows `:`.
        next = more.then(|| format!("{request};~{since}"));
        items.push(rows.into_values().collect());
    }
    Ok(List { items, next })
}
