//! A database file looked at from outside.

use std::path::{Path, PathBuf};

use audit_log::{CompactRange, Hash, leaf_hash};
use clearance::ports::{Kind, LogHead, StoreError};
use rusqlite::{Connection, OptionalExtension as _};

use super::connection::open_reader;
use super::failure::failure;
use super::read_head;
use crate::statements::{self, KindStatements};

/// A database file, read without being opened as a store: nothing in it is made or migrated. So it works beside a running server, on
/// a backup, and on a file with kinds that this program does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteFile {
    path: PathBuf,
}

/// How a database's log stands to a size and root known from elsewhere, such as a signed checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is that log.
    Same,
    /// It is that log with so many entries more.
    Extends {
        /// Entries more.
        by: u64,
    },
    /// So many of the known entries are missing at the end. Whether those before agree cannot be told from the known root alone.
    Behind {
        /// Entries fewer.
        by: u64,
    },
    /// It is another log: its first entries do not give the known root.
    Forked,
}

/// How a log departs from a head known from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The log has fewer entries than were known: the end is missing.
    Behind {
        /// The smallest known head beyond the log's end.
        known: LogHead,
        /// Entries in the log.
        size: u64,
    },
    /// The log's entries up to the known size are other ones.
    Rewritten {
        /// The smallest known head whose root is another one.
        known: LogHead,
        /// So many entries from the first agree with the known head before it; the first other entry comes after these, and before
        /// the known size. Which it is, roots cannot tell.
        agrees_until: u64,
    },
}

impl SqliteFile {
    /// The database at a path. Whether there is one shows when it is read.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log's size and root as the database states them; [`verify`](Self::verify) says whether that is true.
    pub fn head(&self) -> Result<LogHead, StoreError> {
        let head = stored_head(&self.read()?)?;
        Ok(LogHead { size: head.size(), root: head.root() })
    }

    /// How the log stands to a known size and root. The root at the known size is computed from the entries' bytes; it takes as
    /// long as hashing them.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when an entry below the known size is missing although the head counts it.
    pub fn compare(&self, known: &LogHead) -> Result<Relation, StoreError> {
        let connection = self.read()?;
        let size = stored_head(&connection)?.size();
        if size < known.size {
            return Ok(Relation::Behind { by: known.size - size });
        }
        Ok(if root_at(&connection, known.size)? != known.root {
            Relation::Forked
        } else if size == known.size {
            Relation::Same
        } else {
            Relation::Extends { by: size - known.size }
        })
    }

    /// The first of several known heads that the log does not continue; none when it continues them all. They are taken by size, and the
    /// roots are computed from the entries' bytes in one pass, which takes as long as hashing them.
    ///
    /// # Errors
    /// As [`compare`](Self::compare).
    pub fn first_departure(&self, known: &[LogHead]) -> Result<Option<Departure>, StoreError> {
        let connection = self.read()?;
        let size = stored_head(&connection)?.size();
        let mut known = known.to_vec();
        known.sort_by_key(|head| head.size);
        let reachable: Vec<u64> = known.iter().map(|head| head.size).filter(|known| *known <= size).collect();
        let roots = roots_at(&connection, &reachable)?;
        let mut agrees_until = 0;
        for (known, root) in known.iter().zip(roots) {
            if known.root != root {
                return Ok(Some(Departure::Rewritten { known: *known, agrees_until }));
            }
            agrees_until = known.size;
        }
        Ok(known.get(reachable.len()).map(|known| Departure::Behind { known: *known, size }))
    }

    /// The body of a document, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read, or has no documents of the kind.
    pub fn document(&self, kind: &'static Kind, key: &str) -> Result<Option<String>, StoreError> {
        let connection = self.read()?;
        if !connection.table_exists(None::<&str>, kind.name).map_err(failure)? {
            return Ok(None);
        }
        let body = connection.query_row(&KindStatements::new(kind).get, [key], |row| row.get(1));
        body.optional().map_err(failure)
    }

    /// A connection that reads, to a file that is a database of this program.
    pub(super) fn read(&self) -> Result<Connection, StoreError> {
        // SQLite would call a missing file one that cannot be opened.
        if !self.path.is_file() {
            return Err(StoreError::Unavailable("there is no database at this path".into()));
        }
        let connection = open_reader(&self.path)?;
        if connection.table_exists(None::<&str>, "log_head").map_err(failure)? {
            Ok(connection)
        } else {
            Err(StoreError::Unavailable("the file is not a database of this program".into()))
        }
    }
}

pub(super) fn stored_head(connection: &Connection) -> Result<CompactRange, StoreError> {
    read_head(&mut connection.prepare(statements::READ_HEAD).map_err(failure)?)
}

/// The root over the first `size` entries, from their bytes.
fn root_at(connection: &Connection, size: u64) -> Result<Hash, StoreError> {
    roots_at(connection, &[size])?.pop().ok_or_else(|| StoreError::Damaged("the log has no root".into()))
}

/// The roots over the first so many entries, for each of these sizes in ascending order, from the entries' bytes.
fn roots_at(connection: &Connection, sizes: &[u64]) -> Result<Vec<Hash>, StoreError> {
    let missing = |index: u64| StoreError::Damaged(format!("log entry {index} is missing"));
    let size = sizes.last().copied().unwrap_or_default();
    let end = i64::try_from(size).map_err(|_| missing(size))?;
    let mut statement = connection.prepare(statements::READ_ENTRY_RANGE).map_err(failure)?;
    let mut rows = statement.query((0, end)).map_err(failure)?;
    let mut head = CompactRange::new();
    let mut roots = Vec::with_capacity(sizes.len());
    let mut wanted = sizes.iter().copied().peekable();
    loop {
        while wanted.next_if_eq(&head.size()).is_some() {
            roots.push(head.root());
        }
        let Some(row) = rows.next().map_err(failure)? else { break };
        let position: i64 = row.get(0).map_err(failure)?;
        if u64::try_from(position) != Ok(head.size()) {
            return Err(missing(head.size()));
        }
        head.append(leaf_hash(row.get_ref(2).map_err(failure)?.as_bytes().unwrap_or_default()));
    }
    if roots.len() == sizes.len() { Ok(roots) } else { Err(missing(head.size())) }
}
