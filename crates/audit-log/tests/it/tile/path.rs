use std::collections::BTreeSet;

use audit_log::tile::{BundlePath, InvalidPath, LogPath, TilePath, tiles_between};
use audit_log::tree::MAX_SIZE;
use proptest::prelude::*;

fn tile(level: u8, index: u64, width: u16) -> TilePath {
    TilePath::new(level, index, width).unwrap()
}

fn parse(text: &str) -> Result<LogPath, InvalidPath> {
    text.parse()
}

/// What C2SP tlog-tiles itself gives as examples.
#[test]
fn the_examples_of_the_specification() {
    assert_eq!(tile(0, 1_234_067, 256).to_string(), "tile/0/x001/x234/067");
    let seventy_thousand: Vec<_> = tiles_between(0, 70_000).collect();
    let mut expected: Vec<_> = (0..273).map(|index| tile(0, index, 256)).collect();
    expected.extend([tile(0, 273, 112), tile(1, 0, 256), tile(1, 1, 17), tile(2, 0, 1)]);
    assert_eq!(seventy_thousand, expected);
    assert_eq!(tiles_between(0, 256).collect::<Vec<_>>(), [tile(0, 0, 256), tile(1, 0, 1)]);
}

#[test]
fn paths_have_one_text() {
    for (text, path) in [
        ("checkpoint", LogPath::Checkpoint),
        ("tile/0/000", LogPath::Tile(tile(0, 0, 256))),
        ("tile/0/000.p/1", LogPath::Tile(tile(0, 0, 1))),
        ("tile/2/999.p/255", LogPath::Tile(tile(2, 999, 255))),
        ("tile/1/x001/000", LogPath::Tile(tile(1, 1000, 256))),
        ("tile/7/000.p/127", LogPath::Tile(tile(7, 0, 127))),
        ("tile/entries/000", LogPath::Entries(BundlePath::new(0, 256).unwrap())),
        ("tile/entries/x012/x345/678.p/9", LogPath::Entries(BundlePath::new(12_345_678, 9).unwrap())),
    ] {
        assert_eq!(parse(text), Ok(path));
        assert_eq!(path.to_string(), text);
    }
    assert_eq!("tile/entries/000".parse::<TilePath>(), Err(InvalidPath::Form));
    assert_eq!("tile/0/000".parse::<BundlePath>(), Err(InvalidPath::Form));
}

#[test]
fn other_spellings_are_refused() {
    for (refused, texts) in [
        (
            InvalidPath::Form,
            &[
                "",
                "/checkpoint",
                "checkpoint/",
                "tile",
                "tile/",
                "tile/0",
                "/tile/0/000",
                "tiles/0/000",
                "../tile/0/000",
            ][..],
        ),
        (
            InvalidPath::Level,
            &["tile//000", "tile/00/000", "tile/+1/000", "tile/64/000", "tile/-1/000", "tile/data/000"],
        ),
        (
            InvalidPath::Index,
            &[
                "tile/0/",
                "tile/0/0",
                "tile/0/00",
                "tile/0/0000",
                "tile/0/x000",
                "tile/0/x000/001",
                "tile/0/001/000",
                "tile/0/x001/x000",
                "tile/0/x001/00",
                "tile/0/x001//000",
                "tile/0/X001/000",
                "tile/0/000/",
                "tile/0/ 000",
                "tile/0/٠٠٠",
                "tile/0/x018/x446/x744/x073/x709/x551/616",
                "tile/0/..",
                "tile/8/0/000",
                "tile/0/000.p",
            ],
        ),
        (
            InvalidPath::Width,
            &[
                "tile/0/000.p/",
                "tile/0/000.p/0",
                "tile/0/000.p/256",
                "tile/0/000.p/01",
                "tile/0/000.p/+1",
                "tile/0/000.p/1/",
                "tile/0/000.p/1.p/1",
                "tile/entries/000.p/65537",
            ],
        ),
        (
            InvalidPath::OutOfRange,
            &[
                "tile/8/000.p/1",
                "tile/63/000.p/1",
                "tile/7/000.p/128",
                "tile/7/001.p/1",
                "tile/entries/x018/x446/x744/x073/x709/x551/615",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(parse(text), Err(refused), "{text}");
        }
    }
    let endless = format!("tile/0/{}000", "x001/".repeat(1_000_000));
    assert_eq!(parse(&endless), Err(InvalidPath::Form));
    assert_eq!(TilePath::new(0, 0, 0), Err(InvalidPath::Width));
    assert_eq!(TilePath::new(0, 0, 257), Err(InvalidPath::Width));
    assert_eq!(TilePath::new(255, 0, 1), Err(InvalidPath::OutOfRange));
    assert_eq!(BundlePath::new(u64::MAX, 1), Err(InvalidPath::OutOfRange));
}

/// The definition word for word: tile `n` of level `l` has a hash for each `i` whose entries all exist.
fn tiles_by_definition(size: u64) -> BTreeSet<TilePath> {
    let mut tiles = BTreeSet::new();
    for level in 0..3_u8 {
        let span = 256_u64.pow(u32::from(level));
        for index in 0..=size / span / 256 {
            let width = (0..256).filter(|i| (index * 256 + i + 1) * span <= size).count();
            tiles.extend(TilePath::new(level, index, u16::try_from(width).unwrap()));
        }
    }
    tiles
}

/// The largest tree has tiles too, and listing begins at once though it has 2^55 of them.
#[test]
fn the_largest_tree() {
    assert_eq!(tiles_between(0, MAX_SIZE).next(), Some(tile(0, 0, 256)));
    let last: Vec<_> = tiles_between(MAX_SIZE - 1, u64::MAX).collect();
    assert_eq!(last, [tile(0, MAX_SIZE / 256, 255)]);
    assert_eq!(last[0].min_size(), MAX_SIZE);
    assert_eq!(last[0].to_string().parse(), Ok(last[0]));
}

proptest! {
    #[test]
    fn paths_survive_their_text(level in 0_u8..=7, index: u64, width in 1_u16..=256, entries: bool) {
        let index = index.checked_shr(9 + 8 * u32::from(level)).unwrap_or(0);
        let Ok(path) = TilePath::new(level, index, width) else { return Ok(()) };
        let path = if entries { BundlePath::new(index, width).map(LogPath::Entries).unwrap() } else { LogPath::Tile(path) };
        prop_assert_eq!(parse(&path.to_string()), Ok(path));
    }

    /// Whatever parses is written exactly as it was read, so no two texts mean the same.
    #[test]
    fn arbitrary_texts_are_refused_or_canonical(text in prop_oneof![
        any::<String>(),
        "(tile/)?([0-9]{1,3}|entries)/(x?[0-9]{1,4}/){0,3}x?[0-9]{1,4}(\\.p/?[0-9]{0,4})?",
        "tile/([0-7]|entries)/(x[0-9]{3}/){0,7}[0-9]{3}(\\.p/[1-9][0-9]{0,2})?",
    ]) {
        if let Ok(path) = parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn tiles_are_those_of_the_definition(old in 0_u64..140_000, new in 0_u64..140_000) {
        let (before, after) = (tiles_by_definition(old), tiles_by_definition(new));
        let found: Vec<_> = tiles_between(old, new).collect();
        if old <= new {
            prop_assert_eq!(&found, &after.difference(&before).copied().collect::<Vec<_>>());
        } else {
            prop_assert!(found.is_empty());
        }
        for path in after {
            prop_assert!(path.min_size() <= new);
            prop_assert!(before.contains(&path) || path.is_full() || path.min_size() > old || new < old);
        }
    }
}
