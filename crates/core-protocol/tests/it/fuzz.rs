//! Hostile headers: nothing panics, and no changed byte of what is covered is accepted.

use core_protocol::signature::{Request, Response, SignedRequest, verify_response};
use proptest::prelude::*;

use crate::sample::{BODY, NOW, key, request, signed, verify};

/// Text that looks like the real thing often enough to reach the deeper parts of the parsers.
fn almost() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "sig=",
        "sig1=",
        "(",
        ")",
        "\"@method\"",
        "\"@path\"",
        "\"content-digest\"",
        " ",
        ";",
        ",",
        "created=",
        "expires=",
        "nonce=",
        "keyid=",
        "alg=",
        "\"hmac-sha256\"",
        "1700000000",
        "\"key_1\"",
        ":",
        "AAAA",
        "==",
        "\"",
        "\\",
        "?1",
        "-",
        "1.5",
        "@1",
        "%\"",
        "sha-256=",
        ";req",
        "\u{e9}",
        "\n",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),
        any::<String>(),
        prop::collection::vec(any::<u8>(), 0..64)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

proptest! {
    #[test]
    fn no_header_makes_the_verifier_panic_or_accept(input in almost(), signature in almost(), digest in almost()) {
        let signed = signed();
        let [content_type, own_digest, own_input, own_signature] = signed.fields();
        for headers in [
            [content_type, own_digest, ("signature-input", &input), ("signature", &signature)],
            [content_type, own_digest, ("signature-input", &input), own_signature],
            [content_type, own_digest, own_input, ("signature", &signature)],
            [content_type, ("content-digest", &digest), own_input, own_signature],
            [("content-type", &digest), own_digest, own_input, own_signature],
        ] {
            prop_assert!(verify(request(&headers), NOW).is_err());
            let response = Response { status: 200, headers: &headers, body: BODY };
            prop_assert!(verify_response(&key(), &response, &signature, NOW).is_err());
        }
    }

    #[test]
    fn a_changed_byte_of_what_is_covered_is_refused(which in 0_usize..8, position in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let signed = signed();
        let fields = signed.fields();
        let own = request(&fields);
        let mut parts = [
            own.method, own.authority, own.path, fields[0].1, fields[1].1, fields[2].1, fields[3].1,
        ].map(|text| text.as_bytes().to_vec()).to_vec();
        parts.push(BODY.to_vec());
        let part = &mut parts[which];
        let index = position.index(part.len());
        part[index] ^= flip;
        // Names of fields and text around values may differ in bytes and not in meaning: only the values count.
        let texts: Vec<_> = parts.iter().map(|part| String::from_utf8(part.clone())).collect();
        let Ok(texts) = texts.into_iter().take(7).collect::<Result<Vec<_>, _>>() else { return Ok(()) };
        let headers = [
            ("content-type", texts[3].as_str()),
            ("content-digest", texts[4].as_str()),
            ("signature-input", texts[5].as_str()),
            ("signature", texts[6].as_str()),
        ];
        let changed = Request {
            method: &texts[0],
            authority: &texts[1],
            path: &texts[2],
            query: None,
            headers: &headers,
            body: &parts[7],
        };
        let verified = SignedRequest::parse(changed).and_then(|signed| signed.verify(&key(), NOW));
        // A label that changed alone in one field is refused, too: the two fields must agree.
        prop_assert!(verified.is_err(), "{changed:?}");
    }

    #[test]
    fn every_other_query_and_every_truncation_is_refused(query in "[ -~]{0,40}", cut in any::<prop::sample::Index>()) {
        let signed = signed();
        let fields = signed.fields();
        let own = request(&fields);
        // `?` alone and no query at all are the same to RFC 9421.
        prop_assert_eq!(verify(Request { query: Some(&query), ..own }, NOW).is_ok(), query.is_empty());
        let short = &BODY[..cut.index(BODY.len())];
        let shortened = verify(Request { body: short, ..own }, NOW);
        prop_assert!(shortened.is_err());
    }
}
