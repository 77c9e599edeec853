//! Taking out of inboxes what is over.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::About;
use super::item::InboxItem;
use super::telling::Teller;
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::people::Person;
use crate::ports::{Attributes, Environment as _, Kind, Ports, Store};
use crate::time::Timestamp;

/// Items that are looked at before it is noted how far the walk came.
const PORTION: u16 = 40;
/// Portions of one pass.
const PORTIONS: usize = 5;
/// Items that are looked at at the same time: what each says is found out by a few reads, one after the other.
const LANES: usize = 8;
/// Items taken out in one commit.
const TAKEN_OUT: usize = 16;
/// Minutes between two walks through all inboxes. What is over is not shown meanwhile either.
const REST_MINUTES: i64 = 15;

/// The walk through all inboxes that takes out what is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum InboxWalk {
    /// Goes on behind this place.
    Walking {
        /// The last page's `next`.
        after: String,
    },
    /// Came to the end; begins anew at this time.
    Resting {
        /// When.
        until: Timestamp,
    },
}

impl InboxWalk {
    /// The only key.
    pub const KEY: &'static str = "inboxes";
}

impl Document for InboxWalk {
    const KIND: &'static Kind = &Kind { name: "inbox_walk", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Takes out items in which there is nothing to say any more, until the host's time is over; how many.
pub(crate) async fn take_out<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let walk = load::<InboxWalk>(store, InboxWalk::KEY).await?;
    let mut after = match walk.as_deref() {
        Some(InboxWalk::Resting { until }) if now < *until => return Ok(0),
        Some(InboxWalk::Walking { after }) => Some(after.clone()),
        Some(InboxWalk::Resting { .. }) | None => None,
    };
    let (mut taken, mut any) = (0, after.is_some());
    for _ in 0..PORTIONS {
        let paging = Paging { after: after.take(), limit: Some(PORTION) };
        let select = Select::by(&InboxItem::BY_TIME, ["all"]);
        let page = documents::list::<InboxItem>(store, select, &paging).await?;
        any |= !page.items.is_empty();
        for some in over(store, &page.items, now).await?.chunks(TAKEN_OUT) {
            let mut change = Change::new();
            for item in some {
                change.remove(item);
            }
            if change.commit_if_first(store).await? {
                taken += u64::try_from(some.len()).unwrap_or(u64::MAX);
            }
        }
        after = page.next;
        if after.is_none() || ports.environment().is_time_up() {
            break;
        }
    }
    // A site in which nobody was told anything writes nothing.
    if any {
        let next = match after {
            Some(after) => InboxWalk::Walking { after },
            None => InboxWalk::Resting { until: now.plus_minutes(REST_MINUTES) },
        };
        let mut change = Change::new();
        change.upsert(walk.as_ref(), &next);
        // Another host walks, too: either place will do.
        change.commit_if_first(store).await?;
    }
    Ok(taken)
}

/// Those of some items in which there is nothing to say any more.
async fn over<'i>(
    store: &impl Store,
    items: &'i [Loaded<InboxItem>],
    now: Timestamp,
) -> Result<Vec<&'i Loaded<InboxItem>>, Failure> {
    let mut lanes: [Vec<&Loaded<InboxItem>>; LANES] = Default::default();
    for (at, item) in items.iter().enumerate() {
        // What a leaver leaves behind is found out once for all items that tell of it: they stay together.
        let at = if matches!(item.about, About::Left(_)) { 0 } else { at };
        if let Some(lane) = lanes.get_mut(at % LANES) {
            lane.push(item);
        }
    }
    Ok(try_join_all(lanes.map(|lane| over_in(store, lane, now))).await?.concat())
}

/// The same of a few items, one after the other: what one of them had looked up is known for the next.
async fn over_in<'i>(
    store: &impl Store,
    items: Vec<&'i Loaded<InboxItem>>,
    now: Timestamp,
) -> Result<Vec<&'i Loaded<InboxItem>>, Failure> {
    let mut teller = Teller::new(store, now);
    let mut readers = HashMap::new();
    let mut over = Vec::new();
    for item in items {
        let reader = match readers.entry(item.person) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(load::<Person>(store, &item.person.to_string()).await?),
        };
        let told = match reader {
            Some(reader) => teller.tell(item, reader).await?,
            None => None,
        };
        if told.is_none() {
            over.push(item);
        }
    }
    Ok(over)
}
