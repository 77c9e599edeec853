use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use audit_log::Hash;
use clearance::ports::{
    Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Row, Store, StoreError, Write,
};
use serde::de::DeserializeOwned;

use crate::bus::Bus;
use crate::effect::{
    CommitAnswer, DocumentRequest, Found, LogEntriesAnswer, LogHeadAnswer, LogRequest, LogTileAnswer,
    PageAnswer, Request,
};

/// Documents and the log, wherever the glue keeps them.
#[derive(Debug, Clone)]
pub(crate) struct EffectStore {
    bus: Bus,
    /// Kinds of documents that commits made or changed.
    wrote: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl EffectStore {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, wrote: Arc::default() }
    }

    /// Whether a commit made or changed a document of this kind.
    pub(crate) fn wrote(&self, kind: &Kind) -> bool {
        self.kinds().contains(kind.name)
    }

    fn kinds(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        // Nothing panics while it holds the lock, and a module that panicked is dropped whole.
        self.wrote.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the glue for something of the store.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<T, StoreError> {
        Ok(self.bus.call(request).await?)
    }
}

impl Store for EffectStore {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let found: Found = self.ask(DocumentRequest::get(kind, key)).await?;
        Ok(found.row.map(Row::from))
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        let page: PageAnswer = self.ask(DocumentRequest::page(query)?).await?;
        Ok(page.into())
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let kinds: Vec<_> = commit
            .writes
            .iter()
            .filter_map(|write| match write {
                Write::Put { kind, .. } => Some(kind.name),
                Write::Delete { .. } | Write::Check { .. } => None,
            })
            .collect();
        let committed: CommitAnswer = self.ask(DocumentRequest::commit(commit)?).await?;
        self.kinds().extend(kinds);
        Ok(Committed { first_entry: committed.first_entry })
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // The platform shows nothing of what was deleted; there is no file to look into.
        Ok(())
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        let head: LogHeadAnswer = self.ask(LogRequest::LogHead).await?;
        Ok(LogHead { size: head.size, root: head.root })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        let answer: LogEntriesAnswer = self.ask(LogRequest::LogEntries { from, limit }).await?;
        Ok(answer.entries.into_iter().map(LogEntry::from).collect())
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let tile: LogTileAnswer = self.ask(LogRequest::LogTile { level, index }).await?;
        Ok(tile.hashes)
    }
}
