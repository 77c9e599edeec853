//! Counting: reads the log onward from where it was counted, and writes counters and place in one commit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::counters::{InsightDay, InsightTool, Standing};
use super::event::{self, Event};
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::ports::{Attributes, Environment as _, Kind, LogEntry, Ports, Store, StoreError};

/// Entries of one commit.
const ENTRIES: u16 = 512;
/// Days and tools of one commit, besides the place.
const MAX_DOCUMENTS: usize = 16;
/// Commits of one pass, so that what is due by time does not wait.
const COMMITS: usize = 40;

/// How far the log is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightProgress {
    /// The first entry that is not counted yet.
    pub next: u64,
    /// How things stand by what is.
    pub standing: Standing,
    /// Whether all counters are being thrown away, to be counted anew.
    pub clearing: bool,
}

impl InsightProgress {
    /// The only key.
    pub const KEY: &'static str = "log";

    /// As stored, or nothing counted yet.
    pub(super) async fn current(store: &impl Store) -> Result<(Option<Loaded<Self>>, Self), Failure> {
        let loaded = load::<Self>(store, Self::KEY).await?;
        let progress = loaded.as_deref().cloned().unwrap_or_default();
        Ok((loaded, progress))
    }
}

impl Document for InsightProgress {
    const KIND: &'static Kind = &Kind { name: "insight_progress", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Counts what the log has grown by; how many entries.
///
/// An entry is counted in the commit that moves the place behind it, and that commit is refused if somebody else has moved it: so each is
/// counted once, whoever runs this and wherever it is killed.
pub(crate) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let store = ports.store();
    let mut counted = 0;
    for _ in 0..COMMITS {
        if ports.environment().is_time_up() {
            break;
        }
        let (loaded, progress) = InsightProgress::current(store).await?;
        if progress.clearing {
            if !clear(store, loaded.as_ref(), &progress).await? {
                break;
            }
            continue;
        }
        if store.log_head().await?.size <= progress.next {
            break;
        }
        let entries = store.log_entries(progress.next, ENTRIES).await?;
        let mut batch = Batch::after(progress);
        for entry in &entries {
            if !batch.take(store, entry).await? {
                break;
            }
        }
        let here = batch.taken;
        if here == 0 {
            return Err(StoreError::Damaged("the log lacks entries that its head counts".to_owned()).into());
        }
        // Otherwise another host counts: it has what this one would have.
        if !batch.into_change(loaded.as_ref()).commit_if_first(store).await? {
            break;
        }
        counted += here;
    }
    Ok(counted)
}

/// Counters of some entries, put together for one commit.
struct Batch {
    progress: InsightProgress,
    taken: u64,
    days: BTreeMap<Day, (Option<Loaded<InsightDay>>, InsightDay)>,
    tools: BTreeMap<ToolId, (Option<Loaded<InsightTool>>, InsightTool)>,
}

impl Batch {
    fn after(progress: InsightProgress) -> Self {
        Self { progress, taken: 0, days: BTreeMap::new(), tools: BTreeMap::new() }
    }

    /// Counts one entry, unless it needs more documents than one commit takes.
    async fn take(&mut self, store: &impl Store, entry: &LogEntry) -> Result<bool, Failure> {
        if entry.index != self.progress.next {
            return Err(StoreError::Damaged(format!("log entry `{}` is missing", self.progress.next)).into());
        }
        if let Some((day, event)) = event::read(entry)? {
            if !self.has_room_for(day, &event) {
                return Ok(false);
            }
            self.count(store, day, &event).await?;
        }
        self.progress.next = self.progress.next.saturating_add(1);
        self.taken += 1;
        Ok(true)
    }

    fn has_room_for(&self, day: Day, event: &Event) -> bool {
        let new_tool = event.tool().is_some_and(|tool| !self.tools.contains_key(&tool));
        let more = usize::from(!self.days.contains_key(&day)) + usize::from(new_tool);
        self.days.len() + self.tools.len() + more <= MAX_DOCUMENTS
    }

    async fn count(&mut self, store: &impl Store, day: Day, event: &Event) -> Result<(), Failure> {
        let (_, counted) = match self.days.entry(day) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let loaded = load::<InsightDay>(store, &day.to_string()).await?;
                let counted = loaded.as_deref().cloned();
                new.insert((loaded, counted.unwrap_or_else(|| InsightDay::none(day))))
            }
        };
        counted.counters.count(event);
        if let Some(tool) = event.tool() {
            let (_, counted) = match self.tools.entry(tool) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let loaded = load::<InsightTool>(store, &tool.to_string()).await?;
                    let counted = loaded.as_deref().cloned();
                    new.insert((loaded, counted.unwrap_or_else(|| InsightTool::none(tool))))
                }
            };
            counted.count(event);
        }
        self.progress.standing.count(event);
        Ok(())
    }

    fn into_change(self, before: Option<&Loaded<InsightProgress>>) -> Change {
        let mut change = Change::new();
        change.upsert(before, &self.progress);
        for (loaded, counted) in self.days.values() {
            change.upsert(loaded.as_ref(), counted);
        }
        for (loaded, counted) in self.tools.values() {
            change.upsert(loaded.as_ref(), counted);
        }
        change
    }
}

/// Throws away some counters; at last begins at the first entry. Whether it came about.
async fn clear(
    store: &impl Store,
    before: Option<&Loaded<InsightProgress>>,
    progress: &InsightProgress,
) -> Result<bool, Failure> {
    let mut change = Change::new();
    let paging = Paging { after: None, limit: u16::try_from(MAX_DOCUMENTS).ok() };
    let days = documents::list::<InsightDay>(store, Select::all(), &paging).await?.items;
    for day in &days {
        change.remove(day);
    }
    if days.is_empty() {
        let tools = documents::list::<InsightTool>(store, Select::all(), &paging).await?.items;
        for tool in &tools {
            change.remove(tool);
        }
        if tools.is_empty() {
            change.upsert(before, &InsightProgress::default());
            return change.commit_if_first(store).await;
        }
    }
    // The place is revised with each part: whoever counts meanwhile loses.
    change.upsert(before, &InsightProgress { clearing: true, ..progress.clone() });
    change.commit_if_first(store).await
}

/// Every tool's counters.
pub(super) async fn tools(store: &impl Store) -> Result<Vec<InsightTool>, Failure> {
    let tools = documents::all::<InsightTool>(store, Select::all()).await?;
    Ok(tools.into_iter().map(Loaded::into_inner).collect())
}

/// The counters of days from one on, before another.
pub(super) async fn days(store: &impl Store, from: Day, until: Day) -> Result<Vec<InsightDay>, Failure> {
    let select = Select::by(&InsightDay::BY_DAY, ["all"]).from(from).until(until);
    let days = documents::all::<InsightDay>(store, select).await?;
    Ok(days.into_iter().map(Loaded::into_inner).collect())
}
