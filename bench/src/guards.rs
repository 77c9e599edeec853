//! Correctness guards: a figure counts only if what was done is what is stored.

use std::path::Path;

use anyhow::ensure;
use rusqlite::{Connection, OpenFlags};

/// Rows of the kinds that a cycle writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    requests: u64,
    grants: u64,
    jobs: u64,
    entries: u64,
}

pub(crate) fn open(database: &Path) -> anyhow::Result<Connection> {
    Ok(Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

pub(crate) fn count(connection: &Connection, of: &str) -> anyhow::Result<u64> {
    let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0))?;
    Ok(u64::try_from(rows)?)
}

impl Counts {
    pub(crate) fn read(database: &Path) -> anyhow::Result<Self> {
        let connection = open(database)?;
        Ok(Self {
            requests: count(&connection, "request")?,
            grants: count(&connection, "access_grant")?,
            jobs: count(&connection, "job")?,
            entries: count(&connection, "log_entry")?,
        })
    }

    /// Exactly so many cycles were written since, neither fewer nor more.
    pub(crate) fn check_cycles(self, later: Self, cycles: u64) -> anyhow::Result<()> {
        let grown = Self {
            requests: later.requests - self.requests,
            grants: later.grants - self.grants,
            jobs: later.jobs - self.jobs,
            entries: 0,
        };
        let wanted = Self { requests: cycles, grants: cycles, jobs: cycles, entries: 0 };
        ensure!(grown == wanted, "{cycles} cycles were acknowledged, but these rows were written: {grown:?}");
        // Submission, decision, approval and grant are an entry each.
        let entries = later.entries - self.entries;
        ensure!(entries >= 4 * cycles, "{cycles} cycles wrote only {entries} entries");
        Ok(())
    }
}

/// Every acknowledged request is stored as approved, with its grant and its job.
pub(crate) fn check_acknowledged(database: &Path, acknowledged: &[String]) -> anyhow::Result<()> {
    let connection = open(database)?;
    let mut find = connection.prepare(
        "SELECT count(*) FROM request r JOIN access_grant g ON g.key = json_extract(r.body, '$.state.approved.grant')
         JOIN job j ON j.grant_id = g.key WHERE r.key = $1 AND r.state = 'approved'",
    )?;
    for request in acknowledged {
        let found: i64 = find.query_row([request], |row| row.get(0))?;
        ensure!(found == 1, "{request} was acknowledged and is not stored");
    }
    Ok(())
}
