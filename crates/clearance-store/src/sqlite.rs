//! The store on an embedded SQLite database.

mod backup;
mod checkpointer;
mod connection;
mod documents;
mod failure;
mod file;
mod schema;
mod scrub;
mod sequencer;
mod tiles;
mod verify;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use audit_log::{CompactRange, Hash};
use clearance::ports::{
    Commit, Committed, Cursor, Kind, LogEntry, LogHead, Order, Page, PageQuery, Revision, Row, Store,
    StoreError,
};
use rusqlite::{Connection, Statement};

use crate::limits;
use crate::statements::{self, KindStatements, Start};
use connection::Readers;
use failure::failure;
use sequencer::{Job, Sequencer};

pub use file::{Departure, Relation, SqliteFile};
pub use verify::Problem;

/// Documents and the log in one SQLite file.
///
/// Commits go to one writer thread, which merges those that wait into one transaction and one disk sync. Reads run where they are
/// awaited, on a pool of read-only connections: each is a point read or a page of at most 100 rows by an index, microseconds that
/// cost less than a hop to another thread. A read sees every commit answered before it began.
///
/// Several processes may open the same file. Dropping the store finishes what waits; [`close`](Self::close) does the same and says
/// whether it worked.
#[derive(Debug)]
pub struct SqliteStore {
    // Declared before the writer, and so dropped before it: the last to close moves the write-ahead log, which readers cannot.
    readers: Readers,
    sequencer: Sequencer,
    kinds: Arc<[KindStatements]>,
    places: HashMap<&'static str, usize>,
}

impl SqliteStore {
    /// Opens the database at a path, making or migrating its tables for these kinds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or written, is of another version, or when a kind is not well
    /// declared or needs a migration; [`StoreError::Damaged`] when the file is no sound database.
    pub fn open(path: impl AsRef<Path>, kinds: &'static [&'static Kind]) -> Result<Self, StoreError> {
        let path = path.as_ref();
        schema::migrate(&mut connection::open_writer(path)?, kinds)?;
        let statements: Arc<[KindStatements]> = kinds.iter().map(|kind| KindStatements::new(kind)).collect();
        let places = kinds.iter().zip(0..).map(|(kind, place)| (kind.name, place)).collect();
        let sequencer = Sequencer::start(path, Arc::clone(&statements))?;
        Ok(Self { sequencer, readers: Readers::new(path), kinds: statements, places })
    }

    /// Finishes every commit that waits, moves the write-ahead log into the database file and closes it.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.readers.clear();
        self.sequencer.close()
    }

    /// The file, for what needs no store: verifying, backing up, comparing with a known checkpoint.
    pub fn file(&self) -> SqliteFile {
        SqliteFile::at(self.readers.path())
    }

    fn place(&self, kind: &Kind) -> Result<usize, StoreError> {
        self.places.get(kind.name).copied().ok_or_else(|| limits::undeclared(kind))
    }

    fn statements(&self, kind: &Kind) -> Result<&KindStatements, StoreError> {
        self.kinds.get(self.place(kind)?).ok_or_else(|| limits::undeclared(kind))
    }
}

impl Store for SqliteStore {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let statements = self.statements(kind)?;
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(&statements.get).map_err(failure)?;
            read_document(&mut statement, kind, key)
        })
    }

    async fn get_all(&self, kind: &'static Kind, keys: &[String]) -> Result<Vec<Option<Row>>, StoreError> {
        let statements = self.statements(kind)?;
        self.readers.read(|connection| {
            // Whoever begins to read forgets every page that it knows: so all are read as of one commit.
            let reading = connection.unchecked_transaction().map_err(failure)?;
            let mut statement = reading.prepare_cached(&statements.get).map_err(failure)?;
            keys.iter().map(|key| read_document(&mut statement, kind, key)).collect()
        })
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        limits::check_page(&query)?;
        let statements = self.statements(query.kind)?;
        self.readers.read(|connection| read_page(connection, statements, &query))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        limits::check_commit(&commit)?;
        let writes =
            commit.writes.into_iter().map(|write| Ok((self.place(limits::target(&write).0)?, write)));
        let writes = writes.collect::<Result<_, StoreError>>()?;
        self.sequencer.commit(Job { writes, entries: commit.entries }).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        scrub::scrub(self.readers.path().to_owned()).await
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(statements::READ_HEAD).map_err(failure)?;
            let head = read_head(&mut statement)?;
            Ok(LogHead { size: head.size(), root: head.root() })
        })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        limits::check_log_page(limit)?;
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(statements::READ_ENTRIES).map_err(failure)?;
            let mut rows = statement.query((from, limit)).map_err(failure)?;
            let mut entries = Vec::with_capacity(usize::from(limit));
            while let Some(row) = rows.next().map_err(failure)? {
                entries.push(read_entry(row)?);
            }
            Ok(entries)
        })
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        self.readers.read(|connection| tiles::tile(connection, level, index))
    }
}

