//! A host that is killed at a given write.

use std::sync::atomic::{AtomicU32, Ordering};

use clearance::ports::{
    Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Ports, Row, Store, StoreError,
};
use clearance_server::vault::SealedVault;
use testkit::{Clock, Directory, Seeded, Site, Storage};

/// A store that fails from a given call on, as if its process were killed there.
pub(crate) struct Killed<'s> {
    store: &'s Storage,
    calls_left: AtomicU32,
}

impl Killed<'_> {
    fn count(&self) -> Result<(), StoreError> {
        let left =
            self.calls_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| StoreError::Unavailable("killed".into()))
    }
}

impl Store for Killed<'_> {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        self.store.get(kind, key).await
    }
    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        self.store.page(query).await
    }
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.count()?;
        self.store.commit(commit).await
    }
    async fn scrub(&self) -> Result<(), StoreError> {
        self.count()?;
        self.store.scrub().await
    }
    async fn log_head(&self) -> Result<LogHead, StoreError> {
        self.store.log_head().await
    }
    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        self.store.log_entries(from, limit).await
    }
    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<audit_log::Hash>, StoreError> {
        self.store.log_tile(level, index).await
    }
}

/// A host over such a store.
pub(crate) struct Dying<'s> {
    store: &'s Killed<'s>,
    environment: &'s Seeded,
    vault: SealedVault<'s, Killed<'s>, Seeded>,
    core: &'s Directory,
}

impl<'s> Ports for Dying<'s> {
    type Store = Killed<'s>;
    type Environment = Seeded;
    type Vault = SealedVault<'s, Killed<'s>, Seeded>;
    type Core = Directory;
    type Jira = clearance::ports::Absent;
    fn store(&self) -> &Killed<'s> {
        self.store
    }
    fn environment(&self) -> &Seeded {
        self.environment
    }
    fn vault(&self) -> &Self::Vault {
        &self.vault
    }
    fn core(&self) -> &Directory {
        self.core
    }
    fn jira(&self) -> &clearance::ports::Absent {
        &clearance::ports::Absent
    }
}

/// Does something on a host that dies at the n-th write.
pub(crate) fn killed_at<T>(site: &Site, writes: u32, work: impl AsyncFnOnce(&Dying<'_>) -> T) -> T {
    let now = site.now();
    let core = site.core();
    site.with_store(async |store: &Storage| {
        let (environment, key) = (Seeded::new(Clock::at(now), 9), testkit::vault_key());
        let store = Killed { store, calls_left: AtomicU32::new(writes) };
        let vault = SealedVault { store: &store, environment: &environment, key: &key };
        work(&Dying { store: &store, environment: &environment, vault, core }).await
    })
}
