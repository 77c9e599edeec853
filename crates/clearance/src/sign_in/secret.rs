//! Secrets of 256 random bits, their text forms, and the hash that is stored.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::ids::{PersonId, TokenId};
use crate::ports::Moment;

/// Hexadecimal digits of 32 bytes.
const DIGITS: usize = 64;
/// Characters of an id behind its prefix and underscore.
const ID_DIGITS: usize = 26;

/// The text is not a secret of the form wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of this program")]
pub struct InvalidSecret;

/// SHA-256 of a secret, as stored: 64 lowercase hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHash(String);

impl SecretHash {
    fn of(secret: &[u8; 32]) -> Self {
        Self(hex(&Sha256::digest(secret).into()).to_string())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// Lowercase hexadecimal digits of 32 bytes.
pub(crate) fn hex(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(DIGITS));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

fn parse_hex(text: &str) -> Result<[u8; 32], InvalidSecret> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return Err(InvalidSecret);
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(InvalidSecret),
    };
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Ok(bytes)
}

/// Splits `id digits ‖ secret digits`.
fn split(text: &str) -> Result<(&str, [u8; 32]), InvalidSecret> {
    let (id, secret) = text.split_at_checked(ID_DIGITS).ok_or(InvalidSecret)?;
    Ok((id, parse_hex(secret)?))
}

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* }) => {
        $(#[$doc])*
        #[derive(Clone, ZeroizeOnDrop)]
        pub struct $name {
            $(#[zeroize(skip)] $field: $type,)*
            secret: [u8; 32],
        }

        impl $name {
            /// What is stored in its place.
            pub fn hash(&self) -> SecretHash {
                SecretHash::of(&self.secret)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret! {
    /// What a session's cookie holds: 64 hexadecimal digits. It cannot be printed.
    SessionSecret {}
}
secret! {
    /// An API token: `clr_`, the 26 characters of its id, 64 hexadecimal digits. It cannot be printed.
    TokenSecret { id: TokenId }
}
secret! {
    /// What a set-up link holds: the 26 characters of the person's id, 64 hexadecimal digits. It cannot be printed.
    SetUpSecret { person: PersonId }
}

impl SessionSecret {
    /// A new one.
    pub fn new(moment: &Moment) -> Self {
        Self { secret: moment.bytes("session secret", 0) }
    }

    /// Reads a cookie's value.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        Ok(Self { secret: parse_hex(text)? })
    }

    /// The cookie's value.
    pub fn expose(&self) -> Zeroizing<String> {
        hex(&self.secret)
    }
}

impl TokenSecret {
    /// A new one.
    pub fn new(id: TokenId, moment: &Moment) -> Self {
        Self { id, secret: moment.bytes("token secret", 0) }
    }

    /// Reads what a program presents.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let (id, secret) = split(text.strip_prefix("clr_").ok_or(InvalidSecret)?)?;
        let id = format!("token_{id}").parse().map_err(|_| InvalidSecret)?;
        Ok(Self { id, secret })
    }

    /// The token's public id.
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// What the program presents.
    pub fn expose(&self) -> Zeroizing<String> {
        let id = self.id.to_string();
        Zeroizing::new(format!("clr_{}{}", id.trim_start_matches("token_"), hex(&self.secret).as_str()))
    }
}

impl SetUpSecret {
    /// A new one.
    pub fn new(person: PersonId, moment: &Moment) -> Self {
        Self { person, secret: moment.bytes("set-up secret", 0) }
    }

    /// Reads a link's `token`.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let (person, secret) = split(text)?;
        let person = format!("person_{person}").parse().map_err(|_| InvalidSecret)?;
        Ok(Self { person, secret })
    }

    /// Whose link it is.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The link's `token`.
    pub fn expose(&self) -> Zeroizing<String> {
        let person = self.person.to_string();
        Zeroizing::new(format!("{}{}", person.trim_start_matches("person_"), hex(&self.secret).as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn moment() -> Moment {
        Moment::new(Timestamp::from_millisecond(1_795_000_000_000), [9; 32])
    }

    #[test]
    fn secrets_survive_their_text_and_keep_their_hash() {
        let session = SessionSecret::new(&moment());
        assert_eq!(SessionSecret::parse(&session.expose()).unwrap().hash(), session.hash());
        let token = TokenSecret::new(TokenId::new(&moment(), "token", 0), &moment());
        let read = TokenSecret::parse(&token.expose()).unwrap();
        assert_eq!((read.id(), read.hash()), (token.id(), token.hash()));
        assert_eq!(token.expose().len(), 4 + 26 + 64);
        let link = SetUpSecret::new(PersonId::new(&moment(), "person", 0), &moment());
        let read = SetUpSecret::parse(&link.expose()).unwrap();
        assert_eq!((read.person(), read.hash()), (link.person(), link.hash()));
    }

    #[test]
    fn the_stored_hash_is_sha_256_of_the_secret() {
        // FIPS 180-4, computed apart: printf '00…00' | xxd -r -p | sha256sum
        let zero = SessionSecret::parse(&"0".repeat(64)).unwrap();
        let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        assert_eq!(zero.hash().as_str(), expected);
    }

    #[test]
    fn what_is_no_secret_is_refused_and_secrets_do_not_print() {
        let good = TokenSecret::new(TokenId::new(&moment(), "token", 0), &moment()).expose();
        let shorter = good.split_at(good.len() - 1).0;
        for wrong in
            ["", "clr_", good.trim_start_matches('c'), shorter, &format!("{}0", *good), &good.to_uppercase()]
        {
            assert!(TokenSecret::parse(wrong).is_err(), "{wrong}");
        }
        assert!(TokenSecret::parse(&format!("clr_{}", "é".repeat(45))).is_err());
        assert!(SessionSecret::parse(&"A".repeat(64)).is_err(), "one text per secret");
        let printed = format!("{:?}", TokenSecret::parse(&good).unwrap());
        assert_eq!(printed, "TokenSecret(…)");
    }
}
