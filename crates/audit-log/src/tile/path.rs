//! Where a tile is found, and which tiles there are.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::{MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH};
use crate::decimal::parse_decimal;
use crate::tree::MAX_SIZE;

/// Longer than any path: `tile/entries/`, seven groups of an index, and `.p/255`.
const MAX_PATH_BYTES: usize = 64;

/// A resource of a log, relative to its prefix, [C2SP tlog-tiles, APIs](https://c2sp.org/tlog-tiles#apis).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogPath {
    /// `checkpoint`
    Checkpoint,
    /// `tile/<L>/<N>[.p/<W>]`
    Tile(TilePath),
    /// `tile/entries/<N>[.p/<W>]`
    Entries(BundlePath),
}

/// The tile `index` of a level with its width, from 1 to [`TILE_WIDTH`]. In text `tile/<L>/<N>[.p/<W>]`,
/// [C2SP tlog-tiles, Merkle Tree](https://c2sp.org/tlog-tiles#merkle-tree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    // INVARIANT: end_of(level, index, width) is some, so a tree within MAX_SIZE has the tile
    level: u8,
    index: u64,
    width: u16,
}

/// The bundle of the entries whose hashes are the tile of level 0 with the same index and width. In text
/// `tile/entries/<N>[.p/<W>]`, [C2SP tlog-tiles, Log entries](https://c2sp.org/tlog-tiles#log-entries).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath {
    // INVARIANT: of level 0
    leaves: TilePath,
}

impl TilePath {
    /// The tile of this level (0 to 7), index and width (1 to [`TILE_WIDTH`]).
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, InvalidPath> {
        if !(1..=TILE_WIDTH).contains(&width) {
            return Err(InvalidPath::Width);
        }
        end_of(level, index, width).map(|_| Self { level, index, width }).ok_or(InvalidPath::OutOfRange)
    }

    /// The level of tiles: 0 for leaf hashes, 1 for roots of 256 leaves, 2 for roots of 65,536 and so on.
    pub fn level(self) -> u8 {
        self.level
    }

    /// The place within its level.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many hashes it has.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Whether it is a full tile, which never changes.
    pub fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The size from which on a tree has this tile. Nobody should be given a tile beyond the size of the published checkpoint.
    pub fn min_size(self) -> u64 {
        // INVARIANT: some, as checked when made.
        end_of(self.level, self.index, self.width).unwrap_or(MAX_SIZE)
    }

    /// The full tiles below, whose [roots](super::Tile::root) are its hashes, from left to right; none at level 0, where the hashes are
    /// those of entries.
    pub fn children(self) -> impl Iterator<Item = TilePath> {
        let below = self.level.checked_sub(1);
        // INVARIANT: a tree that has this tile has all of those below it that are full.
        self.nodes().filter_map(move |index| TilePath::new(below?, index, TILE_WIDTH).ok())
    }

    /// The level in the tree of its hashes, as [`HashReader::node`](crate::HashReader::node) counts.
    pub(super) fn tree_level(self) -> u8 {
        self.level * TILE_HEIGHT
    }

    /// The index within their level of the tree of its hashes.
    pub(super) fn nodes(self) -> core::ops::Range<u64> {
        let start = self.index * u64::from(TILE_WIDTH);
        start..start + u64::from(self.width)
    }
}

impl BundlePath {
    /// The bundle of this index and width (1 to [`TILE_WIDTH`]).
    pub fn new(index: u64, width: u16) -> Result<Self, InvalidPath> {
        TilePath::new(0, index, width).map(|leaves| Self { leaves })
    }

    /// The tile with the hashes of the entries.
    pub fn leaf_tile(self) -> TilePath {
        self.leaves
    }

    /// The place among the bundles.
    pub fn index(self) -> u64 {
        self.leaves.index
    }

    /// The index of its first entry in the log.
    pub fn start(self) -> u64 {
        self.leaves.nodes().start
    }

    /// How many entries it has.
    pub fn width(self) -> u16 {
        self.leaves.width
    }

    /// Whether it is a full bundle, which never changes.
    pub fn is_full(self) -> bool {
        self.leaves.is_full()
    }

    /// The size from which on a log has this bundle.
    pub fn min_size(self) -> u64 {
        self.leaves.min_size()
    }
}

