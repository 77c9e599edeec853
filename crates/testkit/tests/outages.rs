//! What fails at a provider for one job, and what is an outage of all.

use clearance::ports::CoreError;
use core_protocol::message::{Outcome, RetryReason};
use serde_json::json;
use testkit::connected::TENANT;
use testkit::{Client as _, Fault, text};

use crate::connected::{ACCOUNT, World, answers, retry};

fn unavailable() -> Outcome {
    Outcome::RetryAfter { seconds: 1, reason: RetryReason::ProviderUnavailable }
}

impl World {
    fn health(&self) -> String {
        let shown = self.alice.call("connectors.get", json!({ "connector": self.at.connector })).ok();
        text(&shown["connector"]["health"]["state"])
    }
}

#[test]
fn a_call_that_fails_delays_its_own_job_and_nobody_elses() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().trouble(ACCOUNT, Some(unavailable()));
    let others: Vec<_> = (0..20)
        .map(|n| {
            let person = world.site.member(&format!("Person {n}"));
            world.site.map(&world.at, &person, &format!("00uperson{n:05}"));
            let grant = text(&person.take(&world.at.tool, 5)["id"]);
            (person, grant)
        })
        .collect();
    // All in one pass: as many calls as the provider bears, and none of them is paced by the one that fails.
    world.site.advance_minutes(1);
    for _ in 0..4 {
        world.site.run_jobs();
        world.site.advance_minutes(1);
    }
    for (person, grant) in &others {
        assert_eq!(person.grant(grant)["state"], "active");
    }
    assert_eq!((world.state(&grant).as_str(), world.health().as_str()), ("awaiting_provisioning", "working"));
    let waiting = world.jobs("waiting_retry");
    assert_eq!((waiting.len(), &waiting[0]["reason"]), (1, &json!("provider_unavailable")));
    // After a day somebody is asked, who must do something: the connector works, so nothing ends by itself.
    for _ in 0..26 * 4 {
        world.site.run_jobs();
        world.site.advance_minutes(15);
    }
    let job = world.follow_up(&grant, "unexpected_answer");
    assert!(world.site.run_jobs().is_idle());
    world.site.core().trouble(ACCOUNT, None);
    world.alice.call("jobs.retry", job).ok();
    world.site.run_jobs();
    assert_eq!(world.state(&grant), "active");
}

#[test]
fn a_provider_is_asked_as_often_as_is_usual_or_as_an_administrator_says() {
    for (pace, at_once) in [(None, 8), (Some(2), 2), (Some(100), 30)] {
        let world = World::new();
        for n in 0..30 {
            let person = world.site.member(&format!("Person {n}"));
            world.site.map(&world.at, &person, &format!("00uperson{n:05}"));
            person.take(&world.at.tool, 5);
        }
        world.site.advance_minutes(1);
        let credential = json!({ "kind": "api_token" });
        let provider = json!({ "kind": "okta", "host": TENANT, "credential": credential });
        let connector = json!({ "connector": world.at.connector });
        let shown = world.alice.call("connectors.get", connector).ok()["connector"].clone();
        let mut input = json!({
            "connector": shown["id"], "version": shown["version"], "name": "Okta", "provider": provider,
        });
        for wrong in [0, 201, -1] {
            input["changes_per_second"] = json!(wrong);
            world.alice.call("connectors.put", input.clone()).refused("malformed_input");
        }
        input["changes_per_second"] = json!(pace);
        let put = world.alice.call("connectors.put", input).ok()["connector"].clone();
        assert_eq!((&put["changes_per_second"], &put["usual_changes_per_second"]), (&json!(pace), &json!(8)));
        // The clock stands still: no more than that, and the rest when more is borne.
        let ran = world.site.run_jobs();
        assert_eq!((ran.succeeded, ran.next_at.is_some()), (at_once, at_once < 30), "{pace:?}");
        world.site.set_clock(world.site.now().plus_seconds(1));
        assert_eq!(world.site.run_jobs().succeeded, at_once.min(30 - at_once), "{pace:?}");
    }
}

