//! Signatures from outside: what others sign is accepted, what was changed is not, and every refusal has its code.

mod foreign;
mod fuzz;
mod refusals;
mod responses;

use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::signature::{
    Nonce, Request, SignatureRefused, SignedHeaders, SignedRequest, Validity, VerifiedRequest, sign_request,
};

/// When the tests' requests are made.
const NOW: UnixSeconds = UnixSeconds(1_700_000_000);
const BODY: &[u8] = b"{\"hello\": \"world\"}";

fn key() -> SigningKey {
    SigningKey::new("key_1".parse().unwrap(), &[7; 32]).unwrap()
}

fn request<'a>(headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    Request { method: "POST", authority: "core.example", path: "/v1/calls", query: None, headers, body: BODY }
}

fn signed() -> SignedHeaders {
    let nonce = Nonce::from_entropy([1; 16]);
    sign_request(&key(), &request(&[]), Validity::new(NOW, 120).unwrap(), &nonce).unwrap()
}

fn verify(request: Request<'_>, at: UnixSeconds) -> Result<VerifiedRequest, SignatureRefused> {
    SignedRequest::parse(request)?.verify(&key(), at)
}
