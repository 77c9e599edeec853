//! The log as files that never change: [C2SP tlog-tiles](https://c2sp.org/tlog-tiles).
//!
//! A tile is a row of up to [`TILE_WIDTH`] consecutive nodes of one level of the tree, and stands for the subtree of height 8 over
//! them: the levels between are hashed anew by whoever reads it. Level 0 are the leaf hashes; each hash of a higher tile is the root of
//! a *full* tile below. Entry bundles hold the entries whose hashes the tiles of level 0 are. A full tile or bundle never changes, so it
//! can be stored, cached and copied for good; a partial one only ever grows into a wider one.
//!
//! # Which paths are served
//! Those of C2SP tlog-tiles, below any prefix: `checkpoint`, `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`, so `tile/0/000` and
//! `tile/entries/000`. Not the older layout of the Go checksum database, which names the height too (`tile/8/0/000`) and keeps entries
//! under `tile/8/data`. Each path has exactly one text; any other is refused, so that no cache holds one tile twice.
//!
//! # Making tiles
//! The hashes of a tile of level 0 are the leaf hashes as stored. When it is full, its [`root`](Tile::root) is the next hash of the tile
//! above, of which it is one of the [`children`](TilePath::children). [`tiles_between`] says which tiles a growing log completes or
//! widens, in an order in which they can be made.
//! ```
//! use audit_log::leaf_hash;
//! use audit_log::tile::{Tile, TilePath, tiles_between};
//! use std::collections::BTreeMap;
//!
//! let leaves: Vec<_> = (0..600_u32).map(|number| leaf_hash(&number.to_be_bytes())).collect();
//! let mut tiles: BTreeMap<TilePath, Tile> = BTreeMap::new();
//! for path in tiles_between(0, 600) {
//!     let hashes = if path.level() == 0 {
//!         leaves.chunks(256).nth(path.index() as usize).unwrap_or_default().to_vec()
//!     } else {
//!         path.children().filter_map(|below| tiles[&below].root().copied()).collect()
//!     };
//!     tiles.insert(path, Tile::new(path, hashes)?);
//! }
//! let paths: Vec<_> = tiles.keys().map(TilePath::to_string).collect();
//! assert_eq!(paths, ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Reading proofs
//! [`TileReader`] is a [`HashReader`](crate::HashReader) over tiles, so that every proof of [`proof`](crate::proof) is made from at most
//! three tiles per level of tiles, a single entry's from two, and four levels hold 4 billion entries. A tile is believed as it comes;
//! what is made from a wrong one does not verify against the checkpoint.

mod bundle;
mod hashes;
mod path;
mod reader;

pub use bundle::{InvalidBundle, MAX_BUNDLE_BYTES, MAX_BUNDLED_ENTRY_BYTES, parse_bundle, write_bundle};
pub use hashes::{InvalidTile, Tile};
pub use path::{BundlePath, InvalidPath, LogPath, TilePath, tiles_between};
pub use reader::{TilePlan, TileReadError, TileReader};

/// How many nodes a full tile has, [C2SP tlog-tiles, Merkle Tree](https://c2sp.org/tlog-tiles#merkle-tree).
pub const TILE_WIDTH: u16 = 256;

/// How many levels of the tree one level of tiles stands for.
const TILE_HEIGHT: u8 = 8;

/// The highest level of tiles: a tree of [`MAX_SIZE`](crate::tree::MAX_SIZE) has 63 levels above its leaves.
const MAX_LEVEL: u8 = 7;
