//! Texts signed so that tools of others can check them: [C2SP signed-note](https://c2sp.org/signed-note).
//!
//! Private keys never come here. Whoever keeps the key signs [the bytes of the text](crate::Checkpoint::to_text) with Ed25519 and hands
//! the 64 bytes to [`NoteSignature::new`].

mod cosignature;
mod key;

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use cosignature::{Cosignature, CosignatureRefused, CosignedAt, CosignerKey, cosigned_message};
pub use key::{InvalidKey, KeyName, VerifierKey};

/// The largest note read: room for [`MAX_SIGNATURES`] of any kind.
pub const MAX_NOTE_BYTES: usize = 1 << 20;

/// The most signatures of a note read, so that nobody is made to check thousands. Readers
/// [must accept 16](https://c2sp.org/signed-note#format).
pub const MAX_SIGNATURES: usize = 128;

/// What a signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// A note as it is published: text and signature lines, [C2SP signed-note, Format](https://c2sp.org/signed-note#format).
///
/// The text of a note from elsewhere counts for nothing before its signature was checked, so it is only given out by
/// [`verify`](Self::verify). The note itself displays as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    // INVARIANT: ends with a line feed, no other control characters
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line. Lines of unknown keys and kinds are carried along: witnesses and later keys sign the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

impl NoteSignature {
    /// The line for an Ed25519 signature made over the note's text with the private half of this key.
    pub fn new(key: &VerifierKey, signature: [u8; 64]) -> Self {
        Self { name: key.name().clone(), key_id: key.id(), signature: signature.to_vec() }
    }

    /// Whose key it claims to be.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Which of the keys of that name.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Reads a line without its line feed.
    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (key_id, signature) = bytes.split_first_chunk::<4>()?;
        if signature.is_empty() {
            return None;
        }
        Some(Self { name: name.parse().ok()?, key_id: *key_id, signature: signature.to_vec() })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id[..], &self.signature].concat();
        write!(formatter, "{SIGNATURE_PREFIX}{} {}", self.name, STANDARD.encode(bytes))
    }
}

impl SignedNote {
    /// A note of our own with its first signature.
    pub fn new(text: &str, signature: NoteSignature) -> Result<Self, InvalidNote> {
        if !text.ends_with('\n') || !is_plain(text) {
            return Err(InvalidNote::Text);
        }
        Ok(Self { text: text.to_owned(), signatures: [signature].into() })
    }

    /// Adds another signature: of a second key during rotation, or of a witness.
    pub fn add_signature(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Reads a published note; nothing about it is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidNote> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(InvalidNote::TooLong);
        }
        let note = core::str::from_utf8(bytes).ok().filter(|note| is_plain(note)).ok_or(InvalidNote::Text)?;
        // The text may have empty lines of its own: the last one separates it from the signatures.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(InvalidNote::NoSignature)?;
        let signatures = signatures.strip_suffix('\n').ok_or(InvalidNote::NoSignature)?;
        let lines = signatures.split('\n');
        if lines.clone().count() > MAX_SIGNATURES {
            return Err(InvalidNote::TooManySignatures);
        }
        let signatures =
            lines.map(NoteSignature::parse).collect::<Option<_>>().ok_or(InvalidNote::SignatureLine)?;
        Ok(Self { text: [text, "\n"].concat(), signatures })
    }

    /// Gives the text if at least one of these keys signed it. A wrong signature under the name and id of one of them refuses the
    /// whole note; signatures of other keys are ignored, [C2SP signed-note, Signatures](https://c2sp.org/signed-note#signatures).
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<&str, NotVerified> {
        let mut verified = false;
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| key.is_of(signature)) {
                if !key.accepts(self.text.as_bytes(), &signature.signature) {
                    return Err(NotVerified::WrongSignature);
                }
                verified = true;
            }
        }
        if verified { Ok(&self.text) } else { Err(NotVerified::UnknownKeys) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(formatter, "{signature}"))
    }
}

/// No control character but the line feed, [C2SP signed-note, Format](https://c2sp.org/signed-note#format).
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 || byte == b'\n')
}

/// Bytes that are no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// More than [`MAX_NOTE_BYTES`].
    #[error("the note is longer than {MAX_NOTE_BYTES} bytes")]
    TooLong,
    /// Not UTF-8, a control character, or no line feed at the end of the text.
    #[error("the note is not plain text made of lines")]
    Text,
    /// No empty line with signatures after it.
    #[error("the note has no signature")]
    NoSignature,
    /// More than [`MAX_SIGNATURES`].
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// A line after the text that is not `— name base64`.
    #[error("the note has a badly formed signature line")]
    SignatureLine,
}

/// A note that must not be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// A known key's signature does not fit the text: the text or the signature was changed.
    #[error("the signature does not match the text")]
    WrongSignature,
    /// None of the signatures is of a known key.
    #[error("the note is not signed by any of the known keys")]
    UnknownKeys,
}
