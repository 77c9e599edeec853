//! Every way of tampering with a stored log is found and named.

use crate::known::head_of;
use audit_log::canonical::Flaw;
use audit_log::{
    Chunk, CompactRange, Deviation, Entry, Hash, Strictness, Value, Verified, Verifier, leaf_hash,
};
use proptest::prelude::*;

/// An entry as a store keeps it: index, bytes, leaf hash.
type Row = (u64, Vec<u8>, Hash);

fn log(size: u64) -> (Vec<Row>, CompactRange) {
    let rows: Vec<Row> = (0..size)
        .map(|index| {
            let number = u32::try_from(index).unwrap();
            let entry = Entry::prepare(&Value::object([("kind", "test".into()), ("n", Value::from(number))]))
                .unwrap();
            (index, entry.bytes().to_vec(), entry.leaf_hash())
        })
        .collect();
    let bodies: Vec<_> = rows.iter().map(|(_, bytes, _)| bytes).collect();
    let head = head_of(&bodies);
    (rows, head)
}

fn verify(rows: &[Row], head: &CompactRange) -> Result<Verified, Deviation> {
    let mut verifier = Verifier::strict(CompactRange::new());
    for (index, bytes, leaf) in rows {
        verifier.push(*index, bytes, leaf)?;
    }
    verifier.finish(head.size(), &head.root())
}

/// The same rows in chunks of `length`, each checked apart, merged in order.
fn verify_in_chunks(rows: &[Row], head: &CompactRange, length: u64) -> Result<Verified, Deviation> {
    let mut verifier = Verifier::new(CompactRange::new());
    let mut start = 0;
    while start < head.size() {
        let end = head.size().min(start + length);
        let mut chunk = Chunk::new(start, end, Strictness::Canonical).unwrap();
        for (index, bytes, leaf) in rows.iter().filter(|(index, ..)| (start..end).contains(index)) {
            chunk.push(*index, bytes, leaf)?;
        }
        verifier.join(&chunk.finish()?)?;
        start = end;
    }
    verifier.finish(head.size(), &head.root())
}

#[test]
fn an_untouched_log_verifies() {
    for size in [0, 1, 2, 3, 255, 256, 257] {
        let (rows, head) = log(size);
        let verified = Ok(Verified { size, root: head.root() });
        assert_eq!(verify(&rows, &head), verified);
        for length in [1, 3, 64, 1000] {
            assert_eq!(verify_in_chunks(&rows, &head, length), verified);
        }
    }
}

