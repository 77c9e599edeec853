//! The second look at a removal: when it is, what it finds, and that nothing about it changes what was confirmed.

use clearance::ports::CoreError;
use clearance::provisioning::run_due;
use core_protocol::message::{FollowUpReason, Outcome, RetryReason};
use serde_json::{Value, json};
use testkit::connected::TENANT;
use testkit::{Client as _, Fault, text};

use crate::connected::{ACCOUNT, World, answers, follow_up};
use crate::killed::killed_at;

impl World {
    /// Ben's access was taken away, and nobody has looked again; the job that did it.
    fn removed(&self) -> Value {
        let grant = self.active();
        self.ben.call("grants.give_back", json!({ "grant": grant })).ok();
        assert_eq!(self.site.run_jobs().succeeded, 1);
        assert_eq!((self.state(&grant).as_str(), self.members().len()), ("ended", 0));
        let done = self.jobs("succeeded");
        let job = done.into_iter().find(|job| job["grant"] == json!(grant) && job["task"] == "deprovision");
        self.site.core().take_calls();
        job.expect("the job that took it away")
    }

    /// The job as it is now; it has succeeded, whatever the look is about to bring.
    fn shown(&self, job: &Value) -> Value {
        let shown = self.alice.call("jobs.get", json!({ "job": job["id"] })).ok();
        assert_eq!(shown["job"]["state"], "succeeded", "{shown:#}");
        shown
    }

    fn later(&self) {
        self.site.advance_minutes(4 * 60);
    }

    fn times(&self, kind: &str) -> usize {
        self.site.log_kinds().iter().filter(|it| *it == kind).count()
    }

    /// Nobody looks any more.
    fn is_over(&self, job: &Value) {
        assert_eq!(self.shown(job)["job"]["second_look_at"], Value::Null);
        self.later();
        assert!(self.site.run_jobs().is_idle());
        assert_eq!(self.times("job.looked_again"), 1);
        assert_eq!((self.times("job.queued"), self.times("job.cancelled")), (2, 0));
    }
}

#[test]
fn four_hours_after_a_removal_its_job_looks_again_and_finds_nobody() {
    let world = World::new();
    let job = world.removed();
    let at = world.site.now().plus_minutes(4 * 60);
    assert_eq!(world.shown(&job)["job"]["second_look_at"], json!(at));
    world.site.set_clock(at.plus_seconds(-1));
    assert!(world.site.run_jobs().is_idle());
    let before = world.site.snapshot();
    world.site.set_clock(at);
    let ran = world.site.run_jobs();
    assert_eq!((ran.looked_again, ran.succeeded), (1, 0));
    assert_eq!(world.site.core().take_calls(), ["check_member"]);
    let shown = world.shown(&job);
    assert_eq!(shown["attempts"].as_array().expect("attempts").len(), 2);
    assert_eq!(
        (&shown["attempts"][1]["outcome"], &shown["job"]["attempts"]),
        (&json!("not_member"), &json!(2))
    );
    let entries = world.alice.all("audit.entries", json!({}));
    let entry = entries.iter().find(|entry| entry["kind"] == "job.looked_again").expect("an entry");
    assert!(text(&entry["entry"]).contains(r#""outcome":"not_member""#), "{entry:#}");
    let difference = world.site.snapshot().difference(&before);
    assert!(difference.iter().all(|it| !it.contains("grant")), "{difference:?}");
    world.is_over(&job);
}

#[test]
fn whoever_is_back_is_found_with_the_grant_that_had_ended() {
    let world = World::new();
    let job = world.removed();
    world.site.core().join(TENANT, &world.at.group, ACCOUNT);
    world.later();
    assert_eq!(world.site.run_jobs().looked_again, 1);
    let findings = world.alice.all("drift.list", json!({ "state": "open" }));
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["kind"], &findings[0]["grant"]), (&json!("resurrected"), &job["grant"]));
    assert_eq!(world.members(), [ACCOUNT], "a look takes nothing away");
    assert_eq!(world.shown(&job)["attempts"][1]["outcome"], "member");
    world.is_over(&job);
}

#[test]
fn nobody_looks_at_whom_has_access_again() {
    let world = World::new();
    let job = world.removed();
    world.site.advance_minutes(1);
    let again = world.active();
    world.site.core().take_calls();
    world.later();
    let ran = world.site.run_jobs();
    assert_eq!((ran.looked_again, ran.cancelled), (0, 1));
    assert_eq!(world.site.core().take_calls(), Vec::<String>::new());
    let shown = world.shown(&job);
    assert_eq!((&shown["job"]["second_look_at"], &shown["job"]["attempts"]), (&Value::Null, &json!(1)));
    assert_eq!((world.state(&again).as_str(), world.times("job.looked_again")), ("active", 1));
}