/// The head as stored, which must agree with itself.
fn read_head(statement: &mut Statement<'_>) -> Result<CompactRange, StoreError> {
    let damaged = || StoreError::Damaged("the log's head does not read as one".into());
    let (size, bytes) = statement
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .map_err(|error| match failure(error) {
            StoreError::Damaged(_) => damaged(),
            other => other,
        })?;
    let head = CompactRange::from_bytes(&bytes).map_err(|_| damaged())?;
    if u64::try_from(size) == Ok(head.size()) { Ok(head) } else { Err(damaged()) }
}

fn read_entry(row: &rusqlite::Row<'_>) -> Result<LogEntry, StoreError> {
    let position: i64 = row.get(0).map_err(failure)?;
    let damaged = || StoreError::Damaged(format!("log entry {position} does not read as one"));
    let index = u64::try_from(position).map_err(|_| damaged())?;
    let leaf_hash = row.get_ref(1).map_err(failure)?.as_blob().map_err(|_| damaged())?;
    let leaf_hash = Hash::try_from(leaf_hash).map_err(|_| damaged())?;
    let bytes = row.get_ref(2).map_err(failure)?.as_blob().map_err(|_| damaged())?.to_vec();
    Ok(LogEntry { index, bytes, leaf_hash })
}

fn read_document(statement: &mut Statement<'_>, kind: &Kind, key: &str) -> Result<Option<Row>, StoreError> {
    let mut rows = statement.query([key]).map_err(failure)?;
    let Some(row) = rows.next().map_err(failure)? else { return Ok(None) };
    let (revision, body) = (row.get(0), row.get(1));
    read_row(kind, key.to_owned(), revision, body).map(Some)
}

fn read_row(
    kind: &Kind,
    key: String,
    revision: rusqlite::Result<i64>,
    body: rusqlite::Result<String>,
) -> Result<Row, StoreError> {
    let revision = revision.ok().and_then(|revision| u64::try_from(revision).ok());
    match (revision, body) {
        (Some(revision), Ok(body)) => Ok(Row { key, revision: Revision(revision), body }),
        _ => Err(StoreError::Damaged(format!("{} `{key}` does not read as a document", kind.name))),
    }
}

fn read_page(
    connection: &Connection,
    statements: &KindStatements,
    query: &PageQuery,
) -> Result<Page, StoreError> {
    let kind = query.kind;
    let place = match &query.index {
        None => None,
        Some((index, _)) => {
            let place = kind.indexes.iter().position(|declared| declared == *index);
            Some(place.ok_or_else(|| limits::undeclared_index(kind, index))?)
        }
    };
    let (start, stop) = match query.order {
        Order::Ascending => (query.from.as_deref(), query.until.as_deref()),
        Order::Descending => (query.until.as_deref(), query.from.as_deref()),
    };
    let after = query.after.as_ref().filter(|after| !is_before(query.order, start, after, place.is_some()));
    let begin = match (after, start) {
        (Some(_), _) => Start::After,
        (None, Some(_)) => Start::Bound,
        (None, None) => Start::Edge,
    };
    let text =
        statements.page(place, query.order, begin, stop.is_some()).ok_or_else(|| limits::undeclared(kind))?;
    let mut statement = connection.prepare_cached(text).map_err(failure)?;

    let mut parameters: Vec<&str> = Vec::with_capacity(8);
    if let Some((_, values)) = &query.index {
        parameters.extend(values.iter().map(String::as_str));
    }
    match (after, start) {
        (Some(after), _) => {
            if place.is_some() {
                parameters.push(&after.range);
            }
            parameters.push(&after.key);
        }
        (None, start) => parameters.extend(start),
    }
    parameters.extend(stop);
    for (place, value) in (1..).zip(&parameters) {
        statement.raw_bind_parameter(place, value).map_err(failure)?;
    }
    // One row more than wanted tells whether there is a next page.
    let limit = usize::from(query.limit);
    statement.raw_bind_parameter(parameters.len() + 1, query.limit + 1).map_err(failure)?;

    let mut rows = statement.raw_query();
    let mut page = Page { rows: Vec::with_capacity(limit), next: None };
    let mut last_range = String::new();
    while let Some(row) = rows.next().map_err(failure)? {
        if page.rows.len() == limit {
            page.next = page.rows.last().map(|last| Cursor { range: last_range, key: last.key.clone() });
            break;
        }
        let key = row.get(0).map_err(|_| StoreError::Damaged(format!("a key of kind `{}`", kind.name)))?;
        if page.rows.len() + 1 == limit {
            last_range = row
                .get(3)
                .map_err(|_| StoreError::Damaged(format!("{} `{key}`: {}", kind.name, "its index")))?;
        }
        page.rows.push(read_row(kind, key, row.get(1), row.get(2))?);
    }
    Ok(page)
}

/// Whether the cursor stands before the start that the question itself sets, so that the start decides. Cursors come from
/// outside: one that was made up must not reach beyond the bounds.
fn is_before(order: Order, start: Option<&str>, after: &Cursor, by_index: bool) -> bool {
    let at = if by_index { after.range.as_str() } else { after.key.as_str() };
    match (order, start) {
        (_, None) => false,
        (Order::Ascending, Some(from)) => at < from,
        // `until` itself is not taken, so a cursor on it is still before the start.
        (Order::Descending, Some(until)) => at >= until,
    }
}
