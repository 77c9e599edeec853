//! One proof for many entries: against `ct-merkle`, and against whoever changes an entry of a period.

use audit_log::proof::{ProveError, RangeError, RangeProof, prove_range, verify_range};
use audit_log::tile::TilePlan;
use audit_log::tree::MAX_SIZE;
use audit_log::{
    CompactRange, Deviation, EMPTY_ROOT, Hash, Strictness, Verifier, leaf_hash, prove_inclusion, verify,
};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use crate::proof::Nodes;

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| format!("entry {index}").into_bytes()).collect()
}

fn hashes(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// The root by the independent implementation.
fn oracle_root(entries: &[Vec<u8>]) -> Hash {
    let mut tree = MemoryBackedTree::<Sha256, _>::new();
    for entry in entries {
        tree.push(entry.clone());
    }
    Hash::try_from(tree.root().as_bytes().as_slice()).unwrap()
}

fn prove(nodes: &Nodes, start: usize, end: usize, size: usize) -> RangeProof {
    prove_range(nodes, start as u64, end as u64, size as u64).unwrap()
}

/// A span of a log with what is needed to check it.
#[derive(Debug)]
struct Case {
    start: usize,
    size: usize,
    leaves: Vec<Hash>,
    proof: RangeProof,
    root: Hash,
}

impl Case {
    fn new(size: usize, start: usize, end: usize) -> Self {
        let entries = entries(size);
        let proof = prove(&Nodes::of(&entries), start, end, size);
        Self { start, size, leaves: hashes(&entries[start..end]), proof, root: oracle_root(&entries) }
    }

    fn verify(&self, leaves: &[Hash], proof: &RangeProof) -> Result<(), RangeError> {
        verify_range(leaves.iter().copied(), proof, self.size as u64, &self.root)
    }
}

fn cases(least: usize) -> impl Strategy<Value = Case> {
    (least..400_usize, any::<[prop::sample::Index; 2]>()).prop_map(move |(size, cuts)| {
        let mut cuts = cuts.map(|cut| cut.index(size + 1 - least));
        cuts.sort_unstable();
        Case::new(size, cuts[0], cuts[1] + least)
    })
}

fn is_mismatch(result: Result<(), RangeError>) -> bool {
    matches!(result, Err(RangeError::RootMismatch { .. }))
}

/// Every span of every small tree; no proof exceeds two hashes per level.
#[test]
fn every_small_span_verifies() {
    let all = entries(34);
    let nodes = Nodes::of(&all);
    for size in 0..=all.len() {
        let root = oracle_root(&all[..size]);
        let levels = size.next_power_of_two().ilog2() as usize;
        for start in 0..=size {
            for end in start..=size {
                let proof = prove(&nodes, start, end, size);
                let leaves = hashes(&all[start..end]);
                assert_eq!(
                    verify_range(leaves, &proof, size as u64, &root),
                    Ok(()),
                    "{start}..{end} of {size}"
                );
                let count = proof.left.len() + proof.right.len();
                assert!(count <= (2 * levels).max(1), "{count} hashes for {start}..{end} of {size}");
            }
        }
    }
}

/// The proof of one entry is its inclusion proof, which is compared with the oracle's elsewhere.
#[test]
fn the_proof_of_one_entry_is_its_inclusion_proof() {
    let all = entries(70);
    let nodes = Nodes::of(&all);
    for size in 1..=all.len() {
        for index in 0..size {
            let proof = prove(&nodes, index, index + 1, size);
            let mut found = [proof.left, proof.right].concat();
            let mut expected = prove_inclusion(&nodes, index as u64, size as u64).unwrap();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{index} of {size}");
        }
    }
}

#[test]
fn bounds_are_checked() {
    let nodes = Nodes::of(&entries(5));
    for (start, end, size) in [(3, 2, 5), (0, 6, 5), (0, 0, u64::MAX)] {
        assert_eq!(prove_range(&nodes, start, end, size), Err(ProveError::OutOfRange));
        let proof = RangeProof { start, end, left: vec![EMPTY_ROOT; 2], right: vec![] };
        assert!(verify_range([], &proof, size, &EMPTY_ROOT).is_err());
        assert_eq!(proof.check(&CompactRange::new(), size, &EMPTY_ROOT), Err(RangeError::OutOfRange));
    }
    assert_eq!(
        prove_range(&nodes, 0, 9, 9),
        Ok(RangeProof { start: 0, end: 9, left: vec![], right: vec![] })
    );
    assert_eq!(prove_range(&nodes, 0, 1, 9), Err(ProveError::Read((2, 1))));
}

/// What an auditor does with a period: entries are checked one by one or in chunks, and the first wrong one is named.
#[test]
fn a_verifier_goes_on_from_the_proof() {
    let all = entries(100);
    let case = Case::new(100, 30, 80);
    let mut verifier = Verifier::new(case.proof.head().unwrap());
    for (index, entry) in (30_u64..).zip(&all[30..50]) {
        verifier.push(index, entry, &leaf_hash(entry)).unwrap();
    }
    let mut chunk = verify::Chunk::new(50, 80, Strictness::StoredBytes).unwrap();
    for (index, entry) in (50_u64..).zip(&all[50..80]) {
        chunk.push(index, entry, &leaf_hash(entry)).unwrap();
    }
    let unfinished = verifier.head().clone();
    assert_eq!(
        case.proof.check(&unfinished, 100, &case.root),
        Err(RangeError::Missing { end: 80, found: 50 })
    );
    verifier.join(&chunk.finish().unwrap()).unwrap();
    assert_eq!(case.proof.check(verifier.head(), 100, &case.root), Ok(()));

    let mut verifier = Verifier::new(case.proof.head().unwrap());
    let forged = verifier.push(30, b"forged", &leaf_hash(&all[30]));
    assert_eq!(forged, Err(Deviation::LeafMismatch { index: 30 }));
    let dropped = verifier.push(31, &all[31], &leaf_hash(&all[31]));
    assert_eq!(dropped, Err(Deviation::Gap { expected: 30, found: 31 }));
}

#[test]
fn endless_leaves_are_not_read_to_the_end() {
    let case = Case::new(10, 2, 5);
    let endless = std::iter::repeat(EMPTY_ROOT);
    assert_eq!(verify_range(endless, &case.proof, 10, &case.root), Err(RangeError::Surplus { end: 5 }));
}

#[test]
fn json_is_plain_and_bounded() {
    let case = Case::new(7, 1, 3);
    let json = serde_json::to_string(&case.proof).unwrap();
    let [left, right] =
        [&case.proof.left, &case.proof.right].map(|hashes| serde_json::to_string(hashes).unwrap());
    assert_eq!(json, format!(r#"{{"end":3,"left":{left},"right":{right},"start":1}}"#));
    assert_eq!(serde_json::from_str::<RangeProof>(&json).unwrap(), case.proof);
    assert!(serde_json::from_str::<RangeProof>(&json.replacen("start", "begin", 1)).is_err());
    assert!(serde_json::from_str::<RangeProof>(&json.replacen('{', r#"{"more":1,"#, 1)).is_err());
    let many = vec![EMPTY_ROOT; 65];
    let json = serde_json::to_string(&RangeProof { left: many, ..case.proof }).unwrap();
    let error = serde_json::from_str::<RangeProof>(&json).unwrap_err().to_string();
    assert!(error.contains("at most 64 hashes"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spans_verify(case in cases(0)) {
        prop_assert_eq!(case.verify(&case.leaves, &case.proof), Ok(()));
        let json = serde_json::to_string(&case.proof).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RangeProof>(&json).unwrap(), &case.proof);
        let levels = case.size.next_power_of_two().ilog2() as usize;
        prop_assert!(case.proof.left.len() + case.proof.right.len() <= (2 * levels).max(1));
    }

    #[test]
    fn forged_entries_are_detected(case in cases(1), at: prop::sample::Index, bit in 0_usize..256) {
        let mut leaves = case.leaves.clone();
        let at = at.index(leaves.len());
        leaves[at] = flip(leaves[at], bit);
        prop_assert!(is_mismatch(case.verify(&leaves, &case.proof)));
    }

    /// Left out, and also when the proof is made shorter or the last entry repeated to hide it.
    #[test]
    fn dropped_entries_are_detected(case in cases(2), at: prop::sample::Index) {
        let mut leaves = case.leaves.clone();
        leaves.remove(at.index(leaves.len()));
        let found = case.proof.end - 1;
        prop_assert_eq!(case.verify(&leaves, &case.proof), Err(RangeError::Missing { end: found + 1, found }));
        let shorter = RangeProof { end: found, ..case.proof.clone() };
        prop_assert!(case.verify(&leaves, &shorter).is_err());
        leaves.push(leaves[leaves.len() - 1]);
        if leaves != case.leaves {
            prop_assert!(is_mismatch(case.verify(&leaves, &case.proof)));
        }
    }

    /// The end cut off, and the tree claimed to be as much smaller.
    #[test]
    fn truncated_ends_are_detected(case in cases(2), cut: prop::sample::Index) {
        let cut = cut.index(case.leaves.len() - 1) + 1;
        let leaves = &case.leaves[..case.leaves.len() - cut];
        let end = case.proof.end - cut as u64;
        prop_assert_eq!(case.verify(leaves, &case.proof), Err(RangeError::Missing { end: case.proof.end, found: end }));
        let shorter = RangeProof { end, ..case.proof.clone() };
        prop_assert!(case.verify(leaves, &shorter).is_err());
        prop_assert!(verify_range(leaves.iter().copied(), &shorter, (case.size - cut) as u64, &case.root).is_err());
    }

    #[test]
    fn reordered_entries_are_detected(case in cases(2), a: prop::sample::Index, b: prop::sample::Index) {
        let (a, b) = (a.index(case.leaves.len()), b.index(case.leaves.len()));
        prop_assume!(a != b);
        let mut leaves = case.leaves.clone();
        leaves.swap(a, b);
        prop_assert!(is_mismatch(case.verify(&leaves, &case.proof)));
    }

    #[test]
    fn added_entries_are_detected(case in cases(0), at: prop::sample::Index) {
        let mut leaves = case.leaves.clone();
        leaves.insert(at.index(leaves.len() + 1), leaf_hash(b"added"));
        prop_assert_eq!(case.verify(&leaves, &case.proof), Err(RangeError::Surplus { end: case.proof.end }));
    }

    /// Whatever is changed about the proof itself, it proves nothing any more.
    #[test]
    fn tampered_proofs_are_detected(case in cases(1), at: prop::sample::Index, bit in 0_usize..256, by in 1_u64..9) {
        let proof = &case.proof;
        for side in [0, 1] {
            let sides = |side: usize, change: &dyn Fn(&mut Vec<Hash>)| {
                let mut changed = proof.clone();
                change(if side == 0 { &mut changed.left } else { &mut changed.right });
                changed
            };
            let hashes = [&proof.left, &proof.right][side];
            let longer = sides(side, &|hashes| hashes.push(EMPTY_ROOT));
            prop_assert_eq!(case.verify(&case.leaves, &longer), Err(RangeError::TooLong));
            if !hashes.is_empty() {
                let shorter = sides(side, &|hashes| hashes.truncate(hashes.len() - 1));
                prop_assert_eq!(case.verify(&case.leaves, &shorter), Err(RangeError::TooShort));
                let at = at.index(hashes.len());
                let flipped = sides(side, &|hashes| hashes[at] = flip(hashes[at], bit));
                prop_assert!(is_mismatch(case.verify(&case.leaves, &flipped)));
            }
        }
        let moved = RangeProof { start: proof.start + by, end: proof.end + by, ..proof.clone() };
        prop_assert!(case.verify(&case.leaves, &moved).is_err());
        let root = flip(case.root, bit);
        let other_root = verify_range(case.leaves.iter().copied(), proof, case.size as u64, &root);
        prop_assert_eq!(other_root, Err(RangeError::RootMismatch { expected: root, found: case.root }));
    }

    /// A range of the same entries elsewhere: a proof says at which indices they stand.
    #[test]
    fn the_place_is_proved(case in cases(1), start in 0_usize..400) {
        let end = start + case.leaves.len();
        prop_assume!(end <= case.size && start != case.start);
        let elsewhere = prove(&Nodes::of(&entries(case.size)), start, end, case.size);
        prop_assert!(is_mismatch(case.verify(&case.leaves, &elsewhere)));
    }

    /// Two hashes per level hold for trees of any size, and what is made for them has the shape that is checked.
    #[test]
    fn proofs_stay_small(size in prop_oneof![1_u64..1 << 40, 1..=MAX_SIZE], a: u64, b: u64) {
        let (a, b) = (a % size, b % size);
        let plan = TilePlan::new(size);
        let proof = prove_range(&plan, a.min(b), a.max(b) + 1, size).unwrap();
        let levels = 64 - (size - 1).leading_zeros() as usize;
        prop_assert!(proof.left.len() + proof.right.len() <= 2 * levels);
        prop_assert!(plan.into_tiles().len() <= 3 * levels.div_ceil(8));
        let missing = Err(RangeError::Missing { end: proof.end, found: proof.start });
        prop_assert_eq!(proof.check(&proof.head().unwrap(), size, &EMPTY_ROOT), missing);
    }

    #[test]
    fn verifying_never_panics(start: u64, end: u64, size: u64, near in 0_u64..4, left in 0_usize..70, right in 0_usize..70) {
        for (start, end, size) in [(start, end, size), (start, start.saturating_add(near), size), (end - end % 8, end, end.saturating_add(near))] {
            let proof = RangeProof { start, end, left: vec![EMPTY_ROOT; left], right: vec![EMPTY_ROOT; right] };
            prop_assert!(verify_range([EMPTY_ROOT; 3], &proof, size, &EMPTY_ROOT).is_err());
        }
    }
}

fn flip(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}
