//! Messages signed by npm http-message-signatures 1.0.6 (ISC), made once with its `signMessage`: parameters and components in several
//! orders, labels and addresses of several forms.

use core_protocol::UnixSeconds;
use core_protocol::signature::{Request, Response, Scheme, normal_authority, verify_response};
use serde_json::Value;

use crate::sample::{BODY, NOW, key, verify};

fn vectors() -> Value {
    serde_json::from_str(include_str!("http-message-signatures-1.0.6.json")).unwrap()
}

fn headers(of: &Value) -> Vec<(&str, &str)> {
    of["headers"].as_object().unwrap().iter().map(|(n, v)| (n.as_str(), v.as_str().unwrap())).collect()
}

#[test]
fn requests_signed_by_another_program_are_accepted() {
    let vectors = vectors();
    let requests = vectors["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 8);
    for vector in requests {
        let url = vector["url"].as_str().unwrap().strip_prefix("https://").unwrap();
        let (host, rest) = url.find('/').map_or((url, ""), |slash| url.split_at(slash));
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let authority = normal_authority(host, Scheme::Https);
        let headers = headers(vector);
        let request =
            Request { method: "POST", authority: &authority, path, query, headers: &headers, body: BODY };
        let verified = verify(request, NOW).unwrap_or_else(|refused| panic!("{refused}: {vector}"));
        assert_eq!(verified.nonce.as_str(), "bm9uY2UtMDEyMzQ1Ng==");
        assert_eq!(verified.expires, UnixSeconds(1_700_000_120));
    }
}

#[test]
fn a_response_signed_by_another_program_is_accepted_for_its_request_only() {
    let vectors = vectors();
    let response = &vectors["response"];
    let headers = headers(response);
    let response = Response { status: 200, headers: &headers, body: BODY };
    let signature = |index: usize| vectors["requests"][index]["headers"]["Signature"].as_str().unwrap();
    assert_eq!(verify_response(&key(), &response, signature(0), NOW), Ok(()));
    assert!(verify_response(&key(), &response, signature(1), NOW).is_err());
}
