//! A log that another program wrote: 16 checkpoints of growing size with their entries and tiles. It is not ours to copy, so it is
//! read from the folder that `CLEARANCE_PEERS` names.

use std::collections::BTreeMap;

use audit_log::checkpoint::{Checkpoint, CheckpointRefused};
use audit_log::note::{NotVerified, VerifierKey};
use audit_log::{CompactRange, Hash, Verifier, leaf_hash, verify_consistency, verify_inclusion};
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

    /// The entries of the bundle of this size, each after its length in two bytes.
    fn entries(&self, size: usize) -> Vec<Vec<u8>> {
        let bundle = self.file(&format!("tile/entries/000.p/{size}"));
        let mut rest = bundle.as_slice();
        let mut entries = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<2>() {
            let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = tail;
        }
        entries
    }

    /// The leaf hashes in the tile of this size.
    fn leaf_hashes(&self, size: usize) -> Vec<Hash> {
        let tile = self.file(&format!("tile/0/000.p/{size}"));
        tile.chunks(32).map(|hash| Hash::try_from(hash).unwrap()).collect()
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

#[test]
fn a_changed_checkpoint_is_refused() {
    let Some(log) = Log::load() else { return };
    let note = String::from_utf8(log.file("checkpoint")).unwrap().replacen("15", "14", 1);
    let refused = Checkpoint::open(note.as_bytes(), &log.keys(), ORIGIN);
    assert_eq!(refused, Err(CheckpointRefused::NotVerified(NotVerified::WrongSignature)));
}
