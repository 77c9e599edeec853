//! The log's tiles, [C2SP tlog-tiles](https://c2sp.org/tlog-tiles#merkle-tree): what proofs are made from without reading the log.
//!
//! A tile of level 0 is written once, when its 256th entry comes; until then its hashes are those beside the entries. A tile above has a row
//! from its first hash on, which grows by one hash for each full tile below. So a commit writes a tile in 256 entries, in its own
//! transaction, and it costs the same however long the log is.

use audit_log::tile::{TILE_WIDTH, Tile, TilePath, tiles_between};
use audit_log::{CompactRange, Hash};
use clearance::ports::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Statement};

use super::failure::failure;
use super::verify::Problem;
use crate::statements;

/// Levels of the tree that one level of tiles stands for.
const TILE_HEIGHT: u8 = 8;
/// A tile's width, as positions are.
const WIDTH: u64 = TILE_WIDTH as u64;

/// What the writer needs to keep tiles.
pub(super) struct TileWriter<'c> {
    leaves: Statement<'c>,
    read: Statement<'c>,
    put: Statement<'c>,
}

/// Roots of full tiles that an append completed: level of tiles from 1 on, index at that level, hash.
pub(super) type Completed = Vec<(u8, u64, Hash)>;

impl<'c> TileWriter<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, StoreError> {
        let prepare = |text: &str| connection.prepare(text).map_err(failure);
        Ok(Self {
            leaves: prepare(statements::READ_LEAVES)?,
            read: prepare(statements::READ_TILE)?,
            put: prepare(statements::PUT_TILE)?,
        })
    }

    /// Keeps the tiles that appending completed or widened; the entries themselves stand in their table already.
    pub(super) fn keep(&mut self, completed: Completed) -> Result<(), StoreError> {
        for (level, index, root) in completed {
            if level == 1 {
                let hashes = leaf_hashes(&mut self.leaves, index)?;
                if hashes.len() != usize::from(TILE_WIDTH) * Hash::LEN {
                    return Err(damaged(0, index));
                }
                self.put(0, index, &hashes)?;
            }
            let (tile, place) = (index / WIDTH, index % WIDTH);
            let mut hashes = if place == 0 { Vec::new() } else { self.stored(level, tile)? };
            if u64::try_from(hashes.len()) != Ok(place * Hash::LEN as u64) {
                return Err(damaged(level, tile));
            }
            hashes.extend(root.as_bytes());
            self.put(level, tile, &hashes)?;
        }
        Ok(())
    }

    fn stored(&mut self, level: u8, index: u64) -> Result<Vec<u8>, StoreError> {
        read(&mut self.read, level, index).map(Option::unwrap_or_default)
    }

    fn put(&mut self, level: u8, index: u64, hashes: &[u8]) -> Result<(), StoreError> {
        self.put.raw_bind_parameter(1, level).map_err(failure)?;
        self.put.raw_bind_parameter(2, signed(index)).map_err(failure)?;
        self.put.raw_bind_parameter(3, hashes).map_err(failure)?;
        self.put.raw_execute().map(drop).map_err(failure)
    }
}

/// Appends a leaf and notes which tiles became full by it.
pub(super) fn append(head: &mut CompactRange, leaf: Hash) -> Completed {
    let mut completed = Vec::new();
    head.append_with(leaf, |level, index, root| note(&mut completed, level, index, root));
    completed
}

/// Takes a subtree into account if it is a full tile.
fn note(completed: &mut Completed, level: u8, index: u64, root: &Hash) {
    if level > 0 && level.is_multiple_of(TILE_HEIGHT) {
        completed.push((level / TILE_HEIGHT, index, *root));
    }
}

/// The hashes that a tile has now.
pub(super) fn tile(connection: &Connection, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
    let stored = row(connection, level, index)?;
    let hashes = match stored {
        Some(hashes) => hashes,
        None if level == 0 => {
            let mut statement = connection.prepare_cached(statements::READ_LEAVES).map_err(failure)?;
            leaf_hashes(&mut statement, index)?
        }
        None => Vec::new(),
    };
    let (hashes, rest) = hashes.as_chunks::<{ Hash::LEN }>();
    if rest.is_empty() && hashes.len() <= usize::from(TILE_WIDTH) {
        Ok(hashes.iter().copied().map(Hash::from_bytes).collect())
    } else {
        Err(damaged(level, index))
    }
}

