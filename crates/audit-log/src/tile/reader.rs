//! The nodes of a tree, read from its tiles.

use alloc::collections::BTreeSet;
use core::borrow::Borrow;
use core::cell::RefCell;

use super::path::width_of;
use super::{TILE_HEIGHT, TILE_WIDTH, Tile, TilePath};
use crate::hash::{EMPTY_ROOT, Hash};
use crate::proof::HashReader;

/// Reads the nodes of the tree of a given size from tiles that `fetch` finds: in a table, a folder, a cache.
///
/// `fetch` is asked for the tile as wide as it is at that size, and may give a wider one, which
/// [a log keeps instead](https://c2sp.org/tlog-tiles#partial-tiles). It is asked once for every node, so whoever has a slow store fetches
/// the tiles of a proof first, each once: see [`TilePlan`].
#[derive(Debug, Clone)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
}

impl<F, T, E> TileReader<F>
where
    F: Fn(TilePath) -> Result<T, E>,
    T: Borrow<Tile>,
{
    /// A reader for the tree of `size` entries.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }
}

impl<F, T, E> HashReader for TileReader<F>
where
    F: Fn(TilePath) -> Result<T, E>,
    T: Borrow<Tile>,
{
    type Error = TileReadError<E>;

    fn node(&self, level: u8, index: u64) -> Result<Hash, TileReadError<E>> {
        let path = tile_of(self.size, level, index).ok_or(TileReadError::OutOfRange { level, index })?;
        let tile = (self.fetch)(path).map_err(TileReadError::Fetch)?;
        tile.borrow().node(level, index).copied().ok_or(TileReadError::WrongTile { path })
    }
}

/// Notes which tiles a proof needs, for a store that gives them all at once, or asynchronously, or had better be asked only once for each:
/// make the proof with this reader first and throw it away, fetch [the tiles](Self::into_tiles), then make it with a [`TileReader`].
/// ```
/// use audit_log::tile::{Tile, TilePath, TilePlan, TileReader};
/// use audit_log::{CompactRange, leaf_hash, prove_inclusion, verify_inclusion};
/// # use std::collections::BTreeMap;
/// # let leaves = [leaf_hash(b"first"), leaf_hash(b"second"), leaf_hash(b"third")];
/// # let fetch = |path| Tile::new(path, leaves.to_vec());
/// # let mut head = CompactRange::new();
/// # leaves.iter().for_each(|leaf| head.append(*leaf));
///
/// let plan = TilePlan::new(3);
/// prove_inclusion(&plan, 1, 3)?;
/// let tiles: BTreeMap<TilePath, Tile> =
///     plan.into_tiles().into_iter().map(|path| Ok((path, fetch(path)?))).collect::<Result<_, audit_log::tile::InvalidTile>>()?;
///
/// let reader = TileReader::new(3, |path| tiles.get(&path).ok_or(std::fmt::Error));
/// let proof = prove_inclusion(&reader, 1, 3)?;
/// verify_inclusion(&leaf_hash(b"second"), 1, 3, &proof, &head.root())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TilePlan {
    size: u64,
    tiles: RefCell<BTreeSet<TilePath>>,
}

impl TilePlan {
    /// A plan for the tree of `size` entries.
    pub const fn new(size: u64) -> Self {
        Self { size, tiles: RefCell::new(BTreeSet::new()) }
    }

    /// The tiles asked for, each once, by level and index.
    pub fn into_tiles(self) -> BTreeSet<TilePath> {
        self.tiles.into_inner()
    }
}

impl HashReader for TilePlan {
    type Error = TileReadError<core::convert::Infallible>;

    /// Not the node, which is not known yet, but a placeholder.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let path = tile_of(self.size, level, index).ok_or(TileReadError::OutOfRange { level, index })?;
        self.tiles.borrow_mut().insert(path);
        Ok(EMPTY_ROOT)
    }
}

/// The tile that holds this node, as wide as it is in the tree of `size`; nothing if the tree does not have the node.
fn tile_of(size: u64, level: u8, index: u64) -> Option<TilePath> {
    let (tile_level, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
    let nodes = size.checked_shr(u32::from(tile_level * TILE_HEIGHT))?;
    let end = index.checked_add(1)?.checked_mul(1 << height)?;
    if end > nodes {
        return None;
    }
    let tile_index = (end - 1) / u64::from(TILE_WIDTH);
    TilePath::new(tile_level, tile_index, width_of(nodes, tile_index)).ok()
}

/// Why a node could not be read from tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileReadError<E> {
    /// The tree of this size has no such node.
    #[error("the tree has no node {index} at level {level}")]
    OutOfRange {
        /// Level in the tree.
        level: u8,
        /// Index within the level.
        index: u64,
    },
    /// A tile could not be had.
    #[error("a tile could not be read")]
    Fetch(#[source] E),
    /// Another tile was given than the one asked for, or one too narrow.
    #[error("the tile `{path}` was asked for and another was given")]
    WrongTile {
        /// The tile asked for.
        path: TilePath,
    },
}
