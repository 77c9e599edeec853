use std::collections::BTreeMap;
use std::convert::Infallible;

use audit_log::Hash;
use audit_log::proof::{ProveError, read_head};
use audit_log::tile::{Tile, TilePath, TilePlan, TileReadError, TileReader};

use crate::failure::Failure;
use crate::ports::{Store, StoreError};

/// The tiles that a proof needs, each read once.
///
/// Make the proof with a [`TilePlan`] first, read its tiles, and make it again with [`reader`](Self::reader).
#[derive(Debug)]
pub struct Tiles {
    size: u64,
    tiles: BTreeMap<TilePath, Tile>,
}

impl Tiles {
    /// Reads the tiles of a plan for the tree of `size` entries.
    pub async fn read(store: &impl Store, size: u64, plan: TilePlan) -> Result<Self, Failure> {
        let mut tiles = BTreeMap::new();
        for path in plan.into_tiles() {
            tiles.insert(path, read_tile(store, path).await?);
        }
        Ok(Self { size, tiles })
    }

    /// The nodes of the tree, as proofs are made from them.
    pub fn reader<'t>(&'t self) -> TileReader<impl Fn(TilePath) -> Result<&'t Tile, NotPlanned>> {
        TileReader::new(self.size, |path| self.tiles.get(&path).ok_or(NotPlanned))
    }
}

/// A tile was asked for that the plan did not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tile is needed that was not planned")]
pub struct NotPlanned;

/// The tile at a path, as wide as the path says, although it may have grown since.
pub(super) async fn read_tile(store: &impl Store, path: TilePath) -> Result<Tile, Failure> {
    let mut hashes = store.log_tile(path.level(), path.index()).await?;
    hashes.truncate(usize::from(path.width()));
    Tile::new(path, hashes).map_err(|error| StoreError::Damaged(format!("log {path}: {error}")).into())
}

/// The root over the first `size` entries, from at most a few tiles per level.
///
/// # Errors
/// [`Failure::Defect`] when the log has fewer entries.
pub async fn root_at(store: &impl Store, size: u64) -> Result<Hash, Failure> {
    let plan = TilePlan::new(size);
    read_head(&plan, size).map_err(not_planned)?;
    let tiles = Tiles::read(store, size, plan).await?;
    Ok(read_head(&tiles.reader(), size).map_err(not_made)?.root())
}

pub(super) fn not_planned(error: ProveError<TileReadError<Infallible>>) -> Failure {
    Failure::Defect(format!("a proof cannot be planned: {error}"))
}

pub(super) fn not_made(error: ProveError<TileReadError<NotPlanned>>) -> Failure {
    Failure::Defect(format!("a proof cannot be made: {error}"))
}
