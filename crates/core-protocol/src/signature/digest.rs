use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256};

use super::{CONTENT_DIGEST_FIELD, SignatureRefused};

/// The algorithm's name in `Content-Digest`.
const ALGORITHM: &str = "sha-256";

/// The value of `Content-Digest` for a body: its SHA-256 ([RFC 9530](https://www.rfc-editor.org/rfc/rfc9530)).
pub fn content_digest(body: &[u8]) -> String {
    format!("{ALGORITHM}=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// The SHA-256 that a `Content-Digest` holds. Digests by other algorithms beside it are not looked at.
pub(super) fn parse(value: &str) -> Result<[u8; 32], SignatureRefused> {
    const MALFORMED: SignatureRefused = SignatureRefused::FieldMalformed(CONTENT_DIGEST_FIELD);
    let digests: Dictionary = Parser::new(value).parse().map_err(|_| MALFORMED)?;
    let Some(ListEntry::Item(item)) = digests.get(ALGORITHM) else { return Err(MALFORMED) };
    let bytes = item.bare_item.as_byte_sequence().ok_or(MALFORMED)?;
    bytes.try_into().map_err(|_| MALFORMED)
}

/// Whether the digest is the body's. Both are public, so the time it takes tells nothing.
pub(super) fn check(digest: &[u8; 32], body: &[u8]) -> Result<(), SignatureRefused> {
    if Sha256::digest(body).as_slice() == digest { Ok(()) } else { Err(SignatureRefused::DigestMismatch) }
}