/// The row of a tile, if it has one.
fn row(connection: &Connection, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(statements::READ_TILE).map_err(failure)?;
    read(&mut statement, level, index)
}

/// The last row of a level, with its index.
fn last_row(connection: &Connection, level: u8) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(statements::LAST_TILE).map_err(failure)?;
    statement.query_row([level], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(failure)
}

/// Makes every tile of a log that was written before there were any.
pub(super) fn fill(connection: &Connection) -> Result<(), StoreError> {
    let mut writer = TileWriter::prepare(connection)?;
    let mut leaves = connection.prepare(statements::READ_LEAVES).map_err(failure)?;
    let mut rows = leaves.query((0, i64::MAX)).map_err(failure)?;
    let mut head = CompactRange::new();
    while let Some(row) = rows.next().map_err(failure)? {
        let leaf = leaf_hash(row, head.size())?;
        writer.keep(append(&mut head, leaf))?;
    }
    Ok(())
}

/// Compares the tiles over a chunk of entries with the hashes that verifying computes. A chunk begins at a tile of level 0 and is no
/// longer than one of level 1, so that its tiles of level 0 fall into one of those.
pub(super) struct ChunkTiles<'c> {
    connection: &'c Connection,
    /// Where the next tile of level 0 begins, as its index.
    next: u64,
    leaves: Vec<u8>,
    /// Roots of the chunk's tiles of level 0, with the index of the first.
    roots: (u64, Vec<u8>),
    full: bool,
    wrong: Option<TilePath>,
}

impl<'c> ChunkTiles<'c> {
    /// For the chunk that begins at this entry.
    pub(super) fn new(connection: &'c Connection, start: u64) -> Self {
        let next = start / WIDTH;
        let leaves = Vec::with_capacity(usize::from(TILE_WIDTH) * Hash::LEN);
        Self { connection, next, leaves, roots: (next, Vec::new()), full: false, wrong: None }
    }

    /// Takes a subtree that is complete.
    pub(super) fn add(&mut self, level: u8, _: u64, root: &Hash) {
        if level == 0 {
            self.leaves.extend(root.as_bytes());
        } else if level == TILE_HEIGHT {
            self.roots.1.extend(root.as_bytes());
            self.full = true;
        }
    }

    /// Compares the tile of level 0 that the last entry made full, if it did.
    pub(super) fn compare_full(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.full) {
            if row(self.connection, 0, self.next)?.as_ref() != Some(&self.leaves) {
                self.found(0, self.next);
            }
            self.leaves.clear();
            self.next += 1;
        }
        Ok(())
    }

    /// The lowest tile that is wrong.
    pub(super) fn finish(mut self) -> Result<Option<TilePath>, StoreError> {
        let (first, roots) = std::mem::take(&mut self.roots);
        let place = usize::try_from(first % WIDTH).unwrap_or_default() * Hash::LEN;
        let stored = if roots.is_empty() { None } else { row(self.connection, 1, first / WIDTH)? };
        let stored = stored.as_deref().and_then(|stored| stored.get(place..place + roots.len()));
        if stored.unwrap_or_default() != roots {
            self.found(1, first / WIDTH);
        }
        Ok(self.wrong)
    }

    fn found(&mut self, level: u8, index: u64) {
        let path = TilePath::new(level, index, TILE_WIDTH).ok();
        self.wrong = [self.wrong, path].into_iter().flatten().min();
    }
}

