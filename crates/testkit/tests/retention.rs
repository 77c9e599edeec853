//! What is kept for a time, and then destroyed or forgotten.

use std::num::NonZeroUsize;

use audit_log::Strictness;
use clearance_store::SqliteFile;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

use crate::copies::copy_request;

const PURPOSE: &str = "To transcribe the quarterly xylophone recitals";

fn keep(site: &Site, retention: Value) {
    site.console("settings.put", json!({ "retention": retention }));
}

fn ask(person: &PersonClient, tool: &str, days: u32) -> Value {
    let asked = json!({ "tool": tool, "purpose": PURPOSE, "data_classes": ["internal"], "days": days });
    person.call("requests.submit", asked).ok()
}

fn count(site: &Site, kind: &str) -> usize {
    site.snapshot().documents.keys().filter(|(found, _)| *found == kind).count()
}

#[test]
fn texts_go_when_their_time_is_over_and_the_access_they_gave_has_ended() {
    let site = Site::on_disk();
    keep(&site, json!({ "request_texts": 30 }));
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let auto = site.tool("Note taker", json!({ "max_days": 90 }));
    let reviewed = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let granted = text(&ask(&ada, &auto, 20)["request"]["id"]);
    let denied = text(&ask(&ada, &reviewed, 5)["request"]["id"]);
    owen.call("approvals.ask", json!({ "request": denied, "question": "What is a recital?" })).ok();
    ada.call("requests.provide_information", json!({ "request": denied, "answer": "Music" })).ok();
    let deny = json!({ "request": denied, "decision": "deny", "rationale": "We have no xylophone" });
    owen.call("approvals.decide", deny).ok();
    let open = text(
        &ask(&ada, &site.tool("Late", json!({ "risk": "medium", "owners": [owen.id()] })), 5)["request"]["id"],
    );
    site.console("settings.put", json!({ "pending_days": 60 }));
    let lasting = text(
        &ask(&ada, &site.tool("Later", json!({ "risk": "medium", "owners": [owen.id()] })), 5)["request"]["id"],
    );
    let shown = |request: &str| site.console("requests.get", json!({ "request": request }))["request"].take();

    site.advance_days(30);
    assert_eq!(site.tick().destroyed, 0, "not on the day");
    site.advance_minutes(1);
    assert_eq!(site.tick().destroyed, 1);
    let over = shown(&denied);
    assert_eq!(
        (&over["state"], &over["purpose"], &over["denial"]),
        (&json!("denied"), &json!(null), &json!([]))
    );
    assert_eq!(
        (&over["exchanges"][0]["question"], &over["exchanges"][0]["answer"]),
        (&json!(null), &json!(null))
    );
    for kept in [&granted, &open, &lasting] {
        assert_eq!(shown(kept)["purpose"], PURPOSE);
    }
    // The first pass ended the access and the request that nobody decided; the other one is open for another month.
    assert_eq!(shown(&lasting)["state"], "pending");
    site.advance_minutes(30);
    let before = site.snapshot();
    assert_eq!(site.tick().destroyed, 0);
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new(), "the walk rests");
    site.advance_days(31);
    site.restart();
    assert_eq!(site.tick().destroyed, 2);
    assert_eq!((&shown(&granted)["purpose"], &shown(&open)["purpose"]), (&json!(null), &json!(null)));
    assert_eq!(shown(&lasting)["purpose"], PURPOSE, "lapsed only now");
    site.advance_days(31);
    assert_eq!(site.tick().destroyed, 1);
    assert!(!site.snapshot().documents.values().any(|(_, body)| body.contains("xylophone")));
    let said = site.log_kinds().iter().filter(|kind| *kind == "request.texts_destroyed").count();
    assert_eq!(said, 3, "each time is logged");
    let file = SqliteFile::at(site.directory().join("clearance.db"));
    file.verify(NonZeroUsize::MIN, Strictness::Canonical, |_| {}).expect("the log is as it was");
}

#[test]
fn a_long_past_is_walked_through_in_steps() {
    let site = Site::in_memory();
    keep(&site, json!({ "request_texts": 30 }));
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 5);
    owen.deny(&request).ok();
    copy_request(&site, &request, 2_500);
    site.advance_days(30);
    site.advance_minutes(1);
    assert_eq!(site.tick().destroyed, 2_000);
    site.restart();
    assert_eq!(site.tick().destroyed, 501);
    assert_eq!(site.tick().destroyed, 0);
    site.leave_as_it_is();
}

#[test]
fn what_was_of_use_once_is_forgotten() {
    let site = Site::in_memory();
    site.console("settings.put", json!({ "email_notices": true }));
    keep(&site, json!({ "tokens": 10, "set_up_links": 5, "notices": 3 }));
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    ada.wait_for(&site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] })), 5);
    site.console("set_up_links.create", json!({ "person": ada.id() }));
    let kinds = ["notice", "set_up_link", "token"];
    let left = |site: &Site| kinds.map(|kind| count(site, kind));
    let all = left(&site);
    assert_eq!(all, [1, 1, 2]);
    site.advance_days(3);
    assert_eq!((site.tick().outdated, left(&site)), (0, all));
    site.advance_minutes(1);
    assert_eq!((site.tick().outdated, left(&site)), (1, [0, 1, 2]));
    site.advance_days(3);
    assert_eq!(
        (site.tick().outdated, left(&site)),
        (1, [0, 0, 2]),
        "it worked for a day, and was kept for five"
    );
    site.advance_days(94);
    site.tick();
    assert_eq!(count(&site, "token"), 0);
}

#[test]
fn times_are_settings_with_a_minimum_and_logged() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    for wrong in [json!({ "request_texts": 29 }), json!({ "tokens": 0 }), json!({ "log": 30 })] {
        alice.call("settings.put", json!({ "retention": wrong })).refused("malformed_input");
    }
    let settings = alice.call("settings.put", json!({ "retention": { "request_texts": 365 } })).ok();
    assert_eq!(
        settings["settings"]["retention"],
        json!({ "request_texts": 365, "tokens": 90, "set_up_links": 30, "notices": 14, "inbox": 90, "findings": 1095, "reviews": 1095 })
    );
    let newest = alice.call("audit.entries", json!({ "limit": 1, "newest_first": true })).ok();
    assert!(text(&newest["items"][0]["entry"]).contains(r#""request_texts":365"#), "{newest:#}");
}
