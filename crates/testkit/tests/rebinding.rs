//! A tool's group is gone at the provider while people have access through it: another one comes in its place, and nobody is forgotten.

use clearance::ports::CoreError;
use core_protocol::message::{FollowUpReason, GroupReach, Outcome, RefusalReason};
use serde_json::{Value, json};
use testkit::connected::{Connected, TENANT};
use testkit::{Client as _, Fault, PersonClient, Site, text};

const NEW: &str = "00gnew00000001";

struct World {
    site: Site,
    alice: PersonClient,
    at: Connected,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let alice = site.administrator("Alice Admin");
        let at = site.connected("Code agent");
        site.core().group(TENANT, NEW, "Code agent anew");
        site.advance_minutes(20);
        Self { site, alice, at }
    }

    /// Somebody with access that works.
    fn member(&self, name: &str) -> (PersonClient, String) {
        let person = self.site.member(name);
        self.site.map(&self.at, &person, &account_of(name));
        let grant = text(&person.take(&self.at.tool, 5)["id"]);
        self.site.run_jobs();
        assert_eq!(person.grant(&grant)["state"], "active");
        (person, grant)
    }

    fn new_group(&self) -> Value {
        json!({ "tool": self.at.tool, "connector": self.at.connector, "group": NEW })
    }

    fn binding(&self) -> Value {
        self.site.console("provider_groups.get", json!({ "tool": self.at.tool }))["binding"].take()
    }

    fn members(&self) -> Vec<String> {
        self.site.core().members(TENANT, NEW)
    }

    fn stuck(&self) -> usize {
        self.alice.all("jobs.list", json!({ "state": "needs_follow_up" })).len()
    }

    /// As many passes as it takes, with time between them.
    fn run(&self) {
        for _ in 0..3 {
            self.site.tick();
            self.site.run_jobs();
            self.site.advance_minutes(1);
        }
    }
}

fn account_of(name: &str) -> String {
    format!("00u{:0<11}", name.to_lowercase().replace(' ', ""))
}

#[test]
fn what_waits_goes_on_in_the_new_group_and_nobody_is_forgotten() {
    let world = World::new();
    let site = &world.site;
    let ((ada, ends), (ben, lasts), carl) =
        (world.member("Ada A"), world.member("Ben B"), site.member("Carl C"));
    site.map(&world.at, &carl, &account_of("Carl C"));
    site.core().delete_group(TENANT, &world.at.group);
    assert_eq!(world.binding()["gone"], false, "nobody has looked yet");
    ada.call("grants.give_back", json!({ "grant": ends })).ok();
    let begins = text(&carl.take(&world.at.tool, 5)["id"]);
    world.run();
    assert_eq!((world.stuck(), world.binding()["gone"].clone()), (2, json!(true)));
    // Ada's access is not called ended because the group cannot be found.
    assert_eq!(ada.grant(&ends)["follow_up"]["reason"], "group_gone");

    let bound = world.alice.call("provider_groups.bind", world.new_group()).ok();
    let binding = &bound["binding"];
    assert_eq!((&binding["group"]["id"], &binding["gone"]), (&json!(NEW), &json!(false)));
    world.run();
    assert_eq!(world.stuck(), 0);
    assert_eq!(
        (&ada.grant(&ends)["state"], &carl.grant(&begins)["state"]),
        (&json!("ended"), &json!("active"))
    );
    assert_eq!(world.members(), [account_of("Carl C")]);
    // Ben's access works no more. A check finds that, and somebody decides what becomes of it.
    for _ in 0..2 {
        site.check_drift();
        site.advance_minutes(1);
    }
    let findings = world.alice.all("drift.list", json!({ "state": "open" }));
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(
        (&findings[0]["kind"], &findings[0]["grant"]),
        (&json!("approved_but_missing"), &json!(lasts))
    );
    let restore = json!({ "kind": "restore", "reason": "The group was made anew" });
    world.alice.call("drift.dispose", json!({ "finding": findings[0]["id"], "disposition": restore })).ok();
    world.run();
    let mut members = world.members();
    members.sort();
    assert_eq!(members, [account_of("Ben B"), account_of("Carl C")]);
    for (person, grant) in [(&ben, &lasts), (&carl, &begins)] {
        person.call("grants.give_back", json!({ "grant": grant })).ok();
    }
    world.run();
    assert_eq!((world.members().len(), &ben.grant(&lasts)["state"]), (0, &json!("ended")));
    let kinds = site.log_kinds();
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((count("provider_group.bound"), count("provider_group.released")), (2, 1));
}

