//! Requests: duplicates, what the tool says, withdrawal, time running out.

use serde_json::json;
use testkit::{Client as _, Site, request_for, text};

#[test]
fn a_second_open_request_for_the_same_tool_is_a_duplicate() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let owen = site.member("Owen Owner");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    let before = site.snapshot();
    let refusal = ada.ask_for(&tool, 5).refused("duplicate_request");
    assert_eq!(refusal["details"]["request"], request);
    ada.call("requests.preview", request_for(&tool, 5)).refused("duplicate_request");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    // Another person, and another tool, are another matter.
    ben.wait_for(&tool, 10);
    ada.wait_for(&site.tool("Painter", json!({ "risk": "medium", "owners": [owen.id()] })), 10);
}

#[test]
fn access_that_is_neither_active_nor_ended_stands_in_the_way() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let manual = json!({ "risk": "low", "owners": [owen.id()], "fulfilment": { "kind": "manual" } });
    let tool = site.tool("Seat", manual);
    let grant = text(&ada.take(&tool, 10)["id"]);
    let refusal = ada.ask_for(&tool, 5).refused("grant_unsettled");
    assert_eq!(refusal["details"], json!({ "grant": grant, "state": "awaiting_provisioning" }));
    owen.call("grants.attest", json!({ "grant": grant })).ok();
    site.advance_minutes(1);
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(ada.ask_for(&tool, 5).refused("grant_unsettled")["details"]["state"], "removing");
    owen.call("grants.attest", json!({ "grant": grant })).ok();
    assert_eq!(ada.ask_for(&tool, 5).ok()["grant"]["state"], "awaiting_provisioning");
}

#[test]
fn access_whose_time_is_over_but_that_no_sweep_has_ended_stands_in_the_way() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let grant = text(&ada.take(&tool, 10)["id"]);
    site.advance_days(10);
    ada.ask_for(&tool, 5).refused("grant_unsettled");
    ada.call("grants.extend", json!({ "grant": grant, "days": 5 })).refused("grant_state");
    site.advance_minutes(1);
    site.tick();
    assert_eq!(ada.ask_for(&tool, 5).ok()["grant"]["state"], "active");
}

#[test]
fn a_request_is_withdrawn_by_its_requester_or_an_administrator_while_it_is_open() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    for by in [&ada, &alice] {
        let request = ada.wait_for(&tool, 10);
        let cancel = json!({ "request": request });
        owen.call("requests.cancel", cancel.clone()).refused("not_found");
        let cancelled = by.call("requests.cancel", cancel.clone()).ok();
        assert_eq!(cancelled["request"]["state"], "cancelled");
        assert_eq!(cancelled["request"]["closed_by"]["id"], by.id());
        assert_eq!(owen.queue(), Vec::<String>::new());
        by.call("requests.cancel", cancel).refused("request_state");
    }
}

#[test]
fn a_request_that_waits_for_an_answer_can_be_withdrawn() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    owen.call("approvals.ask", json!({ "request": request, "question": "Which report is it for?" })).ok();
    ada.call("requests.cancel", json!({ "request": request })).ok();
    ada.wait_for(&tool, 10);
}

#[test]
fn a_request_that_nobody_decides_in_time_lapses() {
    let site = Site::in_memory();
    let (ada, ben, owen) =
        (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let waiting = ada.wait_for(&tool, 10);
    let asked = ben.wait_for(&tool, 10);
    owen.call("approvals.ask", json!({ "request": asked, "question": "Which report is it for?" })).ok();
    assert_eq!(site.tick().lapsed, 0);
    site.advance_days(14);
    site.advance_minutes(-1);
    assert_eq!(site.tick().lapsed, 0);
    site.advance_minutes(2);
    assert_eq!(site.tick().lapsed, 2);
    assert_eq!(site.tick().lapsed, 0);
    assert_eq!(ada.request(&waiting)["state"], "lapsed");
    assert_eq!(ben.request(&asked)["state"], "lapsed");
    let told = owen.approve(&waiting).refused("decided_meanwhile");
    assert_eq!(told["details"]["decision"], "lapsed");
    ada.wait_for(&tool, 10);
}

#[test]
fn the_days_until_a_request_lapses_are_a_setting() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    alice.call("settings.put", json!({ "pending_days": 2 })).ok();
    let request = ada.wait_for(&tool, 10);
    site.advance_days(2);
    site.advance_minutes(1);
    assert_eq!(site.tick().lapsed, 1);
    assert_eq!(ada.request(&request)["state"], "lapsed");
}

