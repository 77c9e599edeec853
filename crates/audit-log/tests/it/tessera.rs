//! A log that another program wrote: 16 checkpoints of growing size with their entries and tiles. It is not ours to copy, so it is
//! read from the folder that `CLEARANCE_PEERS` names.

use std::collections::BTreeMap;

use audit_log::checkpoint::{Checkpoint, CheckpointRefused};
use audit_log::note::{NotVerified, SignedNote, VerifierKey};
use audit_log::tile::{BundlePath, Tile, TilePath, TileReader, parse_bundle, tiles_between, write_bundle};
use audit_log::{
    CompactRange, Hash, TlogProof, TrustPolicy, Verifier, leaf_hash, verify_consistency, verify_inclusion,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::proof::Nodes;

#[derive(Deserialize)]
struct Log {
    vkey: String,
    /// Path to base64 of the content.
    files: BTreeMap<String, String>,
}

const ORIGIN: &str = "example.com/log/testdata";
/// Entries in the whole log.
const SIZE: usize = 15;

impl Log {
    /// The log, or nothing and a word about it where it is not at hand.
    fn load() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests are told where vendor data lies by the environment"
        )]
        let Ok(peers) = std::env::var("CLEARANCE_PEERS") else {
            eprintln!(
                "SKIPPED: set CLEARANCE_PEERS to the folder with the vendor data to check the tessera log"
            );
            return None;
        };
        let path = std::path::Path::new(&peers).join("tlog/tessera-testdata-log.json");
        Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    fn file(&self, path: &str) -> Vec<u8> {
        STANDARD.decode(&self.files[path]).unwrap()
    }

    fn keys(&self) -> [VerifierKey; 1] {
        [self.vkey.parse().unwrap()]
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        Checkpoint::open(&self.file(&format!("checkpoint.{size}")), &self.keys(), ORIGIN).unwrap()
    }

    /// The entries of the bundle of this size.
    fn entries(&self, size: usize) -> Vec<Vec<u8>> {
        let path = BundlePath::new(0, u16::try_from(size).unwrap()).unwrap();
        let bundle = self.file(&path.to_string());
        let entries = parse_bundle(path, &bundle).unwrap();
        assert_eq!(write_bundle(path, &entries).unwrap(), bundle);
        entries.into_iter().map(<[u8]>::to_vec).collect()
    }

    fn tile(&self, path: TilePath) -> Tile {
        Tile::parse(path, &self.file(&path.to_string())).unwrap()
    }

    /// The leaf hashes in the tile of this size.
    fn leaf_hashes(&self, size: usize) -> Vec<Hash> {
        self.tile(TilePath::new(0, 0, u16::try_from(size).unwrap()).unwrap()).hashes().to_vec()
    }
}

#[test]
fn every_checkpoint_is_signed_and_verifies_from_its_entries() {
    let Some(log) = Log::load() else { return };
    assert_eq!(log.keys()[0].to_string(), log.vkey);
    for size in 0..=SIZE {
        let checkpoint = log.checkpoint(size);
        assert_eq!(checkpoint.size(), size as u64);
        let mut verifier = Verifier::new(CompactRange::new());
        if size > 0 {
            for (index, (entry, leaf)) in (0..).zip(log.entries(size).iter().zip(log.leaf_hashes(size))) {
                verifier.push(index, entry, &leaf).unwrap();
            }
        }
        verifier.finish(checkpoint.size(), checkpoint.root()).unwrap();
    }
}

#[test]
fn proofs_hold_between_its_checkpoints() {
    let Some(log) = Log::load() else { return };
    let entries = log.entries(SIZE);
    let nodes = Nodes::of(&entries);
    for new in 1..=SIZE {
        let new_checkpoint = log.checkpoint(new);
        for old in 0..=new {
            let old_checkpoint = log.checkpoint(old);
            let proof = audit_log::prove_consistency(&nodes, old as u64, new as u64).unwrap();
            verify_consistency(old as u64, old_checkpoint.root(), new as u64, new_checkpoint.root(), &proof)
                .unwrap();
        }
        for (index, entry) in (0..).zip(&entries[..new]) {
            let proof = audit_log::prove_inclusion(&nodes, index, new as u64).unwrap();
            verify_inclusion(&leaf_hash(entry), index, new as u64, &proof, new_checkpoint.root()).unwrap();
        }
    }
}

/// As a client goes about it: from the size of a checkpoint to the tiles that it calls for, and to proofs.
#[test]
fn proofs_are_made_from_its_tiles() {
    let Some(log) = Log::load() else { return };
    for size in 1..=SIZE as u64 {
        let checkpoint = log.checkpoint(usize::try_from(size).unwrap());
        let tiles: Vec<_> = tiles_between(0, size).collect();
        assert_eq!(tiles.len(), 1);
        let reader = TileReader::new(size, |path| {
            assert!(tiles.contains(&path));
            Ok::<_, std::convert::Infallible>(log.tile(path))
        });
        assert_eq!(&audit_log::proof::read_head(&reader, size).unwrap().root(), checkpoint.root());
        for (index, entry) in (0..).zip(log.entries(usize::try_from(size).unwrap())) {
            let proof = audit_log::prove_inclusion(&reader, index, size).unwrap();
            verify_inclusion(&leaf_hash(&entry), index, size, &proof, checkpoint.root()).unwrap();
        }
        for old in 1..size {
            let old_root = *log.checkpoint(usize::try_from(old).unwrap()).root();
            let proof = audit_log::prove_consistency(&reader, old, size).unwrap();
            verify_consistency(old, &old_root, size, checkpoint.root(), &proof).unwrap();
        }
    }
}

/// A receipt of each of its entries, as a file that says everything but the entry and the log's key.
#[test]
fn receipts_of_its_entries_verify() {
    let Some(log) = Log::load() else { return };
    let policy = TrustPolicy::new(ORIGIN, log.keys().into());
    let entries = log.entries(SIZE);
    let nodes = Nodes::of(&entries);
    for (index, entry) in (0..).zip(&entries) {
        let note = log.file("checkpoint");
        let hashes = audit_log::prove_inclusion(&nodes, index, SIZE as u64).unwrap();
        let proof = TlogProof::new(index, hashes, SignedNote::parse(&note).unwrap()).unwrap().to_string();
        assert!(proof.as_bytes().ends_with(&note), "the checkpoint is carried as it was published");
        let proof = TlogProof::parse(proof.as_bytes()).unwrap();
        assert_eq!(proof.verify(&leaf_hash(entry), &policy).unwrap().checkpoint.size(), SIZE as u64);
        assert!(proof.verify(&leaf_hash(b"another entry"), &policy).is_err());
    }
}

#[test]
fn a_changed_checkpoint_is_refused() {
    let Some(log) = Log::load() else { return };
    let note = String::from_utf8(log.file("checkpoint")).unwrap().replacen("15", "14", 1);
    let refused = Checkpoint::open(note.as_bytes(), &log.keys(), ORIGIN);
    assert_eq!(refused, Err(CheckpointRefused::NotVerified(NotVerified::WrongSignature)));
}
