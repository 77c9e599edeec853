//! Policy, and the log.

use std::collections::BTreeSet;

use audit_log::{Hash, leaf_hash, verify_inclusion};
use serde_json::{Value, json};

use super::Company;
use crate::stage::{Part, Stage};
use crate::{request_for, text};

/// A stricter policy holds at once; a wider one only when a second administrator agrees.
pub fn policy(stage: &impl Stage) {
    let company = Company::on(stage);
    let alice = &company.alice;
    let rita = stage.enter("Rita Requester", Part::Requester);
    let tool = company.tool("Note taker", json!({}));
    let preview = || stage.call(&rita, "requests.preview", request_for(&tool, 20))["outcome"].take();
    assert_eq!(preview(), "auto_approved");
    let publish = |rules: Value| {
        let version = stage.call(alice, "policies.draft", json!({}))["draft"]["version"].take();
        let put = json!({ "version": version, "put": rules });
        let version = stage.call(alice, "policies.put_draft", put)["version"].take();
        json!({ "version": version, "note": "As agreed" })
    };
    let deny = json!({ "kind": "deny", "reason": "No internal data" });
    let stricter = publish(
        json!([{ "name": "No internal data", "when": { "any_data_class": ["internal"] }, "then": deny }]),
    );
    let published = stage.call(alice, "policies.publish", stricter)["policy"].take();
    assert_eq!((&published["number"], &published["wider"]), (&json!(2), &json!(false)));
    assert_eq!(preview(), "denied");
    let denied = stage.call(&rita, "requests.submit", request_for(&tool, 5));
    assert_eq!(denied["request"]["state"], "denied");

    let policy = stage.call(alice, "policies.get", json!({}))["policy"].take();
    let rules = policy["rules"].as_array().expect("rules");
    let mut rule = rules.iter().find(|rule| rule["name"] == "No internal data").expect("the rule").clone();
    rule["when"] = json!({ "any_data_class": ["regulated"] });
    let wider = publish(json!([rule]));
    let answer = company.agreed("policies.publish", wider);
    assert_eq!(answer["policy"], json!(null), "it waited for Bob");
    assert_eq!(preview(), "auto_approved");
    let replayed = stage.call(&company.audrey, "policies.replay", json!({}));
    assert_eq!((&replayed["requests"], &replayed["differences"]), (&json!(1), &json!([])), "{replayed:#}");
    company.end();
}

/// The log is verified, read, signed and proved; what was decided long ago is still there.
pub fn verification(stage: &impl Stage) {
    let company = Company::on(stage);
    let (audrey, rita) = (&company.audrey, stage.enter("Rita Requester", Part::Requester));
    for number in 0..4 {
        let tool = company.tool(&format!("Tool {number}"), json!({}));
        company.take(&rita, &tool, 3 + number);
    }
    stage.pass(20);
    let kinds = stage.log_kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "grant.ended").count(), 4);
    let checkpoint = stage.call(audrey, "audit.checkpoint", json!({}));
    let signed = text(&checkpoint["checkpoint"]["note"]);
    assert!(signed.contains("\n\n\u{2014} "), "a signed note: {signed}");

    let entries = stage.all(audrey, "audit.entries", json!({ "limit": 20 }));
    assert_eq!(entries.len(), kinds.len());
    let leaves: BTreeSet<_> = entries.iter().map(|entry| text(&entry["leaf_hash"])).collect();
    assert_eq!(leaves.len(), entries.len(), "no entry is there twice");
    let verified = stage.call(audrey, "audit.verify", json!({}));
    assert_eq!((&verified["ok"], &verified["size"]), (&json!(true), &json!(kinds.len())));
    let hash = |text: &Value| text.as_str().and_then(|text| text.parse::<Hash>().ok()).expect("a hash");
    let signed = checkpoint["checkpoint"]["size"].as_u64().expect("a size");
    for index in [0, signed / 2, signed - 1] {
        let entry = entries.iter().find(|entry| entry["index"] == index).expect("an entry of the index");
        let proof = stage.call(audrey, "audit.proof", json!({ "inclusion": { "index": index } }));
        let leaf = leaf_hash(text(&entry["entry"]).as_bytes());
        assert_eq!(leaf, hash(&entry["leaf_hash"]));
        let path: Vec<_> = proof["hashes"].as_array().expect("hashes").iter().map(hash).collect();
        let size = proof["size"].as_u64().expect("a size");
        verify_inclusion(&leaf, index, size, &path, &hash(&proof["root"])).expect("the entry is in the log");
    }
    company.end();
}