#[test]
fn a_usage_policy_must_be_accepted_in_its_current_version_and_only_where_there_is_one() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let plain = site.tool("Note taker", json!({}));
    let bound = site.tool("Translator", json!({ "usage_policy": "No customer data." }));
    let ask = |tool: &str, version: serde_json::Value| {
        let mut asked = request_for(tool, 5);
        asked["acknowledged"] = version;
        ada.call("requests.submit", asked)
    };
    assert_eq!(ask(&bound, json!(null)).refused("acknowledgement_required")["details"]["version"], "1");
    ask(&bound, json!(2)).refused("acknowledgement_mismatch");
    ask(&plain, json!(1)).refused("acknowledgement_mismatch");
    site.change_tool(&bound, json!({ "usage_policy": "No customer data, no names." }));
    assert_eq!(ask(&bound, json!(1)).refused("acknowledgement_mismatch")["details"]["version"], "2");
    assert_eq!(ask(&bound, json!(2)).ok()["request"]["acknowledged"], 2);
}

#[test]
fn what_the_tool_does_not_allow_is_refused() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "max_days": 60 }));
    let mut asked = request_for(&tool, 5);
    asked["data_classes"] = json!(["internal", "regulated"]);
    let refusal = ada.call("requests.submit", asked.clone()).refused("data_class_not_allowed");
    assert_eq!(refusal["details"]["data_class"], "regulated");
    asked["data_classes"] = json!([]);
    ada.call("requests.submit", asked).refused("malformed_input");
    assert_eq!(ada.ask_for(&tool, 61).refused("duration_above_maximum")["details"]["max_days"], "60");
    for (name, status, code) in [
        ("Suspended", "suspended", "tool_not_requestable"),
        ("Retired", "retired", "tool_not_requestable"),
        ("Draft", "draft", "not_found"),
    ] {
        let tool = site.tool(name, json!({ "status": status }));
        ada.ask_for(&tool, 5).refused(code);
    }
}

#[test]
fn people_list_their_own_requests_and_those_who_oversee_list_all() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let tools: Vec<_> = (0..5).map(|n| site.tool(&format!("Tool {n}"), json!({}))).collect();
    let mut asked = Vec::new();
    for tool in &tools {
        for who in [&ada, &ben] {
            site.advance_minutes(1);
            asked.push((who.id(), text(&who.ask_for(tool, 5).ok()["request"]["id"])));
        }
    }
    asked.reverse();
    let ids = |items: Vec<serde_json::Value>| items.iter().map(|item| text(&item["id"])).collect::<Vec<_>>();
    let of = |who: &str| {
        asked.iter().filter(|(id, _)| id == who).map(|(_, request)| request.clone()).collect::<Vec<_>>()
    };
    for limit in [1, 3, 100] {
        assert_eq!(ids(ada.all("requests.list", json!({ "limit": limit }))), of(&ada.id()));
        let all: Vec<_> = asked.iter().map(|(_, request)| request.clone()).collect();
        assert_eq!(ids(alice.all("requests.list", json!({ "limit": limit }))), all);
        assert_eq!(
            ids(audrey.all("requests.list", json!({ "requester": ben.id(), "limit": limit }))),
            of(&ben.id())
        );
    }
    assert_eq!(ids(ada.all("requests.list", json!({ "requester": "me" }))), of(&ada.id()));
    ada.call("requests.list", json!({ "requester": ben.id() })).refused("not_found");
    ada.call("requests.list", json!({ "requester": "me", "state": "approved" })).refused("malformed_input");
    assert_eq!(alice.all("requests.list", json!({ "tool": tools[0] })).len(), 2);
}
