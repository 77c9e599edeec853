//! How access ends: by time, by its holder, by those who may take it away; and who may not.

use serde_json::json;
use testkit::{Client as _, Site, text};

#[test]
fn access_ends_when_its_time_is_over() {
    let site = Site::on_disk();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let grant = text(&ada.take(&tool, 30)["id"]);
    assert_eq!(ada.grant(&grant)["ends_at"], "2026-12-23T09:00:00.000Z");
    site.advance_days(29);
    site.restart();
    assert_eq!(site.tick().expired, 0);
    site.advance_days(1);
    site.advance_minutes(1);
    assert_eq!(site.tick().expired, 1);
    assert_eq!(site.tick().expired, 0);
    let ended = ada.grant(&grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));
    assert_eq!(ended["may_extend"], false);
    for operation in ["grants.give_back", "grants.attest"] {
        assert!(
            ada.call(operation, json!({ "grant": grant })).code().is_some(),
            "{operation} on ended access"
        );
    }
}

#[test]
fn many_end_in_one_pass() {
    let site = Site::in_memory();
    let tools: Vec<_> = (0..6).map(|n| site.tool(&format!("Tool {n}"), json!({}))).collect();
    let people: Vec<_> = (0..40).map(|n| site.member(&format!("Person {n}"))).collect();
    for person in &people {
        for tool in &tools {
            person.take(tool, 7);
        }
    }
    site.advance_days(8);
    assert_eq!(site.tick().expired, 240);
    assert_eq!(site.tick().expired, 0);
}

#[test]
fn access_is_given_back_by_its_holder_alone() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Note taker", json!({}));
    let grant = text(&ada.take(&tool, 30)["id"]);
    let give_back = json!({ "grant": grant });
    ben.call("grants.give_back", give_back.clone()).refused("not_found");
    alice.call("grants.give_back", give_back.clone()).refused("not_found");
    let ended = ada.call("grants.give_back", give_back.clone()).ok();
    assert_eq!(ended["grant"]["state"], "ended");
    assert_eq!(ended["grant"]["end_reason"], "given_back");
    ada.call("grants.give_back", give_back).refused("grant_state");
    ada.take(&tool, 30);
}

#[test]
fn access_is_revoked_by_owner_administrator_or_console_and_by_nobody_else() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let (owen, olga) = (site.member("Owen Owner"), site.member("Olga Other"));
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let tool = site.tool("Note taker", json!({ "owners": [owen.id()] }));
    site.tool("Sketcher", json!({ "owners": [olga.id()] }));
    for by in [Some(&owen), Some(&alice), None] {
        let grant = text(&ada.take(&tool, 30)["id"]);
        let revoke = json!({ "grant": grant });
        for stranger in [&ben, &olga, &sam, &ada] {
            assert!(stranger.call("grants.revoke", revoke.clone()).code().is_some(), "not theirs to revoke");
        }
        audrey.call("grants.revoke", revoke.clone()).refused("not_permitted");
        assert_eq!(ada.grant(&grant)["state"], "active");
        let ended = match by {
            Some(person) => person.call("grants.revoke", revoke.clone()).ok(),
            None => site.console("grants.revoke", revoke.clone()),
        };
        assert_eq!(ended["grant"]["end_reason"], "revoked");
        alice.call("grants.revoke", revoke).refused("grant_state");
    }
}

#[test]
fn grants_are_listed_by_person_and_state() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let alice = site.administrator("Alice Admin");
    let tools: Vec<_> = (0..3).map(|n| site.tool(&format!("Tool {n}"), json!({}))).collect();
    for tool in &tools {
        let ended = text(&ada.take(tool, 5)["id"]);
        ada.call("grants.give_back", json!({ "grant": ended })).ok();
        ben.take(tool, 5);
    }
    assert_eq!(ada.all("grants.list", json!({ "person": "me" })).len(), 3);
    assert_eq!(ada.all("grants.list", json!({})).len(), 3, "all one may see are one's own");
    assert_eq!(ada.all("grants.list", json!({ "state": "active" })).len(), 0);
    assert_eq!(alice.all("grants.list", json!({ "limit": 2 })).len(), 6);
    assert_eq!(alice.all("grants.list", json!({ "state": "active" })).len(), 3);
    assert_eq!(alice.all("grants.list", json!({ "person": ada.id(), "state": "ended" })).len(), 3);
    ada.call("grants.list", json!({ "person": ben.id() })).refused("not_found");
}
