//! Which checkpoints to believe: of which log, by which keys, seen by which witnesses.
//!
//! The rule is that of [C2SP tlog-policy](https://c2sp.org/tlog-policy) with one log and one flat group of witnesses, of which a number
//! is required: "k of n". It is set by whoever verifies, never taken from what is verified.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, CheckpointRefused};
use crate::note::{Cosignature, CosignatureRefused, CosignerKey, SignedNote, VerifierKey};

/// A log's origin and keys, the witnesses known, and how many of them must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    origin: String,
    keys: Vec<VerifierKey>,
    // INVARIANT: no public key twice, none that is the log's too
    witnesses: Vec<CosignerKey>,
    // INVARIANT: at most as many as there are witnesses
    quorum: usize,
}

impl TrustPolicy {
    /// Believes checkpoints of this origin that are signed by one of these keys. Without witnesses, the log's operator could still show
    /// another history to somebody else.
    pub fn new(origin: &str, keys: Vec<VerifierKey>) -> Self {
        Self { origin: origin.to_owned(), keys, witnesses: Vec::new(), quorum: 0 }
    }

    /// Also asks for the cosignatures of `quorum` of these witnesses; of none if that is 0, so that those found are only reported.
    ///
    /// Each witness counts once: a public key may not come twice, under whatever name, nor be the log's own.
    pub fn with_witnesses(self, quorum: usize, witnesses: Vec<CosignerKey>) -> Result<Self, InvalidPolicy> {
        if quorum > witnesses.len() {
            return Err(InvalidPolicy::Quorum { quorum, witnesses: witnesses.len() });
        }
        for (index, witness) in witnesses.iter().enumerate() {
            let public_key = witness.public_key();
            if witnesses.iter().take(index).any(|other| other.public_key() == public_key) {
                return Err(InvalidPolicy::SameWitness);
            }
            if self.keys.iter().any(|key| key.public_key() == public_key) {
                return Err(InvalidPolicy::LogAsWitness);
            }
        }
        Ok(Self { witnesses, quorum, ..self })
    }

    /// Reads a published checkpoint, and refuses it unless it is of this log, signed and witnessed as required.
    pub fn open(&self, note: &[u8]) -> Result<TrustedCheckpoint, NotTrusted> {
        self.open_note(&SignedNote::parse(note).map_err(CheckpointRefused::from)?)
    }

    /// As [`open`](Self::open), of a note already read.
    pub fn open_note(&self, note: &SignedNote) -> Result<TrustedCheckpoint, NotTrusted> {
        let checkpoint = Checkpoint::open_note(note, &self.keys, &self.origin)?;
        let cosignatures = note.cosignatures(&self.witnesses)?;
        if cosignatures.len() < self.quorum {
            return Err(NotTrusted::Unwitnessed { required: self.quorum, found: cosignatures.len() });
        }
        Ok(TrustedCheckpoint { checkpoint, cosignatures })
    }
}

/// A checkpoint that the policy lets believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCheckpoint {
    /// The head of the log.
    pub checkpoint: Checkpoint,
    /// Which of the known witnesses saw it and when. If none did, and no earlier checkpoint was kept elsewhere, then the log's operator
    /// could have rewritten all of it.
    pub cosignatures: Vec<Cosignature>,
}

/// Witnesses that cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// More cosignatures asked for than there are witnesses.
    #[error("{quorum} cosignatures are required but only {witnesses} witnesses are known")]
    Quorum {
        /// How many are required.
        quorum: usize,
        /// How many are known.
        witnesses: usize,
    },
    /// One key twice, which would count double.
    #[error("two witnesses have the same key")]
    SameWitness,
    /// A key of the log, which vouches for nothing that its signature does not.
    #[error("a witness has a key of the log itself")]
    LogAsWitness,
}

/// Why a checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTrusted {
    /// Not a checkpoint of this log, or not signed by it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointRefused),
    /// A known witness's line that is not its cosignature.
    #[error(transparent)]
    Cosignature(#[from] CosignatureRefused),
    /// Too few cosignatures of known witnesses.
    #[error("{required} known witnesses must have cosigned the checkpoint, and {found} did")]
    Unwitnessed {
        /// How many are required.
        required: usize,
        /// How many there are.
        found: usize,
    },
}
