//! People who come, change and leave.

use serde_json::json;
use testkit::{Client as _, Site, text};

#[test]
fn who_leaves_loses_everything_in_flight() {
    let site = Site::on_disk();
    let alice = site.administrator("Alice Admin");
    let owen = site.member("Owen Owner");
    let security = site.security();
    let ada = site.member_of("Ada Lovelace", &[&security]);
    let record = site.tool("Note taker", json!({}));
    let seat = site.tool("Seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    let coming =
        site.tool("Coming seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    let asked = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let questioned = site.tool("Painter", json!({ "risk": "medium", "owners": [owen.id()] }));
    let by_record = text(&ada.take(&record, 10)["id"]);
    let by_hand = text(&ada.take(&seat, 10)["id"]);
    owen.call("grants.attest", json!({ "grant": by_hand })).ok();
    let not_yet = text(&ada.take(&coming, 10)["id"]);
    let pending = ada.wait_for(&asked, 10);
    let back = ada.wait_for(&questioned, 10);
    owen.call("approvals.ask", json!({ "request": back, "question": "Which report is it for?" })).ok();
    let browser = ada.in_browser();
    browser.call("requests.list", json!({})).ok();

    site.advance_minutes(1);
    let gone = json!({ "id": ada.id(), "name": "Ada Lovelace", "active": false });
    let left = alice.call("people.put", gone).ok();
    assert_eq!(left["person"]["status"], "leaving");
    assert_eq!(left["person"]["groups"], json!([]));
    ada.call("requests.list", json!({})).refused("not_signed_in");
    browser.call("requests.list", json!({})).refused("not_signed_in");
    owen.approve(&pending).refused("person_deactivated");

    site.restart();
    assert_eq!(site.tick().left, 1);
    assert_eq!(site.tick().left, 0);
    for request in [pending, back] {
        assert_eq!(alice.request(&request)["state"], "cancelled");
    }
    assert_eq!(alice.grant(&by_record)["state"], "ended");
    assert_eq!(alice.grant(&by_record)["end_reason"], "revoked");
    assert_eq!(alice.grant(&not_yet)["state"], "ended");
    assert_eq!(alice.grant(&by_hand)["state"], "removing", "somebody must still take the seat away");
    owen.call("grants.attest", json!({ "grant": by_hand })).ok();
    assert_eq!(alice.grant(&by_hand)["state"], "ended");
}

#[test]
fn who_left_decides_nothing_and_is_in_no_queue() {
    let site = Site::in_memory();
    let security = site.security();
    let (sam, sue) =
        (site.member_of("Sam Security", &[&security]), site.member_of("Sue Security", &[&security]));
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    owen.approve(&request).ok();
    site.console("people.put", json!({ "id": sam.id(), "name": "Sam Security", "active": false }));
    sam.approve(&request).refused("not_signed_in");
    assert_eq!(sue.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn who_comes_back_starts_with_nothing() {
    let site = Site::in_memory();
    let security = site.security();
    let ada = site.person("Ada Lovelace", json!({ "role": "administrator", "groups": [security] }));
    site.administrator("Alice Admin");
    let grant = text(&ada.take(&site.tool("Note taker", json!({})), 10)["id"]);
    site.console("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "active": false }));
    site.tick();
    let back = site.console("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "active": true }));
    assert_eq!(back["person"]["role"], "member");
    assert_eq!(back["person"]["groups"], json!([]));
    assert_eq!(ada.signed_in_again().grant(&grant)["state"], "ended");
}

#[test]
fn the_last_administrator_stays() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let member = json!({ "id": alice.id(), "name": "Alice Admin", "role": "member" });
    let gone = json!({ "id": alice.id(), "name": "Alice Admin", "active": false });
    let before = site.snapshot();
    alice.call("people.put", member.clone()).refused("last_administrator");
    alice.call("people.put", gone.clone()).refused("last_administrator");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    let bob = site.administrator("Bob Admin");
    alice.call("people.put", member).ok();
    alice.call("people.put", gone).refused("not_permitted");
    let last = json!({ "id": bob.id(), "name": "Bob Admin", "role": "auditor" });
    bob.call("people.put", last).refused("last_administrator");
}

#[test]
fn a_change_of_role_ends_sessions_and_counts_at_once() {
    let site = Site::in_memory();
    let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
    let browser = bob.in_browser();
    browser.call("people.list", json!({})).ok();
    site.advance_minutes(1);
    alice.call("people.put", json!({ "id": bob.id(), "name": "Bob Admin", "role": "member" })).ok();
    browser.call("requests.list", json!({})).refused("not_signed_in");
    bob.call("people.list", json!({})).refused("not_permitted");
}

#[test]
fn an_address_belongs_to_one_person_until_it_is_given_up() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let ada = site.member("Ada Lovelace");
    let second = json!({ "name": "Ada the second", "email": "ADA.lovelace@example.com" });
    alice.call("people.put", second.clone()).refused("email_in_use");
    alice
        .call("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "email": "ada@example.org" }))
        .ok();
    alice.call("people.put", second).ok();
}

#[test]
fn groups_and_people_that_do_not_exist_are_refused() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let group = "group_01kb0000000000000000000000";
    let person = "person_00000000000000000000000000";
    let before = site.snapshot();
    alice
        .call("people.put", json!({ "name": "Ada Lovelace", "groups": [group] }))
        .refused("unknown_reference");
    alice.call("people.put", json!({ "id": person, "name": "Ada Lovelace" })).refused("not_found");
    alice.call("people_groups.put", json!({ "id": group, "name": "Reviewers" })).refused("not_found");
    alice.call("settings.put", json!({ "security": group })).refused("unknown_reference");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn an_auditor_has_no_requests_and_decides_nothing() {
    let site = Site::in_memory();
    let owen = site.member("Owen Owner");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = site.member("Ada Lovelace").wait_for(&tool, 10);
    // Made an auditor, the owner keeps the tool and loses the say over it.
    site.console("people.put", json!({ "id": owen.id(), "name": "Owen Owner", "role": "auditor" }));
    owen.approve(&request).refused("not_permitted");
    owen.ask_for(&tool, 10).refused("not_permitted");
    assert_eq!(owen.request(&request)["state"], "pending");
    assert_eq!(owen.request(&request)["may_decide"], false);
}
