use super::base::{self, OF_REQUEST, OF_RESPONSE};
use super::input::SignatureInput;
use super::message::single;
use super::{
    CLOCK_SKEW, CONTENT_DIGEST_FIELD, LONGEST_WINDOW, Nonce, Request, Response, SignatureRefused, digest,
};
use crate::UnixSeconds;
use crate::key::{KeyId, SigningKey};

/// A request whose signature was read and has the right form, but is not yet believed.
#[derive(Debug)]
pub struct SignedRequest<'a> {
    request: Request<'a>,
    input: SignatureInput<'a>,
    expires: UnixSeconds,
    nonce: Nonce,
    digest: [u8; 32],
}

/// What a verified request says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRequest {
    /// Which key signed it.
    pub key_id: KeyId,
    /// To be used once.
    pub nonce: Nonce,
    /// Until when it is valid. Its nonce must be remembered for at least this long.
    pub expires: UnixSeconds,
    /// The value of `Signature`, to which the response is bound.
    pub signature: String,
}

impl<'a> SignedRequest<'a> {
    /// Reads a request's signature.
    ///
    /// # Errors
    /// [`SignatureRefused`] when something is missing, malformed or outside the profile.
    pub fn parse(request: Request<'a>) -> Result<Self, SignatureRefused> {
        let mut input = SignatureInput::parse(request.headers, &OF_REQUEST)?;
        let expires = input.expires.ok_or(SignatureRefused::ParameterMissing("expires"))?;
        let nonce = input.nonce.take().ok_or(SignatureRefused::ParameterMissing("nonce"))?;
        let window = expires.0.saturating_sub(input.created.0);
        if !(1..=LONGEST_WINDOW).contains(&window) {
            return Err(SignatureRefused::WrongWindow);
        }
        let digest = digest::parse(single(request.headers, CONTENT_DIGEST_FIELD)?)?;
        Ok(Self { request, input, expires, nonce, digest })
    }

    /// The key to verify with, as the signer names it.
    pub fn key_id(&self) -> &KeyId {
        &self.input.key_id
    }

    /// Verifies time, signature and body.
    ///
    /// # Errors
    /// [`SignatureRefused`] when the request is not valid now, was not signed by this key, or was changed.
    pub fn verify(self, key: &SigningKey, now: UnixSeconds) -> Result<VerifiedRequest, SignatureRefused> {
        if self.input.created > now.plus(CLOCK_SKEW) {
            return Err(SignatureRefused::CreatedInFuture);
        }
        if self.expires <= now {
            return Err(SignatureRefused::Expired);
        }
        let base = base::of_request(&self.input.components, &self.request, self.input.parameters)?;
        check(key, &self.input, &base)?;
        digest::check(&self.digest, self.request.body)?;
        Ok(VerifiedRequest {
            key_id: self.input.key_id,
            nonce: self.nonce,
            expires: self.expires,
            signature: self.input.signature.to_owned(),
        })
    }
}

/// Verifies the response to the request that carried this `Signature` value.
///
/// # Errors
/// [`SignatureRefused`] when it was not signed by this key, answers another request, or was changed.
pub fn verify_response(
    key: &SigningKey,
    response: &Response<'_>,
    request_signature: &str,
    now: UnixSeconds,
) -> Result<(), SignatureRefused> {
    let input = SignatureInput::parse(response.headers, &OF_RESPONSE)?;
    if input.created > now.plus(CLOCK_SKEW) {
        return Err(SignatureRefused::CreatedInFuture);
    }
    if input.created.plus(LONGEST_WINDOW) <= now {
        return Err(SignatureRefused::Expired);
    }
    let stated = digest::parse(single(response.headers, CONTENT_DIGEST_FIELD)?)?;
    let base = base::of_response(&input.components, response, request_signature, input.parameters)?;
    check(key, &input, &base)?;
    digest::check(&stated, response.body)
}

fn check(key: &SigningKey, input: &SignatureInput<'_>, base: &str) -> Result<(), SignatureRefused> {
    if input.key_id != *key.id() {
        Err(SignatureRefused::OtherKey)
    } else if key.is_mac(base.as_bytes(), &input.mac) {
        Ok(())
    } else {
        Err(SignatureRefused::SignatureMismatch)
    }
}
