//! Verifying the whole log, from the bytes that are stored.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use audit_log::tile::TilePath;
use audit_log::{Chunk, CompactRange, Deviation, Hash, Range, Strictness, Verified, Verifier};
use clearance::ports::StoreError;
use rusqlite::{Connection, OptionalExtension as _};

use super::failure::failure;
use super::file::{SqliteFile, stored_head};
use super::tiles::{self, ChunkTiles};
use crate::statements;

/// Entries that a thread checks at a time. A power of two, so that a checked chunk is one hash.
const CHUNK: u64 = 16_384;

/// Why a log does not verify.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// An entry, the order of the entries or the head is not what it should be.
    #[error(transparent)]
    Deviation(#[from] Deviation),
    /// There is something at a position that no entry has.
    #[error("an entry stands at position {position}, before the first")]
    Stray {
        /// Its position, below 0.
        position: i64,
    },
    /// The entries do not give the root, and the stored tiles tell why: two of them stand in each other's place.
    #[error(
        "entries {first} and {second} were exchanged: each stands where the other's hash was when the log was written"
    )]
    Exchanged {
        /// The first of the two.
        first: u64,
        /// The other one.
        second: u64,
    },
    /// The entries do not give the root, and the stored tiles tell where that begins: an entry was replaced together with its hash.
    #[error(
        "entry {index} was replaced together with its hash: another one stood there when the log was written"
    )]
    Replaced {
        /// The first such entry.
        index: u64,
    },
    /// In strict mode: the entries are right, but a tile that proofs are made from does not hold their hashes.
    #[error(
        "the log is what it should be, but the stored {path} does not hold its hashes: proofs made from it fail"
    )]
    Tile {
        /// The first such tile, lower levels first.
        path: TilePath,
    },
    /// The database cannot be read from this entry on.
    #[error("entry {index} and those that follow cannot be read: {cause}")]
    Unreadable {
        /// The first entry that cannot be read.
        index: u64,
        /// What the database says.
        cause: StoreError,
    },
    /// The database or its head cannot be read at all.
    #[error(transparent)]
    Database(#[from] StoreError),
}

impl SqliteFile {
    /// Reads every entry, hashes it, and compares it with the hash stored beside it, all together with the stored head, and in strict mode
    /// every stored tile with the hashes of its entries. Names the first entry or tile that is wrong. Runs on so many threads, in memory that does not grow with the log, and beside a running server:
    /// what is verified is the log as of the beginning.
    ///
    /// `progress` is called now and then, from any of the threads, with the number of entries checked so far.
    ///
    /// That the log agrees with itself does not say that nobody rewrote all of it: compare the answer with a checkpoint that is
    /// known from elsewhere, or use [`compare`](Self::compare).
    ///
    /// # Errors
    /// The first [`Problem`], by position.
    pub fn verify(
        &self,
        threads: NonZeroUsize,
        strictness: Strictness,
        progress: impl Fn(u64) + Sync,
    ) -> Result<Verified, Problem> {
        let connection = self.read()?;
        let (head, last, ends) = beginning(&connection, strictness)?;
        let size = head.size();
        let work = Work::new(size);
        std::thread::scope(|scope| {
            // The last share of the work is this thread's own.
            for _ in 1..threads.get() {
                scope.spawn(|| {
                    // A thread that cannot read leaves its share to the others.
                    if let Ok(connection) = self.read() {
                        work.run(&connection, strictness, &progress);
                    }
                });
            }
            work.run(&connection, strictness, &progress);
        });
        let (chunks, wrong_tile) = work.finish()?;
        let mut verifier = Verifier::new(CompactRange::new());
        for chunk in chunks {
            verifier.join(&chunk)?;
        }
        if let Some(last) = last.filter(|last| *last >= size) {
            return Err(Deviation::Surplus { expected: size, found: last + 1 }.into());
        }
        let verified = match verifier.finish(size, &head.root()) {
            Err(Deviation::RootMismatch { .. })
                if let Some(problem) = tiles::find_difference(&connection, size)? =>
            {
                return Err(problem);
            }
            other => other?,
        };
        if strictness == Strictness::Canonical {
            let wrong_tile = match wrong_tile {
                None => tiles::find_wrong_above(&connection, size)?.or(ends),
                found => found,
            };
            if let Some(path) = wrong_tile {
                return Err(Problem::Tile { path });
            }
        }
        Ok(verified)
    }
}

/// The head, the position of the last entry, and in strict mode a tile that ends where it should not, as of one moment.
fn beginning(
    connection: &Connection,
    strictness: Strictness,
) -> Result<(CompactRange, Option<u64>, Option<TilePath>), Problem> {
    let transaction = connection.unchecked_transaction().map_err(failure)?;
    let head = stored_head(&transaction)?;
    let one = |text| transaction.query_row(text, [], |row| row.get::<_, Option<i64>>(0)).map_err(failure);
    if let Some(position) = one(statements::FIRST_ENTRY)?.filter(|position| *position < 0) {
        return Err(Problem::Stray { position });
    }
    let last = one(statements::LAST_ENTRY)?.and_then(|last| u64::try_from(last).ok());
    let ends = match strictness {
        Strictness::Canonical => tiles::find_wrong_end(&transaction, head.size())?,
        Strictness::StoredBytes => None,
    };
    Ok((head, last, ends))
}

