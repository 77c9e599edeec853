//! The tree against `ct-merkle`, an independent implementation, and against the test leaves used throughout the Certificate
//! Transparency projects.

use crate::known::{KNOWN_LEAVES, KNOWN_ROOTS, head_of};
use audit_log::{CompactRange, EMPTY_ROOT, Hash, Range, leaf_hash};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

/// One leaf per index, all different.
fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| format!("leaf {index}").into_bytes()).collect()
}

fn oracle_root(leaves: &[Vec<u8>]) -> Hash {
    let mut tree = MemoryBackedTree::<Sha256, _>::new();
    for leaf in leaves {
        tree.push(leaf.clone());
    }
    Hash::try_from(tree.root().as_bytes().as_slice()).unwrap()
}

fn range_of(start: usize, leaves: &[Vec<u8>]) -> Range {
    let mut range = Range::new(start as u64).unwrap();
    for leaf in leaves {
        range.append(leaf_hash(leaf));
    }
    range
}

#[test]
fn roots_of_the_known_leaves() {
    let mut head = CompactRange::new();
    assert_eq!(head.root(), EMPTY_ROOT);
    for (leaf, root) in KNOWN_LEAVES.iter().zip(KNOWN_ROOTS) {
        head.append(leaf_hash(leaf));
        assert_eq!(head.root().to_string(), root, "size {}", head.size());
    }
}

#[test]
fn every_size_up_to_260_agrees_with_the_oracle() {
    let mut head = CompactRange::new();
    let mut tree = MemoryBackedTree::<Sha256, _>::new();
    for leaf in leaves(260) {
        head.append(leaf_hash(&leaf));
        tree.push(leaf);
        assert_eq!(head.root().as_bytes(), tree.root().as_bytes().as_slice());
        assert_eq!(head.hashes().len(), head.size().count_ones() as usize);
    }
}

#[test]
fn completed_subtrees_are_reported_once_each() {
    let mut head = CompactRange::new();
    let mut reported = Vec::new();
    for leaf in leaves(7) {
        head.append_with(leaf_hash(&leaf), |level, index, _| reported.push((level, index)));
    }
    assert_eq!(
        reported,
        [(0, 0), (0, 1), (1, 0), (0, 2), (0, 3), (1, 1), (2, 0), (0, 4), (0, 5), (1, 2), (0, 6)]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_trees_agree_with_the_oracle(leaves in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..400)) {
        prop_assert_eq!(head_of(&leaves).root(), oracle_root(&leaves));
    }

    /// However a log is cut into ranges, merging them from left to right gives the head of the whole.
    #[test]
    fn merged_ranges_make_the_whole(size in 0_usize..300, mut cuts in proptest::collection::vec(0_usize..300, 0..6)) {
        let all = leaves(size);
        cuts.retain(|cut| *cut <= size);
        cuts.extend([0, size]);
        cuts.sort_unstable();
        let mut head = CompactRange::new();
        for pair in cuts.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            head.merge(&range_of(from, &all[from..to])).unwrap();
        }
        prop_assert_eq!(&head, &head_of(&all));
        prop_assert_eq!(head.root(), oracle_root(&all));
    }

    /// Merging is associative, also for ranges that start in the middle.
    #[test]
    fn merging_is_associative(start in 0_usize..1_000_000, a in 0_usize..70, b in 0_usize..70, c in 0_usize..70) {
        let all = leaves(a + b + c);
        let (first, rest) = all.split_at(a);
        let (second, third) = rest.split_at(b);
        let (first, second, third) = (range_of(start, first), range_of(start + a, second), range_of(start + a + b, third));
        let mut left = first.clone();
        left.merge(&second).unwrap();
        left.merge(&third).unwrap();
        let mut right = second.clone();
        right.merge(&third).unwrap();
        let mut joined = first.clone();
        joined.merge(&right).unwrap();
        prop_assert_eq!(&left, &joined);
        prop_assert_eq!(left, range_of(start, &all));
    }

    #[test]
    fn heads_survive_bytes_json_and_parts(size in 0_usize..2_000) {
        let head = head_of(&leaves(size));
        prop_assert_eq!(&CompactRange::from_bytes(&head.to_bytes()).unwrap(), &head);
        prop_assert_eq!(&CompactRange::from_parts(head.size(), head.hashes().to_vec()).unwrap(), &head);
        let json = serde_json::to_string(&head).unwrap();
        prop_assert_eq!(&serde_json::from_str::<CompactRange>(&json).unwrap(), &head);
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(bytes in proptest::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..300)) {
        if let Ok(head) = CompactRange::from_bytes(&bytes) {
            prop_assert_eq!(head.to_bytes(), bytes);
        }
    }

    #[test]
    fn wrong_parts_are_refused(size in 0_u64..2_000, other in 0_usize..12) {
        prop_assume!(size.count_ones() as usize != other);
        prop_assert!(CompactRange::from_parts(size, vec![EMPTY_ROOT; other]).is_err());
        let mut bytes = size.to_be_bytes().to_vec();
        bytes.resize(8 + 32 * other, 0);
        prop_assert!(CompactRange::from_bytes(&bytes).is_err());
        bytes.push(0);
        prop_assert!(CompactRange::from_bytes(&bytes).is_err());
    }
}

#[test]
fn bounds_are_refused() {
    assert!(CompactRange::from_parts(u64::MAX, vec![EMPTY_ROOT; 64]).is_err());
    assert!(CompactRange::from_parts(1 << 63, vec![EMPTY_ROOT; 1]).is_err());
    assert!(CompactRange::from_parts((1 << 63) - 1, vec![EMPTY_ROOT; 63]).is_ok());
    assert!(Range::from_parts(3, 2, vec![]).is_err());
    assert!(Range::new(u64::MAX).is_err());
    assert!(CompactRange::from_bytes(&[0; 7]).is_err());
    assert_eq!(CompactRange::from_bytes(&[0; 8]), Ok(CompactRange::new()));
    let mut range = Range::new(4).unwrap();
    assert!(range.merge(&Range::new(5).unwrap()).is_err());
}
