//! The whole log from its bundles.

use audit_log::tile::{BundlePath, write_bundle};
use evidence_pack::log::{LogCheck, Truncated};

use crate::sample::Site;

#[test]
fn bundles_give_the_root_of_the_log() {
    let site = Site::new(600);
    let entries: Vec<&[u8]> = site.entries.iter().map(audit_log::Entry::bytes).collect();
    let mut check = LogCheck::new();
    for (number, chunk) in (0..).zip(entries.chunks(256)) {
        let path = BundlePath::new(number, u16::try_from(chunk.len()).unwrap()).unwrap();
        check.bundle(&write_bundle(path, chunk).unwrap()).unwrap();
    }
    assert_eq!((check.size(), check.root()), (600, site.root()));
    let path = BundlePath::new(0, 256).unwrap();
    let bundle = write_bundle(path, &entries[..256]).unwrap();
    assert_eq!(LogCheck::new().bundle(&bundle[..bundle.len() - 1]), Err(Truncated { index: 255 }));
    let mut flipped = LogCheck::new();
    let mut bytes = bundle;
    bytes[10] ^= 1;
    flipped.bundle(&bytes).unwrap();
    assert_ne!(flipped.root(), check.root());
}
