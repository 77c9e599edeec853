//! `audit.entries`.

use audit_log::{Record, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by_time::span;
use super::{Family, Filter};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{List as Page, Paging};
use crate::failure::Failure;
use crate::ids::{AnyId, PersonId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::people::{Names, PersonRef};
use crate::ports::{LogEntry, MAX_LOG_PAGE, Ports, Store, StoreError};
use crate::refusal::malformed;
use crate::time::Timestamp;

/// Entries that one call reads at most while it looks for those that a filter admits: some tens of milliseconds. There is no index of the
/// log, so that appending stays cheap; a page may come short, or empty, with a `next` that goes on.
pub(crate) const MAX_SEARCHED: u64 = 20_000;

/// An entry of the log as auditors see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryView {
    /// Position, from 0.
    pub index: u64,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// What kind of event.
    pub kind: String,
    /// Who caused it, when that was a person: the name lives beside the log and may have been erased.
    pub person: Option<PersonRef>,
    /// RFC 6962 leaf hash of the entry's bytes, lower-case hexadecimal.
    pub leaf_hash: String,
    /// The entry's canonical bytes (RFC 8785), as text: what the leaf hash is of.
    pub entry: String,
}

/// `audit.entries`.
#[derive(Debug)]
pub struct Entries;

/// What `audit.entries` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEntries {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
    /// Newest first; oldest first when not given.
    #[serde(default)]
    pub newest_first: bool,
    /// Only events of these families: nouns before the dot of a kind.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Only what this person caused, or what is about them.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// Only entries whose facts name this request, grant, tool, job or other thing.
    #[serde(default)]
    pub about: Option<AnyId>,
    /// Only from this instant on.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Only before this instant.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl ListEntries {
    fn filter(&self) -> Filter {
        Filter {
            families: self.families.clone(),
            person: self.person,
            about: self.about.clone(),
            from: self.from,
            until: self.until,
        }
    }
}

impl Operation for Entries {
    const NAME: &'static str = "audit.entries";
    const SUMMARY: &'static str =
        "Entries of the log in order; with a filter, pages may come short: go on while there is a `next`";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const SCOPE: Scope = Scope::Log;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Verification);
    type Input = ListEntries;
    type Output = Page<EntryView>;

    /// Entries that this call may read beyond those that it shows: nothing without a filter, or with a period alone.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &ListEntries) -> Result<u32, Failure> {
        if !input.filter().searches() {
            return Ok(0);
        }
        let size = context.store().log_head().await?.size;
        Ok(u32::try_from(size.min(MAX_SEARCHED)).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListEntries,
    ) -> Result<Decision<Self::Output>, Failure> {
        let limit = usize::from(Paging { after: None, limit: input.limit }.limit());
        let after = match &input.after {
            Some(text) => Some(
                text.parse::<u64>()
                    .map_err(|_| malformed("after", "is not the `next` of an earlier page"))?,
            ),
            None => None,
        };
        let found = find(context.store(), input, after, limit).await?;
        let mut items = Vec::with_capacity(found.entries.len());
        let mut names = Names::new(context.store());
        for entry in found.entries {
            items.push(view(&mut names, entry).await?);
        }
        Ok(Decision::answer(Page { items, next: found.next.map(|place| place.to_string()) }))
    }
}

/// Entries of one page, and where the next one begins.
#[derive(Debug)]
struct Found {
    entries: Vec<LogEntry>,
    next: Option<u64>,
}

/// Reads until the page is full, [`MAX_SEARCHED`] entries were read, or there are no more. Oldest first, `after` is the last entry that
/// was read; newest first, it is the one after those still to be read.
async fn find(
    store: &impl Store,
    input: &ListEntries,
    after: Option<u64>,
    limit: usize,
) -> Result<Found, Failure> {
    let filter = input.filter();
    let size = store.log_head().await?.size;
    let (start, end) = span(store, size, filter.from, filter.until).await?;
    let (mut low, mut high) = match (after, input.newest_first) {
        (None, _) => (start, end),
        (Some(after), true) => (start, end.min(after)),
        (Some(after), false) => (start.max(after.saturating_add(1)), end),
    };
    // Without a search every entry is shown, but for the skew at the ends of a period: no more is read than is shown.
    let step = if filter.searches() { u64::from(MAX_LOG_PAGE) } else { limit as u64 };
    let matcher = filter.matcher();
    let mut entries = Vec::new();
    let mut searched = 0;
    while low < high && entries.len() < limit && searched < MAX_SEARCHED {
        let wanted = step.min(high - low);
        let from = if input.newest_first { high - wanted } else { low };
        let mut page = store.log_entries(from, u16::try_from(wanted).unwrap_or(MAX_LOG_PAGE)).await?;
        if page.len() as u64 != wanted {
            return Err(StoreError::Damaged(format!("the log lacks entries from {from} on")).into());
        }
        if input.newest_first {
            page.reverse();
        }
        searched += wanted;
        for entry in page {
            if entries.len() == limit {
                return Ok(Found { entries, next: Some(next_of(input.newest_first, low, high)) });
            }
            if input.newest_first {
                high = entry.index;
            } else {
                low = entry.index.saturating_add(1);
            }
            if matcher.admits(&entry)? {
                entries.push(entry);
            }
        }
    }
    let next = (low < high).then(|| next_of(input.newest_first, low, high));
    Ok(Found { entries, next })
}

fn next_of(newest_first: bool, low: u64, high: u64) -> u64 {
    if newest_first { high } else { low.saturating_sub(1) }
}

async fn view<S: Store>(names: &mut Names<'_, S>, entry: LogEntry) -> Result<EntryView, Failure> {
    let record = Record::parse(&entry.bytes)
        .map_err(|error| StoreError::Damaged(format!("entry {}: {error}", entry.index)))?;
    let person = record.actor.get("person").and_then(Value::as_str).and_then(|id| id.parse().ok());
    Ok(EntryView {
        index: entry.index,
        at: record.at,
        kind: record.kind,
        person: match person {
            Some(id) => Some(names.person(id).await?),
            None => None,
        },
        leaf_hash: entry.leaf_hash.to_string(),
        entry: String::from_utf8_lossy(&entry.bytes).into_owned(),
    })
}
