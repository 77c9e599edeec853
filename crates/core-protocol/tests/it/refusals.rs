//! Each way to be wrong, with its code.

use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::signature::{CLOCK_SKEW, Request, SignatureRefused, SignedRequest, content_digest};

use crate::sample::{BODY, NOW, key, request, signed, verify};

type Fields = Vec<(&'static str, String)>;

fn fields() -> Fields {
    signed().fields().map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// The code for our request with its fields changed.
fn code(change: impl FnOnce(&mut Fields)) -> &'static str {
    let mut fields = fields();
    change(&mut fields);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    verify(request(&fields), NOW).map_or_else(|refused| refused.code(), |_| "accepted")
}

fn without(name: &'static str) -> &'static str {
    code(|fields| fields.retain(|(given, _)| *given != name))
}

fn replaced(name: &'static str, from: &str, to: &str) -> &'static str {
    code(|fields| {
        for (_, value) in fields.iter_mut().filter(|(given, _)| *given == name) {
            assert!(value.contains(from), "{value} holds {from}");
            *value = value.replace(from, to);
        }
    })
}

fn twice(name: &'static str) -> &'static str {
    code(|fields| {
        let again = fields.iter().find(|(given, _)| *given == name).unwrap().clone();
        fields.push(again);
    })
}

#[test]
fn an_unchanged_request_is_accepted_whatever_the_case_of_its_field_names() {
    assert_eq!(code(|_| {}), "accepted");
    let signed = signed();
    let upper: Vec<_> = signed.fields().map(|(name, value)| (name.to_ascii_uppercase(), value)).to_vec();
    let upper: Vec<_> = upper.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert!(verify(request(&upper), NOW).is_ok());
}

#[test]
fn every_missing_or_repeated_field_is_refused() {
    for name in ["content-type", "content-digest", "signature-input", "signature"] {
        assert_eq!(without(name), "signature_field_missing", "{name}");
        assert_eq!(twice(name), "signature_field_repeated", "{name}");
    }
}

#[test]
fn what_is_malformed_is_refused() {
    assert_eq!(replaced("signature-input", "sig=(", "sig=("), "accepted");
    assert_eq!(replaced("signature-input", "sig=(", "sig=(("), "signature_field_malformed");
    assert_eq!(replaced("signature-input", "sig=(", "(("), "signature_field_malformed");
    assert_eq!(replaced("signature", "sig=:", "sig=\"x"), "signature_field_malformed");
    assert_eq!(replaced("content-digest", "sha-256", "sha-512"), "signature_field_malformed");
    assert_eq!(replaced("content-digest", "=:", "=:AAAA"), "signature_field_malformed");
    assert_eq!(
        replaced("signature-input", "keyid=\"key_1\"", "keyid=key_1"),
        "signature_parameter_malformed"
    );
    assert_eq!(replaced("signature-input", "nonce=\"", "nonce=\" "), "signature_parameter_malformed");
    assert_eq!(
        replaced("signature-input", "created=17", "created=\"17\";x=17"),
        "signature_parameter_malformed"
    );
    assert_eq!(
        replaced("signature-input", "expires=17", "expires=1.5;x=17"),
        "signature_parameter_malformed"
    );
}

#[test]
fn every_required_parameter_is_required() {
    for name in ["created", "expires", "nonce", "keyid"] {
        let from = format!(";{name}=");
        assert_eq!(replaced("signature-input", &from, ";other="), "signature_parameter_missing", "{name}");
    }
    assert_eq!(
        replaced("signature-input", ";alg=\"hmac-sha256\"", ";alg=\"ed25519\""),
        "signature_algorithm"
    );
    assert_eq!(
        replaced("signature-input", ";alg=\"hmac-sha256\"", ";alg=hmac-sha256"),
        "signature_algorithm"
    );
    // Removing what was signed is a change like any other.
    assert_eq!(replaced("signature-input", ";alg=\"hmac-sha256\"", ""), "signature_mismatch");
}

#[test]
fn exactly_the_components_of_the_profile_must_be_covered() {
    for wrong in [
        "",
        "\"@method\" \"@method\"",
        "\"@method\" \"date\"",
        "\"@method\";req",
        "\"@method\";bs",
        "\"@method\";req=?0",
        "method",
        "\"@status\"",
    ] {
        assert_eq!(replaced("signature-input", "\"@method\"", wrong), "signature_components", "{wrong}");
    }
    for component in ["@method", "@authority", "@path", "@query", "content-digest", "content-type"] {
        let component = format!("\"{component}\"");
        assert_eq!(replaced("signature-input", &component, ""), "signature_components", "{component}");
    }
}

#[test]
fn there_must_be_one_signature_under_one_label() {
    assert_eq!(code(|fields| fields[2].1 = format!("{0}, x{0}", fields[2].1)), "signature_not_single");
    assert_eq!(code(|fields| fields[3].1 = format!("{0}, x{0}", fields[3].1)), "signature_not_single");
    assert_eq!(replaced("signature", "sig=", "other="), "signature_not_single");
    assert_eq!(code(|fields| fields[2].1.clear()), "signature_not_single");
    // One value in one spelling: neither parameters nor unused bits of base64 make a second one.
    assert_eq!(code(|fields| fields[3].1.push_str(";x")), "signature_field_malformed");
    assert_eq!(
        code(|fields| {
            let last = fields[3].1.len() - 3;
            let other = char::from(fields[3].1.as_bytes()[last] + 1);
            fields[3].1.replace_range(last..=last, &other.to_string());
        }),
        "signature_field_malformed"
    );
}

#[test]
fn a_request_is_valid_in_its_window_only() {
    let signed = signed();
    let fields = signed.fields();
    let at = |seconds: i64| verify(request(&fields), NOW.plus(seconds)).map(|_| ());
    assert_eq!(at(-CLOCK_SKEW), Ok(()));
    assert_eq!(at(-CLOCK_SKEW - 1), Err(SignatureRefused::CreatedInFuture));
    assert_eq!(at(119), Ok(()));
    assert_eq!(at(120), Err(SignatureRefused::Expired));
    assert_eq!(verify(request(&fields), UnixSeconds(i64::MAX)), Err(SignatureRefused::Expired));
    for expires in ["1700000000", "1699999999", "1700000301", "999999999999999"] {
        assert_eq!(replaced("signature-input", "1700000120", expires), "signature_window", "{expires}");
    }
    assert_eq!(replaced("signature-input", "1700000120", "1700000300"), "signature_mismatch");
}

#[test]
fn another_key_another_message_or_another_body_is_refused() {
    let signed = signed();
    let fields = signed.fields();
    let own = request(&fields);
    let stranger = SigningKey::new("key_1".parse().unwrap(), &[8; 32]).unwrap();
    let renamed = SigningKey::new("key_2".parse().unwrap(), &[7; 32]).unwrap();
    let with = |key: &SigningKey| SignedRequest::parse(own).unwrap().verify(key, NOW).unwrap_err();
    assert_eq!(with(&stranger).code(), "signature_mismatch");
    assert_eq!(with(&renamed).code(), "signature_other_key");
    assert_eq!(replaced("signature-input", "key_1", "key_2"), "signature_other_key");
    for changed in [
        Request { method: "GET", ..own },
        Request { authority: "other.example", ..own },
        Request { path: "/v1/pairing", ..own },
        Request { query: Some("x"), ..own },
    ] {
        assert_eq!(verify(changed, NOW).unwrap_err().code(), "signature_mismatch", "{changed:?}");
    }
    let refused = verify(Request { body: b"{\"hello\": \"World\"}", ..own }, NOW).unwrap_err();
    assert_eq!(refused.code(), "digest_mismatch");
    // A digest that fits the changed body does not help: the signature covers it.
    let digest = content_digest(b"{}");
    assert_eq!(code(|fields| fields[1].1 = digest), "signature_mismatch");
    assert_eq!(replaced("content-type", "json", "xml"), "signature_mismatch");
    assert_ne!(BODY, b"{}");
    assert_eq!(key().id().as_str(), "key_1");
}
