//! What the log holds instead of free text.
//!
//! A purpose, a rationale or a name stands beside the log; the entry holds `commit(salt, text)`. Whoever has salt and text can show
//! that they are the ones committed to; when both are destroyed, the entry says nothing more about the text, and every proof stays
//! valid. The salt is random, kept with the text, and used for one text only: with a shared or absent salt, short texts could be
//! guessed.

use alloc::string::String;
use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::hash::{Hash, InvalidHash, decode_hex};

/// Hashed before the text, so that the value means a text commitment and nothing else that may one day be keyed alike.
const DOMAIN: &[u8] = b"audit-log/text-commitment/v1\n";

/// The random key of one commitment: 256 bits from the host's entropy, wiped from memory when dropped.
///
/// It cannot be printed. It does serialise, as 64 hexadecimal digits, because it is stored with the text that it protects; keep it
/// out of log records.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl Salt {
    /// Takes 32 bytes of fresh entropy, or a salt stored earlier.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(…)")
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = Zeroizing::new([0; 64]);
        let (pairs, _) = digits.as_chunks_mut::<2>();
        for ([high, low], byte) in pairs.iter_mut().zip(&self.0) {
            *high = hex_digit(byte >> 4);
            *low = hex_digit(byte & 0xf);
        }
        serializer.serialize_str(core::str::from_utf8(digits.as_slice()).map_err(serde::ser::Error::custom)?)
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        let salt = decode_hex(&text).map(Self);
        text.zeroize();
        salt.ok_or(InvalidHash).map_err(D::Error::custom)
    }
}

/// Commits to a text: [HMAC-SHA256](https://www.rfc-editor.org/rfc/rfc2104) under the salt over the ASCII line
/// `audit-log/text-commitment/v1` with its line feed, followed by the text's UTF-8 bytes exactly as they are.
pub fn commit(salt: &Salt, text: &str) -> Hash {
    Hash::from_bytes(keyed(salt, text).finalize().into_bytes().into())
}

/// Whether the text is the one committed to; compares in constant time.
pub fn opens(commitment: &Hash, salt: &Salt, text: &str) -> bool {
    keyed(salt, text).verify_slice(commitment.as_bytes()).is_ok()
}

fn keyed(salt: &Salt, text: &str) -> Hmac<Sha256> {
    // RFC 2104 §2 fills a short key up with zeros to the block of 64 bytes; doing it here leaves nothing that can fail.
    let mut key = Zeroizing::new([0; 64]);
    key.iter_mut().zip(&salt.0).for_each(|(key, salt)| *key = *salt);
    let mut hmac = Hmac::<Sha256>::new((&*key).into());
    hmac.update(DOMAIN);
    hmac.update(text.as_bytes());
    hmac
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn is_the_documented_hmac() {
        // Computed apart: HMAC by its definition in RFC 2104 §2, over the documented message.
        use sha2::Digest as _;
        let salt = [7; 32];
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            block.iter_mut().zip(salt).for_each(|(block, salt)| *block ^= salt);
            block
        };
        let inner = Sha256::new()
            .chain_update(pad(0x36))
            .chain_update("audit-log/text-commitment/v1\nSummarise meeting notes 🗒")
            .finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        assert_eq!(
            commit(&Salt::from_bytes(salt), "Summarise meeting notes 🗒"),
            Hash::from_bytes(outer.into())
        );
    }

    #[test]
    fn opens_with_the_same_salt_and_text_only() {
        let salt = Salt::from_bytes([1; 32]);
        let commitment = commit(&salt, "purpose");
        assert!(opens(&commitment, &salt, "purpose"));
        assert!(!opens(&commitment, &salt, "purpose "));
        assert!(!opens(&commitment, &Salt::from_bytes([2; 32]), "purpose"));
    }

    #[test]
    fn salt_does_not_print_and_travels_as_hex() {
        let mut bytes = [0xab; 32];
        bytes[31] = 0x05;
        let salt = Salt::from_bytes(bytes);
        assert_eq!(format!("{salt:?}"), "Salt(…)");
        let json = serde_json::to_string(&salt).unwrap();
        assert_eq!(json, format!("\"{}05\"", "ab".repeat(31)));
        assert_eq!(serde_json::from_str::<Salt>(&json).unwrap(), salt);
        assert!(serde_json::from_str::<Salt>("\"ab\"").is_err());
    }
}