#[test]
fn a_look_that_fails_is_repeated_for_a_day_and_asks_nobody() {
    for passes in [true, false] {
        let world = World::new();
        let job = world.removed();
        let busy = Outcome::RetryAfter { seconds: 600, reason: RetryReason::Unconfirmed };
        world.site.core().fail(vec![answers(busy); if passes { 1 } else { 1_000 }]);
        world.later();
        assert_eq!(world.site.run_jobs().delayed, 1);
        let due: clearance::time::Timestamp =
            text(&world.shown(&job)["job"]["second_look_at"]).parse().expect("when it is tried again");
        assert!(due >= world.site.now().plus_minutes(10));
        for _ in 0..26 * 4 {
            world.site.run_jobs();
            world.site.advance_minutes(15);
        }
        let last = world.shown(&job)["attempts"].as_array().and_then(|all| all.last().cloned());
        let expected = if passes { "not_member" } else { "retry_after" };
        assert_eq!(last.expect("an attempt")["outcome"], expected);
        assert!(world.jobs("needs_follow_up").is_empty());
        assert_eq!(world.times("job.delayed"), 0, "access is not late");
        world.is_over(&job);
    }
}

#[test]
fn what_would_need_a_person_is_left_to_the_checks_of_the_whole_group() {
    for disabled in [true, false] {
        let world = World::new();
        let job = world.removed();
        world.later();
        if disabled {
            world.alice.call("connectors.disable", json!({ "connector": world.at.connector })).ok();
        } else {
            world.site.core().fail([follow_up(FollowUpReason::GroupNotWritable)]);
        }
        assert_eq!(world.site.run_jobs().cancelled, 1);
        assert!(world.jobs("needs_follow_up").is_empty());
        world.is_over(&job);
    }
}

#[test]
fn a_runner_that_is_killed_while_it_looks_changes_nothing_and_another_one_looks() {
    for writes in 0..2 {
        let world = World::new();
        let job = world.removed();
        world.later();
        let _ = killed_at(&world.site, writes, async |host| run_due(host).await);
        assert_eq!(world.times("job.looked_again"), 0);
        assert_ne!(world.shown(&job)["job"]["second_look_at"], Value::Null);
        // A page that asks meanwhile is told that the removal is done, not that it is under way.
        assert!(world.jobs("running").is_empty());
        world.site.advance_minutes(3);
        assert_eq!(world.site.run_jobs().looked_again, 1, "{writes}");
        world.is_over(&job);
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let world = World::new();
    let job = world.removed();
    world.later();
    world.site.core().fail([Fault::Fails(CoreError::Unreachable("down".to_owned()))]);
    world.site.run_jobs();
    assert_eq!(world.times("job.looked_again"), 0);
    world.run_for(30);
    assert_eq!(
        world.shown(&job)["attempts"].as_array().and_then(|all| all.last()).expect("one")["outcome"],
        "not_member"
    );
    world.is_over(&job);
}

#[test]
fn nobody_looks_at_an_account_that_is_nobodys_any_more() {
    let world = World::new();
    world.active();
    world.site.map(&world.at, &world.ben, "00uben00000002");
    for _ in 0..5 {
        world.site.tick();
        world.run_for(1);
    }
    assert_eq!(world.members(), ["00uben00000002"]);
    assert!(world.jobs("succeeded").iter().all(|job| job["second_look_at"].is_null()));
}

#[test]
fn looks_that_are_due_hold_up_nobody_and_no_brake_counts_them() {
    let world = World::new();
    world.removed();
    let waiting = json!({ "connector": world.at.connector });
    let due = || world.alice.call("connectors.get", waiting.clone()).ok()["removals_due"]["count"].clone();
    assert_eq!(due(), json!(0));
    world.later();
    assert_eq!(due(), json!(0), "a look is no removal");
    let before = world.site.with_store(async |store| {
        let groups = clearance::documents::all::<clearance::connector::ProviderGroup>(
            store,
            clearance::documents::Select::all(),
        );
        groups.await.expect("groups")[0].removals
    });
    assert_eq!(world.site.run_jobs().looked_again, 1);
    assert_eq!(before.count, 0, "and what a person asked for is none of the brake's");
}
