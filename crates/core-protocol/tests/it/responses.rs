//! Answers: bound to their request, and to nothing else.

use core_protocol::UnixSeconds;
use core_protocol::signature::{Response, SignatureRefused, sign_response, verify_response};

use crate::sample::{BODY, NOW, key, request, signed, verify};

#[test]
fn an_answer_is_accepted_for_its_request_in_its_time_only() {
    let own = signed();
    let unsigned = Response { status: 200, headers: &[], body: BODY };
    let signed = sign_response(&key(), &unsigned, own.signature(), NOW).unwrap();
    let fields = signed.fields();
    let response = Response { headers: &fields, ..unsigned };
    let check = |response: &Response<'_>, request: &str, at| verify_response(&key(), response, request, at);
    assert_eq!(check(&response, own.signature(), NOW), Ok(()));
    assert_eq!(check(&response, "sig=:AAAA:", NOW), Err(SignatureRefused::SignatureMismatch));
    assert_eq!(
        check(&Response { status: 201, ..response }, own.signature(), NOW),
        Err(SignatureRefused::SignatureMismatch)
    );
    assert_eq!(
        check(&Response { body: b"{}", ..response }, own.signature(), NOW),
        Err(SignatureRefused::DigestMismatch)
    );
    assert_eq!(check(&response, own.signature(), NOW.plus(300)), Err(SignatureRefused::Expired));
    assert_eq!(
        check(&response, own.signature(), UnixSeconds(NOW.0 - 31)),
        Err(SignatureRefused::CreatedInFuture)
    );
    assert_eq!(
        check(&Response { headers: &[], ..response }, own.signature(), NOW).unwrap_err().code(),
        "signature_field_missing"
    );
    // A request's signature is none of an answer, and the reverse.
    let of_request = own.fields();
    assert_eq!(
        check(&Response { headers: &of_request, ..response }, own.signature(), NOW),
        Err(SignatureRefused::WrongComponents)
    );
    assert_eq!(verify(request(&fields), NOW), Err(SignatureRefused::WrongComponents));
}

#[test]
fn a_line_break_in_a_component_is_never_signed_or_verified() {
    let unsigned = Response { status: 200, headers: &[], body: BODY };
    let refused = sign_response(&key(), &unsigned, "sig=:AAAA:\n\"@status\": 200", NOW).unwrap_err();
    assert_eq!(refused.code(), "signature_field_malformed");
}