/// The chunks of a log, shared by the threads that check them.
struct Work {
    size: u64,
    next: AtomicU64,
    checked: AtomicU64,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    chunks: Vec<(u64, Range)>,
    /// The lowest tile that does not hold the hashes of its entries.
    wrong_tile: Option<TilePath>,
    /// The first problem by position, with the number of its chunk.
    problem: Option<(u64, Problem)>,
}

impl Work {
    fn new(size: u64) -> Self {
        Self { size, next: AtomicU64::new(0), checked: AtomicU64::new(0), done: Mutex::default() }
    }

    fn run(&self, connection: &Connection, strictness: Strictness, progress: &impl Fn(u64)) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let start = number.saturating_mul(CHUNK);
            // Chunks are taken in order, so every one before a problem is in somebody's hands already.
            if start >= self.size || self.done().problem.is_some() {
                return;
            }
            let end = start.saturating_add(CHUNK).min(self.size);
            let checked = check(connection, start, end, self.size, strictness);
            let mut done = self.done();
            match checked {
                Ok((range, wrong_tile)) => {
                    done.chunks.push((number, range));
                    done.wrong_tile = [done.wrong_tile, wrong_tile].into_iter().flatten().min();
                }
                Err(problem) => {
                    if done.problem.as_ref().is_none_or(|(earlier, _)| number < *earlier) {
                        done.problem = Some((number, problem));
                    }
                    return;
                }
            }
            drop(done);
            progress(self.checked.fetch_add(end - start, Ordering::Relaxed) + end - start);
        }
    }

    fn done(&self) -> std::sync::MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every chunk in order and the lowest wrong tile, or the first problem.
    fn finish(self) -> Result<(impl Iterator<Item = Range>, Option<TilePath>), Problem> {
        let Done { mut chunks, wrong_tile, problem } =
            self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, problem)) = problem {
            return Err(problem);
        }
        chunks.sort_unstable_by_key(|(number, _)| *number);
        Ok((chunks.into_iter().map(|(_, range)| range), wrong_tile))
    }
}

/// Checks the entries `start..end` of a log of `size` entries.
fn check(
    connection: &Connection,
    start: u64,
    end: u64,
    size: u64,
    strictness: Strictness,
) -> Result<(Range, Option<TilePath>), Problem> {
    let unreadable = |index| move |error| Problem::Unreadable { index, cause: failure(error) };
    let mut chunk =
        Chunk::new(start, end, strictness).map_err(|_| Deviation::Surplus { expected: end, found: size })?;
    let mut statement = connection.prepare_cached(statements::READ_ENTRY_RANGE).map_err(unreadable(start))?;
    let mut rows = statement.query((signed(start), signed(end))).map_err(unreadable(start))?;
    let mut at = start;
    let mut tiles = match strictness {
        Strictness::Canonical => Some(ChunkTiles::new(connection, start)),
        Strictness::StoredBytes => None,
    };
    while let Some(row) = rows.next().map_err(unreadable(at))? {
        let position: i64 = row.get(0).map_err(unreadable(at))?;
        let index = u64::try_from(position).map_err(|_| Problem::Stray { position })?;
        let leaf_hash = row.get_ref(1).map_err(unreadable(at))?;
        let body = row.get_ref(2).map_err(unreadable(at))?;
        let (Ok(Ok(leaf_hash)), Ok(body)) = (leaf_hash.as_blob().map(Hash::try_from), body.as_blob()) else {
            // Not even the shape of a hash and of bytes.
            return Err(Deviation::LeafMismatch { index }.into());
        };
        match &mut tiles {
            None => chunk.push(index, body, &leaf_hash)?,
            Some(tiles) => {
                chunk
                    .push_with(index, body, &leaf_hash, |level, index, root| tiles.add(level, index, root))?;
                tiles.compare_full()?;
            }
        }
        at = index + 1;
    }
    match chunk.finish() {
        Ok(range) => {
            let wrong_tile = tiles.map(ChunkTiles::finish).transpose()?.flatten();
            Ok((range, wrong_tile))
        }
        // Entries are missing at the end of the chunk: a gap, unless nothing follows.
        Err(Deviation::Truncated { found, .. }) => {
            let next: Option<i64> = connection
                .query_row(statements::NEXT_ENTRY, [signed(found)], |row| row.get(0))
                .optional()
                .map_err(unreadable(found))?
                .flatten();
            Err(match next.and_then(|next| u64::try_from(next).ok()) {
                Some(next) => Deviation::Gap { expected: found, found: next }.into(),
                None => Deviation::Truncated { expected: size, found }.into(),
            })
        }
        Err(other) => Err(other.into()),
    }
}

/// Positions are below the size, which was read from a signed column.
fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
