//! Proofs against `ct-merkle`, in both directions: ours are what it makes, and it accepts ours.

use audit_log::proof::{
    ConsistencyError, HashReader, InclusionError, ProveError, prove_consistency, prove_inclusion, read_range,
    verify_consistency, verify_inclusion,
};
use audit_log::{CompactRange, EMPTY_ROOT, Hash, leaf_hash, node_hash};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sha2::Sha256;

use crate::known::{KNOWN_LEAVES, KNOWN_ROOTS};

/// The complete subtrees of a tree, by level.
#[derive(Default)]
pub(crate) struct Nodes {
    levels: Vec<Vec<Hash>>,
    roots: Vec<Hash>,
}

impl Nodes {
    pub(crate) fn of<L: AsRef<[u8]>>(leaves: &[L]) -> Self {
        let mut head = CompactRange::new();
        let mut nodes = Self { levels: Vec::new(), roots: vec![head.root()] };
        for leaf in leaves {
            head.append_with(leaf_hash(leaf.as_ref()), |level, index, hash| {
                nodes.levels.resize(nodes.levels.len().max(usize::from(level) + 1), Vec::new());
                let row = &mut nodes.levels[usize::from(level)];
                assert_eq!(row.len() as u64, index, "subtrees complete in order");
                row.push(*hash);
            });
            nodes.roots.push(head.root());
        }
        nodes
    }

    fn root(&self, size: u64) -> &Hash {
        &self.roots[usize::try_from(size).unwrap()]
    }
}

impl HashReader for Nodes {
    type Error = (u8, u64);

    fn node(&self, level: u8, index: u64) -> Result<Hash, (u8, u64)> {
        let row = self.levels.get(usize::from(level)).ok_or((level, index))?;
        row.get(usize::try_from(index).unwrap()).copied().ok_or((level, index))
    }
}

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| format!("leaf {index}").into_bytes()).collect()
}