#[test]
fn verification_goes_on_from_a_known_head() {
    let (rows, head) = log(100);
    let (_, known) = log(37);
    let mut verifier = Verifier::new(known);
    for (index, bytes, leaf) in &rows[37..] {
        verifier.push(*index, bytes, leaf).unwrap();
    }
    assert_eq!(verifier.head(), &head);
    assert!(verifier.finish(100, &head.root()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_flipped_bit_in_an_entry_is_named(size in 1_u64..100, at: prop::sample::Index, byte: prop::sample::Index, bit in 0_u8..8) {
        let (mut rows, head) = log(size);
        let at = at.index(rows.len());
        let place = byte.index(rows[at].1.len());
        rows[at].1[place] ^= 1 << bit;
        let named = Err(Deviation::LeafMismatch { index: at as u64 });
        prop_assert_eq!(verify(&rows, &head), named);
        prop_assert_eq!(verify_in_chunks(&rows, &head, 10), named);
    }

    #[test]
    fn one_flipped_bit_in_a_stored_hash_is_named(size in 1_u64..100, at: prop::sample::Index, byte in 0_usize..32, bit in 0_u8..8) {
        let (mut rows, head) = log(size);
        let at = at.index(rows.len());
        let mut hash = *rows[at].2.as_bytes();
        hash[byte] ^= 1 << bit;
        rows[at].2 = Hash::from_bytes(hash);
        prop_assert_eq!(verify(&rows, &head), Err(Deviation::LeafMismatch { index: at as u64 }));
    }

    #[test]
    fn a_changed_entry_with_a_fitting_hash_changes_the_root(size in 1_u64..100, at: prop::sample::Index) {
        let (mut rows, head) = log(size);
        let at = at.index(rows.len());
        rows[at].1 = b"{}".to_vec();
        rows[at].2 = leaf_hash(b"{}");
        let is_root_mismatch = matches!(verify(&rows, &head), Err(Deviation::RootMismatch { .. }));
        prop_assert!(is_root_mismatch);
    }

    #[test]
    fn a_dropped_entry_is_named(size in 2_u64..100, at: prop::sample::Index) {
        let (mut rows, head) = log(size);
        let at = at.index(rows.len() - 1);
        rows.remove(at);
        let index = at as u64;
        prop_assert_eq!(verify(&rows, &head), Err(Deviation::Gap { expected: index, found: index + 1 }));
        prop_assert!(verify_in_chunks(&rows, &head, 10).is_err());
    }

    #[test]
    fn a_dropped_entry_is_found_even_when_renumbered(size in 2_u64..100, at: prop::sample::Index) {
        let (mut rows, head) = log(size);
        rows.remove(at.index(rows.len() - 1));
        rows.iter_mut().zip(0..).for_each(|(row, index)| row.0 = index);
        prop_assert_eq!(verify(&rows, &head), Err(Deviation::Truncated { expected: size, found: size - 1 }));
    }

    #[test]
    fn swapped_entries_are_found(size in 2_u64..100, a: prop::sample::Index, b: prop::sample::Index) {
        let (rows, head) = log(size);
        let (a, b) = (a.index(rows.len()), b.index(rows.len()));
        prop_assume!(a < b);
        // As they stand, with their indices: out of order.
        let mut moved = rows.clone();
        moved.swap(a, b);
        prop_assert_eq!(verify(&moved, &head), Err(Deviation::Gap { expected: a as u64, found: b as u64 }));
        // Renumbered, so that only the tree can tell.
        moved[a].0 = a as u64;
        moved[b].0 = b as u64;
        let is_root_mismatch = matches!(verify(&moved, &head), Err(Deviation::RootMismatch { .. }));
        prop_assert!(is_root_mismatch);
        // Contents exchanged without the hashes.
        let mut exchanged = rows;
        let body = exchanged[a].1.clone();
        exchanged[a].1 = std::mem::replace(&mut exchanged[b].1, body);
        prop_assert_eq!(verify(&exchanged, &head), Err(Deviation::LeafMismatch { index: a as u64 }));
    }

    #[test]
    fn a_duplicated_entry_is_found(size in 1_u64..100, at: prop::sample::Index) {
        let (rows, head) = log(size);
        let at = at.index(rows.len());
        let mut doubled = rows.clone();
        doubled.insert(at, rows[at].clone());
        prop_assert_eq!(verify(&doubled, &head), Err(Deviation::Duplicate { index: at as u64 }));
        doubled.iter_mut().zip(0..).for_each(|(row, index)| row.0 = index);
        prop_assert_eq!(verify(&doubled, &head), Err(Deviation::Surplus { expected: size, found: size + 1 }));
    }

    #[test]
    fn a_truncated_tail_is_found(size in 1_u64..100, kept: prop::sample::Index) {
        let (mut rows, head) = log(size);
        rows.truncate(kept.index(rows.len()));
        let found = rows.len() as u64;
        prop_assert_eq!(verify(&rows, &head), Err(Deviation::Truncated { expected: size, found }));
        prop_assert!(verify_in_chunks(&rows, &head, 10).is_err());
    }
}

#[test]
fn strict_mode_refuses_other_forms_of_the_same_value() {
    let loose = br#"{"kind": "test"}"#;
    let leaf = leaf_hash(loose);
    assert!(Verifier::new(CompactRange::new()).push(0, loose, &leaf).is_ok());
    let Err(Deviation::NotCanonical { index: 0, why }) =
        Verifier::strict(CompactRange::new()).push(0, loose, &leaf)
    else {
        panic!("white space must be refused");
    };
    assert_eq!((why.flaw, why.offset), (Flaw::WhiteSpace, 8));
}

#[test]
fn chunks_keep_to_their_bounds() {
    let (rows, head) = log(10);
    let push = |chunk: &mut Chunk, at: usize| chunk.push(rows[at].0, &rows[at].1, &rows[at].2);
    let mut chunk = Chunk::new(2, 4, Strictness::StoredBytes).unwrap();
    assert_eq!(push(&mut chunk, 3), Err(Deviation::Gap { expected: 2, found: 3 }));
    push(&mut chunk, 2).unwrap();
    assert_eq!(push(&mut chunk, 2), Err(Deviation::Duplicate { index: 2 }));
    assert_eq!(chunk.clone().finish(), Err(Deviation::Truncated { expected: 4, found: 3 }));
    push(&mut chunk, 3).unwrap();
    assert_eq!(push(&mut chunk, 4), Err(Deviation::Surplus { expected: 4, found: 5 }));
    let range = chunk.finish().unwrap();

    let mut verifier = Verifier::new(CompactRange::new());
    assert_eq!(verifier.join(&range), Err(Deviation::Gap { expected: 0, found: 2 }));
    for (index, bytes, leaf) in &rows[..2] {
        verifier.push(*index, bytes, leaf).unwrap();
    }
    verifier.join(&range).unwrap();
    assert_eq!(verifier.join(&range), Err(Deviation::Duplicate { index: 2 }));
    assert_eq!(verifier.size(), 4);
    assert!(Chunk::new(4, 3, Strictness::StoredBytes).is_err());
    assert!(verifier.finish(4, &head.root()).is_err());
}

#[test]
fn each_deviation_has_its_own_words_and_code() {
    let why = audit_log::parse_canonical(b"").unwrap_err();
    let root = Hash::from_bytes([0; 32]);
    let deviations = [
        (Deviation::LeafMismatch { index: 7 }, "leaf_mismatch", Some(7)),
        (Deviation::Gap { expected: 7, found: 9 }, "gap", Some(7)),
        (Deviation::Duplicate { index: 7 }, "duplicate", Some(7)),
        (Deviation::Truncated { expected: 9, found: 7 }, "truncated", Some(7)),
        (Deviation::Surplus { expected: 7, found: 9 }, "surplus", Some(7)),
        (Deviation::RootMismatch { size: 7, expected: root, found: root }, "root_mismatch", None),
        (Deviation::NotCanonical { index: 7, why }, "not_canonical", Some(7)),
    ];
    for (deviation, code, index) in deviations {
        assert_eq!((deviation.code(), deviation.index()), (code, index));
    }
    let messages: std::collections::BTreeSet<_> =
        deviations.iter().map(|(deviation, ..)| deviation.to_string()).collect();
    assert_eq!(messages.len(), deviations.len());
}