#[test]
fn the_pauses_of_a_failing_job_grow_up_to_a_quarter_of_an_hour_and_keep_what_the_provider_says() {
    let world = World::new();
    world.approved();
    for (seconds, least) in [(0, 0), (600, 600)] {
        world.site.core().trouble(ACCOUNT, Some(retry_in(seconds)));
        let mut pauses = Vec::new();
        for _ in 0..60 {
            world.site.run_jobs();
            let job = &world.jobs("waiting_retry")[0];
            let due: clearance::time::Timestamp = job["due_at"].as_str().unwrap().parse().unwrap();
            pauses.push(due.as_millisecond() - world.site.now().as_millisecond());
            world.site.set_clock(due);
        }
        assert!(pauses.iter().all(|pause| (least * 1_000..15 * 60_000).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().max() > Some(&(8 * 60_000)), "{pauses:?}");
    }
}

fn retry_in(seconds: u32) -> Outcome {
    Outcome::RetryAfter { seconds, reason: RetryReason::ProviderTimeout }
}

/// What a fault says of the connector: whether it is an outage, and whether it paces everybody.
#[test]
fn an_outage_is_what_core_calls_one_and_core_that_does_not_answer() {
    for (fault, health, paced) in [
        (answers(unavailable()), "working", false),
        (retry(RetryReason::ProviderTimeout), "working", false),
        (retry(RetryReason::ProviderBusy), "working", false),
        (retry(RetryReason::Unconfirmed), "working", false),
        (retry(RetryReason::Busy), "working", false),
        (retry(RetryReason::RateLimited), "working", true),
        (retry(RetryReason::CircuitOpen), "outage", true),
        (Fault::Fails(CoreError::Unreachable("down".to_owned())), "outage", true),
        (Fault::LosesAnswer, "outage", true),
    ] {
        let world = World::new();
        world.active();
        let (carl, dora) = (world.site.member("Carl Coder"), world.site.member("Dora Dear"));
        world.site.map(&world.at, &carl, "00ucarl0000001");
        world.site.map(&world.at, &dora, "00udora0000001");
        carl.take(&world.at.tool, 5);
        world.site.core().fail([fault.clone()]);
        world.site.run_jobs();
        assert_eq!(world.health(), health, "{fault:?}");
        dora.take(&world.at.tool, 5);
        let ran = world.site.run_jobs();
        assert_eq!((ran.succeeded, ran.next_at.is_some()), (u32::from(!paced), paced), "{fault:?}");
        world.run_for(20);
        assert_eq!((world.members().len(), world.health().as_str()), (3, "working"), "{fault:?}");
    }
}

#[test]
fn a_try_that_fails_leaves_an_outage_and_one_that_core_answers_is_the_providers() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().fail([
        Fault::Fails(CoreError::Unreachable("down".to_owned())),
        answers(unavailable()),
        retry(RetryReason::CircuitOpen),
    ]);
    let mut reasons = Vec::new();
    while world.state(&grant) != "active" {
        world.site.run_jobs();
        let shown = world.alice.call("connectors.get", json!({ "connector": world.at.connector })).ok();
        let health = &shown["connector"]["health"];
        let shown = format!("{} {}", text(&health["state"]), health["reason"].as_str().unwrap_or_default());
        if reasons.last() != Some(&shown) {
            reasons.push(shown);
        }
        world.site.advance_minutes(1);
    }
    assert_eq!(reasons, ["outage core_down", "outage provider_down", "working "]);
}

#[test]
fn a_test_that_fails_once_says_so_and_makes_no_outage() {
    let world = World::new();
    world.active();
    let test = || world.alice.call("connectors.test", json!({ "connector": world.at.connector })).ok();
    world.site.core().fail([answers(unavailable())]);
    let tested = test();
    assert_eq!(tested["steps"][1]["reason"], "provider_down");
    assert_eq!(tested["connector"]["health"]["state"], "working");
    world.site.core().fail([retry(RetryReason::CircuitOpen)]);
    assert_eq!(test()["connector"]["health"]["state"], "outage");
    assert_eq!(test()["connector"]["health"]["state"], "working");
}
