//! The store in memory: for tests, and the model that the others are compared with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use audit_log::tile::TILE_WIDTH;
use audit_log::{CompactRange, Hash};
use clearance::ports::{
    Attributes, Commit, Committed, Cursor, Expected, Kind, LogEntry, LogHead, Order, Page, PageQuery,
    Revision, Row, Store, StoreError, Write,
};

use crate::limits;

/// Documents and the log in memory.
///
/// Clones share their content: dropping one handle and using another is what reopening a database is elsewhere. Reads look at
/// every document of a kind, so this is for thousands of documents, not for millions.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    kinds: BTreeMap<&'static str, BTreeMap<String, Stored>>,
    log: Vec<LogEntry>,
    head: CompactRange,
    /// By level and index.
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

#[derive(Debug)]
struct Stored {
    revision: Revision,
    body: String,
    attributes: Attributes,
}

impl MemoryStore {
    /// An empty store for these kinds.
    pub fn new(kinds: &'static [&'static Kind]) -> Self {
        let kinds = kinds.iter().map(|kind| (kind.name, BTreeMap::new())).collect();
        let state = State { kinds, log: Vec::new(), head: CompactRange::new(), tiles: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    // Nothing panics while the lock is held, so a poisoned one cannot hold half a change.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn documents(&self, kind: &Kind) -> Result<&BTreeMap<String, Stored>, StoreError> {
        self.kinds.get(kind.name).ok_or_else(|| limits::undeclared(kind))
    }

    fn documents_mut(&mut self, kind: &Kind) -> Result<&mut BTreeMap<String, Stored>, StoreError> {
        self.kinds.get_mut(kind.name).ok_or_else(|| limits::undeclared(kind))
    }

    fn get(&self, kind: &Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let stored = self.documents(kind)?.get(key);
        Ok(stored.map(|stored| Row {
            key: key.to_owned(),
            revision: stored.revision,
            body: stored.body.clone(),
        }))
    }

    fn check(&self, kind: &Kind, key: &str, expected: Expected) -> Result<(), StoreError> {
        let found = self.documents(kind)?.get(key).map(|stored| stored.revision);
        let holds = match expected {
            Expected::Absent => found.is_none(),
            Expected::At(revision) => found == Some(revision),
        };
        if holds { Ok(()) } else { Err(StoreError::Conflict) }
    }

    fn commit(&mut self, commit: Commit) -> Result<Committed, StoreError> {
        limits::check_commit(&commit)?;
        // Every guard first: from there on nothing can fail, so nothing has to be undone.
        for write in &commit.writes {
            match write {
                Write::Put { kind, key, expected, .. } | Write::Check { kind, key, expected } => {
                    self.check(kind, key, *expected)?;
                }
                Write::Delete { kind, key, expected } => self.check(kind, key, Expected::At(*expected))?,
            }
        }
        for write in commit.writes {
            match write {
                Write::Put { kind, key, expected, body, attributes } => {
                    let revision = match expected {
                        Expected::Absent => Revision::FIRST,
                        Expected::At(Revision(revision)) => Revision(revision + 1),
                    };
                    self.documents_mut(kind)?.insert(key, Stored { revision, body, attributes });
                }
                Write::Delete { kind, key, .. } => {
                    self.documents_mut(kind)?.remove(&key);
                }
                Write::Check { .. } => {}
            }
        }
        let first_entry = self.head.size();
        for entry in commit.entries {
            let leaf_hash = entry.leaf_hash();
            self.log.push(LogEntry { index: self.head.size(), bytes: entry.into_bytes(), leaf_hash });
            let tiles = &mut self.tiles;
            self.head.append_with(leaf_hash, |level, index, root| {
                // A level of tiles stands for eight of the tree.
                if level.is_multiple_of(8) {
                    tiles.entry((level / 8, index / u64::from(TILE_WIDTH))).or_default().push(*root);
                }
            });
        }
        Ok(Committed { first_entry })
    }

    fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        limits::check_page(query)?;
        let mut rows = Vec::new();
        for (key, stored) in self.documents(query.kind)? {
            let Some(cursor) = position(query, key, &stored.attributes)? else { continue };
            if is_wanted(query, &cursor) {
                rows.push((
                    cursor,
                    Row { key: key.clone(), revision: stored.revision, body: stored.body.clone() },
                ));
            }
        }
        rows.sort_by(|(one, _), (other, _)| (&one.range, &one.key).cmp(&(&other.range, &other.key)));
        if query.order == Order::Descending {
            rows.reverse();
        }
        let more = rows.len() > usize::from(query.limit);
        rows.truncate(usize::from(query.limit));
        let next = if more { rows.last().map(|(cursor, _)| cursor.clone()) } else { None };
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
    }
}

/// Where a document stands in the order asked for; `None` when it is not in the index or in another partition.
fn position(query: &PageQuery, key: &str, attributes: &Attributes) -> Result<Option<Cursor>, StoreError> {
    let kind = query.kind;
    let Some((index, values)) = &query.index else {
        return Ok(Some(Cursor { range: String::new(), key: key.to_owned() }));
    };
    if !kind.indexes.contains(index) {
        return Err(limits::undeclared_index(kind, index));
    }
    let value = |attribute: &str| {
        let place = kind.attributes.iter().position(|declared| *declared == attribute);
        place.and_then(|place| attributes.get(place)?.as_deref())
    };
    let same = index
        .partition
        .iter()
        .zip(values)
        .all(|(attribute, wanted)| value(attribute) == Some(wanted.as_str()));
    Ok(match value(index.range) {
        Some(range) if same => Some(Cursor { range: range.to_owned(), key: key.to_owned() }),
        _ => None,
    })
}

fn is_wanted(query: &PageQuery, at: &Cursor) -> bool {
    let bounded = if query.index.is_some() { &at.range } else { &at.key };
    let behind = query.after.as_ref().is_none_or(|after| {
        // Paging by key knows no range: whatever the cursor says there is not looked at.
        let range = if query.index.is_some() { after.range.as_str() } else { "" };
        match query.order {
            Order::Ascending => (at.range.as_str(), &at.key) > (range, &after.key),
            Order::Descending => (at.range.as_str(), &at.key) < (range, &after.key),
        }
    });
    behind
        && query.from.as_ref().is_none_or(|from| bounded >= from)
        && query.until.as_ref().is_none_or(|until| bounded < until)
}

impl Store for MemoryStore {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        self.state().get(kind, key)
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        self.state().page(&query)
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.state().commit(commit)
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // What was removed is gone with its allocation; nothing outlives the process.
        Ok(())
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        let state = self.state();
        Ok(LogHead { size: state.head.size(), root: state.head.root() })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        limits::check_log_page(limit)?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.state().log.iter().skip(from).take(usize::from(limit)).cloned().collect())
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        Ok(self.state().tiles.get(&(level, index)).cloned().unwrap_or_default())
    }
}