fn oracle(leaves: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    for leaf in leaves {
        tree.push(leaf.clone());
    }
    tree
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn foreign_root(hash: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new((*hash.as_bytes()).into(), size)
}

/// Every entry of every tree up to this size, and every pair of sizes.
const EXHAUSTIVE: usize = 40;

#[test]
fn inclusion_agrees_with_the_oracle_for_every_small_tree() {
    let all = leaves(EXHAUSTIVE);
    let nodes = Nodes::of(&all);
    for size in 1..=EXHAUSTIVE {
        let tree = oracle(&all[..size]);
        for (index, entry) in all.iter().enumerate().take(size) {
            let proof = prove_inclusion(&nodes, index as u64, size as u64).unwrap();
            assert_eq!(bytes(&proof), tree.prove_inclusion(index).as_bytes(), "{index} of {size}");
            let leaf = leaf_hash(&all[index]);
            assert_eq!(
                verify_inclusion(&leaf, index as u64, size as u64, &proof, nodes.root(size as u64)),
                Ok(())
            );
            let foreign = InclusionProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
            tree.root().verify_inclusion(entry, index as u64, &foreign).unwrap();
        }
    }
}

#[test]
fn consistency_agrees_with_the_oracle_for_every_pair_of_small_trees() {
    let all = leaves(EXHAUSTIVE);
    let nodes = Nodes::of(&all);
    for new in 1..=EXHAUSTIVE {
        let tree = oracle(&all[..new]);
        for old in 1..=new {
            let (old_size, new_size) = (old as u64, new as u64);
            let proof = prove_consistency(&nodes, old_size, new_size).unwrap();
            assert_eq!(bytes(&proof), tree.prove_consistency(new - old).as_bytes(), "{old} to {new}");
            let (old_root, new_root) = (nodes.root(old_size), nodes.root(new_size));
            assert_eq!(verify_consistency(old_size, old_root, new_size, new_root, &proof), Ok(()));
            let foreign = ConsistencyProof::try_from_bytes(bytes(&proof)).unwrap();
            tree.root().verify_consistency(&foreign_root(old_root, old_size), &foreign).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn large_trees_agree_with_the_oracle(size in 1_usize..1_500, index: prop::sample::Index, old: prop::sample::Index) {
        let all = leaves(size);
        let (nodes, tree) = (Nodes::of(&all), oracle(&all));
        let root = nodes.root(size as u64);
        let index = index.index(size);
        let inclusion = prove_inclusion(&nodes, index as u64, size as u64).unwrap();
        prop_assert_eq!(bytes(&inclusion), tree.prove_inclusion(index).as_bytes().to_vec());
        prop_assert_eq!(verify_inclusion(&leaf_hash(&all[index]), index as u64, size as u64, &inclusion, root), Ok(()));
        let old = old.index(size) + 1;
        let consistency = prove_consistency(&nodes, old as u64, size as u64).unwrap();
        prop_assert_eq!(bytes(&consistency), tree.prove_consistency(size - old).as_bytes().to_vec());
        prop_assert_eq!(verify_consistency(old as u64, nodes.root(old as u64), size as u64, root, &consistency), Ok(()));
    }

    /// Whatever is changed about a valid inclusion proof, it no longer proves anything.
    #[test]
    fn tampered_inclusion_fails(size in 2_usize..300, index: prop::sample::Index, other: prop::sample::Index, bit in 0_usize..256, step: prop::sample::Index) {
        let all = leaves(size);
        let nodes = Nodes::of(&all);
        let (index, other) = (index.index(size) as u64, other.index(size) as u64);
        let size = size as u64;
        let root = nodes.root(size);
        let leaf = nodes.levels[0][usize::try_from(index).unwrap()];
        let proof = prove_inclusion(&nodes, index, size).unwrap();

        let mut flipped = proof.clone();
        let at = step.index(proof.len());
        flipped[at] = flip(flipped[at], bit);
        let is_mismatch = |result| matches!(result, Err(InclusionError::RootMismatch { .. }));
        prop_assert!(is_mismatch(verify_inclusion(&leaf, index, size, &flipped, root)));
        prop_assert!(is_mismatch(verify_inclusion(&flip(leaf, bit), index, size, &proof, root)));
        prop_assert!(is_mismatch(verify_inclusion(&leaf, index, size, &proof, &flip(*root, bit))));
        if other != index {
            prop_assert!(verify_inclusion(&leaf, other, size, &proof, root).is_err());
        }
        let longer = [&proof[..], &[leaf]].concat();
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &longer, root), Err(InclusionError::TooLong));
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof[1..], root), Err(InclusionError::TooShort));
    }

    /// Whatever is changed about a valid consistency proof, it no longer proves anything.
    #[test]
    fn tampered_consistency_fails(old in 1_u64..300, more in 1_u64..300, bit in 0_usize..256, step: prop::sample::Index) {
        let new = old + more;
        let nodes = Nodes::of(&leaves(usize::try_from(new).unwrap()));
        let (old_root, new_root) = (nodes.root(old), nodes.root(new));
        let proof = prove_consistency(&nodes, old, new).unwrap();

        let mut flipped = proof.clone();
        let at = step.index(proof.len());
        flipped[at] = flip(flipped[at], bit);
        prop_assert!(verify_consistency(old, old_root, new, new_root, &flipped).is_err());
        let old_flipped = flip(*old_root, bit);
        prop_assert!(verify_consistency(old, &old_flipped, new, new_root, &proof).is_err());
        let new_flipped = flip(*new_root, bit);
        prop_assert_eq!(
            verify_consistency(old, old_root, new, &new_flipped, &proof),
            Err(ConsistencyError::NewRootMismatch { expected: new_flipped, found: *new_root })
        );
        let longer = [&proof[..], &[*old_root]].concat();
        prop_assert_eq!(verify_consistency(old, old_root, new, new_root, &longer), Err(ConsistencyError::TooLong));
        let shorter = &proof[..proof.len() - 1];
        prop_assert_eq!(verify_consistency(old, old_root, new, new_root, shorter), Err(ConsistencyError::TooShort));
        prop_assert_eq!(
            verify_consistency(new, new_root, old, old_root, &proof),
            Err(ConsistencyError::Shrunk { old_size: new, new_size: old })
        );
    }

    /// Entries in the middle, with the nodes left and right of them, give the root of the whole.
    #[test]
    fn a_range_with_its_surroundings_gives_the_root(size in 0_usize..600, cuts: [prop::sample::Index; 2]) {
        let all = leaves(size);
        let nodes = Nodes::of(&all);
        let mut cuts = cuts.map(|cut| cut.index(size + 1));
        cuts.sort_unstable();
        let [start, end] = cuts;
        let left = read_range(&nodes, 0, start as u64).unwrap();
        let right = read_range(&nodes, end as u64, size as u64).unwrap();
        let mut head = CompactRange::from_parts(start as u64, left.hashes().to_vec()).unwrap();
        for leaf in &all[start..end] {
            head.append(leaf_hash(leaf));
        }
        head.merge(&right).unwrap();
        prop_assert_eq!(&head.root(), nodes.root(size as u64));
    }

    #[test]
    fn verifiers_never_panic(a: u64, b: u64, proof in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let proof: Vec<_> = proof.into_iter().map(Hash::from_bytes).collect();
        prop_assert!(verify_inclusion(&EMPTY_ROOT, a, b, &proof, &EMPTY_ROOT).is_err());
        prop_assert!(a == b || verify_consistency(a, &EMPTY_ROOT, b, &EMPTY_ROOT, &proof).is_err());
    }
}

