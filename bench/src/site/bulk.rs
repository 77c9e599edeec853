//! Many documents through the store's own commits, several of them to a commit and many commits on their way at once.

use clearance::documents::Change;
use clearance::ports::{MAX_COMMIT_ITEMS, Store as _};
use clearance_store::SqliteStore;
use futures::executor::block_on;
use futures::future::join_all;

/// Commits on their way at once: two of the store's batches.
const AT_ONCE: usize = 512;

/// Collects what is to be written.
pub(crate) struct Bulk<'s> {
    store: &'s SqliteStore,
    change: Change,
    items: usize,
    ready: Vec<Change>,
}

impl<'s> Bulk<'s> {
    pub(crate) fn new(store: &'s SqliteStore) -> Self {
        Self { store, change: Change::new(), items: 0, ready: Vec::with_capacity(AT_ONCE) }
    }

    /// Adds documents and entries that belong in one commit: so many of them.
    pub(crate) fn add(&mut self, items: usize, write: impl FnOnce(&mut Change)) -> anyhow::Result<()> {
        // One item of a commit is the log's head.
        if self.items + items + 1 > MAX_COMMIT_ITEMS {
            self.close_commit()?;
        }
        write(&mut self.change);
        self.items += items;
        Ok(())
    }

    fn close_commit(&mut self) -> anyhow::Result<()> {
        self.ready.push(std::mem::take(&mut self.change));
        self.items = 0;
        if self.ready.len() >= AT_ONCE { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> anyhow::Result<()> {
        let commits = self.ready.drain(..).map(|change| Ok(self.store.commit(change.into_commit()?)));
        let commits = commits.collect::<Result<Vec<_>, clearance::failure::Failure>>()?;
        for outcome in block_on(join_all(commits)) {
            outcome?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        if self.items > 0 {
            self.close_commit()?;
        }
        self.send()
    }
}
