//! A host that does not come to the end of its work: it dies at a commit, or is held up there while others go on.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use audit_log::Hash;
use clearance::evidence::{ExportPass, run_due};
use clearance::failure::Failure;
use clearance::ports::{Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Row, Store, StoreError};
use clearance_server::host::Host;
use clearance_store::MemoryStore;

use crate::{Directory, Seeded, Site, vault_key};

/// What happens at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// The host dies before it.
    Before,
    /// The host dies behind it, and never knows that it took place.
    Behind,
    /// The host is held up before it.
    HeldUp,
}

/// A store whose user is interrupted at a commit.
#[derive(Debug)]
struct Interrupted {
    store: MemoryStore,
    what: Interruption,
    commits_before: AtomicU32,
    goes_on: AtomicBool,
}

impl Store for Interrupted {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        self.store.get(kind, key).await
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        self.store.page(query).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let passes =
            self.commits_before.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let dead = || StoreError::Unavailable("this host is dead".to_owned());
        match self.what {
            _ if passes.is_ok() => self.store.commit(commit).await,
            Interruption::Before => Err(dead()),
            Interruption::Behind => {
                if !self.goes_on.swap(true, Ordering::SeqCst) {
                    self.store.commit(commit).await?;
                }
                Err(dead())
            }
            Interruption::HeldUp => {
                poll_fn(
                    |_| if self.goes_on.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending },
                )
                .await;
                self.store.commit(commit).await
            }
        }
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.store.scrub().await
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        self.store.log_head().await
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        self.store.log_entries(from, limit).await
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        self.store.log_tile(level, index).await
    }
}

impl Site {
    /// One run of exports in the making, until about so much is read.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn make_exports(&self, reads: u64) -> ExportPass {
        self.handle.with_ports(async |ports| run_due(ports, reads).await).expect("exports are made")
    }

    /// A run of exports in the making that is interrupted behind so many commits: `meanwhile` is done then, and a run that is only held up
    /// goes on. Answers what became of the run; nothing when it came to its end before.
    ///
    /// # Panics
    /// When the site is not in memory.
    pub fn interrupt_exports(
        &self,
        what: Interruption,
        commits_before: u32,
        meanwhile: impl FnOnce(),
    ) -> Option<Result<ExportPass, Failure>> {
        let store = Interrupted {
            store: self.memory(),
            what,
            commits_before: AtomicU32::new(commits_before),
            goes_on: AtomicBool::new(false),
        };
        let ports: Host<Interrupted, Seeded, Directory> = Host {
            store,
            environment: self.handle.environment().clone(),
            vault: vault_key(),
            core: self.core().clone(),
        };
        let mut run = pin!(run_due(&ports, u64::MAX));
        let mut context = Context::from_waker(Waker::noop());
        match run.as_mut().poll(&mut context) {
            Poll::Ready(Ok(_)) => None,
            Poll::Ready(Err(died)) => {
                meanwhile();
                Some(Err(died))
            }
            Poll::Pending => {
                meanwhile();
                ports.store.goes_on.store(true, Ordering::SeqCst);
                match run.poll(&mut context) {
                    Poll::Ready(outcome) => Some(outcome),
                    Poll::Pending => panic!("nothing in memory is waited for"),
                }
            }
        }
    }
}
