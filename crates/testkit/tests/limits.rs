//! How often people may do what is counted.

use std::sync::Barrier;
use std::thread;

use clearance::time::Timestamp;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

fn limit(site: &Site, class: &str, per_hour: u32, burst: u32) {
    site.console("settings.put", json!({ "limits": { class: { "per_hour": per_hour, "burst": burst } } }));
}

/// An owner with so many requests to decide.
fn waiting(site: &Site, count: usize) -> (PersonClient, Vec<String>) {
    let owner = site.member("Owen Owner");
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owner.id()] }));
    let requests =
        (0..count).map(|n| site.member(&format!("Person number {n}")).wait_for(&tool, 5)).collect();
    (owner, requests)
}

fn decide_many(person: &PersonClient, requests: &[String]) -> testkit::Answer {
    person.call("approvals.decide_many", json!({ "requests": requests, "decision": "approve" }))
}

fn rows(site: &Site) -> usize {
    site.snapshot().documents.keys().filter(|(kind, _)| *kind == "rate").count()
}

#[test]
fn a_refusal_says_exactly_when_to_come_back() {
    let site = Site::on_disk();
    limit(&site, "decisions", 60, 100);
    let (owner, requests) = waiting(&site, 104);
    decide_many(&owner, &requests[..99]).ok();
    owner.approve(&requests[99]).ok();
    let before = site.snapshot();
    let answer = owner.approve(&requests[100]);
    assert_eq!(answer.headers["retry-after"], "60");
    let refusal = answer.refused("rate_limited");
    let retry_at: Timestamp = text(&refusal["details"]["retry_at"]).parse().expect("an instant");
    assert_eq!(retry_at, site.now().plus_minutes(1));
    assert_eq!(refusal["details"]["class"], "decisions");
    // Looped single decisions and bulk decisions draw on the same allowance.
    decide_many(&owner, &requests[100..103]).refused("rate_limited");
    assert!(site.snapshot() == before, "a refusal changes nothing");
    site.set_clock(Timestamp::from_millisecond(retry_at.as_millisecond() - 1));
    owner.approve(&requests[100]).refused("rate_limited");
    site.set_clock(retry_at);
    site.restart();
    owner.approve(&requests[100]).ok();
    owner.approve(&requests[101]).refused("rate_limited");
    // Others are not held up.
    site.administrator("Alice Admin");
    assert_eq!(owner.queue().len(), 3);
}

#[test]
fn of_two_calls_at_the_edge_one_passes() {
    for site in [Site::on_disk(), Site::in_memory()] {
        limit(&site, "decisions", 1, 100);
        let (owner, requests) = waiting(&site, 101);
        decide_many(&owner, &requests[..99]).ok();
        let barrier = Barrier::new(2);
        let answers = thread::scope(|scope| {
            let decide = |request| {
                let (owner, barrier) = (&owner, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    owner.approve(request)
                })
            };
            let pair = [decide(&requests[99]), decide(&requests[100])];
            pair.map(|thread| thread.join().expect("no call panics"))
        });
        let mut codes = answers.map(|answer| answer.code().unwrap_or("ok").to_owned());
        codes.sort();
        assert_eq!(codes, ["ok", "rate_limited"]);
    }
}

#[test]
fn a_repeated_command_is_charged_once_and_a_refused_one_not_at_all() {
    let site = Site::in_memory();
    limit(&site, "decisions", 1, 100);
    let (owner, requests) = waiting(&site, 101);
    let stranger = site.member("Sue Stranger");
    for request in &requests {
        stranger.approve(request).refused("not_found");
    }
    let bulk = json!({ "requests": requests[..98], "decision": "approve" });
    for _ in 0..3 {
        owner.call_once("key-1", "approvals.decide_many", bulk.clone()).ok();
    }
    let one = json!({ "request": requests[98], "decision": "approve" });
    for _ in 0..3 {
        owner.call_once("key-2", "approvals.decide", one.clone()).ok();
    }
    owner.approve(&requests[98]).refused("request_state");
    owner.approve(&requests[99]).ok();
    owner.approve(&requests[100]).refused("rate_limited");
    // What was answered before is answered still.
    owner.call_once("key-2", "approvals.decide", one).ok();
}

