//! A closed profile of HTTP Message Signatures, [RFC 9421].
//!
//! **Requests** cover exactly `@method`, `@authority`, `@path`, `@query`, `content-digest` and `content-type`, in any order. Their
//! parameters `created`, `expires`, `nonce` and `keyid` are required, in any order; `alg`, when given, must be `hmac-sha256`; others are
//! tolerated, and signed like everything. A request is valid for at most [`LONGEST_WINDOW`] seconds. `Content-Digest` ([RFC 9530]) must
//! hold the SHA-256 of the body.
//!
//! **Answers** cover `@status`, `content-digest`, `content-type` and the request's own signature (`"signature";req`), so that no answer
//! fits another request; `created` and `keyid` are required.
//!
//! The verifier works on the text of `Signature-Input` as it was received ([RFC 9421 §2.5]): re-serialising parsed parameters would refuse
//! valid signatures of other programs. A header that occurs twice, or a second signature, is refused rather than interpreted. Whether a
//! nonce was used before is for the receiver's database to say, with a unique insert before any effect.
//!
//! [RFC 9421]: https://www.rfc-editor.org/rfc/rfc9421
//! [RFC 9421 §2.5]: https://www.rfc-editor.org/rfc/rfc9421#section-2.5
//! [RFC 9530]: https://www.rfc-editor.org/rfc/rfc9530

mod base;
mod digest;
mod input;
mod message;
mod refused;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::text::checked_text;

pub use digest::content_digest;
pub use message::{Request, Response, Scheme, normal_authority};
pub use refused::SignatureRefused;
pub use sign::{SignedHeaders, Validity, sign_request, sign_response};
pub use verify::{SignedRequest, VerifiedRequest, verify_response};

/// Seconds between `created` and `expires`, at most.
pub const LONGEST_WINDOW: i64 = 300;
/// Seconds that the signer's clock may be ahead of the verifier's.
pub const CLOCK_SKEW: i64 = 30;
/// Media type of every body.
pub const CONTENT_TYPE: &str = "application/json";
/// Bytes of randomness in a [`Nonce`].
pub const NONCE_BYTES: usize = 16;

/// Name of the field with the digest of the body.
pub const CONTENT_DIGEST_FIELD: &str = "content-digest";
/// Name of the field with the media type.
pub const CONTENT_TYPE_FIELD: &str = "content-type";
/// Name of the field with what is signed.
pub const SIGNATURE_INPUT_FIELD: &str = "signature-input";
/// Name of the field with the signature.
pub const SIGNATURE_FIELD: &str = "signature";

checked_text! {
    /// A value used for one request only: 16 to 128 printable ASCII characters but `"` and `\`.
    Nonce, "nonce", |text| (16..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}

impl Nonce {
    /// A nonce from random bytes.
    pub fn from_entropy(bytes: [u8; NONCE_BYTES]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }
}