/// The tiles that a log of `new_size` entries has and one of `old_size` did not have, or not as wide: level by level from the leaves,
/// and from left to right. From size 0 these are all its tiles,
/// [C2SP tlog-tiles, Partial Tiles](https://c2sp.org/tlog-tiles#partial-tiles). Nothing is allocated.
pub fn tiles_between(old_size: u64, new_size: u64) -> impl Iterator<Item = TilePath> {
    let new_size = new_size.min(MAX_SIZE);
    (0..=MAX_LEVEL).flat_map(move |level| {
        let (old, new) = (old_size >> (level * TILE_HEIGHT), new_size >> (level * TILE_HEIGHT));
        let indices = if old < new { old / W..new.div_ceil(W) } else { 0..0 };
        indices.filter_map(move |index| TilePath::new(level, index, width_of(new, index)).ok())
    })
}

/// As a number of nodes.
const W: u64 = TILE_WIDTH as u64;

/// How many of so many nodes stand in the tile of this index: 0 to [`TILE_WIDTH`].
pub(super) fn width_of(nodes: u64, index: u64) -> u16 {
    let rest = nodes.saturating_sub(index.saturating_mul(W));
    u16::try_from(rest).map_or(TILE_WIDTH, |rest| rest.min(TILE_WIDTH))
}

/// The end of the entries that a tile spans, if a tree can have them.
fn end_of(level: u8, index: u64, width: u16) -> Option<u64> {
    let span = 1 << (Some(level).filter(|level| *level <= MAX_LEVEL)? * TILE_HEIGHT);
    let nodes = index.checked_mul(W)?.checked_add(u64::from(width))?;
    nodes.checked_mul(span).filter(|end| *end <= MAX_SIZE)
}

impl fmt::Display for LogPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => formatter.write_str("checkpoint"),
            Self::Tile(path) => path.fmt(formatter),
            Self::Entries(path) => path.fmt(formatter),
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "tile/{}/{}", self.level, index_text(self.index))?;
        write_width(formatter, *self)
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "tile/entries/{}", index_text(self.leaves.index))?;
        write_width(formatter, self.leaves)
    }
}

fn write_width(formatter: &mut fmt::Formatter<'_>, path: TilePath) -> fmt::Result {
    if path.is_full() { Ok(()) } else { write!(formatter, ".p/{}", path.width) }
}

/// Groups of three digits, each but the last marked with an `x`.
fn index_text(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

impl FromStr for LogPath {
    type Err = InvalidPath;

    /// Reads exactly what is displayed: no leading slash, no second spelling.
    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        if text.len() > MAX_PATH_BYTES {
            return Err(InvalidPath::Form);
        }
        if text == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        let (level, rest) =
            text.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(InvalidPath::Form)?;
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((index, width)) => (index, parse_up_to(width, TILE_WIDTH - 1).ok_or(InvalidPath::Width)?),
        };
        let index = parse_index(index).ok_or(InvalidPath::Index)?;
        if level == "entries" {
            return BundlePath::new(index, width).map(Self::Entries);
        }
        let level =
            parse_up_to(level, 63).and_then(|level| level.try_into().ok()).ok_or(InvalidPath::Level)?;
        TilePath::new(level, index, width).map(Self::Tile)
    }
}

impl FromStr for TilePath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        match text.parse()? {
            LogPath::Tile(path) => Ok(path),
            LogPath::Checkpoint | LogPath::Entries(_) => Err(InvalidPath::Form),
        }
    }
}

impl FromStr for BundlePath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        match text.parse()? {
            LogPath::Entries(path) => Ok(path),
            LogPath::Checkpoint | LogPath::Tile(_) => Err(InvalidPath::Form),
        }
    }
}

/// A plain number of at most `max`.
fn parse_up_to(digits: &str, max: u16) -> Option<u16> {
    parse_decimal(digits)?.try_into().ok().filter(|number| *number <= max)
}

/// The index whose text this is, and not another spelling of it.
fn parse_index(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|index| index_text(*index) == text)
}

/// A path of no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// None of the forms of [`LogPath`].
    #[error("the path is not `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`")]
    Form,
    /// A level that is not a plain number from 0 to 63.
    #[error("the level of the tile is not a plain number from 0 to 63")]
    Level,
    /// An index that is not groups of three digits, of which all but the last begin with an `x`, or that has a needless group.
    #[error("the index of the tile is not written like `x001/x234/067`")]
    Index,
    /// A partial tile whose width is not a plain number from 1 to 255; empty tiles are none, and full ones have no width.
    #[error("the width of a partial tile is not a plain number from 1 to 255")]
    Width,
    /// A tile that only a tree beyond [`MAX_SIZE`] would have.
    #[error("no tree is large enough to have this tile")]
    OutOfRange,
}
