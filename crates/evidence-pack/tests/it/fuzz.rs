//! No bytes make the parsers panic, and no change to a pack makes it pass with other records.

use std::sync::LazyLock;

use evidence_pack::lines::{Document, Proof, RecordLine, RuleLine};
use evidence_pack::log::LogCheck;
use evidence_pack::{Manifest, Scope};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::container::{locate, packed_anew};
use crate::sample::{Site, grant, period};

static SITE: LazyLock<Site> = LazyLock::new(|| Site::new(30));
static PACKS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (each, all): (Scope, Scope) = (grant(), period(5, 29));
    let packs = [SITE.pack(&each), SITE.pack(&all)];
    packs.iter().flat_map(|pack| [pack.clone(), packed_anew(pack, |_| true, true)]).collect()
});

/// A change of one place: bytes cut out, put in the place of others, or taken from another place.
fn mutated(pack: &[u8], at: Index, length: usize, replacement: &[u8], from: Index, copy: bool) -> Vec<u8> {
    let at = at.index(pack.len());
    let end = (at + length).min(pack.len());
    let copied = from.index(pack.len());
    let middle = if copy { &pack[copied..(copied + length).min(pack.len())] } else { replacement };
    [&pack[..at], middle, &pack[end..]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = locate(&bytes);
        let _ = Manifest::parse(&bytes);
        let _ = RecordLine::parse(&bytes);
        let _ = Proof::parse(&bytes);
        let _ = Document::parse(&bytes);
        let _ = RuleLine::parse(&bytes);
        let _ = LogCheck::new().bundle(&bytes);
        prop_assert!(!SITE.verify(&bytes).ok());
    }

    #[test]
    fn a_changed_pack_does_not_pass(
        which in any::<Index>(),
        at in any::<Index>(),
        length in 0_usize..40,
        replacement in prop::collection::vec(any::<u8>(), 0..40),
        from in any::<Index>(),
        copy in any::<bool>(),
    ) {
        let pack = which.get(&PACKS);
        let changed = mutated(pack, at, length, &replacement, from, copy);
        let report = SITE.verify(&changed);
        if changed != *pack && report.ok() {
            // What may vary says nothing: times, versions, attributes and extra fields of the zip file.
            let files = |pack: &[u8]| locate(pack).unwrap().entries().iter().map(|entry| (entry.name.clone(), entry.checksum, entry.size)).collect::<Vec<_>>();
            prop_assert_eq!(files(&changed), files(pack));
        }
        prop_assert_eq!(report.ok(), report.first_failure().is_none() && report.checks.iter().all(|check| check.outcome == evidence_pack::verify::Outcome::Passed));
    }

    #[test]
    fn a_cut_off_pack_does_not_pass(which in any::<Index>(), at in any::<Index>()) {
        let pack = which.get(&PACKS);
        prop_assert!(!SITE.verify(&pack[..at.index(pack.len())]).ok());
    }
}
