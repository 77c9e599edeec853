use audit_log::MAX_ENTRY_BYTES;
use audit_log::tile::{
    BundlePath, InvalidBundle, MAX_BUNDLE_BYTES, MAX_BUNDLED_ENTRY_BYTES, parse_bundle, write_bundle,
};
use proptest::prelude::*;

fn path(index: u64, width: u16) -> BundlePath {
    BundlePath::new(index, width).unwrap()
}

#[test]
fn entries_follow_their_lengths() {
    let bytes = write_bundle(path(0, 3), &[&b"one"[..], b"", b"three"]).unwrap();
    assert_eq!(bytes, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(parse_bundle(path(0, 3), &bytes), Ok(vec![&b"one"[..], b"", b"three"]));
}

#[test]
fn what_is_no_bundle_is_refused() {
    let bytes = write_bundle(path(2, 2), &["first", "second"]).unwrap();
    assert_eq!(parse_bundle(path(2, 3), &bytes), Err(InvalidBundle::Truncated { index: 514 }));
    assert_eq!(parse_bundle(path(2, 2), &bytes[..12]), Err(InvalidBundle::Truncated { index: 513 }));
    assert_eq!(parse_bundle(path(2, 2), &bytes[..8]), Err(InvalidBundle::Truncated { index: 513 }));
    assert_eq!(parse_bundle(path(2, 2), b""), Err(InvalidBundle::Truncated { index: 512 }));
    assert_eq!(parse_bundle(path(2, 1), &bytes), Err(InvalidBundle::Surplus { bytes: 8 }));
    assert_eq!(write_bundle(path(2, 3), &["one"]), Err(InvalidBundle::Count { expected: 3, found: 1 }));
    let longest = vec![0; MAX_BUNDLED_ENTRY_BYTES];
    assert!(write_bundle(path(2, 1), &[&longest]).is_ok());
    let too_long = vec![0; MAX_BUNDLED_ENTRY_BYTES + 1];
    assert_eq!(
        write_bundle(path(2, 2), &[&longest, &too_long]),
        Err(InvalidBundle::EntryTooLong { index: 513 })
    );
}

#[test]
fn the_largest_bundles() {
    let ours = write_bundle(path(0, 256), &vec![vec![b' '; MAX_ENTRY_BYTES]; 256]).unwrap();
    assert_eq!(parse_bundle(path(0, 256), &ours).unwrap().len(), 256);
    let any = write_bundle(path(0, 256), &vec![vec![b' '; MAX_BUNDLED_ENTRY_BYTES]; 256]).unwrap();
    assert_eq!(any.len(), MAX_BUNDLE_BYTES);
}

proptest! {
    #[test]
    fn bundles_survive_their_bytes(index in 0_u64..1_000_000, entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..257)) {
        let path = path(index, u16::try_from(entries.len()).unwrap());
        let bytes = write_bundle(path, &entries).unwrap();
        prop_assert_eq!(parse_bundle(path, &bytes).unwrap(), entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(width in 1_u16..=256, bytes in proptest::collection::vec(prop_oneof![Just(0), 0_u8..4, any::<u8>()], 0..600)) {
        if let Ok(entries) = parse_bundle(path(0, width), &bytes) {
            prop_assert_eq!(write_bundle(path(0, width), &entries).unwrap(), bytes);
        }
    }
}
