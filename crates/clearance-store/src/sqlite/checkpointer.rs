//! Moving the write-ahead log into the database while commits go on.
//!
//! Left to the writer, every round would stop all commits until tens of megabytes are on disk. So a second thread moves the bulk, pass
//! after pass, each over what was written during the one before, until little is left. That little the writer moves itself,
//! between two batches: only when nothing is left over can it begin the log anew, which bounds the log. When the thread cannot keep up,
//! the writer waits for it.
//!
//! SQLite syncs the database file only in the pass that leaves nothing over, which would be the writer's, for everything that the
//! passes before it moved. So the thread syncs after each of its own.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use clearance::ports::StoreError;
use rusqlite::Connection;

use super::connection::open_writer;
use super::failure::failure;

/// Pages in the log before they are moved: 64 MiB. Pages that are written again and again, such as the log's head and the right edge of
/// each index, are moved once per round instead of once per commit.
const BEGIN: u32 = 16 * 1024;
/// Pages written during a round before the writer waits for its end: 192 MiB.
const WAIT: u32 = 3 * BEGIN;
/// Pages that the writer may move itself: half a megabyte, few milliseconds.
const LITTLE: u32 = 128;
/// Passes of one round at most.
const PASSES: usize = 8;

/// The writer's side.
#[derive(Debug)]
pub(super) struct Checkpointer {
    /// Pages in the log, as of the last commit.
    pages: Arc<AtomicU32>,
    round: Round,
    // `None` once closing has begun.
    wake: Option<SyncSender<()>>,
    finished: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy)]
enum Round {
    /// The next one begins when the log has so many pages.
    Due(u32),
    /// The thread is at it; the writer waits for it when the log has so many pages.
    Running(u32),
}

impl Checkpointer {
    /// Takes over the checkpoints of the writer's connection.
    pub(super) fn start(path: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&pages);
        // This takes the place of SQLite's own checkpoint after a commit.
        let count = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            counted.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(count)).map_err(failure)?;
        let connection = open_writer(path)?;
        let (wake, woken) = sync_channel(1);
        let (finish, finished) = channel();
        let counted = Arc::clone(&pages);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || run(&path, &connection, &counted, &woken, &finish))
            .map_err(|error| {
                StoreError::Unavailable(format!("the checkpoint thread cannot start: {error}"))
            })?;
        Ok(Self { pages, round: Round::Due(BEGIN), wake: Some(wake), finished, thread: Some(thread) })
    }

    /// Called by the writer between two batches.
    pub(super) fn after_batch(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        match self.round {
            Round::Due(due) if pages < due => {
                // The log has begun anew since a reader kept it long.
                self.round = Round::Due(due.min(pages.saturating_add(BEGIN)));
            }
            Round::Due(_) => {
                if let Some(wake) = &self.wake {
                    let _ = wake.try_send(());
                    self.round = Round::Running(pages.saturating_add(WAIT));
                }
            }
            Round::Running(wait_at) => {
                let finished = if pages < wait_at {
                    self.finished.try_recv().is_ok()
                } else {
                    self.finished.recv().is_ok()
                };
                if finished {
                    // Failing only leaves the log longer: it is tried again, and nothing that was answered depends on it.
                    let _ = move_pages(writer);
                    // Counted from here, in case somebody still reads what was moved and the log cannot begin anew.
                    self.round = Round::Due(pages.saturating_add(BEGIN));
                }
            }
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // A checkpoint that failed is tried again when the database is opened.
            let _ = thread.join();
        }
    }
}

fn run(path: &Path, connection: &Connection, pages: &AtomicU32, woken: &Receiver<()>, finish: &Sender<()>) {
    let mut database: Option<ManuallyDrop<File>> = None;
    for () in woken {
        for _ in 0..PASSES {
            let Ok(moved) = move_pages(connection) else { break };
            if database.is_none() {
                // Never closed: closing any handle of a file takes back all locks that this process has on it, SQLite's too.
                database = File::open(path).ok().map(ManuallyDrop::new);
            }
            if let Some(database) = &database {
                // Failing only leaves more for the writer's own sync, which counts.
                let _ = database.sync_data();
            }
            if pages.load(Ordering::Relaxed).saturating_sub(moved) <= LITTLE {
                break;
            }
        }
        // Nobody listens once the store is closing.
        let _ = finish.send(());
    }
}

/// Moves what no reader needs in the log any more, and waits for nobody. Answers how many pages of the log are moved now.
pub(super) fn move_pages(connection: &Connection) -> Result<u32, StoreError> {
    let moved: i64 =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2)).map_err(failure)?;
    Ok(u32::try_from(moved).unwrap_or_default())
}
