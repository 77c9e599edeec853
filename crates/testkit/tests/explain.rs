//! `grants.explain`: why somebody has, lacks or lost a tool, told to whoever may know.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

fn codes(told: &Value) -> Vec<&str> {
    told["reasons"].as_array().expect("reasons").iter().filter_map(|reason| reason["code"].as_str()).collect()
}

fn sentence<'a>(told: &'a Value, code: &str) -> &'a str {
    let reasons = told["reasons"].as_array().expect("reasons");
    let found = reasons.iter().find(|reason| reason["code"] == code);
    found.and_then(|reason| reason["text"].as_str()).unwrap_or_else(|| panic!("no {code} in {told:#}"))
}

#[test]
fn from_never_asked_to_lost() {
    let site = Site::in_memory();
    let (rita, owen) = (site.member("Rita Requester"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let told = |rita: &PersonClient| rita.call("grants.explain", json!({ "tool": tool })).ok();

    let never = told(&rita);
    assert_eq!((&never["standing"], codes(&never)), (&json!("never_asked"), vec!["never_asked"]));
    let request = rita.wait_for(&tool, 10);
    let asked = told(&rita);
    assert_eq!(asked["standing"], "asked");
    assert_eq!(codes(&asked), ["requested", "rule_matched", "stage_waits"]);
    assert_eq!(sentence(&asked, "requested"), "Rita Requester asked for 10 days of access.");
    assert_eq!(
        sentence(&asked, "rule_matched"),
        "The rule “Medium risk needs the tool owner” of policy version 1 applied."
    );
    owen.approve(&request).ok();
    let has = told(&rita);
    assert_eq!(has["standing"], "has");
    assert_eq!(codes(&has), ["requested", "rule_matched", "stage_approved", "activated", "ends"]);
    assert_eq!(sentence(&has, "stage_approved"), "Owen Owner approved in the stage “Tool owner”.");
    let ends = has["reasons"].as_array().expect("reasons").last().expect("one")["at"].clone();
    assert_eq!(ends, has["grant"]["ends_at"]);
    site.advance_days(11);
    assert_eq!(
        told(&rita.signed_in_again())["standing"],
        "losing",
        "its time is over, and nobody has swept yet"
    );
    site.tick();
    let lost = told(&rita.signed_in_again());
    assert_eq!(lost["standing"], "lost");
    assert_eq!(sentence(&lost, "ended"), "Access is gone: its time was over.");
}

#[test]
fn refusals_and_extensions_are_told() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let owen = site.member("Owen Owner");
    let restricted = site.tool("Face finder", json!({ "risk": "restricted" }));
    let low = site.tool("Note taker", json!({ "risk": "low" }));
    let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    ada.ask_for(&restricted, 5).ok();
    let denied = ada.call("grants.explain", json!({ "tool": restricted })).ok();
    assert_eq!(denied["standing"], "refused");
    assert!(
        sentence(&denied, "denied").starts_with("Policy denied it: This tool is restricted"),
        "{denied:#}"
    );
    let grant = text(&ada.take(&low, 10)["id"]);
    ada.call("grants.extend", json!({ "grant": grant, "days": 5 })).ok();
    let has = ada.call("grants.explain", json!({ "person": "me", "tool": low })).ok();
    assert_eq!(has["standing"], "has");
    assert_eq!(sentence(&has, "extended"), "It was extended by 5 days.");
    assert_eq!(
        sentence(&has, "approved_by_policy"),
        "Policy approved 10 days at once. It allows 30 days in all."
    );
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(
        sentence(&ada.call("grants.explain", json!({ "tool": low })).ok(), "ended"),
        "Access is gone: it was given back."
    );
    let request = ben.wait_for(&medium, 10);
    let decision = json!({ "request": request, "decision": "deny", "rationale": "Not for this" });
    owen.call("approvals.decide", decision).ok();
    let told = owen.call("grants.explain", json!({ "person": ben.id(), "tool": medium })).ok();
    assert_eq!((&told["standing"], sentence(&told, "denied")), (&json!("refused"), "Owen Owner denied it."));
    assert!(!told.to_string().contains("Not for this"), "what was said is told where the request is shown");
}

#[test]
fn it_is_told_to_those_who_may_know() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let owen = site.member("Owen Owner");
    let tool = site.tool("Sketcher", json!({ "risk": "low", "owners": [owen.id()] }));
    let other = site.tool("Note taker", json!({ "risk": "low" }));
    let draft = site.tool("Secret plan", json!({ "status": "draft" }));
    ada.take(&tool, 10);
    let about_ada = json!({ "person": ada.id(), "tool": tool });
    for knows in [&ada, &alice, &audrey, &owen] {
        assert_eq!(knows.call("grants.explain", about_ada.clone()).ok()["standing"], "has");
    }
    let theirs = ben.call("grants.explain", about_ada);
    let nobody = json!({ "person": "person_00000000000000000000000000", "tool": tool });
    assert_eq!(theirs.json, ben.call("grants.explain", nobody).json, "who exists is not told");
    theirs.refused("not_found");
    owen.call("grants.explain", json!({ "person": ada.id(), "tool": other })).refused("not_found");
    ben.call("grants.explain", json!({ "tool": draft })).refused("not_found");
    assert_eq!(alice.call("grants.explain", json!({ "tool": draft })).ok()["standing"], "never_asked");
    audrey.call("grants.explain", json!({ "person": "me", "tool": tool })).ok();
}
