//! The ports of [`clearance`] over the bus.

use std::sync::atomic::{AtomicU32, Ordering};

use audit_log::Hash;
use clearance::ports::{
    Commit, Committed, Environment, Kind, LogEntry, LogHead, Moment, Page, PageQuery, Ports, Row, Store,
    StoreError, Vault, VaultError,
};
use clearance::time::Timestamp;

use crate::bus::Bus;
use crate::effect::{
    CommitAnswer, Found, LogEntriesAnswer, LogHeadAnswer, LogTileAnswer, PageAnswer, PublicKeyAnswer,
    Request, SignAnswer,
};

/// Documents and the log, wherever the glue keeps them.
#[derive(Debug, Clone)]
pub(crate) struct EffectStore {
    bus: Bus,
}

impl EffectStore {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

impl Store for EffectStore {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let found: Found = self.bus.call(Request::get(kind, key)).await?;
        Ok(found.row.map(Row::from))
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        let page: PageAnswer = self.bus.call(Request::page(query)?).await?;
        Ok(page.into())
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let committed: CommitAnswer = self.bus.call(Request::commit(commit)?).await?;
        Ok(Committed { first_entry: committed.first_entry })
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // The platform shows nothing of what was deleted; there is no file to look into.
        Ok(())
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        let head: LogHeadAnswer = self.bus.call(Request::LogHead).await?;
        Ok(LogHead { size: head.size, root: head.root })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        let answer: LogEntriesAnswer = self.bus.call(Request::LogEntries { from, limit }).await?;
        Ok(answer.entries.into_iter().map(LogEntry::from).collect())
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let tile: LogTileAnswer = self.bus.call(Request::LogTile { level, index }).await?;
        Ok(tile.hashes)
    }
}

/// Private keys, in the platform's secret storage: the glue signs, and this module never sees one.
#[derive(Debug)]
pub(crate) struct EffectVault {
    bus: Bus,
}

impl Vault for EffectVault {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        let asked: Result<PublicKeyAnswer, _> =
            self.bus.call(Request::PublicKey { key: key.to_owned() }).await;
        Ok(*asked.map_err(|error| VaultError(error.to_string()))?.public_key.as_bytes())
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        let digits = message.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        let message = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        let asked: Result<SignAnswer, _> =
            self.bus.call(Request::Sign { key: key.to_owned(), message }).await;
        let [first, second] = asked.map_err(|error| VaultError(error.to_string()))?.signature;
        let mut signature = [0; 64];
        let halves = first.as_bytes().iter().chain(second.as_bytes());
        signature.iter_mut().zip(halves).for_each(|(byte, found)| *byte = *found);
        Ok(signature)
    }
}

/// The time and the random bytes that came with the invocation. Time stands still while it runs.
#[derive(Debug)]
pub(crate) struct InvocationEnvironment {
    moment: Moment,
    drawn: AtomicU32,
}

impl Environment for InvocationEnvironment {
    fn now(&self) -> Timestamp {
        self.moment.now
    }

    fn entropy(&self) -> [u8; 32] {
        // Every draw is different, and all follow from the 32 bytes: the same invocation draws the same again.
        self.moment.bytes("entropy", self.drawn.fetch_add(1, Ordering::Relaxed))
    }
}

/// What this host brings.
#[derive(Debug)]
pub(crate) struct ForgePorts {
    store: EffectStore,
    environment: InvocationEnvironment,
    vault: EffectVault,
}

impl ForgePorts {
    pub(crate) fn new(bus: Bus, moment: Moment) -> Self {
        Self {
            vault: EffectVault { bus: bus.clone() },
            store: EffectStore::new(bus),
            environment: InvocationEnvironment { moment, drawn: AtomicU32::new(0) },
        }
    }
}

impl Ports for ForgePorts {
    type Store = EffectStore;
    type Environment = InvocationEnvironment;
    type Vault = EffectVault;

    fn store(&self) -> &EffectStore {
        &self.store
    }

    fn environment(&self) -> &InvocationEnvironment {
        &self.environment
    }

    fn vault(&self) -> &EffectVault {
        &self.vault
    }
}
