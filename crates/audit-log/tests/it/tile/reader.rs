use std::collections::BTreeMap;
use std::sync::LazyLock;

use audit_log::proof::{HashReader as _, ProveError, read_head};
use audit_log::tile::{InvalidTile, Tile, TilePath, TilePlan, TileReadError, TileReader, tiles_between};
use audit_log::{
    CompactRange, Hash, leaf_hash, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::proof::Nodes;

type Tiles = BTreeMap<TilePath, Tile>;

/// Large enough for a partial tile at level 2.
const LARGE: u64 = 66_100;

static LARGE_NODES: LazyLock<Nodes> = LazyLock::new(|| {
    let leaves: Vec<_> = (0..LARGE).map(u64::to_be_bytes).collect();
    Nodes::of(&leaves)
});

/// All tiles of the first `size` entries, read from single nodes.
fn tiles(size: u64) -> Tiles {
    tiles_between(0, size).map(|path| (path, Tile::read(path, &*LARGE_NODES).unwrap())).collect()
}

fn reader<'a>(size: u64, tiles: &'a Tiles) -> TileReader<impl Fn(TilePath) -> Result<&'a Tile, TilePath>> {
    TileReader::new(size, |path| tiles.get(&path).ok_or(path))
}

fn path(text: &str) -> TilePath {
    text.parse().unwrap()
}

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

/// As a log makes them: level 0 from leaf hashes, each level above from the full tiles below.
#[test]
fn tiles_can_be_made_from_those_below() {
    let read = tiles(LARGE);
    for (path, tile) in &read {
        let hashes = if path.level() == 0 {
            let start = path.index() * 256;
            (start..start + u64::from(path.width())).map(leaf).collect()
        } else {
            path.children().map(|below| *read[&below].root().unwrap()).collect()
        };
        assert_eq!(path.children().count(), if path.level() == 0 { 0 } else { path.width().into() });
        assert_eq!(Tile::new(*path, hashes).as_ref(), Ok(tile));
        assert_eq!(Tile::parse(*path, &tile.to_bytes()).as_ref(), Ok(tile));
        assert_eq!(tile.root().is_some(), path.is_full());
    }
}

#[test]
fn every_node_and_no_other_is_found() {
    for size in [1, 2, 255, 256, 257, 511, 700] {
        let tiles = tiles(size);
        let reader = reader(size, &tiles);
        for level in 0..=255_u8 {
            let count = size.checked_shr(u32::from(level)).unwrap_or(0);
            for index in 0..count {
                assert_eq!(reader.node(level, index), Ok(LARGE_NODES.node(level, index).unwrap()));
            }
            for index in [count, count + 1, u64::MAX / 2, u64::MAX] {
                assert_eq!(reader.node(level, index), Err(TileReadError::OutOfRange { level, index }));
            }
        }
    }
}

#[test]
fn a_wider_tile_stands_in_and_a_wrong_one_does_not() {
    let full = Tile::read(path("tile/0/000"), &*LARGE_NODES).unwrap();
    let stand_in = TileReader::new(7, |_| Ok::<_, ()>(&full));
    assert_eq!(prove_inclusion(&stand_in, 3, 7).unwrap(), prove_inclusion(&*LARGE_NODES, 3, 7).unwrap());
    let narrow = Tile::read(path("tile/0/000.p/6"), &*LARGE_NODES).unwrap();
    for (wrong, asked) in [(&narrow, "tile/0/000.p/7"), (&full, "tile/0/001.p/44")] {
        let size = if asked.ends_with("/7") { 7 } else { 300 };
        let wrong = TileReader::new(size, |_| Ok::<_, ()>(wrong));
        assert_eq!(wrong.node(0, size - 1), Err(TileReadError::WrongTile { path: path(asked) }));
    }
    let lost = TileReader::new(7, Err::<Tile, _>);
    assert_eq!(
        prove_inclusion(&lost, 3, 7),
        Err(ProveError::Read(TileReadError::Fetch(path("tile/0/000.p/7"))))
    );
    let Err(error) = lost.node(0, 9) else { panic!("no such node") };
    assert_eq!(error.to_string(), "the tree has no node 9 at level 0");
}

#[test]
fn tiles_of_another_length_are_refused() {
    let three = path("tile/0/000.p/3");
    for length in [0, 1, 64, 95, 97, 128, 8192, 1 << 20] {
        assert_eq!(Tile::parse(three, &vec![0; length]), Err(InvalidTile { expected: 96, found: length }));
    }
    assert_eq!(Tile::new(three, vec![leaf(0); 4]), Err(InvalidTile { expected: 96, found: 128 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Proofs from tiles are those from single nodes, and verify; the plan names every tile that they need, and few.
    #[test]
    fn proofs_from_tiles(size in prop_oneof![1_u64..600, 65_000..LARGE], index: prop::sample::Index, old: prop::sample::Index) {
        let wide = usize::try_from(size).unwrap();
        let (index, old) = (index.index(wide) as u64, old.index(wide) as u64 + 1);
        let plan = TilePlan::new(size);
        prove_inclusion(&plan, index, size).unwrap();
        prove_consistency(&plan, old, size).unwrap();
        let planned = plan.into_tiles();
        prop_assert!(planned.len() <= 4 * 3);
        let tiles: Tiles = planned.into_iter().map(|path| (path, Tile::read(path, &*LARGE_NODES).unwrap())).collect();
        let reader = reader(size, &tiles);

        let root = read_head(&*LARGE_NODES, size).unwrap().root();
        let old_root = read_head(&*LARGE_NODES, old).unwrap().root();
        let inclusion = prove_inclusion(&reader, index, size).unwrap();
        prop_assert_eq!(&inclusion, &prove_inclusion(&*LARGE_NODES, index, size).unwrap());
        prop_assert_eq!(verify_inclusion(&leaf(index), index, size, &inclusion, &root), Ok(()));
        let consistency = prove_consistency(&reader, old, size).unwrap();
        prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &consistency), Ok(()));
    }

    /// The head read from nodes is the one that grew with the log.
    #[test]
    fn heads_are_read_back(size in 0_u64..1_000) {
        let mut grown = CompactRange::new();
        (0..size).for_each(|index| grown.append(leaf(index)));
        prop_assert_eq!(read_head(&reader(size, &tiles(size)), size).unwrap(), grown);
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(width in 1_u16..=256, exact: bool, bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
        let path = TilePath::new(0, 0, width).unwrap();
        let length = if exact { usize::from(width) * 32 } else { bytes.len() };
        let bytes: Vec<_> = bytes.iter().copied().chain(std::iter::repeat(7)).take(length).collect();
        if let Ok(tile) = Tile::parse(path, &bytes) {
            prop_assert_eq!(tile.to_bytes(), bytes);
        }
    }
}
