//! Groups at a provider: found, checked, bound alone or by two, and given up.

use clearance::ports::CoreError;
use core_protocol::message::{FollowUpReason, GroupReach, Outcome, RefusalReason, RetryReason};
use serde_json::{Value, json};
use testkit::{Client as _, Fault, PersonClient, Site, text};

const OKTA: &str = "acme.okta.com";
const GROUP: &str = "00g1ab2cd3ef4gh5ij6k";

struct World {
    site: Site,
    alice: PersonClient,
    bob: PersonClient,
    connector: String,
    tool: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
        let connector = site.okta_connector("Okta", OKTA);
        let tool = site.tool("Note taker", json!({}));
        site.core().group(OKTA, GROUP, "Note takers");
        Self { site, alice, bob, connector, tool }
    }

    fn input(&self) -> Value {
        json!({ "tool": self.tool, "connector": self.connector, "group": GROUP })
    }

    fn bind(&self) -> Value {
        self.alice.call("provider_groups.bind", self.input()).ok()
    }

    fn check(&self) -> Value {
        self.alice.call("provider_groups.check", self.input()).ok()
    }

    fn binding(&self) -> Value {
        self.alice.call("provider_groups.get", json!({ "tool": self.tool })).ok()["binding"].take()
    }

    fn reach(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.site.core().set_reach(OKTA, GROUP, GroupReach::Applications { names });
    }
}

#[test]
fn an_empty_group_that_opens_nothing_is_bound_by_one_and_given_up_again() {
    let world = World::new();
    let (alice, site) = (&world.alice, &world.site);
    let named = json!({ "connector": world.connector, "name": "Note takers" });
    let found = alice.call("provider_groups.find", named).ok();
    assert_eq!(found["groups"], json!([{ "id": GROUP, "name": "Note takers", "description": null }]));
    let checked = world.check();
    assert_eq!((&checked["bindable"], &checked["needs_second"]), (&json!(true), &json!(false)));
    assert_eq!(checked["group"]["members"], json!({ "at_least": 0, "more": false }));
    assert_eq!(checked["group"]["reach"], json!({ "kind": "nothing" }));
    assert_eq!(world.binding(), Value::Null);

    let answer = world.bind();
    assert_eq!(answer["proposal"], Value::Null);
    let binding = &answer["binding"];
    assert_eq!(binding["group"], json!({ "id": GROUP, "name": "Note takers" }));
    assert_eq!(binding["tool"]["id"], world.tool);
    assert_eq!(binding["connector"], json!({ "id": world.connector, "name": "Okta" }));
    assert_eq!(binding["bound_by"], json!({ "kind": "person", "id": alice.id(), "name": "Alice Admin" }));
    assert_eq!(binding["confirmed_by"], Value::Null);
    assert_eq!(&world.binding(), binding);
    assert_eq!(&alice.all("provider_groups.list", json!({ "connector": world.connector }))[0], binding);
    // Once more is no change, and makes sure of the ownership at Core.
    let before = site.snapshot();
    site.core().take_calls();
    assert_eq!(world.bind(), answer);
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    assert_eq!(site.core().take_calls(), ["bind_group"]);

    alice.call("provider_groups.release", json!({ "tool": world.tool })).ok();
    assert_eq!(site.core().take_calls(), ["release_group"]);
    assert_eq!(world.binding(), Value::Null);
    alice.call("provider_groups.release", json!({ "tool": world.tool })).refused("not_found");
    assert_eq!(world.bind()["binding"]["group"]["id"], GROUP);
    let kinds = site.log_kinds();
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((count("provider_group.bound"), count("provider_group.released")), (2, 1));
}

