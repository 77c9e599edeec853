//! The one writer: a thread that merges waiting commits into transactions.
//!
//! Whatever waits, up to [`MAX_BATCH`], becomes one transaction and one disk sync; while that runs, the next batch gathers. When
//! nothing waits, a commit runs alone and at once: there is no timer. Each commit is guarded on its own inside the batch, before it
//! writes anything, so a lost race leaves nothing to take back.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use audit_log::{CompactRange, Entry};
use clearance::ports::{Committed, StoreError, Write};
use futures::channel::oneshot;
use rusqlite::{Connection, Statement};

use super::checkpointer::{Checkpointer, move_pages};
use super::connection::open_writer;
use super::documents::KindWriter;
use super::failure::{again, failure};
use super::read_head;
use super::tiles::{self, TileWriter};
use crate::statements::{self, KindStatements};

/// Commits merged into one transaction.
const MAX_BATCH: usize = 256;
/// Commits that may wait; more than this are refused rather than piled up.
const MAX_WAITING: usize = 8192;

/// A commit on its way to the writer.
pub(super) struct Job {
    /// Writes and checks, each with the place of its kind among the store's kinds.
    pub(super) writes: Vec<(usize, Write)>,
    pub(super) entries: Vec<Entry>,
}

type Answer = Result<Committed, StoreError>;
type Waiting = (Job, oneshot::Sender<Answer>);