fn flip(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

/// RFC 6962 §2.1.3 writes out, for a tree of seven leaves, which nodes each proof consists of.
#[test]
#[expect(clippy::many_single_char_names, reason = "the names are the RFC's")]
fn the_examples_of_the_rfc() {
    let nodes = Nodes::of(&KNOWN_LEAVES[..7]);
    let node = |level: usize, index: usize| nodes.levels[level][index];
    // The letters are the RFC's; l joins i and the seventh leaf, j, and is no complete subtree.
    let (b, c, d, f, j) = (node(0, 1), node(0, 2), node(0, 3), node(0, 5), node(0, 6));
    let (g, h, i, k) = (node(1, 0), node(1, 1), node(1, 2), node(2, 0));
    let l = node_hash(&i, &j);
    for (index, path) in [(0, vec![b, h, l]), (3, vec![c, g, l]), (4, vec![f, j, k]), (6, vec![i, k])] {
        assert_eq!(prove_inclusion(&nodes, index, 7), Ok(path));
    }
    for (old, path) in [(3, vec![c, d, g, l]), (4, vec![l]), (6, vec![i, j, k])] {
        assert_eq!(prove_consistency(&nodes, old, 7), Ok(path));
    }
    assert_eq!(nodes.root(7).to_string(), KNOWN_ROOTS[6]);
}

#[test]
fn the_edges() {
    let nodes = Nodes::of(&leaves(5));
    assert_eq!(prove_inclusion(&nodes, 5, 5), Err(ProveError::OutOfRange));
    assert_eq!(prove_inclusion(&nodes, 0, 0), Err(ProveError::OutOfRange));
    assert_eq!(prove_consistency(&nodes, 6, 5), Err(ProveError::OutOfRange));
    assert_eq!(prove_inclusion(&nodes, 0, 9), Err(ProveError::Read((0, 8))));
    assert_eq!(prove_consistency(&nodes, 0, 5), Ok(vec![]));
    assert_eq!(prove_consistency(&nodes, 5, 5), Ok(vec![]));
    assert_eq!(read_range(&nodes, 3, 2), Err(ProveError::OutOfRange));

    let (root, other) = (nodes.root(5), nodes.root(4));
    assert_eq!(
        verify_inclusion(root, 5, 5, &[], root),
        Err(InclusionError::OutOfRange { index: 5, size: 5 })
    );
    assert_eq!(verify_consistency(0, &EMPTY_ROOT, 5, root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &EMPTY_ROOT, 0, &EMPTY_ROOT, &[]), Ok(()));
    assert_eq!(verify_consistency(5, root, 5, root, &[]), Ok(()));
    assert_eq!(verify_consistency(5, root, 5, root, &[*root]), Err(ConsistencyError::TooLong));
    assert_eq!(verify_consistency(0, &EMPTY_ROOT, 5, root, &[*root]), Err(ConsistencyError::TooLong));
    assert!(verify_consistency(0, root, 5, root, &[]).is_err());
    assert!(verify_consistency(0, &EMPTY_ROOT, 0, root, &[]).is_err());
    assert!(verify_consistency(5, root, 5, other, &[]).is_err());
}