#[test]
fn what_needs_two_is_bound_when_another_administrator_agrees() {
    for (members, reach, sentence) in [
        (1, GroupReach::Nothing, "The group has a member already."),
        (2, GroupReach::Nothing, "The group has 2 members already."),
        (0, GroupReach::Unreadable, "The provider does not tell what else the group opens."),
        (0, GroupReach::Applications { names: vec!["Mail".to_owned()] }, "The group also opens: Mail."),
    ] {
        let world = World::new();
        let core = world.site.core();
        for n in 0..members {
            core.account(OKTA, &format!("00u{n}"), "Somebody Else");
            core.join(OKTA, GROUP, &format!("00u{n}"));
        }
        core.set_reach(OKTA, GROUP, reach);
        let checked = world.check();
        assert_eq!((&checked["needs_second"], &checked["why"]), (&json!(true), &json!(sentence)));
        let proposal = world.bind()["proposal"].take();
        assert_eq!((text(&proposal["kind"]), text(&proposal["why"])), ("bind_group".into(), sentence.into()));
        assert_eq!((&proposal["may_confirm"], &proposal["may_withdraw"]), (&json!(false), &json!(true)));
        assert_eq!(world.binding(), Value::Null, "nothing is bound yet");
        let one = json!({ "proposal": proposal["id"] });
        world.alice.call("proposals.confirm", one.clone()).refused("own_proposal");
        let confirmed = world.bob.call("proposals.confirm", one).ok()["proposal"].take();
        assert_eq!(confirmed["state"], "confirmed");
        assert_eq!(confirmed["decided_by"]["id"], world.bob.id());
        let binding = world.binding();
        assert_eq!(binding["bound_by"]["id"], world.alice.id());
        assert_eq!(binding["confirmed_by"]["id"], world.bob.id());
        assert_eq!(binding["members"], members);
        assert_eq!(core.members(OKTA, GROUP).len(), members, "nobody is removed");
    }
}

#[test]
fn a_group_that_became_more_between_the_look_and_the_binding_is_not_bound_alone() {
    let world = World::new();
    let core = world.site.core();
    // The first look finds an empty group; somebody joins before it is bound.
    core.account(OKTA, "00u1", "Somebody Else");
    let empty = core_protocol::message::Group {
        id: GROUP.parse().unwrap(),
        name: "Note takers".to_owned(),
        description: None,
        members: Some(core_protocol::message::MemberCount { at_least: 0, more: false }),
        reach: Some(GroupReach::Nothing),
    };
    core.fail([Fault::Answers(Outcome::Group { group: empty })]);
    core.join(OKTA, GROUP, "00u1");
    assert_eq!(world.bind()["proposal"]["state"], "open");
    assert_eq!(world.binding(), Value::Null);
    assert_eq!(core.take_calls(), ["check_binding", "bind_group", "release_group"]);
}

#[test]
fn what_was_agreed_to_does_not_cover_what_the_group_became() {
    let world = World::new();
    world.reach(&["Mail"]);
    let one = json!({ "proposal": world.bind()["proposal"]["id"] });
    world.reach(&["Mail", "Payroll"]);
    let refusal = world.bob.call("proposals.confirm", one.clone()).refused("proposal_outdated");
    assert_eq!(refusal["details"]["why"], "The group also opens: Mail, Payroll.");
    assert_eq!(world.binding(), Value::Null);
    world.reach(&["Mail"]);
    world.bob.call("proposals.confirm", one).ok();
    assert_eq!(world.binding()["group"]["id"], GROUP);
}

#[test]
fn groups_that_must_not_be_managed_say_why_and_what_to_do() {
    for reason in [
        RefusalReason::GroupRuleManaged,
        RefusalReason::GroupBuiltIn,
        RefusalReason::GroupOfApplication,
        RefusalReason::GroupDynamic,
        RefusalReason::GroupSynced,
        RefusalReason::GroupMailEnabled,
        RefusalReason::GroupRoleAssignable,
        RefusalReason::GroupOwnedElsewhere,
    ] {
        let world = World::new();
        world.site.core().set_refused(OKTA, GROUP, Some(reason));
        let checked = world.check();
        assert_eq!((&checked["bindable"], &checked["reason"]), (&json!(false), &json!(reason.code())));
        assert!(text(&checked["what_to_do"]).len() > 20);
        let before = world.site.snapshot();
        let code = match reason {
            RefusalReason::GroupOwnedElsewhere => "group_owned_elsewhere",
            _ => "group_not_bindable",
        };
        let refusal = world.alice.call("provider_groups.bind", world.input()).refused(code);
        assert_eq!(refusal["details"]["what_to_do"], checked["what_to_do"]);
        assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    }
}

