//! One entry's proof as a file of its own: [C2SP tlog-proof](https://c2sp.org/tlog-proof), kept as `.tlog-proof`.
//!
//! It holds the entry's index, its inclusion proof and the signed checkpoint with whatever cosignatures it has, and so can be checked
//! offline by whoever has the entry and knows the log's key: the receipt of somebody named in the log.
//!
//! Each proof has one text. Where the specification sets no limit this reader does, so that a hostile file is refused before memory is
//! taken for it: see [`MAX_PROOF_BYTES`] and [`MAX_EXTRA_BYTES`].

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decimal::parse_decimal;
use crate::hash::Hash;
use crate::note::{InvalidNote, MAX_NOTE_BYTES, SignedNote};
use crate::proof::{InclusionError, verify_inclusion};
use crate::trust::{NotTrusted, TrustPolicy, TrustedCheckpoint};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes of an inclusion proof: one per level of the largest tree.
const MAX_HASHES: usize = 63;

/// The most extra data, in bytes before they are written in base64.
pub const MAX_EXTRA_BYTES: usize = 1 << 16;

/// The largest proof read: the largest note, and room for the most hashes and extra data.
pub const MAX_PROOF_BYTES: usize = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

/// An inclusion proof with its checkpoint, as [C2SP tlog-proof, Format](https://c2sp.org/tlog-proof#format) writes it. It displays as it is
/// published; what it says counts for nothing before [`verify`](Self::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    // INVARIANT: 1 to MAX_EXTRA_BYTES if there is any
    extra: Option<Vec<u8>>,
    index: u64,
    // INVARIANT: at most MAX_HASHES
    hashes: Vec<Hash>,
    checkpoint: SignedNote,
}

impl TlogProof {
    /// The proof that the entry `index` is in the tree of this checkpoint, with the hashes of
    /// [`prove_inclusion`](crate::prove_inclusion) for the checkpoint's size.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: SignedNote) -> Result<Self, InvalidProof> {
        if hashes.len() > MAX_HASHES {
            return Err(InvalidProof::TooManyHashes);
        }
        Ok(Self { extra: None, index, hashes, checkpoint })
    }

    /// Adds data for the application's own use, such as what the entry is made of. Nobody vouches for it.
    pub fn with_extra(self, extra: Vec<u8>) -> Result<Self, InvalidProof> {
        if (1..=MAX_EXTRA_BYTES).contains(&extra.len()) {
            Ok(Self { extra: Some(extra), ..self })
        } else {
            Err(InvalidProof::Extra)
        }
    }

    /// Index of the entry that the proof claims to be of.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The inclusion proof, from the leaf upwards.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Data that came with the proof. It is **not** authenticated, not even by a proof that verifies.
    pub fn unauthenticated_extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The checkpoint with its signatures.
    pub fn checkpoint(&self) -> &SignedNote {
        &self.checkpoint
    }

    /// Checks that the entry with this leaf hash is in a log to be believed, following
    /// [C2SP tlog-proof, Verifying](https://c2sp.org/tlog-proof#verifying-a-tlog-proof), and gives the checkpoint that says so. The leaf
    /// hash must be [computed from the entry](crate::leaf_hash), not taken from where the proof came from.
    pub fn verify(&self, leaf: &Hash, policy: &TrustPolicy) -> Result<TrustedCheckpoint, ProofRefused> {
        let trusted = policy.open_note(&self.checkpoint)?;
        let head = &trusted.checkpoint;
        verify_inclusion(leaf, self.index, head.size(), &self.hashes, head.root())?;
        Ok(trusted)
    }

    /// Reads a published proof; nothing about it is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidProof> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(InvalidProof::TooLong);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| InvalidProof::Text)?;
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(InvalidProof::Header)?;
        // Lines of the proof are not empty, so the first empty line is before the checkpoint.
        let (proof, checkpoint) = rest.split_once("\n\n").ok_or(InvalidProof::NoCheckpoint)?;
        let mut lines = proof.split('\n').peekable();
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(parse_extra).transpose()?;
        let index = lines.next().and_then(|line| parse_decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(InvalidProof::Index)?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_HASHES {
                return Err(InvalidProof::TooManyHashes);
            }
            hashes.push(parse_hash(line).ok_or(InvalidProof::Hash { number: hashes.len() + 1 })?);
        }
        Ok(Self { extra, index, hashes, checkpoint: SignedNote::parse(checkpoint.as_bytes())? })
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, InvalidProof> {
    let text = line.strip_prefix("extra ").ok_or(InvalidProof::Extra)?;
    let most = MAX_EXTRA_BYTES.div_ceil(3) * 4;
    let extra = Some(text).filter(|text| text.len() <= most).and_then(|text| STANDARD.decode(text).ok());
    extra.filter(|extra| (1..=MAX_EXTRA_BYTES).contains(&extra.len())).ok_or(InvalidProof::Extra)
}

fn parse_hash(line: &str) -> Option<Hash> {
    // More room than a hash needs, so that a longer line is told from one, and takes no memory.
    let mut bytes = [0; 2 * Hash::LEN];
    let length = STANDARD.decode_slice(line, &mut bytes).ok()?;
    bytes.get(..length).and_then(|bytes| Hash::try_from(bytes).ok())
}

impl fmt::Display for TlogProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            let extra: String = STANDARD.encode(extra);
            writeln!(formatter, "extra {extra}")?;
        }
        writeln!(formatter, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(formatter, "{}", STANDARD.encode(hash)))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}

/// Bytes or parts that are no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProof {
    /// More than [`MAX_PROOF_BYTES`].
    #[error("the proof is longer than {MAX_PROOF_BYTES} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("the proof is not text")]
    Text,
    /// Another first line: not a proof, or of another version.
    #[error("the proof does not begin with the line `{HEADER}`")]
    Header,
    /// Extra data that is not base64, empty, or more than [`MAX_EXTRA_BYTES`].
    #[error("the proof's extra data is not the base64 of 1 to {MAX_EXTRA_BYTES} bytes")]
    Extra,
    /// No `index` line where it should be, or one that is not a plain number.
    #[error("the proof has no line `index` with a plain number")]
    Index,
    /// A line after the index that is not a hash.
    #[error("hash {number} of the proof is not the base64 of 32 bytes")]
    Hash {
        /// Which, counted from 1.
        number: usize,
    },
    /// More hashes than any tree has levels.
    #[error("the proof has more than {MAX_HASHES} hashes")]
    TooManyHashes,
    /// No empty line with a checkpoint after it.
    #[error("the proof has no checkpoint")]
    NoCheckpoint,
    /// A checkpoint that is not a signed note.
    #[error("the proof's checkpoint cannot be read: {0}")]
    Checkpoint(#[from] InvalidNote),
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    /// The checkpoint is not to be believed.
    #[error(transparent)]
    NotTrusted(#[from] NotTrusted),
    /// The checkpoint is, but the entry is not in its log at this place.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
}
