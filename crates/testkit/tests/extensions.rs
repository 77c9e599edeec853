//! More time for access that works: without a gap, as a new request under today's policy.

use serde_json::json;
use testkit::{Client as _, Site, request_for, text};

#[test]
fn an_extension_adds_to_the_end_without_a_gap() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    let first = ada.take(&tool, 10);
    site.advance_days(9);
    let answer = ada.call("grants.extend", json!({ "grant": first["id"], "days": 5 })).ok();
    assert_eq!(answer["request"]["state"], "approved");
    assert_eq!(answer["request"]["extends"], first["id"]);
    assert_eq!(answer["grant"]["id"], first["id"]);
    assert_eq!(answer["grant"]["ends_at"], "2026-12-08T09:00:00.000Z", "15 days after it began");
    assert_eq!(answer["grant"]["extensions"], 1);
    assert_eq!(answer["request"]["purpose"], request_for(&tool, 1)["purpose"], "as in its request");
    site.advance_days(5);
    assert_eq!(site.tick().expired, 0);
    site.advance_days(2);
    assert_eq!(site.tick().expired, 1);
}

#[test]
fn asking_again_while_access_works_is_an_extension() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    let grant = ada.take(&tool, 10);
    let again = ada.ask_for(&tool, 10).ok();
    assert_eq!(again["request"]["extends"], grant["id"]);
    assert_eq!(again["grant"]["ends_at"], "2026-12-13T09:00:00.000Z");
    assert_eq!(ada.all("grants.list", json!({ "person": "me" })).len(), 1);
    assert_eq!(ada.call("requests.preview", request_for(&tool, 5)).ok()["extension"], true);
}

#[test]
fn auto_approval_counts_the_whole_time_since_access_began() {
    let site = Site::in_memory();
    let (ada, alice) = (site.member("Ada Lovelace"), site.administrator("Alice Admin"));
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let grant = text(&ada.take(&tool, 20)["id"]);
    site.advance_days(19);
    // 20 and 10 are 30, which policy gives at once; one more is beyond its cap, however little of it remains.
    assert_eq!(
        ada.call("grants.extend", json!({ "grant": grant, "days": 10 })).ok()["request"]["state"],
        "approved"
    );
    let answer = ada.call("grants.extend", json!({ "grant": grant, "days": 1 })).ok();
    assert_eq!(answer["request"]["state"], "pending");
    assert_eq!(answer["request"]["stages"][0]["approvers"], json!(["Administrators"]));
    let request = text(&answer["request"]["id"]);
    ada.call("grants.extend", json!({ "grant": grant, "days": 1 })).refused("duplicate_request");
    let decided = alice.approve(&request).ok();
    assert_eq!(decided["grant"]["id"], grant);
    assert_eq!(decided["grant"]["ends_at"], "2026-12-24T09:00:00.000Z", "31 days after it began");
    assert_eq!(decided["grant"]["extensions"], 2);
}

#[test]
fn an_extension_follows_todays_policy_not_that_of_the_first_request() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Note taker", json!({ "risk": "low", "owners": [owen.id()] }));
    let grant = text(&ada.take(&tool, 10)["id"]);
    site.change_tool(&tool, json!({ "risk": "medium" }));
    let answer = ada.call("grants.extend", json!({ "grant": grant, "days": 1 })).ok();
    assert_eq!(answer["request"]["state"], "pending");
    assert_eq!(owen.queue(), [text(&answer["request"]["id"])]);
    site.change_tool(&tool, json!({ "risk": "restricted" }));
    ada.call("requests.cancel", json!({ "request": answer["request"]["id"] })).ok();
    assert_eq!(
        ada.call("grants.extend", json!({ "grant": grant, "days": 1 })).ok()["request"]["state"],
        "denied"
    );
    assert_eq!(ada.grant(&grant)["state"], "active", "a denied extension takes nothing away");
}

#[test]
fn no_more_time_may_remain_than_the_tool_allows() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "risk": "low", "max_days": 14 }));
    let grant = text(&ada.take(&tool, 14)["id"]);
    let extend = |days: u32| ada.call("grants.extend", json!({ "grant": grant, "days": days }));
    let refusal = extend(1).refused("duration_above_maximum");
    assert_eq!(refusal["details"]["max_days"], "14");
    site.advance_days(4);
    extend(5).refused("duration_above_maximum");
    assert_eq!(extend(4).ok()["grant"]["ends_at"], "2026-12-11T09:00:00.000Z");
}

#[test]
fn the_maximum_is_checked_again_when_an_extension_is_approved() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()], "max_days": 60 }));
    let first = ada.wait_for(&tool, 30);
    let grant = text(&owen.approve(&first).ok()["grant"]["id"]);
    let extension = ada.call("grants.extend", json!({ "grant": grant, "days": 30 })).ok();
    let request = text(&extension["request"]["id"]);
    site.change_tool(&tool, json!({ "max_days": 40 }));
    owen.approve(&request).refused("duration_above_maximum");
    let shorter = json!({ "request": request, "decision": "approve", "days": 10 });
    assert_eq!(owen.call("approvals.decide", shorter).ok()["grant"]["ends_at"], "2027-01-02T09:00:00.000Z");
}

#[test]
fn an_extension_approved_after_access_ended_is_new_access() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let first = ada.wait_for(&tool, 5);
    let grant = text(&owen.approve(&first).ok()["grant"]["id"]);
    let answer = ada.call("grants.extend", json!({ "grant": grant, "days": 10 })).ok();
    let request = text(&answer["request"]["id"]);
    site.advance_days(6);
    // Its time is over and no sweep has ended it: neither an extension nor new access.
    owen.approve(&request).refused("grant_unsettled");
    assert_eq!(site.tick().expired, 1);
    let decided = owen.approve(&request).ok();
    assert_ne!(decided["grant"]["id"], grant);
    assert_eq!(decided["grant"]["state"], "active");
    assert_eq!(ada.grant(&grant)["state"], "ended", "what ended stays ended");
}

#[test]
fn only_the_holder_extends() {
    let site = Site::in_memory();
    let (ada, ben, owen) =
        (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"), site.member("Owen Owner"));
    let tool = site.tool("Note taker", json!({ "owners": [owen.id()] }));
    let grant = text(&ada.take(&tool, 10)["id"]);
    for stranger in [&ben, &owen, &site.administrator("Alice Admin")] {
        stranger.call("grants.extend", json!({ "grant": grant, "days": 1 })).refused("not_found");
    }
}
