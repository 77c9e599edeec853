//! Access through a provider's group: who is in the group is exactly who has access, whatever goes wrong between.

use crate::killed::killed_at;
use clearance::ports::CoreError;
use clearance::provisioning::run_due;
use clearance::time::Timestamp;
use core_protocol::message::{AccountStatus, FollowUpReason, Outcome, RateLimit, RetryReason};
use serde_json::{Value, json};
use testkit::connected::{Connected, TENANT};
use testkit::{Client as _, Fault, PersonClient, Site, text};

pub(crate) const ACCOUNT: &str = "00uben00000001";

/// A tool in a group at a provider, and Ben, who has an account there.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) alice: PersonClient,
    pub(crate) ben: PersonClient,
    pub(crate) at: Connected,
}

impl World {
    pub(crate) fn new() -> Self {
        let site = Site::in_memory();
        let alice = site.administrator("Alice Admin");
        let ben = site.member("Ben Bitdiddle");
        let at = site.connected("Code agent");
        site.map(&at, &ben, ACCOUNT);
        Self { site, alice, ben, at }
    }

    /// Ben asks, and it is approved.
    pub(crate) fn approved(&self) -> String {
        text(&self.ben.take(&self.at.tool, 5)["id"])
    }

    pub(crate) fn active(&self) -> String {
        let grant = self.approved();
        self.site.run_jobs();
        assert_eq!(self.state(&grant), "active");
        grant
    }

    pub(crate) fn state(&self, grant: &str) -> String {
        text(&self.ben.grant(grant)["state"])
    }

    pub(crate) fn members(&self) -> Vec<String> {
        self.site.core().members(TENANT, &self.at.group)
    }

    pub(crate) fn jobs(&self, state: &str) -> Vec<Value> {
        self.alice.all("jobs.list", json!({ "state": state }))
    }

    /// The only job that needs somebody, and why.
    pub(crate) fn follow_up(&self, grant: &str, reason: &str) -> Value {
        let mut jobs = self.jobs("needs_follow_up");
        assert_eq!(jobs.len(), 1, "{jobs:#?}");
        assert_eq!(jobs[0]["reason"], reason);
        assert!(jobs[0]["what_to_do"].is_string());
        let grant = self.ben.grant(grant);
        assert_eq!(
            (&grant["state"], &grant["follow_up"]["reason"]),
            (&json!("needs_follow_up"), &json!(reason))
        );
        json!({ "job": jobs.remove(0)["id"] })
    }

    /// As many passes as it takes, with time between them.
    pub(crate) fn run_for(&self, minutes: i64) {
        for _ in 0..minutes {
            self.site.run_jobs();
            self.site.advance_minutes(1);
        }
    }

    pub(crate) fn end(&self) {
        self.site.advance_days(5);
        self.site.advance_minutes(1);
        assert_eq!(self.site.tick().expired, 1);
    }
}

pub(crate) fn answers(outcome: Outcome) -> Fault {
    Fault::Answers(outcome)
}

pub(crate) fn follow_up(reason: FollowUpReason) -> Fault {
    answers(Outcome::NeedsFollowUp { reason })
}

pub(crate) fn retry(reason: RetryReason) -> Fault {
    answers(Outcome::RetryAfter { seconds: 3, reason })
}

#[test]
fn access_begins_and_ends_with_membership_as_the_provider_confirms_it() {
    let world = World::new();
    let grant = world.approved();
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("awaiting_provisioning", 0));
    let ran = world.site.run_jobs();
    assert_eq!((ran.succeeded, ran.delayed, ran.follow_ups), (1, 0, 0));
    assert_eq!((world.state(&grant).as_str(), world.members()), ("active", vec![ACCOUNT.to_owned()]));
    assert_eq!(world.ben.grant(&grant)["means"], "connected");
    assert!(world.site.run_jobs().is_idle());
    world.end();
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("removing", 1));
    assert_eq!(world.site.run_jobs().succeeded, 1);
    let ended = world.ben.grant(&grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));
    assert!(world.members().is_empty());
    let removal = &world.jobs("succeeded")[1];
    let with = world.alice.call("jobs.get", json!({ "job": removal["id"] })).ok();
    assert_eq!((&with["attempts"][0]["outcome"], &with["job"]["lane"]), (&json!("changed"), &json!("sweep")));
}

