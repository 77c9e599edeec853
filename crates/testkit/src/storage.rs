//! The store of a site under test: either of those that ship.

use audit_log::Hash;
use clearance::ports::{Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Row, Store, StoreError};
use clearance_store::{MemoryStore, SqliteStore};

/// The store of a site under test: either of those that ship.
#[derive(Debug)]
pub enum Storage {
    /// In memory: fast.
    Memory(MemoryStore),
    /// On disk: what a self-hosted site runs on.
    Sqlite(SqliteStore),
}

impl Store for Storage {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Memory(store) => store.get(kind, key).await,
            Self::Sqlite(store) => store.get(kind, key).await,
        }
    }

    async fn get_all(&self, kind: &'static Kind, keys: &[String]) -> Result<Vec<Option<Row>>, StoreError> {
        match self {
            Self::Memory(store) => store.get_all(kind, keys).await,
            Self::Sqlite(store) => store.get_all(kind, keys).await,
        }
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        match self {
            Self::Memory(store) => store.page(query).await,
            Self::Sqlite(store) => store.page(query).await,
        }
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        match self {
            Self::Memory(store) => store.commit(commit).await,
            Self::Sqlite(store) => store.commit(commit).await,
        }
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        match self {
            Self::Memory(store) => store.scrub().await,
            Self::Sqlite(store) => store.scrub().await,
        }
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        match self {
            Self::Memory(store) => store.log_head().await,
            Self::Sqlite(store) => store.log_head().await,
        }
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        match self {
            Self::Memory(store) => store.log_entries(from, limit).await,
            Self::Sqlite(store) => store.log_entries(from, limit).await,
        }
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        match self {
            Self::Memory(store) => store.log_tile(level, index).await,
            Self::Sqlite(store) => store.log_tile(level, index).await,
        }
    }
}
