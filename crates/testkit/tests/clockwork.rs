//! The clock and its sweeps.

use clearance::time::Timestamp;
use serde_json::json;
use testkit::{Client as _, Site, text};

#[test]
fn a_clock_that_went_backward_halts_the_sweeps_and_says_so() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    let grant = text(&ada.take(&tool, 5)["id"]);
    let start = site.now();
    site.advance_days(60);
    ada.take(&site.tool("Translator", json!({})), 5);
    let ahead = site.now();
    site.set_clock(start);
    let refusal = site.try_tick().expect_err("it must not run");
    assert_eq!(refusal.code().as_str(), "clock_halted");
    assert!(refusal.message().contains(&ahead.to_string()), "it says since when: {}", refusal.message());
    // Even when the time set back to would end it.
    site.set_clock(ahead.plus_minutes(-10));
    assert_eq!(site.try_tick().expect_err("it must not run").code().as_str(), "clock_halted");
    assert_eq!(ada.grant(&grant)["state"], "active");
    site.set_clock(ahead);
    assert_eq!(site.tick().expired, 1);
    assert_eq!(ada.grant(&grant)["state"], "ended");
}

#[test]
fn two_writers_that_differ_by_a_moment_halt_nothing() {
    let site = Site::in_memory();
    let now = site.now();
    site.member("Ada Lovelace");
    site.set_clock(Timestamp::from_millisecond(now.as_millisecond() - 2_000));
    site.tick();
    site.set_clock(Timestamp::from_millisecond(now.as_millisecond() - 2_001));
    assert!(site.try_tick().is_err());
}

#[test]
fn a_pass_that_has_nothing_to_do_changes_nothing() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    ada.take(&site.tool("Note taker", json!({})), 5);
    assert_eq!(site.tick().checkpoints, 1);
    site.advance_minutes(5);
    let before = site.snapshot();
    assert_eq!(site.tick(), clearance::clockwork::Pass::default());
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn late_by_months_everything_that_is_due_is_settled_in_one_pass() {
    let site = Site::on_disk();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let alice = site.administrator("Alice Admin");
    let waiting = ada.wait_for(&site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] })), 5);
    let grant = text(&ada.take(&site.tool("Note taker", json!({})), 5)["id"]);
    site.advance_days(400);
    site.restart();
    let pass = site.tick();
    assert_eq!((pass.expired, pass.lapsed), (1, 1));
    let alice = alice.signed_in_again();
    assert_eq!(alice.request(&waiting)["state"], "lapsed");
    assert_eq!(
        alice.grant(&grant)["ended_at"],
        json!(site.now()),
        "the log does not say it ended earlier than it did"
    );
}

#[test]
fn every_step_of_access_is_in_the_log_and_an_auditor_verifies_it() {
    let site = Site::on_disk();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let audrey = site.auditor("Audrey Auditor");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let from = site.log_kinds().len();
    let request = ada.wait_for(&tool, 5);
    owen.approve(&request).ok();
    site.advance_days(6);
    site.tick();
    let expected =
        ["request.submitted", "approval.decided", "request.approved", "grant.activated", "grant.ended"];
    assert_eq!(site.log_kinds()[from..], expected);
    let entries = audrey.all("audit.entries", json!({ "limit": 3 }));
    let kinds: Vec<_> = entries.iter().map(|entry| text(&entry["kind"])).collect();
    assert_eq!(kinds, site.log_kinds());
    let newest = audrey.all("audit.entries", json!({ "limit": 4, "newest_first": true }));
    assert_eq!(newest.into_iter().rev().collect::<Vec<_>>(), entries);
    let found = audrey.all("audit.entries", json!({ "about": request, "families": ["request"] }));
    let kinds: Vec<_> = found.iter().map(|entry| text(&entry["kind"])).collect();
    assert_eq!(kinds, ["request.submitted", "request.approved"]);
    let owens = audrey.all("audit.entries", json!({ "person": owen.id(), "families": ["approval"] }));
    assert_eq!(owens.len(), 1, "{owens:?}");
    let later = audrey.all("audit.entries", json!({ "from": site.now(), "about": request }));
    assert!(later.is_empty(), "the request was over when access ended");
    let verified = audrey.call("audit.verify", json!({})).ok();
    assert_eq!((&verified["ok"], &verified["size"]), (&json!(true), &json!(entries.len())));
}
