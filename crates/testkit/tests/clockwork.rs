//! The clock and its sweeps.

use clearance::time::Timestamp;
use serde_json::json;
use testkit::{Client as _, Site, text};

use crate::connected::World;

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

/// Seconds since 1970 by the site's clock.
fn seconds(site: &Site) -> i64 {
    site.now().as_millisecond() / 1_000
}

#[test]
fn a_provider_whose_clock_differs_by_more_than_five_minutes_halts_the_sweeps_until_they_agree() {
    for (off, shown) in [(301, 301), (-302, -301)] {
        let world = World::new();
        let grant = world.active();
        let core = world.site.core();
        let connector = json!({ "connector": world.at.connector });
        let clock = || {
            world.alice.call("connectors.get", connector.clone()).ok()["connector"]["clock_seconds"].clone()
        };
        // Five minutes are none too many.
        core.set_provider_time(Some(seconds(&world.site) + off - off.signum()));
        world.alice.call("connectors.test", connector.clone()).ok();
        assert_eq!(clock(), json!(null));
        world.site.tick();
        let begun = world.site.now();
        world.end();
        // A job is answered by a clock that is too far off.
        core.set_provider_time(Some(seconds(&world.site) + off));
        world.site.run_jobs();
        assert_eq!(world.state(&grant), "ended", "what was answered is so, whatever the clock");
        // The second look, and whatever else is due by time, waits.
        world.site.advance_minutes(4 * 60 + 1);
        let halted = world.site.try_tick().expect_err("it must not run");
        assert_eq!(halted.code().as_str(), "clock_halted");
        assert!(halted.message().contains("5 minutes"), "{}", halted.message());
        assert_eq!(clock(), json!(shown));
        // The provider is asked once a minute, and nothing else of it.
        core.set_provider_time(Some(seconds(&world.site) + off));
        core.take_calls();
        for _ in 0..3 {
            assert_eq!(world.site.try_run_jobs().expect_err("no job runs").code().as_str(), "clock_halted");
        }
        assert_eq!(core.take_calls(), ["test_connector"]);
        assert!(world.site.try_check_drift().is_err(), "no drift check, either");
        // It is set right: the next look sees it.
        world.site.advance_minutes(1);
        core.set_provider_time(Some(seconds(&world.site)));
        assert_eq!(world.site.run_jobs().looked_again, 1, "the second look is made");
        world.site.tick();
        assert_eq!(clock(), json!(null));
        let kinds = world.site.log_kinds();
        let count = |kind: &str| kinds.iter().filter(|it| *it == kind).count();
        assert_eq!((count("connector.clock_differed"), count("connector.clock_agreed")), (1, 1));
        assert!(begun < world.site.now());
    }
}

#[test]
fn a_test_that_finds_the_clocks_agree_or_disabling_the_connector_ends_the_halt() {
    for disable in [false, true] {
        let world = World::new();
        let grant = world.active();
        let core = world.site.core();
        let connector = json!({ "connector": world.at.connector });
        core.set_provider_time(Some(seconds(&world.site) - 3_600));
        world.alice.call("connectors.test", connector.clone()).ok();
        assert!(world.site.try_tick().is_err());
        // A provider that does not tell says nothing.
        core.set_provider_time(None);
        world.alice.call("connectors.test", connector.clone()).ok();
        assert!(world.site.try_tick().is_err());
        if disable {
            world.alice.call("connectors.disable", connector).ok();
            world.site.run_jobs();
        } else {
            core.set_provider_time(Some(seconds(&world.site)));
            world.alice.call("connectors.test", connector).ok();
        }
        core.set_provider_time(None);
        world.end();
        assert_eq!(world.state(&grant), "removing");
        if disable {
            world.site.run_jobs();
            world.follow_up(&grant, "connector_disabled");
        }
    }
}

#[test]
fn people_go_on_while_the_clocks_differ() {
    let world = World::new();
    world.site.core().set_provider_time(Some(seconds(&world.site) + 3_600));
    world.alice.call("connectors.test", json!({ "connector": world.at.connector })).ok();
    assert!(world.site.try_tick().is_err());
    let grant = world.approved();
    assert!(world.site.try_run_jobs().is_err());
    assert_eq!(world.state(&grant), "awaiting_provisioning");
    assert!(world.members().is_empty());
    world.site.core().set_provider_time(Some(seconds(&world.site)));
    world.alice.call("connectors.test", json!({ "connector": world.at.connector })).ok();
    world.site.run_jobs();
    assert_eq!(world.state(&grant), "active");
}