#[test]
fn two_tools_do_not_share_a_group_nor_a_tool_two_groups() {
    let world = World::new();
    world.bind();
    let other = world.site.tool("Translator", json!({}));
    let same_group = json!({ "tool": other, "connector": world.connector, "group": GROUP });
    world.bob.call("provider_groups.bind", same_group.clone()).refused("group_in_use");
    let checked = world.bob.call("provider_groups.check", same_group).ok();
    assert_eq!((&checked["bindable"], &checked["reason"]), (&json!(false), &json!("group_in_use")));
    world.site.core().group(OKTA, "00g2", "Others");
    let other_group = json!({ "tool": world.tool, "connector": world.connector, "group": "00g2" });
    world.alice.call("provider_groups.bind", other_group).refused("group_bound");
    // A second connector to the same tenant finds the same owner.
    let again = world.site.okta_connector("Okta again", OKTA);
    let through_another = json!({ "tool": other, "connector": again, "group": GROUP });
    world.bob.call("provider_groups.bind", through_another).refused("group_in_use");
}

#[test]
fn a_proposal_does_not_bind_what_was_bound_meanwhile() {
    let world = World::new();
    world.reach(&["Mail"]);
    let one = json!({ "proposal": world.bind()["proposal"]["id"] });
    // Its tool got another group.
    world.site.core().group(OKTA, "00g2", "Others");
    let other_group = json!({ "tool": world.tool, "connector": world.connector, "group": "00g2" });
    world.alice.call("provider_groups.bind", other_group).ok();
    world.bob.call("proposals.confirm", one.clone()).refused("group_bound");
    world.alice.call("provider_groups.release", json!({ "tool": world.tool })).ok();
    // The group got another tool.
    world.site.core().set_reach(OKTA, GROUP, GroupReach::Nothing);
    let other = world.site.tool("Translator", json!({}));
    let other_tool = json!({ "tool": other, "connector": world.connector, "group": GROUP });
    world.alice.call("provider_groups.bind", other_tool).ok();
    world.bob.call("proposals.confirm", one.clone()).refused("group_in_use");
    world.alice.call("provider_groups.release", json!({ "tool": other })).ok();
    // The connector is disabled.
    world.alice.call("connectors.disable", json!({ "connector": world.connector })).ok();
    world.bob.call("proposals.confirm", one.clone()).refused("connector_disabled");
    world.alice.call("connectors.enable", json!({ "connector": world.connector })).ok();
    // The group is gone.
    world.site.core().delete_group(OKTA, GROUP);
    let refusal = world.bob.call("proposals.confirm", one.clone()).refused("group_not_bindable");
    assert_eq!(refusal["details"]["reason"], "group_gone");
    assert_eq!(world.alice.all("proposals.list", json!({ "state": "open" })).len(), 1);
    world.bob.call("proposals.withdraw", one.clone()).ok();
    world.bob.call("proposals.confirm", one).refused("proposal_state");
}