#[test]
fn what_passes_is_tried_again_and_nobody_is_asked() {
    for fault in [
        retry(RetryReason::RateLimited),
        retry(RetryReason::ProviderUnavailable),
        retry(RetryReason::ProviderTimeout),
        retry(RetryReason::ProviderBusy),
        retry(RetryReason::CircuitOpen),
        retry(RetryReason::Unconfirmed),
        Fault::LosesAnswer,
        Fault::Lies,
        Fault::Fails(CoreError::Unreachable("down".to_owned())),
    ] {
        let world = World::new();
        let grant = world.approved();
        world.site.core().fail([fault.clone(), fault.clone()]);
        assert_eq!(world.site.run_jobs().delayed, 1, "{fault:?}");
        assert_eq!(world.state(&grant), "awaiting_provisioning", "{fault:?}");
        world.run_for(30);
        assert_eq!(world.state(&grant), "active", "{fault:?}");
        world.site.core().fail([fault.clone()]);
        world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
        world.run_for(30);
        assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0), "{fault:?}");
        let kinds = world.site.log_kinds();
        assert_eq!(kinds.iter().filter(|kind| *kind == "job.delayed").count(), 2, "{fault:?}");
    }
}

#[test]
fn what_a_person_must_do_says_so_and_goes_on_afterwards() {
    let world = World::new();
    let grant = world.approved();
    let core = world.site.core();
    core.set_status(TENANT, ACCOUNT, AccountStatus::Suspended);
    core.fail([follow_up(FollowUpReason::IdentityInactive)]);
    world.site.run_jobs();
    let job = world.follow_up(&grant, "identity_inactive");
    core.set_status(TENANT, ACCOUNT, AccountStatus::Active);
    world.ben.call("jobs.retry", job.clone()).refused("not_permitted");
    assert_eq!(world.alice.call("jobs.retry", job).ok()["job"]["state"], "queued");
    world.site.run_jobs();
    assert_eq!(world.state(&grant), "active");

    core.delete_group(TENANT, &world.at.group);
    world.end();
    world.site.run_jobs();
    let job = world.follow_up(&grant, "group_gone");
    world.alice.call("jobs.attest", job.clone()).ok();
    world.alice.call("jobs.attest", job).refused("job_state");
    assert_eq!(world.state(&grant), "ended");
}

#[test]
fn whoever_has_no_account_waits_until_they_are_mapped() {
    let world = World::new();
    let carl = world.site.member("Carl Coder");
    let grant = text(&carl.take(&world.at.tool, 5)["id"]);
    world.site.run_jobs();
    let job = json!({ "job": world.jobs("needs_follow_up")[0]["id"] });
    assert_eq!(carl.grant(&grant)["follow_up"]["reason"], "no_identity");
    world.alice.call("jobs.attest", job.clone()).refused("job_state");
    world.site.map(&world.at, &carl, "00ucarl0000001");
    world.alice.call("jobs.retry", job).ok();
    world.site.run_jobs();
    assert_eq!((carl.grant(&grant)["state"].clone(), world.members().len()), (json!("active"), 1));
}

#[test]
fn what_waits_for_the_connector_goes_on_by_itself_when_it_works() {
    for (fault, reason) in [
        (None, "connector_disabled"),
        (Some(FollowUpReason::CredentialsRefused), "credentials_refused"),
        (Some(FollowUpReason::PermissionMissing), "permission_missing"),
    ] {
        let world = World::new();
        let grant = world.active();
        let connector = json!({ "connector": world.at.connector });
        match fault {
            None => drop(world.alice.call("connectors.disable", connector.clone()).ok()),
            Some(fault) => world.site.core().fail([follow_up(fault)]),
        }
        world.end();
        world.site.run_jobs();
        world.follow_up(&grant, reason);
        assert_eq!(world.members().len(), 1);
        // Nobody is asked again while somebody has to act.
        world.site.core().take_calls();
        world.site.run_jobs();
        assert!(world.site.core().take_calls().is_empty());
        let operation = if fault.is_some() { "connectors.test" } else { "connectors.enable" };
        world.alice.call(operation, connector).ok();
        assert_eq!(world.site.run_jobs().resumed, 1);
        assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0));
    }
}

