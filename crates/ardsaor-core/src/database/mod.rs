//! Core's own database: installations, their keys, used nonces, owners of groups, and the order of changes. No provider credential is
//! ever in it, and no account: memberships are known by a hash.
//!
//! SQLite, `synchronous=FULL`: what was answered survives a crash, so that no nonce works twice and no order is forgotten. One server at a
//! time, by a lease on a file; the command line works beside it.

mod copy;
mod groups;
mod installations;
mod lease;
mod replay;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use copy::{back_up, restore};
pub use groups::{FenceRefused, MembershipChange, Owner};
pub(crate) use installations::Paired;
pub use lease::Lease;

/// The database's name in the data directory.
const FILE: &str = "core.sqlite";
/// How long a statement waits for the other process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// What this program writes; another number means another program or version.
const SCHEMA_VERSION: i64 = 2;

const SCHEMA: &str = "
CREATE TABLE installation (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('self_hosted', 'forge')),
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    generation INTEGER NOT NULL,
    forge_identity TEXT,
    created INTEGER NOT NULL
) STRICT;
CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    installation TEXT NOT NULL REFERENCES installation (id),
    secret TEXT NOT NULL,
    created INTEGER NOT NULL,
    ends INTEGER
) STRICT;
CREATE TABLE pairing (
    id TEXT PRIMARY KEY,
    installation TEXT NOT NULL REFERENCES installation (id),
    secret TEXT NOT NULL,
    ends INTEGER NOT NULL
) STRICT;
CREATE TABLE nonce (
    installation TEXT NOT NULL,
    nonce TEXT NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (installation, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_by_end ON nonce (ends);
CREATE TABLE forgotten (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    until INTEGER NOT NULL
) STRICT;
CREATE TABLE group_owner (
    tenant TEXT NOT NULL,
    group_id TEXT NOT NULL,
    installation TEXT NOT NULL REFERENCES installation (id),
    made INTEGER,
    PRIMARY KEY (tenant, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE membership_fence (
    membership BLOB PRIMARY KEY CHECK (length(membership) = 32),
    fence INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('add', 'remove'))
) STRICT, WITHOUT ROWID;
";

/// The database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file or SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The directory cannot be used.
    #[error("the data directory {} cannot be used: {error}", .path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Another version of the program made the database.
    #[error("the database was made by another version of this program")]
    OtherVersion,
    /// Another server runs on the same directory.
    #[error("another ardsaor-core serves from this data directory")]
    Leased,
    /// The database holds what this program never writes.
    #[error("the database holds something that does not belong there: {0}")]
    Damaged(&'static str),
    /// The work was given up because the process ends.
    #[error("the process ends")]
    Ending,
}

/// The open database. Clones share it.
#[derive(Debug, Clone)]
pub struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Opens the database in a directory; both are made when they are not there, readable by their owner only.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn open(directory: &Path) -> Result<Self, DatabaseError> {
        let failed = |error| DatabaseError::Directory { path: directory.to_owned(), error };
        make_directory(directory).map_err(failed)?;
        let path = directory.join(FILE);
        make_private(&path).map_err(failed)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;",
        )?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            0 => {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            }
            SCHEMA_VERSION => {}
            _ => return Err(DatabaseError::OtherVersion),
        }
        transaction.commit()?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Does something in one transaction, which is kept when it gives `Ok`.
    ///
    /// # Errors
    /// What `work` gave, or that the transaction could not begin or end.
    pub(crate) fn write<T, E: From<DatabaseError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(DatabaseError::from)?;
        let done = work(&transaction)?;
        transaction.commit().map_err(DatabaseError::from)?;
        Ok(done)
    }

    /// Reads something.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs database work apart from the threads that answer requests.
    pub(crate) async fn run<T: Send + 'static, E: From<DatabaseError> + Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || work(&database))
            .await
            .unwrap_or_else(|_| Err(DatabaseError::Ending.into()))
    }
}

fn make_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Makes the file for its owner only. SQLite gives the same mode to the files beside it.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}
