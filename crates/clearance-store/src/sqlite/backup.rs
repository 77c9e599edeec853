//! Copying a database while it is in use.

use std::fs::File;
use std::path::Path;

use clearance::ports::{LogHead, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connection::{make_private, open_writer};
use super::failure::failure;
use super::file::SqliteFile;

impl SqliteFile {
    /// Copies the database to a new file, whole and as of one moment, also while a server commits to it. The copy is on disk when this
    /// returns, is one file without a write-ahead log beside it, and is readable by its owner only. Restoring is the same the other way
    /// round: a copy of the backup, made where the database was.
    ///
    /// Answers the size and root of the copied log. It holds the readers' view of the database meanwhile, so that the write-ahead log
    /// grows until the copy is done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is a file at `to` already, which is left alone; or when copying fails, after which
    /// there is none.
    pub fn back_up(&self, to: impl AsRef<Path>) -> Result<LogHead, StoreError> {
        let to = to.as_ref();
        let source = self.read()?;
        make_private(to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                StoreError::Unavailable("there is a file at the copy's path already; it is left alone".into())
            }
            _ => StoreError::Unavailable(format!("the copy cannot be made: {error}")),
        })?;
        let copied = copy(&source, to).and_then(|()| Self::at(to).head());
        if copied.is_err() {
            // What was begun is worth nothing; that it could not be removed either adds nothing to the error.
            let _ = std::fs::remove_file(to);
        }
        copied
    }

    /// Puts the content of a backup in the place of this database's, while servers go on with it: in one transaction, durable when this
    /// returns. Commits answered before it are gone from the log; commits after it follow the backup's last entry. Every store that has
    /// the file open notices by the file's data version.
    ///
    /// Whoever calls this has verified the backup, and has kept a copy of what is replaced.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the backup cannot be read or the database not be written; then nothing was changed.
    pub fn replace_with(&self, backup: &Self) -> Result<(), StoreError> {
        let source = backup.read()?;
        let mut target = open_writer(self.path())?;
        match Backup::new(&source, &mut target).map_err(failure)?.step(-1).map_err(failure)? {
            StepResult::Done => Ok(()),
            _ => Err(StoreError::Unavailable("another process holds the database".into())),
        }
    }
}

fn copy(source: &Connection, to: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(failure)?;
    // All pages in one step: a copy in several would begin again whenever somebody commits between them.
    match Backup::new(source, &mut target).map_err(failure)?.step(-1).map_err(failure)? {
        StepResult::Done => {}
        _ => return Err(StoreError::Unavailable("another process holds the database".into())),
    }
    let mode: String =
        target.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(failure)?;
    if mode != "delete" {
        return Err(StoreError::Unavailable("the copy could not be made one file".into()));
    }
    target.close().map_err(|(_, error)| failure(error))?;
    let synced = File::open(to).and_then(|file| file.sync_all()).and_then(|()| sync_directory(to));
    synced.map_err(|error| StoreError::Unavailable(format!("the copy cannot be brought to disk: {error}")))
}

/// A new name is on disk only when its directory is.
fn sync_directory(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(directory) if directory.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