#[test]
fn nothing_less_than_a_group_that_is_gone_is_replaced() {
    let world = World::new();
    world.member("Ada A");
    let core = world.site.core();
    let bind = || world.alice.call("provider_groups.bind", world.new_group());
    bind().refused("group_bound");
    core.set_refused(TENANT, &world.at.group, Some(RefusalReason::GroupRuleManaged));
    bind().refused("group_bound");
    core.set_refused(TENANT, &world.at.group, Some(RefusalReason::GroupOwnedElsewhere));
    bind().refused("group_bound");
    core.set_refused(TENANT, &world.at.group, None);
    core.fail([Fault::Answers(Outcome::NeedsFollowUp { reason: FollowUpReason::PermissionMissing })]);
    bind().refused("connector_failing");
    core.fail([Fault::Fails(CoreError::Unreachable("down".to_owned()))]);
    bind().refused("provider_unavailable");
    // Another connector cannot tell of the group.
    let other = world.site.okta_connector("Okta again", TENANT);
    core.delete_group(TENANT, &world.at.group);
    let through_another = json!({ "tool": world.at.tool, "connector": other, "group": NEW });
    world.alice.call("provider_groups.bind", through_another).refused("group_bound");
    assert_eq!(world.binding()["group"]["id"], world.at.group);
    bind().ok();
}

#[test]
fn a_group_that_was_bound_a_moment_ago_may_only_not_show_yet() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let at = site.connected("Code agent");
    site.core().group(TENANT, NEW, "Code agent anew");
    site.core().delete_group(TENANT, &at.group);
    let bind = json!({ "tool": at.tool, "connector": at.connector, "group": NEW });
    alice.call("provider_groups.bind", bind.clone()).refused("group_bound");
    site.advance_minutes(15);
    alice.call("provider_groups.bind", bind).ok();
}

#[test]
fn two_agree_to_a_new_group_that_has_members_or_opens_more() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let (ada, grant) = world.member("Ada A");
    world.site.core().set_reach(TENANT, NEW, GroupReach::Applications { names: vec!["Mail".to_owned()] });
    world.site.core().delete_group(TENANT, &world.at.group);
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run();
    let proposal = world.alice.call("provider_groups.bind", world.new_group()).ok()["proposal"].take();
    let one = json!({ "proposal": proposal["id"] });
    world.alice.call("proposals.confirm", one.clone()).refused("own_proposal");
    world.run();
    assert_eq!((world.stuck(), world.binding()["group"]["id"].clone()), (1, json!(world.at.group)));
    // It is back: nothing is replaced.
    world.site.core().group(TENANT, &world.at.group, "Code agent");
    bob.call("proposals.confirm", one.clone()).refused("group_bound");
    world.site.core().delete_group(TENANT, &world.at.group);
    bob.call("proposals.confirm", one).ok();
    world.run();
    assert_eq!((world.stuck(), ada.grant(&grant)["state"].clone()), (0, json!("ended")));
}

#[test]
fn a_new_group_may_be_made_in_the_place_of_one_that_is_gone() {
    let world = World::new();
    let (ada, grant) = world.member("Ada A");
    world.site.core().delete_group(TENANT, &world.at.group);
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run();
    let make = json!({ "tool": world.at.tool, "connector": world.at.connector, "name": "Made anew" });
    world.alice.call("provider_groups.create", make).ok();
    world.run();
    assert_eq!(ada.grant(&grant)["state"], "ended");
}

#[test]
fn whoever_is_in_the_new_group_already_is_taken_out_where_their_access_has_ended() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let (ada, grant) = world.member("Ada A");
    world.site.core().join(TENANT, NEW, &account_of("Ada A"));
    world.site.core().delete_group(TENANT, &world.at.group);
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run();
    let proposal = world.alice.call("provider_groups.bind", world.new_group()).ok()["proposal"]["id"].take();
    bob.call("proposals.confirm", json!({ "proposal": proposal })).ok();
    assert_eq!(world.members().len(), 1, "binding removes nobody");
    world.run();
    assert_eq!((world.members().len(), ada.grant(&grant)["state"].clone()), (0, json!("ended")));
}

#[test]
fn binding_the_same_group_again_lets_go_on_what_waited_for_it() {
    let world = World::new();
    let (ada, grant) = world.member("Ada A");
    let refused = Outcome::Refused { reason: RefusalReason::GroupNotBound };
    world.site.core().fail([Fault::Answers(refused)]);
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    world.run();
    assert_eq!(ada.grant(&grant)["follow_up"]["reason"], "group_not_bound");
    let same = json!({ "tool": world.at.tool, "connector": world.at.connector, "group": world.at.group });
    world.alice.call("provider_groups.bind", same).ok();
    world.run();
    assert_eq!(ada.grant(&grant)["state"], "ended");
}
