//! Seats that people give and take by hand: the clock starts when the seat exists, and access is gone when somebody says so.

use serde_json::json;
use testkit::{Client as _, Site, text};

#[test]
fn the_clock_starts_when_the_assignee_attests_the_seat_and_ends_with_its_removal() {
    let site = Site::on_disk();
    let (ada, max) = (site.member("Ada Lovelace"), site.member("Max Manual"));
    let ben = site.member("Ben Bitdiddle");
    let manual = json!({ "kind": "manual", "assignee": max.id() });
    let tool = site.tool("Seat", json!({ "risk": "low", "fulfilment": manual }));
    let grant = ada.take(&tool, 10);
    assert_eq!(grant["state"], "awaiting_provisioning");
    assert_eq!((&grant["ends_at"], &grant["days"]), (&json!(null), &json!(10)));
    let grant = text(&grant["id"]);
    let job = text(&max.all("jobs.list", json!({}))[0]["id"]);
    assert_eq!(ben.all("jobs.list", json!({})).len(), 0);
    for stranger in [&ben, &ada] {
        stranger.call("jobs.attest", json!({ "job": job })).refused("not_found");
        stranger.call("grants.attest", json!({ "grant": grant })).refused("not_found");
    }
    site.advance_days(3);
    site.tick();
    let attested = max.call("jobs.attest", json!({ "job": job })).ok();
    assert_eq!(attested["job"]["state"], "succeeded");
    max.call("jobs.attest", json!({ "job": job })).refused("job_state");
    let active = ada.grant(&grant);
    assert_eq!(active["activated_at"], "2026-11-26T09:00:00.000Z");
    assert_eq!(active["ends_at"], "2026-12-06T09:00:00.000Z");

    site.restart();
    site.advance_days(10);
    site.advance_minutes(1);
    assert_eq!(site.tick().expired, 1);
    assert_eq!(ada.grant(&grant)["state"], "removing");
    assert_eq!(ada.grant(&grant)["ended_at"], json!(null));
    site.advance_days(5);
    assert_eq!(site.tick().expired, 0);
    assert_eq!(ada.grant(&grant)["state"], "removing", "time alone never ends it");
    let removal = text(&max.all("jobs.list", json!({}))[0]["id"]);
    assert_ne!(removal, job);
    max.call("jobs.attest", json!({ "job": removal })).ok();
    let ended = ada.grant(&grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));
    assert_eq!(ended["ended_at"], "2026-12-11T09:01:00.000Z");
}

#[test]
fn asking_again_does_not_end_what_somebody_must_still_take_away() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    let grant = text(&ada.take(&tool, 10)["id"]);
    let one = json!({ "grant": grant });
    owen.call("grants.attest", one.clone()).ok();
    ada.call("grants.give_back", one.clone()).ok();
    ada.call("grants.give_back", one.clone()).refused("grant_state");
    owen.call("grants.revoke", one.clone()).refused("grant_state");
    site.console("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "active": false }));
    site.tick();
    let waiting = owen.grant(&grant);
    assert_eq!((&waiting["state"], &waiting["end_reason"]), (&json!("removing"), &json!("given_back")));
    owen.call("grants.attest", one).ok();
}

#[test]
fn all_of_it_within_one_millisecond() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    for n in 0..8 {
        let tool = site.tool(&format!("Seat {n}"), json!({ "fulfilment": { "kind": "manual" } }));
        let ada = site.member(&format!("Ada the {n}th"));
        let grant = text(&ada.take(&tool, 10)["id"]);
        let one = json!({ "grant": grant });
        assert_eq!(alice.call("grants.attest", one.clone()).ok()["grant"]["state"], "active");
        assert_eq!(ada.call("grants.give_back", one.clone()).ok()["grant"]["state"], "removing");
        assert_eq!(alice.call("grants.attest", one).ok()["grant"]["state"], "ended");
    }
}

#[test]
fn without_an_assignee_owners_and_administrators_do_it() {
    let site = Site::in_memory();
    let (ada, ben, owen) =
        (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"), site.member("Owen Owner"));
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    for (person, by) in [(&ada, &owen), (&ben, &alice)] {
        let grant = text(&person.take(&tool, 10)["id"]);
        assert_eq!(owen.all("jobs.list", json!({ "state": "queued" })).len(), 1);
        assert_eq!(by.call("grants.attest", json!({ "grant": grant })).ok()["grant"]["state"], "active");
        by.call("grants.attest", json!({ "grant": grant })).refused("not_found");
    }
}

#[test]
fn what_never_began_to_work_ends_at_once_and_cancels_its_task() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    for (operation, by, reason) in
        [("grants.give_back", &ada, "given_back"), ("grants.revoke", &owen, "revoked")]
    {
        let grant = text(&ada.take(&tool, 10)["id"]);
        let job = text(&owen.all("jobs.list", json!({}))[0]["id"]);
        let ended = by.call(operation, json!({ "grant": grant })).ok();
        assert_eq!(ended["grant"]["state"], "ended");
        assert_eq!(ended["grant"]["end_reason"], reason);
        assert_eq!(ended["grant"]["activated_at"], json!(null));
        owen.call("jobs.attest", json!({ "job": job })).refused("job_state");
    }
    assert_eq!(owen.all("jobs.list", json!({ "state": "cancelled" })).len(), 2);
}

