//! `approvals.queue`: what the caller can decide now, longest waiting first.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::selector::Selector;
use super::waiting::{Waiting, WaitingSummary};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::catalog::Ownership;
use crate::documents::{self, List, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Person;
use crate::ports::{MAX_PAGE, Ports, Store};
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
        let store = context.store();
        let person = context.admission.person()?;
        let limit = Paging { after: None, limit: input.limit }.limit();
        let selectors = selectors_of(store, person).await?;
        let mut after = input.after.clone();
        let mut items = Vec::with_capacity(usize::from(limit));
        loop {
            let page = merged(store, &selectors, after.as_ref(), limit).await?;
            for row in page.items {
                let row = row.into_inner();
                if !row.without.contains(&person.id) && items.len() < usize::from(limit) {
                    items.push(QueueItem { request: row.request, stage: row.stage_name, since: row.since });
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

/// Under what the caller's rows are found: themselves, their groups, the tools they own.
async fn selectors_of(store: &impl Store, person: &Person) -> Result<Vec<Selector>, Failure> {
    let mut selectors = vec![Selector::Person(person.id)];
    selectors.extend(person.groups.iter().copied().map(Selector::Group));
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let owned =
        documents::list::<Ownership>(store, Select::by(&Ownership::BY_PERSON, [person.id]), &paging).await?;
    selectors.extend(owned.items.iter().map(|ownership| Selector::Owner(ownership.tool)));
    Ok(selectors)
}

/// One page over several partitions, merged by time and key. A request that several selectors find is listed once.
///
/// A cursor is a place in that order, hence in every partition; no partition needs a place of its own.
async fn merged(
    store: &impl Store,
    selectors: &[Selector],
    after: Option<&String>,
    limit: u16,
) -> Result<List<Loaded<Waiting>>, Failure> {
    if let [selector] = selectors {
        let paging = Paging { after: after.cloned(), limit: Some(limit) };
        return documents::list::<Waiting>(store, Select::by(&Waiting::BY_SELECTOR, [selector]), &paging)
            .await;
    }
    let mut rows = BTreeMap::new();
    let mut more = false;
    for selector in selectors {
        let paging = Paging { after: after.cloned(), limit: Some(limit) };
        let select = Select::by(&Waiting::BY_SELECTOR, [selector]);
        let page = documents::list::<Waiting>(store, select, &paging).await?;
        more |= page.next.is_some();
        for row in page.items {
            rows.insert((row.since, row.request.id), row);
        }
    }
    more |= rows.len() > usize::from(limit);
    let items: Vec<_> = rows.into_values().take(usize::from(limit)).collect();
    // The key of the cursor lies behind all of the last request's rows: `;` follows `:`.
    let next = items.last().filter(|_| more).map(|row| format!("{};~{}", row.request.id, row.since));
    Ok(List { items, next })
}
