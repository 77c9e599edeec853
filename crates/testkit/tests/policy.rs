//! The default policy: each of its branches, with separate people.

use serde_json::json;
use testkit::{Client as _, Site, request_for, text};

#[test]
fn low_risk_with_harmless_data_up_to_thirty_days_is_approved_at_once() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let answer = ada.ask_for(&tool, 30).ok();
    assert_eq!(answer["request"]["state"], "approved");
    assert_eq!(answer["request"]["closed_by"], json!(null), "policy decided, nobody else");
    assert_eq!(answer["request"]["outcome"], json!({ "kind": "auto_approved", "max_days": 30 }));
    assert_eq!(answer["grant"]["state"], "active");
    assert_eq!(answer["grant"]["activated_at"], json!(site.now()));
    let entries = site.log_kinds();
    assert_eq!(entries[entries.len() - 3..], ["request.submitted", "request.approved", "grant.activated"]);
}

#[test]
fn beyond_the_cap_or_with_confidential_data_an_administrator_decides() {
    let site = Site::in_memory();
    let (ada, alice) = (site.member("Ada Lovelace"), site.administrator("Alice Admin"));
    let classes = json!(["public", "internal", "confidential"]);
    let longer = site.tool("Note taker", json!({ "risk": "low" }));
    let confidential = site.tool("Translator", json!({ "risk": "low", "data_classes": classes }));
    let long = ada.wait_for(&longer, 31);
    let mut asked = request_for(&confidential, 5);
    asked["data_classes"] = json!(["public", "confidential"]);
    let delicate = text(&ada.call("requests.submit", asked).ok()["request"]["id"]);
    for request in [long, delicate] {
        let view = ada.request(&request);
        assert_eq!(view["matched_rules"], json!([]));
        assert_eq!(view["stages"][0]["approvers"], json!(["Administrators"]));
        assert_eq!(alice.approve(&request).ok()["grant"]["state"], "active");
    }
}

#[test]
fn medium_risk_needs_the_tool_owner() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let security = site.member_of("Sam Security", &[&site.security()]);
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    security.approve(&request).refused("not_found");
    alice.approve(&request).refused("not_eligible");
    let decided = owen.approve(&request).ok();
    assert_eq!(decided["request"]["closed_by"]["id"], owen.id());
    assert_eq!(decided["grant"]["person"]["id"], ada.id());
    assert_eq!(decided["grant"]["state"], "active");
}

#[test]
fn high_risk_needs_the_owner_and_then_security() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    sam.approve(&request).refused("not_found");
    let after_owner = owen.approve(&request).ok();
    assert_eq!(after_owner["request"]["state"], "pending");
    assert!(after_owner.get("grant").is_none());
    assert_eq!(after_owner["request"]["stages"][0]["standing"], "decided");
    assert_eq!(after_owner["request"]["stages"][1]["standing"], "open");
    owen.approve(&request).refused("already_decided");
    let decided = sam.approve(&request).ok();
    assert_eq!(decided["request"]["state"], "approved");
    assert_eq!(decided["grant"]["state"], "active");
}

#[test]
fn restricted_tools_are_denied_at_once_and_the_next_request_is_not_a_duplicate() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Face finder", json!({ "risk": "restricted" }));
    for _ in 0..2 {
        let answer = ada.ask_for(&tool, 1).ok();
        assert_eq!(answer["request"]["state"], "denied");
        assert!(answer.get("grant").is_none());
        assert!(text(&answer["request"]["denial"][0]).contains("restricted"));
    }
}

#[test]
fn a_fresh_site_with_one_administrator_and_the_starter_catalogue_is_not_stranded() {
    let site = Site::in_memory();
    let (alice, ada) = (site.administrator("Alice Admin"), site.member("Ada Lovelace"));
    let added = alice.call("catalog.load_starter", json!({})).ok();
    assert!(added["added"].as_u64() >= Some(24), "{added}");
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for tool in ada.all("catalog.list", json!({})) {
        let mut asked = request_for(&text(&tool["id"]), 1);
        asked["data_classes"] = json!([tool["data_classes"][0]]);
        asked["acknowledged"] = tool["usage_policy"]["version"].clone();
        let answer = ada.call("requests.submit", asked.clone());
        if tool["risk"] == "high" {
            // Owner and security would both fall to the only administrator, and nobody decides two stages: one stage is left.
            let answer = answer.ok();
            assert_eq!(answer["request"]["stages"].as_array().map(Vec::len), Some(1), "{answer:#}");
            assert_eq!(alice.approve(&text(&answer["request"]["id"])).ok()["request"]["state"], "approved");
        } else {
            let answer = answer.ok();
            if answer["request"]["state"] == "pending" {
                assert_eq!(
                    alice.approve(&text(&answer["request"]["id"])).ok()["request"]["state"],
                    "approved"
                );
            }
        }
        *seen.entry(text(&tool["risk"])).or_default() += 1;
    }
    assert!(seen.len() >= 3, "tools of several risks: {seen:?}");
    let own = alice.call(
        "requests.submit",
        json!({
            "tool": site.tool("Sketcher", json!({ "risk": "medium" })), "purpose": "Sketches for our pages",
            "data_classes": ["public"], "days": 3,
        }),
    );
    own.refused("no_eligible_approver");
}

#[test]
fn a_preview_says_what_would_come_and_changes_nothing() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let before = site.snapshot();
    let mut outcomes = Vec::new();
    for (name, more) in [
        ("Note taker", json!({ "risk": "low" })),
        ("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] })),
        ("Face finder", json!({ "risk": "restricted" })),
    ] {
        let tool = site.tool(name, more);
        let before = site.snapshot();
        let preview = ada.call("requests.preview", request_for(&tool, 5)).ok();
        assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
        let came = ada.ask_for(&tool, 5).ok();
        outcomes.push((text(&preview["outcome"]), text(&came["request"]["state"])));
    }
    let expected = [("auto_approved", "approved"), ("stages", "pending"), ("denied", "denied")];
    assert_eq!(outcomes, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
    assert_ne!(site.snapshot().entries, before.entries);
}