/// The first tile of level 2 or above, in the tree of `size` entries, that does not hold the roots of the tiles below.
pub(super) fn find_wrong_above(connection: &Connection, size: u64) -> Result<Option<TilePath>, StoreError> {
    for path in tiles_between(0, size).filter(|path| path.level() > 1) {
        let stored = tile(connection, path.level(), path.index())?;
        for (found, below) in stored.iter().zip(path.children()) {
            let hashes = tile(connection, below.level(), below.index())?;
            if Tile::new(below, hashes).ok().and_then(|below| below.root().copied()) != Some(*found) {
                return Ok(Some(path));
            }
        }
        if stored.len() < usize::from(path.width()) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The first tile that is missing at the end of its level, does not end where it should, or should not be there.
pub(super) fn find_wrong_end(connection: &Connection, size: u64) -> Result<Option<TilePath>, StoreError> {
    for level in 0..TILE_HEIGHT {
        // Rows of level 0 are full tiles only.
        let nodes = size >> (level * TILE_HEIGHT);
        let nodes = if level == 0 { nodes / WIDTH * WIDTH } else { nodes };
        let last = nodes.checked_sub(1).map(|last| (last / WIDTH, last % WIDTH + 1));
        let expected = last.map(|(index, width)| (signed(index), width * Hash::LEN as u64));
        let found = last_row(connection, level)?;
        let found = found.map(|(index, hashes)| (index, u64::try_from(hashes.len()).unwrap_or(u64::MAX)));
        if found != expected {
            let index = found.max(expected).map_or(0, |(index, _)| index);
            return Ok(TilePath::new(level, u64::try_from(index).unwrap_or_default(), TILE_WIDTH).ok());
        }
    }
    Ok(None)
}

/// The first entry whose leaf hash is another one than its tile holds, as far as tiles are full; what became of it, by the other hashes of
/// the same tile. Both were written with the entry, so where entries do not give the root any more, this tells which was changed since.
pub(super) fn find_difference(connection: &Connection, size: u64) -> Result<Option<Problem>, StoreError> {
    let mut statement = connection.prepare_cached(statements::READ_LEAVES).map_err(failure)?;
    for tile in 0..size / WIDTH {
        let Some(kept) = row(connection, 0, tile)? else { continue };
        let found = leaf_hashes(&mut statement, tile)?;
        let (kept, found) = (kept.as_chunks::<{ Hash::LEN }>().0, found.as_chunks::<{ Hash::LEN }>().0);
        let pairs = || (tile * WIDTH..).zip(kept.iter().zip(found));
        let Some((first, (kept, found))) = pairs().find(|(_, (kept, found))| kept != found) else { continue };
        let exchanged =
            pairs().find(|(_, (other_kept, other_found))| *other_kept == found && *other_found == kept);
        return Ok(Some(match exchanged {
            Some((second, _)) => Problem::Exchanged { first, second },
            None => Problem::Replaced { index: first },
        }));
    }
    Ok(None)
}

fn read(statement: &mut Statement<'_>, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    statement.query_row((level, index), |row| row.get(0)).optional().map_err(failure)
}

/// The leaf hashes of the entries that a tile of level 0 stands for, one after another.
fn leaf_hashes(statement: &mut Statement<'_>, index: u64) -> Result<Vec<u8>, StoreError> {
    let Some(start) = index.checked_mul(WIDTH).filter(|start| i64::try_from(*start).is_ok()) else {
        return Ok(Vec::new());
    };
    let mut rows = statement.query((signed(start), signed(start.saturating_add(WIDTH)))).map_err(failure)?;
    let mut hashes = Vec::with_capacity(usize::from(TILE_WIDTH) * Hash::LEN);
    let mut position = start;
    while let Some(row) = rows.next().map_err(failure)? {
        hashes.extend(leaf_hash(row, position)?.as_bytes());
        position += 1;
    }
    Ok(hashes)
}

/// A row of position and leaf hash, which must be that of the position expected.
fn leaf_hash(row: &rusqlite::Row<'_>, expected: u64) -> Result<Hash, StoreError> {
    let damaged = || StoreError::Damaged(format!("log entry {expected} is missing or has no leaf hash"));
    let position: i64 = row.get(0).map_err(failure)?;
    if u64::try_from(position) != Ok(expected) {
        return Err(damaged());
    }
    let hash = row.get_ref(1).map_err(failure)?;
    hash.as_blob().ok().and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(damaged)
}

fn damaged(level: u8, index: u64) -> StoreError {
    StoreError::Damaged(format!("tile {index} of level {level} of the log does not read as one"))
}

/// Positions come from indices of entries, which are below 2⁶³.
fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
