//! The public halves of note keys.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SIGNATURE_LENGTH, Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::NoteSignature;

/// The [signature type](https://c2sp.org/signed-note#signature-types) of Ed25519.
const ED25519: u8 = 0x01;

/// The name of a key: not empty, without white space, `+` and control characters. Customarily an address without its scheme, for a log
/// the same as its origin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = InvalidKey;

    fn from_str(name: &str) -> Result<Self, InvalidKey> {
        let is_bad =
            |character: char| character.is_whitespace() || character.is_control() || character == '+';
        if name.is_empty() || name.contains(is_bad) { Err(InvalidKey::Name) } else { Ok(Self(name.into())) }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A public key with its name: what an auditor needs to check the notes of a site.
///
/// Its text form, `name+id+base64(0x01 || key)`, is the *vkey* that C2SP tools take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey(NamedKey);

impl VerifierKey {
    /// The key of this name with these 32 bytes ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)).
    pub fn new(name: KeyName, public_key: &[u8; 32]) -> Result<Self, InvalidKey> {
        NamedKey::new(ED25519, name, public_key).map(Self)
    }

    /// The key's name.
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

    /// Whether a signature line claims to be of this key.
    pub(super) fn is_of(&self, line: &NoteSignature) -> bool {
        self.0.is_of(line)
    }

    /// Whether these are a valid signature's bytes, strictly: no signature has a second form.
    pub(super) fn accepts(&self, text: &[u8], signature: &[u8]) -> bool {
        signature.try_into().is_ok_and(|signature| self.0.accepts(text, signature))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        NamedKey::parse(ED25519, text).map(Self)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An Ed25519 key for one [signature type](https://c2sp.org/signed-note#signature-types), which its id depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedKey {
    kind: u8,
    name: KeyName,
    id: [u8; 4],
    key: VerifyingKey,
}

impl NamedKey {
    pub(super) fn new(kind: u8, name: KeyName, public_key: &[u8; 32]) -> Result<Self, InvalidKey> {
        let key = VerifyingKey::from_bytes(public_key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or(InvalidKey::PublicKey)?;
        let id = key_id(kind, &name, public_key);
        Ok(Self { kind, name, id, key })
    }

    pub(super) fn parse(kind: u8, text: &str) -> Result<Self, InvalidKey> {
        let (name, rest) = text.split_once('+').ok_or(InvalidKey::Form)?;
        let (id, key) = rest.split_once('+').ok_or(InvalidKey::Form)?;
        let key = STANDARD.decode(key).map_err(|_| InvalidKey::Form)?;
        let (found, key) = key.split_first().ok_or(InvalidKey::Kind)?;
        if *found != kind {
            return Err(InvalidKey::Kind);
        }
        let key = Self::new(kind, name.parse()?, key.try_into().map_err(|_| InvalidKey::PublicKey)?)?;
        if id == hex_id(key.id) { Ok(key) } else { Err(InvalidKey::Id) }
    }

    pub(super) fn name(&self) -> &KeyName {
        &self.name
    }

    pub(super) fn id(&self) -> [u8; 4] {
        self.id
    }

    pub(super) fn public_key(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    pub(super) fn is_of(&self, line: &NoteSignature) -> bool {
        line.key_id == self.id && line.name == self.name
    }

    pub(super) fn accepts(&self, message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for NamedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind][..], self.key.as_bytes()].concat();
        write!(formatter, "{}+{}+{}", self.name, hex_id(self.id), STANDARD.encode(key))
    }
}

/// `SHA-256(name || 0x0A || signature type || public key)[:4]`,
/// [C2SP signed-note, Signatures](https://c2sp.org/signed-note#signatures).
fn key_id(kind: u8, name: &KeyName, public_key: &[u8; 32]) -> [u8; 4] {
    let hash =
        Sha256::new().chain_update(&name.0).chain_update([b'\n', kind]).chain_update(public_key).finalize();
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash);
    [a, b, c, d]
}

fn hex_id(id: [u8; 4]) -> String {
    alloc::format!("{:08x}", u32::from_be_bytes(id))
}

/// A key or name that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// See [`KeyName`].
    #[error("a key name must not be empty or contain white space, `+` or control characters")]
    Name,
    /// Not `name+id+base64`.
    #[error("a verifier key has the form `name+id+base64`")]
    Form,
    /// A key for another kind of signature: a witness's where a log's is called for, the reverse, or not Ed25519.
    #[error("the verifier key is for another kind of signature")]
    Kind,
    /// Bytes that are no safe Ed25519 public key.
    #[error("the verifier key's bytes are not a valid public key")]
    PublicKey,
    /// The id does not follow from name and key: a typing error, or parts of different keys.
    #[error("the verifier key's id does not match its name and bytes")]
    Id,
}
