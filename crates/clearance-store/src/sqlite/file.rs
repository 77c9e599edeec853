//! A database file looked at from outside.

use std::path::{Path, PathBuf};

use audit_log::{CompactRange, Hash, leaf_hash};
use clearance::ports::{LogHead, StoreError};
use rusqlite::Connection;

use super::connection::open_reader;
use super::failure::failure;
use super::read_head;
use crate::statements;

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
    let missing = |index: u64| StoreError::Damaged(format!("log entry {index} is missing"));
    let end = i64::try_from(size).map_err(|_| missing(size))?;
    let mut statement = connection.prepare(statements::READ_ENTRY_RANGE).map_err(failure)?;
    let mut rows = statement.query((0, end)).map_err(failure)?;
    let mut head = CompactRange::new();
    while let Some(row) = rows.next().map_err(failure)? {
        let position: i64 = row.get(0).map_err(failure)?;
        if u64::try_from(position) != Ok(head.size()) {
            return Err(missing(head.size()));
        }
        head.append(leaf_hash(row.get_ref(2).map_err(failure)?.as_bytes().unwrap_or_default()));
    }
    if head.size() == size { Ok(head.root()) } else { Err(missing(head.size())) }
}
