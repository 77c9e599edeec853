//! Signatures of witnesses: [C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature), of the kind `cosignature/v1`.
//!
//! A witness states that, at a certain time, the checkpoint was the largest of this log that it had seen, and that it continues all that
//! it had seen before. Only this keeps the log's operator from showing different histories to different people. Each line holds the time
//! and an Ed25519 signature over it and the text; the newer kind with ML-DSA-44 is carried along unread, as any unknown signature is.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use ed25519_dalek::SIGNATURE_LENGTH;

use super::key::NamedKey;
use super::{InvalidKey, KeyName, NoteSignature, SignedNote};

/// The [signature type](https://c2sp.org/signed-note#signature-types) of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 0x04;

/// The public key of a witness. In text a *vkey*, `name+id+base64(0x04 || key)`,
/// [C2SP tlog-cosignature, Format](https://c2sp.org/tlog-cosignature#format).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignerKey(NamedKey);

impl CosignerKey {
    /// The key of this name with these 32 bytes ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)).
    pub fn new(name: KeyName, public_key: &[u8; 32]) -> Result<Self, InvalidKey> {
        NamedKey::new(COSIGNATURE, name, public_key).map(Self)
    }

    /// The name of the witness.
    pub fn name(&self) -> &KeyName {
        self.0.name()
    }

    /// The key's id, which with the name says which key a signature line is of.
    pub fn id(&self) -> [u8; 4] {
        self.0.id()
    }

    /// The 32 bytes of the public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.public_key()
    }
}

impl FromStr for CosignerKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        NamedKey::parse(COSIGNATURE, text).map(Self)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// When a witness signed: seconds since 1970-01-01T00:00:00Z, at most 2⁶³ − 1,
/// [C2SP tlog-cosignature, Format](https://c2sp.org/tlog-cosignature#format).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CosignedAt(u64);

impl CosignedAt {
    /// The time of so many seconds; none if they are more than 2⁶³ − 1.
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        i64::try_from(seconds).ok().map(|_| Self(seconds))
    }

    /// The seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }
}

/// A cosignature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness.
    pub witness: KeyName,
    /// The latest time at which it signed the checkpoint, by its own word. Whether that is too long ago, or in the future, is for whoever
    /// has a clock to say.
    pub at: CosignedAt,
}

/// What a witness signs: two lines of its own and the text of the checkpoint,
/// [C2SP tlog-cosignature, Ed25519 signed message](https://c2sp.org/tlog-cosignature#ed25519-signed-message).
pub fn cosigned_message(text: &str, at: CosignedAt) -> String {
    format!("cosignature/v1\ntime {}\n{text}", at.0)
}

impl NoteSignature {
    /// The line for a witness's Ed25519 signature over [`cosigned_message`].
    pub fn cosignature(key: &CosignerKey, at: CosignedAt, signature: [u8; SIGNATURE_LENGTH]) -> Self {
        let signature = [&at.0.to_be_bytes()[..], &signature].concat();
        Self { name: key.name().clone(), key_id: key.id(), signature }
    }
}

impl SignedNote {
    /// The verified cosignatures of these witnesses, in their order and at most one of each; lines of other keys are ignored. A wrong one
    /// of a known witness refuses the whole note, as [`verify`](Self::verify) does.
    ///
    /// Says nothing about the log's own signature: verify that too.
    pub fn cosignatures(&self, witnesses: &[CosignerKey]) -> Result<Vec<Cosignature>, CosignatureRefused> {
        let mut cosignatures = Vec::new();
        for key in witnesses {
            let mut latest = None;
            for line in self.signatures.iter().filter(|line| key.0.is_of(line)) {
                latest = latest.max(Some(self.check_cosignature(key, line)?));
            }
            cosignatures.extend(latest.map(|at| Cosignature { witness: key.name().clone(), at }));
        }
        Ok(cosignatures)
    }

    fn check_cosignature(
        &self,
        key: &CosignerKey,
        line: &NoteSignature,
    ) -> Result<CosignedAt, CosignatureRefused> {
        let malformed = || CosignatureRefused::Malformed { witness: key.name().clone() };
        let (seconds, signature) = line.signature.split_first_chunk::<8>().ok_or_else(malformed)?;
        let at = CosignedAt::from_seconds(u64::from_be_bytes(*seconds)).ok_or_else(malformed)?;
        let signature = signature.try_into().map_err(|_| malformed())?;
        if key.0.accepts(cosigned_message(&self.text, at).as_bytes(), signature) {
            Ok(at)
        } else {
            Err(CosignatureRefused::WrongSignature { witness: key.name().clone() })
        }
    }
}

/// A line under the name and id of a known witness that is not its cosignature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureRefused {
    /// Not a time and an Ed25519 signature.
    #[error("the cosignature of `{witness}` is not a time and a signature")]
    Malformed {
        /// The witness's name.
        witness: KeyName,
    },
    /// The signature does not fit text and time: one of the three was changed.
    #[error("the cosignature of `{witness}` does not match the checkpoint")]
    WrongSignature {
        /// The witness's name.
        witness: KeyName,
    },
}
