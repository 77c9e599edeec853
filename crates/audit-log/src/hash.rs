//! Leaf and node hashing of the Merkle tree.
//!
//! [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1) separates leaves from nodes by a first byte, so that a
//! node can never be presented as a leaf or the reverse.

use core::fmt;
use core::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// First byte hashed for a leaf, [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
const LEAF_PREFIX: [u8; 1] = [0x00];
/// First byte hashed for an inner node, [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
const NODE_PREFIX: [u8; 1] = [0x01];

/// A SHA-256 value of the tree: of a leaf, of a node, or a root. Its text form is 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Hash::LEN]);

/// The root of the tree without entries, SHA-256 of nothing,
/// [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The hash of an entry: `SHA-256(0x00 || entry)`,
/// [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(LEAF_PREFIX).chain_update(entry).finalize().into())
}

/// The hash of a node over its two children: `SHA-256(0x01 || left || right)`,
/// [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update(NODE_PREFIX).chain_update(left.0).chain_update(right.0).finalize().into())
}

impl Hash {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Wraps a value computed or stored elsewhere.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes, as stored in a database column or hashed into a node.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = InvalidHash;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidHash> {
        bytes.try_into().map(Self).map_err(|_| InvalidHash)
    }
}

impl From<[u8; Hash::LEN]> for Hash {
    fn from(bytes: [u8; Hash::LEN]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A text that is not 64 lowercase hexadecimal digits, or bytes that are not 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: expected 32 bytes or their 64 lowercase hexadecimal digits")]
pub struct InvalidHash;

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        decode_hex(text).map(Self).ok_or(InvalidHash)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Exactly 64 lowercase hexadecimal digits: one text per value, so that texts can be compared.
pub(crate) fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (hex_digit(*high)? << 4) | hex_digit(*low)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn empty_root_is_the_hash_of_nothing() {
        assert_eq!(EMPTY_ROOT, Hash(Sha256::digest([]).into()));
    }

    #[test]
    fn text_form_is_lowercase_and_strict() {
        let text = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        // RFC 6962: the hash of the empty entry.
        assert_eq!(leaf_hash(b"").to_string(), text);
        assert_eq!(text.parse(), Ok(leaf_hash(b"")));
        assert_eq!(text.to_uppercase().parse::<Hash>(), Err(InvalidHash));
        assert_eq!(text.get(1..).unwrap().parse::<Hash>(), Err(InvalidHash));
        assert_eq!(format!("{text}0").parse::<Hash>(), Err(InvalidHash));
        assert_eq!("é".repeat(32).parse::<Hash>(), Err(InvalidHash));
    }

    #[test]
    fn travels_through_json_as_text() {
        let hash = leaf_hash(b"entry");
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{hash}\""));
        assert_eq!(serde_json::from_str::<Hash>(&json).unwrap(), hash);
        assert!(serde_json::from_str::<Hash>("\"00\"").is_err());
    }
}
