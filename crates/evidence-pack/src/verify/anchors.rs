//! The small files on which everything else rests.

use audit_log::Hash;
use audit_log::checkpoint::{Checkpoint, CheckpointRefused};
use audit_log::note::{NotVerified, VerifierKey};
use audit_log::proof::{RangeProof, verify_inclusion};

use super::Deviation;
use crate::layout::{MAX_EXPLAINED_RECORDS, PROOFS};
use crate::lines::Proof;
use crate::manifest::{Manifest, Scope};

/// The checkpoint, if one of the keys signed it and it is the one that the manifest is about.
pub(super) fn open_checkpoint(
    note: &[u8],
    keys: &[VerifierKey],
    manifest: &Manifest,
) -> Result<Checkpoint, Deviation> {
    if !keys.iter().any(|key| key.name().as_str() == manifest.origin) {
        return Err(Deviation::OtherSite { origin: manifest.origin.chars().take(200).collect() });
    }
    let checkpoint = Checkpoint::open(note, keys, &manifest.origin).map_err(|refused| match refused {
        CheckpointRefused::Note(_) => Deviation::CheckpointNote,
        CheckpointRefused::NotVerified(NotVerified::WrongSignature) => Deviation::CheckpointForged,
        CheckpointRefused::NotVerified(NotVerified::UnknownKeys) => Deviation::WrongKey,
        CheckpointRefused::Invalid(why) => Deviation::CheckpointForm(why),
        CheckpointRefused::OtherLog => Deviation::CheckpointOfOtherLog,
    })?;
    if checkpoint.size() == manifest.tree_size {
        Ok(checkpoint)
    } else {
        Err(Deviation::CheckpointSwapped { expected: manifest.tree_size, found: checkpoint.size() })
    }
}

/// The proof of a period, if it is of the manifest's bounds.
pub(super) fn open_range_proof(bytes: &[u8], manifest: &Manifest) -> Result<RangeProof, Deviation> {
    let proof: RangeProof = serde_json::from_slice(bytes)
        .map_err(|error| Deviation::RangeProofForm { why: error.to_string() })?;
    let Scope::Period { start, end, .. } = manifest.scope else {
        return Err(Deviation::UnknownFile { name: crate::layout::RANGE_PROOF.to_owned() });
    };
    if (proof.start, proof.end) != (start, end) {
        return Err(Deviation::RangeProofOfOtherPeriod { start, end });
    }
    // Whether its hashes are as many as its bounds call for; the root follows from the records.
    proof.head().map_err(Deviation::RangeProof)?;
    Ok(proof)
}

/// Places and hashes that are proven, in the order of the log.
#[derive(Debug, Default)]
pub(super) struct Proven(pub(super) Vec<(u64, Hash)>);

impl Proven {
    /// Takes the next proof.
    pub(super) fn add(&mut self, line: u64, bytes: &[u8], checkpoint: &Checkpoint) -> Result<(), Deviation> {
        let proof = Proof::parse(bytes).map_err(|error| Deviation::Line {
            file: PROOFS,
            line,
            why: error.to_string(),
        })?;
        let index = proof.index;
        verify_inclusion(&proof.leaf_hash, index, checkpoint.size(), &proof.hashes, checkpoint.root())
            .map_err(|why| Deviation::Proof { index, why })?;
        if self.0.last().is_some_and(|(last, _)| *last >= index) {
            return Err(Deviation::ProofOrder { index });
        }
        if self.0.len() as u64 >= MAX_EXPLAINED_RECORDS {
            return Err(Deviation::TooMany { file: PROOFS, limit: MAX_EXPLAINED_RECORDS });
        }
        self.0.push((index, proof.leaf_hash));
        Ok(())
    }
}