/// The sending side of the writer thread.
#[derive(Debug)]
pub(super) struct Sequencer {
    // `None` once closing has begun.
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Sequencer {
    /// Starts the writer on a database whose tables are made.
    pub(super) fn start(path: &Path, kinds: Arc<[KindStatements]>) -> Result<Self, StoreError> {
        let mut connection = open_writer(path)?;
        let checkpointer = Checkpointer::start(path, &mut connection)?;
        let (queue, waiting) = sync_channel(MAX_WAITING);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&connection, &kinds, &waiting, checkpointer))
            .map_err(|error| StoreError::Unavailable(format!("the writer thread cannot start: {error}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Queues a commit and waits for the transaction that holds it.
    pub(super) async fn commit(&self, job: Job) -> Answer {
        let (sender, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send((job, sender)).map_err(|refused| match refused {
            TrySendError::Full(_) => {
                StoreError::Unavailable(format!("{MAX_WAITING} commits are waiting already"))
            }
            TrySendError::Disconnected(_) => stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Finishes what waits, moves the write-ahead log into the database, and ends the thread.
    pub(super) fn close(&mut self) -> Result<(), StoreError> {
        drop(self.queue.take());
        match self.thread.take() {
            Some(thread) => thread.join().unwrap_or_else(|_| Err(stopped())),
            None => Ok(()),
        }
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`; everything answered is on disk either way.
        let _ = self.close();
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped".into())
}

fn run(
    connection: &Connection,
    kinds: &[KindStatements],
    waiting: &Receiver<Waiting>,
    mut checkpointer: Checkpointer,
) -> Result<(), StoreError> {
    let mut writer = match Writer::prepare(connection, kinds) {
        Ok(writer) => writer,
        Err(error) => {
            // Nobody can be served: say why to everyone who asks, until the store is dropped.
            for (_, answer) in waiting {
                let _ = answer.send(Err(again(&error)));
            }
            return Err(error);
        }
    };
    let mut jobs = Vec::with_capacity(MAX_BATCH);
    let mut waiters = Vec::with_capacity(MAX_BATCH);
    while let Ok(first) = waiting.recv() {
        for (job, waiter) in std::iter::once(first).chain(waiting.try_iter()).take(MAX_BATCH) {
            jobs.push(job);
            waiters.push(waiter);
        }
        // A waiter that went away is no reason to take its commit back: it may have been seen already.
        match writer.batch(&jobs) {
            Ok(answers) => {
                waiters.drain(..).zip(answers).for_each(|(waiter, answer)| drop(waiter.send(answer)));
            }
            Err(error) => waiters.drain(..).for_each(|waiter| drop(waiter.send(Err(again(&error))))),
        }
        jobs.clear();
        checkpointer.after_batch(connection);
    }
    drop(checkpointer);
    move_pages(connection).map(drop)
}

/// Everything the writer needs, prepared once.
struct Writer<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    rollback: Statement<'c>,
    data_version: Statement<'c>,
    read_head: Statement<'c>,
    update_head: Statement<'c>,
    insert_entry: Statement<'c>,
    tiles: TileWriter<'c>,
    kinds: Vec<KindWriter<'c>>,
    // The head as of the data version beside it. Another process may have written since: see `Writer::head`.
    cached: Option<(i64, CompactRange)>,
}

impl<'c> Writer<'c> {
    fn prepare(connection: &'c Connection, kinds: &'c [KindStatements]) -> Result<Self, StoreError> {
        let prepare = |text: &str| connection.prepare(text).map_err(failure);
        Ok(Self {
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            rollback: prepare("ROLLBACK")?,
            data_version: prepare("PRAGMA data_version")?,
            read_head: prepare(statements::READ_HEAD)?,
            update_head: prepare(statements::UPDATE_HEAD)?,
            insert_entry: prepare(statements::INSERT_ENTRY)?,
            tiles: TileWriter::prepare(connection)?,
            kinds: kinds
                .iter()
                .map(|texts| KindWriter::prepare(connection, texts))
                .collect::<Result<_, _>>()?,
            cached: None,
        })
    }

    /// Runs a batch as one transaction. An error means that nothing of the batch is visible.
    fn batch(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreError> {
        run_alone(&mut self.begin)?;
        let done = self.inside(jobs).and_then(|(answers, version, head)| {
            run_alone(&mut self.commit)?;
            // Only now: after any failure the head is read anew.
            self.cached = Some((version, head));
            Ok(answers)
        });
        if done.is_err() {
            // Fails only when the transaction is gone already.
            let _ = run_alone(&mut self.rollback);
        }
        done
    }

    /// What happens inside the transaction: the answers, and the head to be kept once it is committed.
    fn inside(&mut self, jobs: &[Job]) -> Result<(Vec<Answer>, i64, CompactRange), StoreError> {
        let (version, mut head) = self.head()?;
        let before = head.size();
        let answers: Vec<Answer> =
            jobs.iter().map(|job| self.one(job, &mut head)).collect::<Result<_, _>>()?;
        if head.size() != before {
            self.update_head.raw_bind_parameter(1, position(head.size())?).map_err(failure)?;
            self.update_head.raw_bind_parameter(2, head.to_bytes()).map_err(failure)?;
            if self.update_head.raw_execute().map_err(failure)? != 1 {
                return Err(StoreError::Damaged("the log has no head".into()));
            }
        }
        Ok((answers, version, head))
    }

    /// The log's head, with the data version. What was kept is good as long as no other connection has changed the database, which SQLite counts in
    /// `data_version`; inside the write transaction nobody can change it any more.
    fn head(&mut self) -> Result<(i64, CompactRange), StoreError> {
        let version: i64 = self.data_version.query_row([], |row| row.get(0)).map_err(failure)?;
        match self.cached.take() {
            Some((kept, head)) if kept == version => Ok((version, head)),
            _ => Ok((version, read_head(&mut self.read_head)?)),
        }
    }

    /// One commit: its answer, or a failure that takes the whole batch back. Nobody else writes meanwhile, and a commit names no document
    /// twice: what holds before its first write holds to the last.
    fn one(&mut self, job: &Job, head: &mut CompactRange) -> Result<Answer, StoreError> {
        let mut guarded = Vec::with_capacity(job.writes.len());
        for (kind, write) in &job.writes {
            match self.kind(*kind)?.guarded(write)? {
                Some(write) => guarded.push((*kind, write)),
                None => return Ok(Err(StoreError::Conflict)),
            }
        }
        for (kind, write) in &guarded {
            self.kind(*kind)?.write(write)?;
        }
        let first_entry = head.size();
        for entry in &job.entries {
            self.append(entry, head)?;
        }
        Ok(Ok(Committed { first_entry }))
    }

    fn append(&mut self, entry: &Entry, head: &mut CompactRange) -> Result<(), StoreError> {
        let statement = &mut self.insert_entry;
        let leaf_hash = entry.leaf_hash();
        statement.raw_bind_parameter(1, position(head.size())?).map_err(failure)?;
        statement.raw_bind_parameter(2, leaf_hash.as_bytes().as_slice()).map_err(failure)?;
        statement.raw_bind_parameter(3, entry.bytes()).map_err(failure)?;
        statement.raw_execute().map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => {
                StoreError::Damaged(format!("the log has an entry at {} beyond its head", head.size()))
            }
            _ => failure(error),
        })?;
        self.tiles.keep(tiles::append(head, leaf_hash))
    }

    fn kind(&mut self, place: usize) -> Result<&mut KindWriter<'c>, StoreError> {
        self.kinds.get_mut(place).ok_or_else(|| StoreError::Unavailable("a kind is not prepared".into()))
    }
}

fn run_alone(statement: &mut Statement<'_>) -> Result<(), StoreError> {
    statement.raw_execute().map(drop).map_err(failure)
}

fn position(index: u64) -> Result<i64, StoreError> {
    i64::try_from(index).map_err(|_| StoreError::Unavailable("the log is full".into()))
}