#[test]
fn bulk_is_charged_for_every_item_whatever_becomes_of_it() {
    let site = Site::in_memory();
    limit(&site, "decisions", 1, 100);
    let (owner, requests) = waiting(&site, 60);
    decide_many(&owner, &requests).ok();
    let again = decide_many(&owner, &requests[..40]).ok();
    assert!(again["results"].as_array().expect("results").iter().all(|result| result["decided"] == false));
    decide_many(&owner, &requests[..1]).refused("rate_limited");
}

#[test]
fn verifying_is_counted_by_entries_and_also_with_a_token_that_only_reads() {
    let site = Site::on_disk();
    let audrey = site.auditor("Audrey Auditor");
    limit(&site, "verification", 3_600, 50_000);
    let size = site.log_kinds().len();
    assert_eq!(audrey.with_scope("log").call("audit.verify", json!({})).ok()["ok"], true);
    let log = size + 1;
    for _ in 0..50_000 / log {
        let verified = audrey.call("audit.verify", json!({}));
        if verified.status == 429 {
            let retry_at = text(&verified.refused("rate_limited")["details"]["retry_at"]);
            assert!(retry_at > site.now().to_string());
            return;
        }
        verified.ok();
    }
    audrey.call("audit.verify", json!({})).refused("rate_limited");
}

#[test]
fn tokens_and_set_up_links_are_counted_by_whom_makes_them_but_not_at_the_hosts_command_line() {
    let site = Site::in_memory();
    limit(&site, "tokens", 1, 2);
    limit(&site, "set_up_links", 1, 1);
    let (alice, bob) = (site.administrator("Alice Admin"), site.member("Bob Bitdiddle"));
    for person in [&alice, &bob] {
        person.call("tokens.create", json!({})).ok();
        person.in_browser().call("tokens.create", json!({})).ok();
        person.call("tokens.create", json!({})).refused("rate_limited");
    }
    alice.call("set_up_links.create", json!({ "person": bob.id() })).ok();
    alice.call("set_up_links.create", json!({ "person": bob.id() })).refused("rate_limited");
    for _ in 0..5 {
        site.console("tokens.create", json!({ "person": bob.id() }));
        site.console("set_up_links.create", json!({ "person": bob.id() }));
    }
}

#[test]
fn what_is_not_counted_writes_no_row_and_what_has_drained_is_forgotten() {
    let site = Site::in_memory();
    let (owner, requests) = waiting(&site, 1);
    owner.queue();
    assert_eq!(rows(&site), 0);
    owner.approve(&requests[0]).ok();
    assert_eq!(rows(&site), 1);
    assert_eq!(site.tick().rested, 0);
    site.advance_minutes(1);
    assert_eq!((site.tick().rested, rows(&site)), (1, 0));
}

#[test]
fn allowances_are_settings_that_only_administrators_change_and_within_bounds() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let put = |limits: Value| alice.call("settings.put", json!({ "limits": limits }));
    for wrong in [
        json!({ "decisions": { "per_hour": 0, "burst": 100 } }),
        json!({ "decisions": { "per_hour": 1, "burst": 99 } }),
        json!({ "decisions": { "per_hour": 1 } }),
        json!({ "verification": { "per_hour": 1, "burst": 49_999 } }),
        json!({ "everything": { "per_hour": 1, "burst": 1 } }),
    ] {
        put(wrong).refused("malformed_input");
    }
    let before = alice.call("settings.get", json!({})).ok()["settings"]["limits"].take();
    let after = put(json!({ "tokens": { "per_hour": 5, "burst": 3 } })).ok()["settings"]["limits"].take();
    assert_eq!(after["tokens"], json!({ "per_hour": 5, "burst": 3 }));
    assert_eq!(after["decisions"], before["decisions"], "what is not given stays");
    let entry = site.auditor("Audrey Auditor");
    let newest = entry.call("audit.entries", json!({ "limit": 10, "newest_first": true })).ok();
    let logged = newest["items"]
        .as_array()
        .expect("items")
        .iter()
        .any(|entry| text(&entry["entry"]).contains(r#""tokens":{"burst":3,"per_hour":5}"#));
    assert!(logged, "{newest:#}");
}
