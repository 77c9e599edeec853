//! A key, a request and its signature.

use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::signature::{
    Nonce, Request, SignatureRefused, SignedHeaders, SignedRequest, Validity, VerifiedRequest, sign_request,
};

/// When the tests' requests are made.
pub(crate) const NOW: UnixSeconds = UnixSeconds(1_700_000_000);
pub(crate) const BODY: &[u8] = b"{\"hello\": \"world\"}";

pub(crate) fn key() -> SigningKey {
    SigningKey::new("key_1".parse().unwrap(), &[7; 32]).unwrap()
}

pub(crate) fn request<'a>(headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    Request { method: "POST", authority: "core.example", path: "/v1/calls", query: None, headers, body: BODY }
}

pub(crate) fn signed() -> SignedHeaders {
    let nonce = Nonce::from_entropy([1; 16]);
    sign_request(&key(), &request(&[]), Validity::new(NOW, 120).unwrap(), &nonce).unwrap()
}

pub(crate) fn verify(request: Request<'_>, at: UnixSeconds) -> Result<VerifiedRequest, SignatureRefused> {
    SignedRequest::parse(request)?.verify(&key(), at)
}
