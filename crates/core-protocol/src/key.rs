//! Signing keys and their names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::text::{InvalidText, checked_text, is_token};

/// Bytes of a key that Core makes; shorter ones are refused.
pub const KEY_BYTES: usize = 32;

checked_text! {
    /// The name of a signing key, as `keyid` carries it: 1 to 64 letters, digits, `-` and `_`.
    KeyId, "key id", |text| is_token(text, 64)
}

/// A shared secret for HMAC-SHA256, with its name. It cannot be printed, and its memory is wiped.
#[derive(Clone)]
pub struct SigningKey {
    id: KeyId,
    secret: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}, …)", self.id)
    }
}

impl SigningKey {
    /// A key from at least [`KEY_BYTES`] bytes, which should be random.
    ///
    /// # Errors
    /// [`InvalidText`] when there are fewer.
    pub fn new(id: KeyId, secret: &[u8]) -> Result<Self, InvalidText> {
        if secret.len() < KEY_BYTES {
            return Err(InvalidText("signing key"));
        }
        Ok(Self { id, secret: Zeroizing::new(secret.to_vec()) })
    }

    /// A key from base64url text, as a vault or Core's database keeps it.
    ///
    /// # Errors
    /// [`InvalidText`] when the text is no base64url or too short.
    pub fn from_text(id: KeyId, text: &str) -> Result<Self, InvalidText> {
        let bytes =
            URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new).map_err(|_| InvalidText("signing key"))?;
        Self::new(id, &bytes)
    }

    /// The secret as base64url text, for a vault.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(&*self.secret))
    }

    /// The key's name.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// A key and its name, both derived from a secret that neither tells of.
    pub(crate) fn derived(secret: &[u8], name: &str, purpose: &str) -> Self {
        // Base64url of 32 bytes: 43 letters, digits, `-` and `_`.
        let id = KeyId(URL_SAFE_NO_PAD.encode(*derive(secret, name)));
        Self { id, secret: Zeroizing::new(derive(secret, purpose).to_vec()) }
    }

    /// HMAC-SHA256 over the message ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)).
    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.started(message).finalize().into_bytes().into()
    }

    /// Whether the value is the message's, in constant time.
    pub(crate) fn is_mac(&self, message: &[u8], value: &[u8]) -> bool {
        self.started(message).verify_slice(value).is_ok()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn started(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("every length is a key");
        mac.update(message);
        mac
    }

    /// Another key for another purpose ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)); neither tells of the other.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.secret, purpose)
    }
}

/// HKDF-SHA256 without salt: what comes in is random already.
#[expect(clippy::expect_used, reason = "HKDF gives up to 255 blocks; this is one")]
fn derive(secret: &[u8], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, secret).expand(purpose.as_bytes(), derived.as_mut_slice()).expect("one block");
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_its_name_only_and_short_ones_are_refused() {
        let id: KeyId = "key_1".parse().unwrap();
        let key = SigningKey::new(id.clone(), &[7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(key_1, …)");
        assert!(SigningKey::new(id.clone(), &[7; 31]).is_err());
        assert!(SigningKey::from_text(id.clone(), "not base64!").is_err());
        let again = SigningKey::from_text(id, &key.to_text()).unwrap();
        assert_eq!(again.mac(b"x"), key.mac(b"x"));
        assert_ne!(*key.derive("a"), *key.derive("b"));
        assert_ne!(key.derive("a").as_slice(), &[7; 32]);
    }

    // RFC 5869, appendix A.3: SHA-256, no salt. The vector's output is cut to one block and its purpose is empty.
    #[test]
    fn derivation_is_that_of_rfc_5869() {
        let derived = derive(&[0x0b; 22], "");
        // The first 32 bytes of the vector's output.
        let expected = [
            0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80, 0x2a, 0x06, 0x3c, 0x5a, 0x31,
            0xb8, 0xa1, 0x1f, 0x5c, 0x5e, 0xe1, 0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f, 0x3c, 0x73, 0x8d, 0x2d,
        ];
        assert_eq!(*derived, expected);
    }
}
