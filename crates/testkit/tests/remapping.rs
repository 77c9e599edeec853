//! Whose account somebody has changes under their access, and changes that arrive late: nobody keeps what they should not have.

use clearance::provisioning::run_due;
use core_protocol::message::{Outcome, RefusalReason, RetryReason};
use serde_json::json;
use testkit::connected::TENANT;
use testkit::{Client as _, Fault, text};

use crate::connected::{ACCOUNT, World};
use crate::killed::killed_at;

const SECOND: &str = "00ubensecond01";
const THIRD: &str = "00ubenthird001";

impl World {
    fn remap(&self, account: &str) {
        self.site.map(&self.at, &self.ben, account);
    }

    fn busy(&self, account: &str, busy: bool) {
        let outcome = Outcome::RetryAfter { seconds: 1, reason: RetryReason::ProviderUnavailable };
        self.site.core().trouble(account, busy.then_some(outcome));
    }

    /// Passes of clockwork and runner, with time between them; two accounts of one person are never in the group.
    fn pass(&self, minutes: i64) {
        for _ in 0..minutes {
            self.site.tick();
            self.site.run_jobs();
            assert!(self.members().len() <= 1, "{:?}", self.members());
            self.site.advance_minutes(1);
        }
    }
}

#[test]
fn the_old_account_is_out_for_certain_before_the_new_one_is_put_in() {
    let world = World::new();
    let grant = world.active();
    let before = world.ben.grant(&grant);
    world.busy(ACCOUNT, true);
    world.remap(SECOND);
    world.site.core().take_calls();
    world.pass(20);
    // Nobody knows yet that the old one is out, so nothing is put in, and access is what it was.
    assert_eq!(world.members(), [ACCOUNT]);
    assert!(world.site.core().take_calls().iter().all(|call| call == "remove_member"));
    assert_eq!(world.state(&grant), "active");
    world.busy(ACCOUNT, false);
    world.busy(SECOND, true);
    world.pass(20);
    assert_eq!(world.members(), Vec::<String>::new());
    world.busy(SECOND, false);
    world.pass(20);
    assert_eq!(world.members(), [SECOND]);
    let after = world.ben.grant(&grant);
    assert_eq!((&after["state"], &after["ends_at"]), (&json!("active"), &before["ends_at"]));
    // The end takes the account that is in, and neither is looked for in the group of the other.
    world.end();
    world.pass(10);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0));
}

#[test]
fn a_change_of_accounts_that_is_changed_again_ends_with_the_last_one() {
    for passes in 0..4 {
        let world = World::new();
        let grant = world.active();
        world.remap(SECOND);
        world.pass(passes);
        world.remap(THIRD);
        world.pass(20);
        assert_eq!((world.members(), world.state(&grant)), (vec![THIRD.to_owned()], "active".to_owned()));
    }
}

#[test]
fn access_that_ends_while_accounts_change_leaves_neither_in_the_group() {
    for passes in 0..4 {
        for busy in [ACCOUNT, SECOND] {
            let world = World::new();
            let grant = world.active();
            world.busy(busy, true);
            world.remap(SECOND);
            world.pass(passes);
            world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
            world.pass(3);
            world.busy(busy, false);
            world.pass(30);
            assert_eq!(
                (world.state(&grant).as_str(), world.members().len()),
                ("ended", 0),
                "{busy} {passes}"
            );
        }
    }
}

#[test]
fn killed_at_any_write_accounts_are_changed_all_the_same() {
    for writes in 0..8 {
        let world = World::new();
        let grant = world.active();
        world.remap(SECOND);
        world.site.tick();
        let _ = killed_at(&world.site, writes, async |ports| run_due(ports).await);
        assert!(world.members().len() <= 1);
        world.pass(20);
        assert_eq!((world.members(), world.state(&grant)), (vec![SECOND.to_owned()], "active".to_owned()));
    }
}

#[test]
fn an_addition_that_arrives_after_its_removal_was_confirmed_changes_nothing() {
    let world = World::new();
    let grant = world.approved();
    world.site.core().fail([Fault::Dawdles]);
    assert_eq!(world.site.run_jobs().delayed, 1);
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run_for(20);
    assert_eq!(world.state(&grant), "ended");
    assert_eq!(world.site.core().arrive(), [Outcome::Refused { reason: RefusalReason::FenceTooLow }]);
    assert!(world.members().is_empty());
    // The same when it was made again and worked in between, all within the same second.
    let grant = world.approved();
    world.site.core().fail([Fault::Dawdles]);
    world.site.run_jobs();
    world.run_for(20);
    assert_eq!(world.state(&grant), "active");
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run_for(3);
    assert_eq!(world.site.core().arrive(), [Outcome::Refused { reason: RefusalReason::FenceTooLow }]);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0));
    // And a removal that arrives when access was given anew.
    let grant = world.active();
    world.site.core().fail([Fault::Dawdles]);
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run_for(20);
    assert_eq!(world.state(&grant), "ended");
    let grant = world.active();
    assert_eq!(world.site.core().arrive(), [Outcome::Refused { reason: RefusalReason::FenceTooLow }]);
    assert_eq!((world.state(&grant).as_str(), world.members()), ("active", vec![ACCOUNT.to_owned()]));
}

#[test]
fn a_later_change_that_core_has_seen_is_passed_by_higher_numbers() {
    let world = World::new();
    let grant = world.approved();
    let seen = u32::try_from(world.site.now().as_millisecond() / 1_000).unwrap() + 5_000;
    world.site.core().has_seen(TENANT, &world.at.group, ACCOUNT, seen);
    world.site.run_jobs();
    assert_eq!(world.jobs("waiting_retry")[0]["reason"], "out_of_order");
    world.run_for(120);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("active", 1));
    // What follows goes beyond that at once.
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    assert_eq!(world.site.run_jobs().succeeded, 1);
    assert_eq!((world.state(&grant).as_str(), world.members().len()), ("ended", 0));
    let again = text(&world.ben.take(&world.at.tool, 5)["id"]);
    world.run_for(120);
    assert_eq!((world.state(&again).as_str(), world.members().len()), ("active", 1));
}
