//! The head of the log as it is published: [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint).

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decimal::parse_decimal;
use crate::hash::Hash;
use crate::note::{InvalidNote, NotVerified, NoteSignature, SignedNote, VerifierKey};

/// Origin, size and root of a log, [C2SP tlog-checkpoint, Note text](https://c2sp.org/tlog-checkpoint#note-text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    // INVARIANT: origin and extensions are lines: not empty, no control characters
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint of the log that goes by `origin`, which is one line and customarily an address without its scheme.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, InvalidCheckpoint> {
        if is_line(origin) {
            Ok(Self { origin: origin.into(), size, root, extensions: Vec::new() })
        } else {
            Err(InvalidCheckpoint::Origin)
        }
    }

    /// Which log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// Lines that other logs add; ours never do, since nobody can audit them.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The note text: the bytes that are signed.
    pub fn to_text(&self) -> String {
        let mut text =
            [&self.origin, "\n", &self.size.to_string(), "\n", &STANDARD.encode(self.root)].concat();
        for extension in &self.extensions {
            text.push('\n');
            text.push_str(extension);
        }
        text.push('\n');
        text
    }

    /// The published form, with a signature made over [`to_text`](Self::to_text).
    pub fn to_note(&self, signature: NoteSignature) -> Result<SignedNote, InvalidNote> {
        SignedNote::new(&self.to_text(), signature)
    }

    /// Reads a published checkpoint: the signature of one of these keys is checked first, then the text, then whether it is of the log
    /// that was expected.
    pub fn open(note: &[u8], keys: &[VerifierKey], origin: &str) -> Result<Self, CheckpointRefused> {
        Self::open_note(&SignedNote::parse(note)?, keys, origin)
    }

    /// As [`open`](Self::open), of a note already read.
    pub fn open_note(
        note: &SignedNote,
        keys: &[VerifierKey],
        origin: &str,
    ) -> Result<Self, CheckpointRefused> {
        let checkpoint = Self::parse_text(note.verify(keys)?)?;
        if checkpoint.origin == origin { Ok(checkpoint) } else { Err(CheckpointRefused::OtherLog) }
    }

    /// Reads the note text. Its signature is the caller's business: see [`open`](Self::open).
    pub fn parse_text(text: &str) -> Result<Self, InvalidCheckpoint> {
        let text = text.strip_suffix('\n').ok_or(InvalidCheckpoint::Lines)?;
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|line| is_line(line)).ok_or(InvalidCheckpoint::Origin)?;
        let size = lines.next().and_then(parse_decimal).ok_or(InvalidCheckpoint::Size)?;
        let root = lines.next().and_then(|root| STANDARD.decode(root).ok()).ok_or(InvalidCheckpoint::Root)?;
        let root = Hash::try_from(root.as_slice()).map_err(|_| InvalidCheckpoint::Root)?;
        let extensions: Vec<String> = lines.map(Into::into).collect();
        if extensions.iter().all(|line| is_line(line)) {
            Ok(Self { origin: origin.into(), size, root, extensions })
        } else {
            Err(InvalidCheckpoint::Lines)
        }
    }
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte >= 0x20)
}

/// Text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCheckpoint {
    /// No line feed at the end, or an extension line that is empty or has control characters.
    #[error("the checkpoint is not made of lines")]
    Lines,
    /// The first line.
    #[error("the checkpoint's origin is empty or has control characters")]
    Origin,
    /// The second line.
    #[error("the checkpoint's size is not a plain number")]
    Size,
    /// The third line.
    #[error("the checkpoint's root is not the base64 of 32 bytes")]
    Root,
}

/// Why a published checkpoint is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointRefused {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] InvalidNote),
    /// Not signed by a known key, or not as it was signed.
    #[error("the checkpoint cannot be trusted: {0}")]
    NotVerified(#[from] NotVerified),
    /// Signed, but no checkpoint.
    #[error(transparent)]
    Invalid(#[from] InvalidCheckpoint),
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    OtherLog,
}
