//! The contract on SQLite.

#![expect(clippy::expect_used, reason = "a test without its database has failed")]

use clearance_store::SqliteStore;
use clearance_store::contract::{Fixture, KINDS};
use tempfile::TempDir;

struct OnDisk(TempDir);

impl Fixture for OnDisk {
    type Store = SqliteStore;

    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory for the database"))
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.0.path().join("clearance.db"), KINDS).expect("the store opens")
    }
}

clearance_store::contract_suite!(crate::OnDisk);
