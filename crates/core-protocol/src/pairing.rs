//! Pairing: how an installation's backend gets its signing key without a person ever seeing it.
//!
//! `ardsaor-core installation add` prints a code that is valid for ten minutes and for one use. The backend signs a request to
//! [`PAIRING_PATH`] with a key derived from the code, and the answer holds the signing key sealed under that same derived key. So neither
//! the code nor the key travels in the clear, and whoever does not know the code can neither ask nor read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::key::{KeyId, SigningKey};
use crate::message::InstallationId;
use crate::sealing::{NotOpened, SEALING_ENTROPY, Sealed, SealingContext};
use crate::signature::Nonce;
use crate::text::InvalidText;

/// Where a pairing request is posted, with an empty JSON object as its body.
pub const PAIRING_PATH: &str = "/v1/pairing";
/// Seconds that a pairing code is valid.
pub const PAIRING_SECONDS: i64 = 600;
/// Bytes of randomness in a code.
pub const CODE_BYTES: usize = 20;
/// What a code begins with, so that a scanner of logs and repositories can know it.
const PREFIX: &str = "pair_";
/// Stands in the place of the provider's host when a key is sealed.
const PLACE: &str = "pairing";

/// A single-use code. Its text is printed once, on purpose, by [`to_text`](Self::to_text) only.
pub struct PairingCode(Zeroizing<[u8; CODE_BYTES]>);

impl std::fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairingCode(…)")
    }
}

impl PairingCode {
    /// A code from random bytes.
    pub fn from_entropy(mut bytes: [u8; CODE_BYTES]) -> Self {
        let code = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        code
    }

    /// A code as a person pasted it.
    ///
    /// # Errors
    /// [`InvalidText`] when it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        const INVALID: InvalidText = InvalidText("pairing code");
        let text = text.trim().strip_prefix(PREFIX).ok_or(INVALID)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new).map_err(|_| INVALID)?;
        Ok(Self(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| INVALID)?)))
    }

    /// The text to show once.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*self.0)))
    }

    /// The key that signs the pairing request. Its name tells nothing of the code.
    pub fn key(&self) -> SigningKey {
        SigningKey::derived(&*self.0, "ardsaor-core pairing id v1", "ardsaor-core pairing key v1")
    }
}

/// The answer to a pairing request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairingAnswer {
    /// Which installation this is at Core.
    pub installation: InstallationId,
    /// The name of its signing key.
    pub key_id: KeyId,
    /// The signing key, sealed under the key derived from the code.
    pub key: Sealed,
}

impl PairingAnswer {
    /// Seals a signing key for the backend whose pairing request carried this nonce.
    ///
    /// # Errors
    /// [`NotOpened`] when the key is longer than any.
    pub fn new(
        pairing: &SigningKey,
        installation: InstallationId,
        key: &SigningKey,
        nonce: &Nonce,
        entropy: [u8; SEALING_ENTROPY],
    ) -> Result<Self, NotOpened> {
        let context = SealingContext { host: PLACE, tenant: installation.as_str(), nonce };
        let sealed = Sealed::seal(pairing, &context, key.to_text().as_bytes(), entropy)?;
        Ok(Self { installation, key_id: key.id().clone(), key: sealed })
    }

    /// The signing key, for the vault.
    ///
    /// # Errors
    /// [`NotOpened`] when the answer belongs to another code or request.
    pub fn open(&self, pairing: &SigningKey, nonce: &Nonce) -> Result<SigningKey, NotOpened> {
        let context = SealingContext { host: PLACE, tenant: self.installation.as_str(), nonce };
        let text = self.key.open(pairing, &context)?;
        let text = std::str::from_utf8(&text).map_err(|_| NotOpened)?;
        SigningKey::from_text(self.key_id.clone(), text).map_err(|_| NotOpened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_copied_and_gives_its_key_to_its_owner_only() {
        let code = PairingCode::from_entropy([5; CODE_BYTES]);
        let copied = PairingCode::parse(&format!(" {}\n", *code.to_text())).unwrap();
        assert_eq!(copied.key().id(), code.key().id());
        assert!(!code.to_text().contains(code.key().id().as_str()));
        assert_eq!(format!("{code:?}"), "PairingCode(…)");
        for wrong in ["", "pair_", "pair_AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(PairingCode::parse(wrong).is_err(), "{wrong}");
        }

        let signing = SigningKey::new("key_1".parse().unwrap(), &[9; 32]).unwrap();
        let nonce = Nonce::from_entropy([1; 16]);
        let installation: InstallationId = "inst_1".parse().unwrap();
        let answer = PairingAnswer::new(&code.key(), installation, &signing, &nonce, [2; 24]).unwrap();
        let opened = answer.open(&copied.key(), &nonce).unwrap();
        assert_eq!((opened.id(), opened.to_text()), (signing.id(), signing.to_text()));
        let other = PairingCode::from_entropy([6; CODE_BYTES]);
        assert!(answer.open(&other.key(), &nonce).is_err());
        assert!(answer.open(&code.key(), &Nonce::from_entropy([2; 16])).is_err());
        let mut moved = answer;
        moved.installation = "inst_2".parse().unwrap();
        assert!(moved.open(&code.key(), &nonce).is_err());
    }
}