#[test]
fn an_outage_of_a_day_is_shown_and_ends_by_itself() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().set_down(Some(CoreError::Unreachable("down".to_owned())));
    for _ in 0..26 * 4 {
        world.site.run_jobs();
        world.site.advance_minutes(15);
    }
    world.site.run_jobs();
    world.follow_up(&grant, "core_down");
    world.site.core().set_down(None);
    world.run_for(20);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("active", 1));
}

#[test]
fn what_is_never_confirmed_is_never_active() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().fail(vec![Fault::Lies; 1_000]);
    for _ in 0..26 * 4 {
        world.site.run_jobs();
        assert_ne!(world.state(&grant), "active");
        world.site.advance_minutes(15);
    }
    world.follow_up(&grant, "unexpected_answer");
}

#[test]
fn access_given_back_while_it_was_being_given_is_taken_away() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().fail([Fault::LosesAnswer]);
    world.site.run_jobs();
    assert_eq!(world.members().len(), 1, "it was done, and nobody learned of it");
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(world.state(&grant), "removing");
    world.run_for(30);
    let ended = world.ben.grant(&grant);
    assert_eq!((&ended["state"], &ended["activated_at"]), (&json!("ended"), &json!(null)));
    assert!(world.members().is_empty());
    // What nobody began to give ends at once.
    let grant = world.approved();
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(world.state(&grant), "ended");
    assert!(world.site.run_jobs().is_idle());
}

#[test]
fn whoever_is_in_the_group_again_hours_later_is_found() {
    let world = World::new();
    let grant = world.active();
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    world.site.run_jobs();
    assert!(world.members().is_empty());
    world.site.core().join(TENANT, &world.at.group, ACCOUNT);
    world.site.advance_minutes(4 * 60 + 1);
    world.site.run_jobs();
    let findings = world.alice.all("drift.list", json!({ "state": "open" }));
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["kind"], &findings[0]["grant"]), (&json!("resurrected"), &json!(grant)));
}

#[test]
fn what_the_provider_says_is_left_is_spread_over_the_time_until_its_limit_begins_anew() {
    let world = World::new();
    for n in 0..40 {
        let person = world.site.member(&format!("Person {n}"));
        world.site.map(&world.at, &person, &format!("00uperson{n:05}"));
        let _ = person.take(&world.at.tool, 5);
    }
    // As recorded of a small org: a tenth is left to others, and a call costs two requests, so that is a call every two seconds.
    world.site.core().set_rate_limit(Some(RateLimit { limit: 50, remaining: 46, resets_in: 41 }));
    let begin = world.site.now();
    let done_after = |seconds: i64| {
        let now = Timestamp::from_millisecond(begin.as_millisecond() + seconds * 1_000);
        world.site.set_clock(now);
        let next_at = world.site.run_jobs().next_at;
        assert!(next_at.is_none_or(|next| next > now), "{next_at:?}");
        world.members().len()
    };
    assert_eq!(done_after(0), 8, "what the provider bears in general, before it has said anything");
    world.site.core().set_rate_limit(None);
    assert_eq!((done_after(13), done_after(16), done_after(17)), (8, 9, 9));
    world.site.restart();
    assert_eq!((done_after(18), done_after(20), done_after(40)), (10, 11, 12), "nothing is saved up");
    assert_eq!(done_after(42), 20, "its limit has begun anew");
}

#[test]
fn sixty_four_at_once_by_several_runners() {
    let world = World::new();
    let mut people = Vec::new();
    for n in 0..64 {
        let person = world.site.member(&format!("Person {n}"));
        world.site.map(&world.at, &person, &format!("00uperson{n:05}"));
        let grant = text(&person.take(&world.at.tool, 5)["id"]);
        people.push((person, grant));
    }
    for _ in 0..40 {
        world.site.run_jobs_at_once(3);
        world.site.advance_minutes(1);
    }
    assert_eq!(world.members().len(), 64);
    for (person, grant) in &people {
        assert_eq!(person.grant(grant)["state"], "active");
    }
    for (person, grant) in people.iter().take(32) {
        person.call("grants.give_back", json!({ "grant": grant })).ok();
    }
    for _ in 0..40 {
        world.site.run_jobs_at_once(3);
        world.site.advance_minutes(1);
    }
    assert_eq!(world.members().len(), 32);
}

