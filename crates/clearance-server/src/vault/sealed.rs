use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Bytes of a nonce of XChaCha20-Poly1305.
pub(super) const NONCE_BYTES: usize = 24;

/// A secret sealed: nonce and ciphertext, as base64url text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed {
    nonce: [u8; NONCE_BYTES],
    ciphertext: Vec<u8>,
}

/// The sealed secret does not open: another key, another place, or a changed bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open with this key")]
pub struct SealedOpen;

impl Sealed {
    pub(super) fn new(nonce: [u8; NONCE_BYTES], ciphertext: Vec<u8>) -> Self {
        Self { nonce, ciphertext }
    }

    pub(super) fn nonce(&self) -> [u8; NONCE_BYTES] {
        self.nonce
    }

    pub(super) fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        let mut bytes = Vec::with_capacity(NONCE_BYTES + sealed.ciphertext.len());
        bytes.extend_from_slice(&sealed.nonce);
        bytes.extend_from_slice(&sealed.ciphertext);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl TryFrom<String> for Sealed {
    type Error = SealedOpen;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealedOpen)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealedOpen)?;
        Ok(Self { nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }
}
