use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::base::{self, Component, OF_REQUEST, OF_RESPONSE};
use super::{
    CONTENT_DIGEST_FIELD, CONTENT_TYPE, CONTENT_TYPE_FIELD, LONGEST_WINDOW, Nonce, Request, Response,
    SIGNATURE_FIELD, SIGNATURE_INPUT_FIELD, SignatureRefused, content_digest,
};
use crate::UnixSeconds;
use crate::key::SigningKey;

/// The label under which we sign.
const LABEL: &str = "sig";

/// From when until when a request is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    created: UnixSeconds,
    expires: UnixSeconds,
}

impl Validity {
    /// Valid from now, for so many seconds.
    ///
    /// # Errors
    /// [`SignatureRefused::WrongWindow`] when that is less than one or more than [`LONGEST_WINDOW`].
    pub fn new(now: UnixSeconds, seconds: i64) -> Result<Self, SignatureRefused> {
        if (1..=LONGEST_WINDOW).contains(&seconds) {
            Ok(Self { created: now, expires: now.plus(seconds) })
        } else {
            Err(SignatureRefused::WrongWindow)
        }
    }
}

/// The header fields that a signature adds to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    content_digest: String,
    signature_input: String,
    signature: String,
}

impl SignedHeaders {
    /// Every field to send, the media type among them.
    pub fn fields(&self) -> [(&'static str, &str); 4] {
        [
            (CONTENT_TYPE_FIELD, CONTENT_TYPE),
            (CONTENT_DIGEST_FIELD, &self.content_digest),
            (SIGNATURE_INPUT_FIELD, &self.signature_input),
            (SIGNATURE_FIELD, &self.signature),
        ]
    }

    /// The value of `Signature`, to which the response will be bound.
    pub fn signature(&self) -> &str {
        &self.signature
    }
}

/// Signs a request. Its `headers` are not looked at: the media type is [`CONTENT_TYPE`], and the digest is made here.
///
/// # Errors
/// [`SignatureRefused::FieldMalformed`] when a component holds a line break.
pub fn sign_request(
    key: &SigningKey,
    request: &Request<'_>,
    validity: Validity,
    nonce: &Nonce,
) -> Result<SignedHeaders, SignatureRefused> {
    let digest = content_digest(request.body);
    let headers = [(CONTENT_TYPE_FIELD, CONTENT_TYPE), (CONTENT_DIGEST_FIELD, digest.as_str())];
    let request = Request { headers: &headers, ..*request };
    let Validity { created: UnixSeconds(created), expires: UnixSeconds(expires) } = validity;
    let parameters = format!(
        "{};created={created};expires={expires};nonce=\"{nonce}\";keyid=\"{}\";alg=\"hmac-sha256\"",
        list(&OF_REQUEST),
        key.id()
    );
    let base = base::of_request(&OF_REQUEST, &request, &parameters)?;
    Ok(signed(key, digest, &base, &parameters))
}

/// Signs a response to the request that carried this `Signature` value. Its `headers` are not looked at.
///
/// # Errors
/// [`SignatureRefused::FieldMalformed`] when a component holds a line break.
pub fn sign_response(
    key: &SigningKey,
    response: &Response<'_>,
    request_signature: &str,
    now: UnixSeconds,
) -> Result<SignedHeaders, SignatureRefused> {
    let digest = content_digest(response.body);
    let headers = [(CONTENT_TYPE_FIELD, CONTENT_TYPE), (CONTENT_DIGEST_FIELD, digest.as_str())];
    let response = Response { headers: &headers, ..*response };
    let parameters =
        format!("{};created={};keyid=\"{}\";alg=\"hmac-sha256\"", list(&OF_RESPONSE), now.0, key.id());
    let base = base::of_response(&OF_RESPONSE, &response, request_signature, &parameters)?;
    Ok(signed(key, digest, &base, &parameters))
}

fn list(components: &[Component]) -> String {
    let names: Vec<_> = components.iter().map(|component| component.identifier()).collect();
    format!("({})", names.join(" "))
}

fn signed(key: &SigningKey, content_digest: String, base: &str, parameters: &str) -> SignedHeaders {
    SignedHeaders {
        content_digest,
        signature_input: format!("{LABEL}={parameters}"),
        signature: format!("{LABEL}=:{}:", STANDARD.encode(key.mac(base.as_bytes()))),
    }
}