#[test]
fn more_removals_by_time_than_a_share_of_the_group_wait_for_a_person() {
    let world = World::new();
    for n in 0..14 {
        let person = world.site.member(&format!("Person {n}"));
        world.site.map(&world.at, &person, &format!("00uperson{n:05}"));
        person.take(&world.at.tool, 5);
    }
    world.run_for(5);
    assert_eq!(world.members().len(), 14);
    world.site.advance_days(6);
    assert_eq!(world.site.tick().expired, 14);
    world.run_for(10);
    assert_eq!(world.members().len(), 4, "the brake lets ten go");
    let held = world.jobs("queued").iter().filter(|job| job["held"] == true).count();
    assert_eq!(held, 4);
    world.alice.call("provider_groups.release_hold", json!({ "tool": world.at.tool })).ok();
    world.run_for(10);
    assert!(world.members().is_empty());
}

#[test]
fn a_runner_that_is_killed_at_any_write_leaves_nothing_undone() {
    for writes in 0..6 {
        let world = World::new();
        let grant = world.approved();
        let _ = killed_at(&world.site, writes, async |ports| run_due(ports).await);
        world.run_for(10);
        assert_eq!((world.state(&grant).as_str(), world.members().len()), ("active", 1), "{writes}");
        world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
        let _ = killed_at(&world.site, writes, async |ports| run_due(ports).await);
        world.run_for(10);
        assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0), "{writes}");
    }
}

#[test]
fn what_a_runner_is_at_is_shown_and_left_alone_until_its_lease_is_over() {
    let world = World::new();
    let grant = world.active();
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    // The account is out of the group, and the runner dies before it could write that down.
    assert!(killed_at(&world.site, 1, async |ports| run_due(ports).await).is_err());
    assert!(world.members().is_empty());
    let running = world.jobs("running");
    assert_eq!(running.len(), 1, "{running:#?}");
    assert_eq!((&running[0]["state"], &running[0]["attempts"]), (&json!("running"), &json!(0)));
    assert_eq!((&running[0]["may_retry"], world.jobs("queued").len()), (&json!(false), 0));
    let job = json!({ "job": running[0]["id"] });
    assert_eq!(world.alice.call("jobs.get", job.clone()).ok()["job"]["state"], "running");

    world.site.advance_minutes(1);
    assert!(world.site.run_jobs().is_idle());
    assert_eq!(world.state(&grant), "removing");

    world.site.advance_minutes(1);
    assert_eq!(world.site.run_jobs().succeeded, 1);
    assert_eq!((world.state(&grant).as_str(), world.jobs("running").len()), ("ended", 0));
    let job = world.alice.call("jobs.get", job).ok();
    let told = |place: usize| (&job["attempts"][place]["outcome"], &job["attempts"][place]["reason"]);
    assert_eq!(told(0), (&json!("retry_after"), &json!("no_answer")), "{job:#}");
    assert_eq!(told(1).0, "already", "{job:#}");
    assert_eq!((&job["job"]["state"], &job["job"]["attempts"]), (&json!("succeeded"), &json!(2)));
}

#[test]
fn access_that_is_given_back_while_its_runner_is_gone_waits_for_nobody() {
    let world = World::new();
    let grant = world.approved();
    assert!(killed_at(&world.site, 2, async |ports| run_due(ports).await).is_err());
    assert_eq!((world.members().len(), world.jobs("running").len()), (1, 1));
    // Whoever gives it back does not wait for a runner that may never come back.
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(world.jobs("running").len(), 0);
    assert_eq!(world.site.run_jobs().succeeded, 1);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0));
    world.site.advance_minutes(2);
    world.site.run_jobs();
    assert_eq!((world.jobs("cancelled").len(), world.jobs("running").len()), (1, 0));
}