#[test]
fn a_tool_that_changed_to_manual_leaves_access_by_record_as_it_is() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Note taker", json!({ "owners": [owen.id()] }));
    let grant = text(&ada.take(&tool, 10)["id"]);
    site.change_tool(&tool, json!({ "fulfilment": { "kind": "manual" } }));
    site.advance_days(11);
    assert_eq!(site.tick().expired, 1);
    assert_eq!(ada.grant(&grant)["state"], "ended");
    let grant = text(&ada.take(&tool, 10)["id"]);
    site.change_tool(&tool, json!({ "fulfilment": { "kind": "record_only" } }));
    owen.call("grants.attest", json!({ "grant": grant })).ok();
    site.advance_days(11);
    site.tick();
    assert_eq!(ada.grant(&grant)["state"], "removing", "the seat that somebody gave is taken by somebody");
}

#[test]
fn what_somebody_who_leaves_was_to_do_waits_for_somebody_else() {
    let site = Site::on_disk();
    let (alice, ada, max) =
        (site.administrator("Alice Admin"), site.member("Ada Lovelace"), site.member("Max Manual"));
    let (ben, owen) = (site.member("Ben Bitdiddle"), site.member("Owen Owner"));
    let manual = |who: &str| json!({ "kind": "manual", "assignee": who });
    let tool = site.tool("Seat", json!({ "fulfilment": manual(&max.id()), "owners": [owen.id()] }));
    let taken = text(&ben.take(&tool, 10)["id"]);
    let job = |state: &str| alice.all("jobs.list", json!({ "state": state, "tool": tool })).remove(0);
    max.call("jobs.attest", json!({ "job": job("queued")["id"] })).ok();
    let given = text(&ada.take(&tool, 10)["id"]);
    ben.call("grants.give_back", json!({ "grant": taken })).ok();

    alice.call("people.put", json!({ "id": max.id(), "name": "Max Manual", "active": false })).ok();
    site.tick();
    let waiting = alice.all("jobs.list", json!({ "state": "needs_follow_up" }));
    assert_eq!(waiting.len(), 2, "{waiting:#?}");
    for (person, grant) in [(&ada, &given), (&ben, &taken)] {
        let grant = person.grant(grant);
        assert_eq!((&grant["state"], &grant["ended_at"]), (&json!("needs_follow_up"), &json!(null)));
        assert_eq!(grant["follow_up"]["reason"], "assignee_left");
    }
    assert_eq!(site.tick().left, 0, "once");
    assert_eq!(site.log_kinds().iter().filter(|kind| *kind == "job.follow_up").count(), 2);

    // The tool names nobody any more, so what comes next is its owners'.
    let shown = alice.call("catalog.get", json!({ "tool": tool })).ok();
    assert_eq!(shown["tool"]["fulfilment"]["assignee"], json!(null), "{shown:#}");
    let next = site.member("Nora Next");
    next.take(&tool, 10);
    let open = owen.all("jobs.list", json!({ "state": "queued" }));
    assert_eq!((open.len(), &open[0]["may_attest"]), (1, &json!(true)), "{open:#?}");

    // Ada's is done by an administrator; Ben's removal is somebody else's to do from now on.
    let of = |task: &str| waiting.iter().find(|job| job["task"] == task).unwrap()["id"].clone();
    ben.call("jobs.attest", json!({ "job": of("provision") })).refused("not_found");
    alice.call("jobs.attest", json!({ "job": of("provision") })).ok();
    assert_eq!(ada.grant(&given)["state"], "active");
    site.change_tool(&tool, json!({ "fulfilment": manual(&next.id()) }));
    let retried = alice.call("jobs.retry", json!({ "job": of("deprovision") })).ok();
    assert_eq!(retried["job"]["assignee"]["id"], next.id());
    assert_eq!(ben.grant(&taken)["state"], "removing");
    next.call("jobs.attest", json!({ "job": of("deprovision") })).ok();
    assert_eq!(ben.grant(&taken)["state"], "ended");
}
