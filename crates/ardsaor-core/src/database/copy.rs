//! Copying the database while it is in use, and putting a copy where there is none.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, DatabaseError, FILE, Lease, SCHEMA_VERSION, make_directory};

/// Copies the database of a directory to a new file, whole and as of one moment, also while Core serves. The copy is readable by its owner
/// only, and on disk when this returns. False when there is no database.
///
/// # Errors
/// [`DatabaseError`], also when there is a file at `to` already, which is left alone.
pub fn back_up(directory: &Path, to: &Path) -> Result<bool, DatabaseError> {
    let from = directory.join(FILE);
    if !from.exists() {
        return Ok(false);
    }
    copy(&from, to)?;
    Ok(true)
}

/// Puts a copy in the place of a database that is not there. One that is there knows more than any copy: which change of a membership came
/// last, and which requests were used. It stays, and this answers false.
///
/// # Errors
/// [`DatabaseError::Leased`] while Core serves from the directory; [`DatabaseError::OtherVersion`] and [`DatabaseError::Damaged`] when the
/// copy is none of this program's, or is not sound.
pub fn restore(copy_of_it: &Path, directory: &Path) -> Result<bool, DatabaseError> {
    let failed = |error| DatabaseError::Directory { path: directory.to_owned(), error };
    let place = directory.join(FILE);
    if place.exists() {
        return Ok(false);
    }
    let connection = open(copy_of_it)?;
    if connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))? != "ok" {
        return Err(DatabaseError::Damaged("pages that do not fit together"));
    }
    if connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? != SCHEMA_VERSION {
        return Err(DatabaseError::OtherVersion);
    }
    drop(connection);
    make_directory(directory).map_err(failed)?;
    let _lease = Lease::take(directory)?;
    let arriving = directory.join("core.sqlite.arriving");
    // What an earlier attempt left behind is worth nothing.
    let _ = std::fs::remove_file(&arriving);
    copy(copy_of_it, &arriving)?;
    std::fs::rename(&arriving, &place).and_then(|()| File::open(directory)?.sync_all()).map_err(failed)?;
    Ok(true)
}

fn open(path: &Path) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn copy(from: &Path, to: &Path) -> Result<(), DatabaseError> {
    let failed = |error| DatabaseError::Directory { path: to.to_owned(), error };
    let connection = open(from)?;
    let mut options = File::options();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(to).map_err(failed)?);
    // One statement reads as of one moment, and writes one file without a log beside it.
    let name = to.to_str().ok_or(DatabaseError::Damaged("a path that is no text"))?;
    let copied = connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(DatabaseError::from);
    let copied = copied.and_then(|()| File::open(to).and_then(|file| file.sync_all()).map_err(failed));
    if copied.is_err() {
        // What was begun is worth nothing.
        let _ = std::fs::remove_file(to);
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::super::Database;
    use super::*;

    fn owners(database: &Database) -> Vec<(String, String)> {
        let read = database.read(|connection| {
            let mut select =
                connection.prepare("SELECT tenant, group_id FROM group_owner ORDER BY group_id")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        });
        read.unwrap()
    }

    fn own(database: &Database, group: &str) {
        let written: Result<(), DatabaseError> = database.write(|transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO installation VALUES ('inst_1', 'Acme', 'self_hosted', 'enabled', 1, NULL, 0)",
                [],
            )?;
            transaction.execute("INSERT INTO group_owner VALUES ('okta:acme', ?1, 'inst_1', NULL)", [group])?;
            Ok(())
        });
        written.unwrap();
    }

    #[test]
    fn a_copy_is_of_one_moment_and_takes_the_place_of_nothing_that_is_there() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let to = there.path().join("copy");
        assert!(!back_up(here.path(), &to).unwrap() && !to.exists(), "there is none");
        let database = Database::open(here.path()).unwrap();
        own(&database, "00g1");
        // It is open, with what was written still in the log beside it.
        assert!(back_up(here.path(), &to).unwrap());
        assert!(back_up(here.path(), &to).is_err(), "nothing is overwritten");
        own(&database, "00g2");
        assert!(!restore(&to, here.path()).unwrap());
        assert_eq!(owners(&database).len(), 2, "what is there knows more");

        let anew = there.path().join("core");
        let lease = Lease::take(&anew).unwrap();
        assert!(matches!(restore(&to, &anew), Err(DatabaseError::Leased)));
        drop(lease);
        assert!(restore(&to, &anew).unwrap());
        let restored = Database::open(&anew).unwrap();
        assert_eq!(owners(&restored), [("okta:acme".to_owned(), "00g1".to_owned())]);
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(anew.join(FILE)).unwrap());
        assert_eq!(mode & 0o777, 0o600);

        std::fs::write(&to, "no database").unwrap();
        assert!(restore(&to, &there.path().join("other")).is_err());
        assert!(!there.path().join("other").exists());
    }
}
