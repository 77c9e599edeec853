//! Leavers: what they had in flight is gone, nothing waits for them, and administrators are told what still needs somebody.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

fn leave(site: &Site, person: &PersonClient, name: &str) {
    site.console("people.put", json!({ "id": person.id(), "name": name, "active": false }));
    site.tick();
}

/// What administrators are told by e-mail of somebody who left.
fn told(site: &Site) -> Vec<(String, String)> {
    let letters = site.letters().into_iter().filter(|message| message.subject.contains("has left"));
    letters.map(|message| (message.to.to_string(), message.body)).collect()
}

#[test]
fn who_leaves_owns_no_tool_and_the_next_owner_decides() {
    let site = Site::in_memory();
    site.console("settings.put", json!({ "email_notices": true }));
    let alice = site.administrator("Alice Admin");
    let (owen, olga, ada) =
        (site.member("Owen Owner"), site.member("Olga Owner"), site.member("Ada Lovelace"));
    let both = site.tool("Shared", json!({ "risk": "medium", "owners": [owen.id(), olga.id()] }));
    let alone = site.tool("His own", json!({ "risk": "medium", "owners": [owen.id()] }));
    let shared = ada.wait_for(&both, 10);
    leave(&site, &owen, "Owen Owner");

    let owners =
        |tool: &str| alice.call("catalog.get", json!({ "tool": tool })).ok()["tool"]["owners"].take();
    assert_eq!(owners(&both), json!([{ "id": olga.id(), "name": "Olga Owner" }]));
    assert_eq!(owners(&alone), json!([]));
    olga.approve(&shared).ok();
    // A form that was open meanwhile is refused: the tool was changed.
    let told = told(&site);
    let [(to, body)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(to, "alice.admin@example.com");
    assert!(body.contains("Owen Owner has left") && body.contains("His own has no owner"), "{body}");
    assert!(!body.contains("Shared has no owner"), "{body}");
    // What nobody owns waits for administrators.
    let request = ada.wait_for(&alone, 10);
    assert_eq!(alice.queue(), [request]);
    // It is told once.
    site.tick();
    assert!(self::told(&site).is_empty());
}

#[test]
fn a_rule_that_names_a_leaver_is_told_to_administrators() {
    let site = Site::in_memory();
    site.console("settings.put", json!({ "email_notices": true }));
    let (alice, rita) = (site.administrator("Alice Admin"), site.member("Rita Reviewer"));
    site.tool("Note taker", json!({ "owners": [alice.id()] }));
    let stage = json!({
        "name": "Privacy", "approvers": [{ "person": rita.id() }], "quorum": "any",
    });
    let rule = json!({
        "name": "Privacy looks at internal data", "when": { "risks": ["medium"], "any_data_class": ["internal"] },
        "then": { "kind": "require_stages", "stages": [stage] },
    });
    let version = alice.call("policies.draft", json!({})).ok()["draft"]["version"].clone();
    let drafted = alice.call("policies.put_draft", json!({ "version": version, "put": [rule] })).ok();
    let published = alice.call("policies.publish", json!({ "version": drafted["version"] })).ok();
    assert_eq!(published["policy"]["number"], 2, "{published:#}");
    told(&site);
    leave(&site, &rita, "Rita Reviewer");
    let told = told(&site);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1.contains("Rule “Privacy looks at internal data”"), "{told:?}");
}

#[test]
fn nobody_is_told_when_nothing_needs_somebody() {
    let site = Site::in_memory();
    site.console("settings.put", json!({ "email_notices": true }));
    let alice = site.administrator("Alice Admin");
    site.tool("Note taker", json!({ "owners": [alice.id()] }));
    let ada = site.member("Ada Lovelace");
    leave(&site, &ada, "Ada Lovelace");
    // The default policy wants security, which is nobody here: that is told; the person is not blamed for more.
    let told = told(&site);
    assert!(told.iter().all(|(_, body)| !body.contains("has no owner")), "{told:?}");
}

#[test]
fn what_a_leaver_had_in_flight_is_gone() {
    let site = Site::in_memory();
    let (alice, alan) = (site.administrator("Alice Admin"), site.administrator("Alan Admin"));
    let low = {
        let rules = alice.call("policies.get", json!({})).ok()["policy"]["rules"].take();
        let named = |rule: &&Value| rule["name"] == "Low risk, harmless data, up to 30 days";
        let mut rule = rules.as_array().unwrap().iter().find(named).unwrap().clone();
        rule["then"]["max_days"] = json!(60);
        rule
    };
    // A proposal that waits for a second administrator, a request, access, and a proposed tool.
    let version = alan.call("policies.draft", json!({})).ok()["draft"]["version"].clone();
    let drafted = alan.call("policies.put_draft", json!({ "version": version, "put": [low] })).ok();
    let published = alan.call("policies.publish", json!({ "version": drafted["version"] })).ok();
    let proposal = text(&published["proposal"]["id"]);
    let tool = site.tool("Note taker", json!({ "owners": [alice.id()] }));
    let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [alice.id()] }));
    let grant = text(&alan.take(&tool, 10)["id"]);
    let request = alan.wait_for(&medium, 10);
    let manual = json!({ "owners": [alice.id()], "fulfilment": { "kind": "manual", "assignee": alan.id() } });
    let by_hand = site.tool("By hand", manual);

    site.console(
        "people.put",
        json!({ "id": alan.id(), "name": "Alan Admin", "role": "member", "active": false }),
    );
    site.tick();
    let proposals = alice.all("proposals.list", json!({}));
    let state =
        |id: &str| proposals.iter().find(|proposal| proposal["id"] == id).map(|it| text(&it["state"]));
    assert_eq!(state(&proposal).as_deref(), Some("withdrawn"));
    assert_eq!(alice.request(&request)["state"], "cancelled");
    assert_eq!(alice.grant(&grant)["state"], "ended");
    let assigned = &alice.call("catalog.get", json!({ "tool": by_hand })).ok()["tool"]["fulfilment"];
    assert_eq!(assigned["assignee"], Value::Null);
    // Again and again, it is the same.
    site.tick();
    assert_eq!(alice.all("proposals.list", json!({})), proposals);
}
