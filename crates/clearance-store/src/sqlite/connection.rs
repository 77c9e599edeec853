//! Connections: how each is set up, and the pool of those that read.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clearance::ports::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::failure::failure;

/// How long reading waits for another process before the store counts as not available.
const READER_WAITS: Duration = Duration::from_secs(10);
/// How long commits wait: scrubbing writes the whole database anew. A little less than hosts let a request take.
pub(super) const WRITER_WAITS: Duration = Duration::from_secs(25);
/// KiB of pages that the writer keeps: the inner pages of every index, and the rows in work.
const WRITER_CACHE_KIB: u32 = 32 * 1024;
/// KiB of pages that each reader keeps.
const READER_CACHE_KIB: u32 = 4 * 1024;
/// Bytes that the write-ahead log's file keeps when it starts anew after having grown beyond them.
const KEPT_WAL_BYTES: u32 = 128 * 1024 * 1024;
/// Readers kept open while nobody reads.
const IDLE_READERS: usize = 8;
/// Prepared statements that a reader keeps.
const READER_STATEMENTS: usize = 256;

/// Opens the database for writing, making the file when there is none.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    match make_private(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(StoreError::Unavailable(format!("the database file cannot be made: {error}")));
        }
        _ => {}
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    connection.busy_timeout(WRITER_WAITS).map_err(failure)?;
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -{WRITER_CACHE_KIB};
             PRAGMA journal_size_limit = {KEPT_WAL_BYTES};"
        ))
        .map_err(failure)?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(failure)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable("the file system does not take SQLite's write-ahead log".into()));
    }
    Ok(connection)
}

/// Opens the database for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    connection.busy_timeout(READER_WAITS).map_err(failure)?;
    // Otherwise a statement is planned anew whenever another value is bound, in case that makes another index better: each has its index.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failure)?;
    connection
        .execute_batch(&format!(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -{READER_CACHE_KIB};"
        ))
        .map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(READER_STATEMENTS);
    Ok(connection)
}

/// Makes a file that only its owner can read. SQLite gives the same mode to the files beside it.
pub(super) fn make_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Connections that only read, opened as they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads with one connection, which goes back to the pool unless the reading failed.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let answer = read(&connection)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// Closes the connections that nobody uses.
    pub(super) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
