//! What is in a tile.

use alloc::vec::Vec;

use super::TilePath;
use crate::hash::{Hash, node_hash};
use crate::proof::HashReader;

/// The hashes of a tile, with the nodes above them that are complete within it.
///
/// The nodes above are hashed once when the tile is made, at most 255 of them, so that a tile kept in memory answers without hashing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    path: TilePath,
    // INVARIANT: the first row has path.width() hashes, each next one a node for every two hashes of the row below
    rows: Vec<Vec<Hash>>,
}

impl Tile {
    /// The tile at this path with these hashes: leaf hashes at level 0, the [roots](Self::root) of full tiles above.
    pub fn new(path: TilePath, hashes: Vec<Hash>) -> Result<Self, InvalidTile> {
        let expected = usize::from(path.width());
        if hashes.len() != expected {
            return Err(InvalidTile { expected: expected * Hash::LEN, found: hashes.len() * Hash::LEN });
        }
        Ok(Self::over(path, hashes))
    }

    /// Reads a published tile, which is nothing but its hashes one after another,
    /// [C2SP tlog-tiles, Merkle Tree](https://c2sp.org/tlog-tiles#merkle-tree).
    pub fn parse(path: TilePath, bytes: &[u8]) -> Result<Self, InvalidTile> {
        let expected = usize::from(path.width()) * Hash::LEN;
        if bytes.len() != expected {
            return Err(InvalidTile { expected, found: bytes.len() });
        }
        let (hashes, _) = bytes.as_chunks::<{ Hash::LEN }>();
        Ok(Self::over(path, hashes.iter().copied().map(Hash::from_bytes).collect()))
    }

    /// Makes a tile from wherever its nodes are kept.
    pub fn read<R: HashReader>(path: TilePath, reader: &R) -> Result<Self, R::Error> {
        let hashes =
            path.nodes().map(|index| reader.node(path.tree_level(), index)).collect::<Result<_, _>>()?;
        Ok(Self::over(path, hashes))
    }

    fn over(path: TilePath, hashes: Vec<Hash>) -> Self {
        let mut rows = Vec::new();
        let mut row = hashes;
        while !row.is_empty() {
            let above = row.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)).collect();
            rows.push(core::mem::replace(&mut row, above));
        }
        Self { path, rows }
    }

    /// Where it is found.
    pub fn path(&self) -> TilePath {
        self.path
    }

    /// Its hashes, from left to right.
    pub fn hashes(&self) -> &[Hash] {
        self.rows.first().map_or(&[], Vec::as_slice)
    }

    /// The published form: what [`parse`](Self::parse) reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes().iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// The root of a full tile, which is its hash in the tile above. A partial tile has none: it
    /// [must not be hashed into the level above](https://c2sp.org/tlog-tiles#partial-tiles).
    pub fn root(&self) -> Option<&Hash> {
        if self.path.is_full() { self.rows.last()?.first() } else { None }
    }

    /// A node of the tree, counted as [`HashReader::node`] does, if it is complete within this tile. The root of a full tile belongs to
    /// the tile above.
    pub fn node(&self, level: u8, index: u64) -> Option<&Hash> {
        let height =
            level.checked_sub(self.path.tree_level()).filter(|height| *height < super::TILE_HEIGHT)?;
        let first = self.path.nodes().start >> height;
        let row = self.rows.get(usize::from(height))?;
        row.get(usize::try_from(index.checked_sub(first)?).ok()?)
    }
}

/// Bytes or hashes that are not as many as the width of the tile calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tile should have {expected} bytes and has {found}")]
pub struct InvalidTile {
    /// Bytes by its width.
    pub expected: usize,
    /// Bytes found.
    pub found: usize,
}