#[test]
fn a_group_is_made_and_found_again_when_the_answer_was_lost() {
    let world = World::new();
    let (alice, core) = (&world.alice, world.site.core());
    let input = |name: &str| json!({ "tool": world.tool, "connector": world.connector, "name": name });
    alice.call("provider_groups.create", input("Note takers")).refused("group_name_taken");
    core.fail([Fault::LosesAnswer]);
    alice.call("provider_groups.create", input("Clearance: note taker")).refused("provider_unavailable");
    let made = alice.call("provider_groups.create", input("Clearance: note taker")).ok();
    assert_eq!(made["binding"]["group"]["name"], "Clearance: note taker");
    alice.call("provider_groups.create", input("Clearance: another")).refused("group_bound");
    assert!(world.site.log_kinds().contains(&"provider_group.created".to_owned()));
    // Made before, and filled since: that is no empty group any more.
    let group = text(&made["binding"]["group"]["id"]);
    alice.call("provider_groups.release", json!({ "tool": world.tool })).ok();
    alice.call("provider_groups.create", input("Clearance: note taker")).refused("group_name_taken");
    alice
        .call(
            "provider_groups.bind",
            json!({ "tool": world.tool, "connector": world.connector, "group": group }),
        )
        .ok();
}

#[test]
fn a_connector_that_does_not_work_says_what_to_do_and_nothing_changes() {
    let world = World::new();
    let core = world.site.core();
    for (fault, code, reason) in [
        (
            Fault::Answers(Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused }),
            "connector_failing",
            "credentials_refused",
        ),
        (
            Fault::Answers(Outcome::NeedsFollowUp { reason: FollowUpReason::PermissionMissing }),
            "connector_failing",
            "permission_missing",
        ),
        (
            Fault::Answers(Outcome::RetryAfter { seconds: 7, reason: RetryReason::RateLimited }),
            "provider_unavailable",
            "rate_limited",
        ),
        (Fault::Fails(CoreError::Unreachable("no route".to_owned())), "provider_unavailable", "core_down"),
        (Fault::Answers(Outcome::Changed {}), "connector_failing", "unexpected_answer"),
    ] {
        let before = world.site.snapshot();
        core.fail([fault]);
        let refusal = world.alice.call("provider_groups.bind", world.input()).refused(code);
        assert_eq!(refusal["details"]["reason"], reason);
        assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    }
    world.alice.call("connectors.disable", json!({ "connector": world.connector })).ok();
    core.take_calls();
    for operation in ["provider_groups.check", "provider_groups.bind"] {
        world.alice.call(operation, world.input()).refused("connector_disabled");
    }
    assert_eq!(core.take_calls(), Vec::<String>::new());
}

#[test]
fn what_the_provider_calls_a_group_cannot_pass_for_something_else() {
    let world = World::new();
    world.site.core().group(OKTA, "00g2", "Pay\u{202e}roll\n\u{7}admins");
    let input = json!({ "tool": world.tool, "connector": world.connector, "group": "00g2" });
    let answer = world.alice.call("provider_groups.bind", input).ok();
    assert_eq!(answer["binding"]["group"]["name"], "Payroll admins");
}

#[test]
fn texts_that_are_no_groups_are_refused() {
    let world = World::new();
    world.site.core().take_calls();
    for wrong in ["", "a/b", "../users", "a b", "é", &"x".repeat(65)] {
        let mut input = world.input();
        input["group"] = json!(wrong);
        world.alice.call("provider_groups.bind", input).refused("malformed_input");
    }
    let named = |name: &str| json!({ "connector": world.connector, "name": name });
    for wrong in ["", "a\nb", &"é".repeat(200)] {
        world.alice.call("provider_groups.find", named(wrong)).refused("malformed_input");
    }
    assert_eq!(world.site.core().take_calls(), Vec::<String>::new());
    let nowhere =
        json!({ "tool": "tool_00000000000000000000000000", "connector": world.connector, "group": GROUP });
    world.alice.call("provider_groups.check", nowhere).refused("not_found");
}

#[test]
fn the_log_and_the_store_tell_no_provider_names_but_the_groups_own() {
    let world = World::new();
    world.bind();
    let log = world.alice.all("audit.entries", json!({}));
    let log = format!("{log:?}");
    for name in [GROUP, "Note takers", OKTA] {
        assert!(!log.contains(name), "{name}");
    }
}
