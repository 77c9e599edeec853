//! Vectors that others published. They are not ours to copy, so they are read from the folder that `CLEARANCE_PEERS` names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::base::signature_base;
use crate::key::SigningKey;

fn vector(name: &str) -> Option<Value> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where others' data lies by the environment"
    )]
    let Ok(peers) = std::env::var("CLEARANCE_PEERS") else {
        eprintln!("SKIPPED: set CLEARANCE_PEERS to the folder with the published vectors to check {name}");
        return None;
    };
    let path = std::path::Path::new(&peers).join("rfc9421").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn the_vector_of_rfc_9421_appendix_b_2_5_is_met() {
    let Some(vector) = vector("b25-hmac-sha256.json") else { return };
    let header = |name: &str| vector["headers"][name].as_str().unwrap();
    let (_, parameters) = header("Signature-Input").split_once('=').unwrap();
    let lines = [
        ("\"date\"", header("Date")),
        ("\"@authority\"", "example.com"),
        ("\"content-type\"", header("Content-Type")),
    ];
    let base = signature_base(lines.into_iter().map(|(name, value)| Ok((name, value.into()))), parameters);
    let base = base.unwrap();
    assert_eq!(base, vector["signature_base"].as_str().unwrap());
    let secret = STANDARD.decode(vector["key_base64"].as_str().unwrap()).unwrap();
    let key = SigningKey::new("test-shared-secret".parse().unwrap(), &secret).unwrap();
    let signature = STANDARD.encode(key.mac(base.as_bytes()));
    assert_eq!(format!("sig-b25=:{signature}:"), header("Signature"));
}

#[test]
fn the_mac_is_that_of_standard_webhooks() {
    let Some(vector) = vector("standard-webhooks.json") else { return };
    let text = |name: &str| vector[name].as_str().unwrap();
    let mut secret = STANDARD.decode(text("secret").strip_prefix("whsec_").unwrap()).unwrap();
    // The vector's key has 24 bytes. HMAC fills keys up with zeros itself (RFC 2104), so that eight more change nothing.
    secret.resize(32, 0);
    let key = SigningKey::new("webhook".parse().unwrap(), &secret).unwrap();
    let message = format!("{}.{}.{}", text("webhook-id"), text("webhook-timestamp"), text("body"));
    assert_eq!(format!("v1,{}", STANDARD.encode(key.mac(message.as_bytes()))), text("webhook-signature"));
}
