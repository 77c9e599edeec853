//! Drift: who is in the group at the provider, compared with who may be.

use std::collections::BTreeMap;

use crate::killed::killed_at;
use clearance::ports::CoreError;
use core_protocol::message::{AccountStatus, FollowUpReason, Outcome, RefusalReason, RetryReason};
use serde_json::{Value, json};
use testkit::connected::{Connected, TENANT};
use testkit::{Client as _, Fault, PersonClient, Site, text};

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
        // Somebody is left to administer when Alice is not.
        site.administrator("Adam Admin");
        let ben = site.member("Ben Bitdiddle");
        let at = site.connected("Code agent");
        site.map(&at, &ben, "00uben00000001");
        Self { site, alice, ben, at }
    }

    pub(crate) fn join(&self, account: &str) {
        self.site.core().account(TENANT, account, account);
        self.site.core().join(TENANT, &self.at.group, account);
    }

    pub(crate) fn leave(&self, account: &str) {
        self.site.core().leave(TENANT, &self.at.group, account);
    }

    pub(crate) fn findings(&self, state: &str) -> Vec<Value> {
        self.alice.all("drift.list", json!({ "tool": self.at.tool, "state": state }))
    }

    /// Open findings by kind.
    pub(crate) fn open(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for finding in self.findings("open") {
            *kinds.entry(text(&finding["kind"])).or_default() += 1;
        }
        kinds
    }

    pub(crate) fn only(&self, state: &str) -> Value {
        let mut findings = self.findings(state);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings.remove(0)
    }

    /// Another administrator agrees to what somebody is to answer for.
    pub(crate) fn confirm(&self, disposed: &Value) {
        self.site.console("proposals.confirm", json!({ "proposal": disposed["proposal"]["id"] }));
    }

    /// Alice decides, and another administrator agrees.
    #[track_caller]
    pub(crate) fn answer_for(&self, finding: &Value, disposition: &Value) {
        let input = json!({ "finding": finding, "disposition": disposition });
        let disposed = self.alice.signed_in_again().call("drift.dispose", input).ok();
        assert_eq!(disposed["finding"]["state"], "open", "nobody answers for it before");
        self.confirm(&disposed);
    }

    /// The next check, hours later.
    pub(crate) fn check_later(&self) -> clearance::drift::DriftPass {
        self.site.advance_minutes(6 * 60 + 1);
        self.site.check_drift()
    }

    pub(crate) fn kept(&self) -> usize {
        self.site
            .snapshot()
            .documents
            .keys()
            .filter(|(kind, key)| *kind == "vault_entry" && key.contains("account"))
            .count()
    }
}

pub(crate) fn kinds<const N: usize>(kinds: [(&str, usize); N]) -> BTreeMap<String, usize> {
    kinds.map(|(kind, count)| (kind.to_owned(), count)).into()
}

#[test]
fn members_that_were_there_before_become_findings_once_and_go_when_they_leave() {
    let world = World::new();
    world.join("00uben00000001");
    world.join("00ustranger001");
    world.join("00ustranger002");
    let pass = world.site.check_drift();
    assert_eq!((pass.checked, pass.found, pass.settled), (1, 3, 0));
    assert_eq!(world.open(), kinds([("observed_without_approval", 1), ("unmapped", 2)]));
    for finding in world.findings("open") {
        assert_eq!(finding["initial"], true);
        assert_eq!(finding["person"].is_null(), finding["kind"] == "unmapped");
    }
    // Not due, and then nothing new.
    assert_eq!(world.site.check_drift().checked, 0);
    let first_seen = world.findings("open")[0]["first_seen_at"].clone();
    let pass = world.check_later();
    assert_eq!((pass.checked, pass.found, pass.settled), (1, 0, 0));
    let again = &world.findings("open")[0];
    assert_eq!(again["first_seen_at"], first_seen);
    assert!(again["last_seen_at"].as_str() > first_seen.as_str());

    assert_eq!(world.kept(), 3);
    world.leave("00ustranger001");
    world.leave("00uben00000001");
    assert_eq!(world.check_later().settled, 2);
    assert_eq!(world.open(), kinds([("unmapped", 1)]));
    for settled in world.findings("settled") {
        assert_eq!(settled["disposition"]["kind"], "gone");
        assert_eq!(settled["disposition"]["by"], json!({ "kind": "system" }));
    }
    // The stranger's id is given up; Ben's stays, because he is mapped.
    world.site.advance_minutes(1);
    world.site.tick();
    assert_eq!(world.kept(), 2);
    // Whoever comes later was not there when the group was bound.
    world.join("00ustranger003");
    world.check_later();
    assert_eq!(world.findings("open").iter().filter(|finding| finding["initial"] == false).count(), 1);
}

#[test]
fn what_the_provider_does_not_tell_is_unknown_and_neither_makes_nor_closes_anything() {
    let world = World::new();
    world.join("00ustranger001");
    world.site.check_drift();
    let troubles = [
        (None, "core_down"),
        (
            Some(Outcome::RetryAfter { seconds: 9, reason: RetryReason::ProviderUnavailable }),
            "provider_unavailable",
        ),
        (Some(Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused }), "credentials_refused"),
        (Some(Outcome::NeedsFollowUp { reason: FollowUpReason::GroupGone }), "group_gone"),
        (Some(Outcome::Refused { reason: RefusalReason::GroupOwnedElsewhere }), "group_owned_elsewhere"),
    ];
    for (answer, cause) in troubles {
        world.leave("00ustranger001");
        world.join("00ustranger002");
        match &answer {
            None => world.site.core().set_down(Some(CoreError::Unreachable("down".to_owned()))),
            Some(outcome) => world.site.core().fail([Fault::Answers(outcome.clone())]),
        }
        let pass = world.check_later();
        assert_eq!((pass.unknown, pass.checked, pass.found, pass.settled), (1, 0, 1, 0), "{cause}");
        assert_eq!(world.open(), kinds([("unknown", 1), ("unmapped", 1)]), "{cause}");
        let unknown =
            world.findings("open").into_iter().find(|finding| finding["kind"] == "unknown").unwrap();
        assert_eq!((&unknown["cause"], &unknown["dispositions"]), (&json!(cause), &json!([])));
        // Still so: no second one.
        if let Some(outcome) = answer {
            world.site.core().fail([Fault::Answers(outcome)]);
        }
        let pass = world.check_later();
        assert_eq!((pass.unknown, pass.found), (1, 0), "{cause}");
        world.site.core().set_down(None);
        world.join("00ustranger001");
        world.leave("00ustranger002");
        let pass = world.check_later();
        assert_eq!((pass.checked, pass.found, pass.settled), (1, 0, 1), "{cause}");
        assert_eq!(world.open(), kinds([("unmapped", 1)]), "{cause}");
    }
}

#[test]
fn an_answer_that_breaks_off_between_two_pages_closes_nothing() {
    let world = World::new();
    for number in 0..250 {
        world.join(&format!("00umember{number:05}"));
    }
    assert_eq!(world.site.check_drift().found, 250);
    for number in 0..250 {
        world.leave(&format!("00umember{number:05}"));
    }
    for number in 250..500 {
        world.join(&format!("00umember{number:05}"));
    }
    // Binding checked, one page read; the second one is not answered.
    let ok = |world: &World| {
        let members = world.site.core().members(TENANT, &world.at.group);
        Fault::Answers(Outcome::Members {
            members: members[..100]
                .iter()
                .map(|id| core_protocol::message::Member {
                    id: id.parse().unwrap(),
                    status: AccountStatus::Active,
                })
                .collect(),
            next: Some("100".to_owned().try_into().unwrap()),
        })
    };
    let group = Fault::Answers(Outcome::Group {
        group: core_protocol::message::Group {
            id: world.at.group.parse().unwrap(),
            name: "Renamed".to_owned(),
            description: None,
            members: None,
            reach: None,
        },
    });
    let down = Outcome::RetryAfter { seconds: 1, reason: RetryReason::ProviderTimeout };
    world.site.core().fail([group, ok(&world), Fault::Answers(down)]);
    let pass = world.check_later();
    assert_eq!((pass.unknown, pass.settled), (1, 0));
    assert_eq!(world.open(), kinds([("unknown", 1), ("unmapped", 350)]));
    let pass = world.check_later();
    assert_eq!((pass.checked, pass.settled), (1, 251));
    assert_eq!(world.open(), kinds([("unmapped", 250)]));
}

#[test]
fn a_group_that_is_not_this_programs_to_change_is_told_once_and_can_be_answered_for() {
    let world = World::new();
    for reason in [RefusalReason::GroupRuleManaged, RefusalReason::GroupDynamic, RefusalReason::GroupSynced] {
        world.site.core().set_refused(TENANT, &world.at.group, Some(reason));
        world.check_later();
        world.check_later();
        let finding = world.only("open");
        assert_eq!((&finding["kind"], &finding["cause"]), (&json!("rule_managed"), &json!(reason.code())));
        assert_eq!(finding["dispositions"], json!(["exception"]));
        world.site.core().set_refused(TENANT, &world.at.group, None);
        assert_eq!(world.check_later().settled, 1);
        assert_eq!(world.open(), kinds([]));
    }
    world.site.core().set_refused(TENANT, &world.at.group, Some(RefusalReason::GroupDynamic));
    world.check_later();
    let finding = world.only("open");
    let exception =
        json!({ "kind": "exception", "reason": "Moved by March", "owner": world.ben.id(), "days": 2 });
    world.answer_for(&finding["id"], &exception);
    assert_eq!(world.check_later().found, 0);
    world.site.advance_days(2);
    let pass = world.site.check_drift();
    assert_eq!((pass.lapsed, pass.found), (1, 1));
    assert_eq!(world.open(), kinds([("rule_managed", 1)]));
}

#[test]
fn somebody_answers_for_a_member_until_an_end_and_then_it_is_found_again() {
    let world = World::new();
    world.join("00uben00000001");
    world.join("00ustranger001");
    world.site.check_drift();
    let owner = world.site.member("Olga Owner");
    let answered = |kind: &str, days: u32| json!({ "kind": kind, "reason": "In use since spring", "owner": owner.id(), "days": days });
    let ids: Vec<_> = world.findings("open").iter().map(|finding| finding["id"].clone()).collect();
    let answer = world
        .alice
        .call("drift.dispose_many", json!({ "findings": ids, "disposition": answered("baseline", 30) }));
    let disposed = answer.ok();
    let results = disposed["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["disposed"] == true), "{disposed:#}");
    assert_eq!(world.findings("open").len(), 2, "nobody answers for anything yet");
    world.confirm(&disposed);
    assert_eq!(world.open(), kinds([]));
    let pass = world.check_later();
    assert_eq!((pass.checked, pass.found), (1, 0));
    for finding in world.findings("settled") {
        assert_eq!(finding["disposition"]["owner"]["id"], owner.id());
        assert_eq!(finding["disposition"]["reason"], "In use since spring");
        assert_eq!(finding["dispositions"], json!([]));
    }
    // Settled is settled.
    let again = json!({ "finding": ids[0], "disposition": answered("exception", 3) });
    world.alice.call("drift.dispose", again).refused("finding_state");
    // One leaves by themselves: nobody has to answer for that any more, and the id is given up.
    world.leave("00ustranger001");
    world.check_later();
    world.site.advance_minutes(1);
    world.site.tick();
    assert_eq!(world.kept(), 1);
    world.site.advance_days(30);
    let pass = world.site.check_drift();
    assert_eq!((pass.lapsed, pass.found), (1, 1));
    assert_eq!(world.open(), kinds([("observed_without_approval", 1)]));
    assert!(world.site.log_kinds().iter().filter(|kind| *kind == "drift.lapsed").count() == 2);
    // Later than the binding: no baseline, but an exception.
    let finding = world.only("open");
    let alice = world.alice.signed_in_again();
    alice
        .call("drift.dispose", json!({ "finding": finding["id"], "disposition": answered("baseline", 3) }))
        .refused("finding_state");
    world.answer_for(&finding["id"], &answered("exception", 3));
}

#[test]
fn whom_the_provider_deactivated_has_left_and_nobody_else() {
    let world = World::new();
    let group = world.site.group("Readers");
    let (carla, dora) = (world.site.member_of("Carla Carver", &[&group]), world.site.member("Dora Dear"));
    world.site.map(&world.at, &carla, "00ucarla000001");
    world.site.map(&world.at, &dora, "00udora0000001");
    world.site.map(&world.at, &world.alice, "00ualice000001");
    for account in ["00uben00000001", "00ucarla000001", "00udora0000001"] {
        world.site.core().join(TENANT, &world.at.group, account);
    }
    let tool = world.site.tool("Note taker", json!({}));
    let grant = text(&carla.take(&tool, 10)["id"]);
    let status = |account, status| world.site.core().set_status(TENANT, account, status);
    status("00uben00000001", AccountStatus::Suspended);
    status("00ucarla000001", AccountStatus::Deactivated);
    status("00udora0000001", AccountStatus::Unknown);
    // Not a member: nothing is said of her.
    status("00ualice000001", AccountStatus::Deactivated);
    assert_eq!(world.site.check_drift().left, 1);
    assert_eq!(world.site.tick().left, 1);
    assert_eq!(world.check_later().left, 0);
    let people = world.alice.all("people.list", json!({}));
    let gone: Vec<_> = people.iter().filter(|person| person["status"] != "active").collect();
    assert_eq!(gone.len(), 1, "{gone:#?}");
    assert_eq!((&gone[0]["id"], &gone[0]["groups"]), (&json!(carla.id()), &json!([])));
    assert_eq!(world.alice.grant(&grant)["state"], "ended");
}

#[test]
fn the_last_administrator_stays_whatever_the_provider_says() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let at = site.connected("Code agent");
    site.map(&at, &alice, "00ualice000001");
    site.core().join(TENANT, &at.group, "00ualice000001");
    site.core().set_status(TENANT, "00ualice000001", AccountStatus::Deactivated);
    let pass = site.check_drift();
    assert_eq!((pass.checked, pass.left), (1, 0));
}

#[test]
fn a_check_can_be_asked_for_and_is_due_once() {
    let world = World::new();
    world.site.check_drift();
    let ask = || world.alice.call("drift.check", json!({ "tool": world.at.tool })).ok()["queued"].clone();
    assert_eq!((ask(), ask()), (json!(true), json!(false)));
    assert_eq!((world.site.check_drift().checked, world.site.check_drift().checked), (1, 0));
    let other = world.site.tool("Note taker", json!({}));
    world.alice.call("drift.check", json!({ "tool": other })).refused("not_found");
}

#[test]
fn dispositions_are_for_what_they_fit_and_nobody_answers_for_themselves() {
    let world = World::new();
    world.join("00uben00000001");
    world.join("00ustranger001");
    world.site.map(&world.at, &world.alice, "00ualice000001");
    world.join("00ualice000001");
    world.site.check_drift();
    let of = |person: &PersonClient| {
        let all = world.findings("open");
        all.into_iter().find(|finding| finding["person"]["id"] == json!(person.id())).unwrap()["id"].clone()
    };
    let dispose = |finding: &Value, disposition: Value| {
        world.alice.call("drift.dispose", json!({ "finding": finding, "disposition": disposition }))
    };
    let ben = of(&world.ben);
    for (wrong, code) in [
        (json!({ "kind": "exception", "reason": "x", "days": 3 }), "malformed_input"),
        (json!({ "kind": "exception", "reason": "x", "owner": world.alice.id() }), "malformed_input"),
        (
            json!({ "kind": "exception", "reason": "x", "owner": world.alice.id(), "days": 366 }),
            "malformed_input",
        ),
        (json!({ "kind": "exception", "owner": world.alice.id(), "days": 3 }), "malformed_input"),
        (json!({ "kind": "exception", "reason": "x", "owner": world.ben.id(), "days": 3 }), "own_finding"),
        (json!({ "kind": "removal", "reason": "x", "days": 3 }), "malformed_input"),
        (json!({ "kind": "removal", "reason": "x", "owner": world.alice.id() }), "malformed_input"),
        (json!({ "kind": "retro_request", "reason": "x", "days": 31 }), "malformed_input"),
        (json!({ "kind": "retro_request", "reason": "x", "owner": world.alice.id() }), "malformed_input"),
        (json!({ "kind": "gone", "reason": "x" }), "malformed_input"),
        (json!({ "kind": "restore", "reason": "x" }), "finding_state"),
    ] {
        dispose(&ben, wrong).refused(code);
    }
    let nobody = "person_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    dispose(&ben, json!({ "kind": "exception", "reason": "x", "owner": nobody, "days": 3 }))
        .refused("unknown_reference");
    let own = of(&world.alice);
    dispose(&own, json!({ "kind": "exception", "reason": "x", "owner": world.ben.id(), "days": 3 }))
        .refused("own_finding");
    dispose(&own, json!({ "kind": "retro_request", "reason": "x" })).refused("own_finding");
    let stranger = world.findings("open").into_iter().find(|finding| finding["person"].is_null()).unwrap();
    dispose(&stranger["id"], json!({ "kind": "retro_request", "reason": "x" })).refused("finding_state");
    let unknown = json!("find_01kb0000000000000000000000");
    dispose(&unknown, json!({ "kind": "removal", "reason": "x" })).refused("not_found");
    let many = json!({ "findings": [], "disposition": { "kind": "removal", "reason": "x" } });
    world.alice.call("drift.dispose_many", many).refused("malformed_input");
}

#[test]
fn killed_at_any_write_a_check_is_taken_up_again() {
    for writes in 0.. {
        let world = World::new();
        let owner = world.site.member("Olga Owner");
        for account in ["00uben00000001", "00ustranger001", "00ustranger002", "00ustranger003"] {
            world.join(account);
        }
        world.site.check_drift();
        let baseline =
            json!({ "kind": "baseline", "reason": "In use since spring", "owner": owner.id(), "days": 2 });
        let finding = world.findings("open").pop().unwrap()["id"].clone();
        world.answer_for(&finding, &baseline);
        // One has gone, two have come, and nobody answers for another any more.
        world.site.advance_days(2);
        world.leave("00ustranger001");
        world.join("00ustranger004");
        world.join("00ustranger005");
        world.site.core().set_status(TENANT, "00uben00000001", AccountStatus::Deactivated);
        let finished =
            killed_at(&world.site, writes, async |ports| clearance::drift::run_due(ports).await.is_ok());
        world.site.check();
        world.site.restart();
        world.check_later();
        world.check_later();
        // What was kept and is named by nothing goes in its time.
        world.site.tick();
        world.site.advance_minutes(61);
        world.site.tick();
        assert_eq!(world.open(), kinds([("observed_without_approval", 1), ("unmapped", 4)]), "{writes}");
        assert_eq!(world.kept(), 5, "{writes}");
        if finished {
            assert!(writes > 8, "it writes more than {writes} times");
            break;
        }
    }
}

#[test]
fn hosts_that_check_at_once_find_everything_once() {
    let world = World::new();
    for number in 0..120 {
        world.join(&format!("00umember{number:05}"));
    }
    let passes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| world.site.check_drift())).collect();
        threads.into_iter().map(|thread| thread.join().expect("no pass panics")).collect::<Vec<_>>()
    });
    assert_eq!(passes.iter().map(|pass| pass.found).sum::<u32>(), 120);
    assert_eq!(passes.iter().map(|pass| pass.checked).sum::<u32>(), 1);
    assert_eq!(world.open(), kinds([("unmapped", 120)]));
}

#[test]
fn what_is_answered_for_is_found_again_when_whoever_answers_leaves() {
    let world = World::new();
    let owner = world.site.member("Olga Owner");
    world.join("00ustranger001");
    world.site.check_drift();
    let exception =
        json!({ "kind": "exception", "reason": "A service account", "owner": owner.id(), "days": 90 });
    let finding = world.only("open")["id"].clone();
    world.answer_for(&finding, &exception);
    world.check_later();
    assert_eq!(world.open(), kinds([]));
    world.site.console("people.put", json!({ "id": owner.id(), "name": "Olga Owner", "active": false }));
    world.check_later();
    world.site.advance_minutes(2);
    assert_eq!(world.site.check_drift().found, 1);
    assert_eq!(world.open(), kinds([("unmapped", 1)]));
}

#[test]
fn a_stranger_who_is_mapped_is_a_known_person_from_then_on() {
    let world = World::new();
    let carla = world.site.member("Carla Carver");
    world.join("00ucarla000001");
    world.site.check_drift();
    assert_eq!(world.open(), kinds([("unmapped", 1)]));
    world.site.map(&world.at, &carla, "00ucarla000001");
    world.check_later();
    world.site.advance_minutes(2);
    world.site.check_drift();
    assert_eq!(world.open(), kinds([("observed_without_approval", 1)]));
    assert_eq!(world.only("open")["person"]["id"], carla.id());
}

#[test]
fn settled_findings_are_forgotten_in_time_and_those_about_the_erased_tell_of_nobody() {
    let world = World::new();
    let owner = world.site.member("Olga Owner");
    world.join("00uben00000001");
    world.site.check_drift();
    let reason = "Ben needs it for the spring audit";
    let exception = json!({ "kind": "exception", "reason": reason, "owner": owner.id(), "days": 90 });
    let finding = world.only("open")["id"].clone();
    world.answer_for(&finding, &exception);
    world.leave("00uben00000001");
    world.check_later();
    world.site.console("people.erase", json!({ "person": world.ben.id() }));
    world.site.tick();
    world.site.advance_minutes(2);
    world.site.tick();
    let settled = world.only("settled");
    assert_eq!((&settled["person"], &settled["disposition"]["reason"]), (&Value::Null, &Value::Null));
    let kept = |site: &Site| site.snapshot().documents.keys().filter(|(kind, _)| *kind == "finding").count();
    world.site.advance_days(1094);
    world.site.tick();
    assert_eq!(kept(&world.site), 1);
    world.site.advance_days(2);
    world.site.tick();
    assert_eq!(kept(&world.site), 0);
}

#[test]
fn a_group_that_is_released_takes_its_findings_and_answers_with_it() {
    let world = World::new();
    let owner = world.site.member("Olga Owner");
    world.join("00uben00000001");
    world.join("00ustranger001");
    world.join("00ustranger002");
    world.site.check_drift();
    let bound = world.alice.call("provider_groups.get", json!({ "tool": world.at.tool })).ok();
    let check = &bound["binding"]["last_check"];
    assert_eq!((&check["outcome"], &check["findings"]), (&json!("complete"), &json!(3)));
    let baseline =
        json!({ "kind": "baseline", "reason": "Service accounts", "owner": owner.id(), "days": 90 });
    let finding = world.findings("open").into_iter().find(|finding| finding["kind"] == "unmapped").unwrap();
    world.answer_for(&finding["id"], &baseline);
    world.site.change_tool(&world.at.tool, json!({ "fulfilment": { "kind": "record_only" } }));
    world.site.console("provider_groups.release", json!({ "tool": world.at.tool }));
    assert_eq!(world.site.check_drift().settled, 2);
    assert_eq!((world.open(), world.findings("settled").len()), (kinds([]), 3));
    // Nobody is taken out, and only the mapped account's id is kept.
    assert_eq!(world.site.core().members(TENANT, &world.at.group).len(), 3);
    world.site.advance_minutes(1);
    world.site.tick();
    assert_eq!(world.kept(), 1);
    assert_eq!(world.site.check_drift(), clearance::drift::DriftPass::default());
}

#[test]
fn a_tool_that_is_bound_to_another_group_begins_anew() {
    let world = World::new();
    world.join("00ustranger001");
    world.site.check_drift();
    world.site.change_tool(&world.at.tool, json!({ "fulfilment": { "kind": "record_only" } }));
    world.site.console("provider_groups.release", json!({ "tool": world.at.tool }));
    world.site.core().group(TENANT, "00ganother", "Another");
    let bind = json!({ "tool": world.at.tool, "connector": world.at.connector, "group": "00ganother" });
    world.site.console("provider_groups.bind", bind);
    world.site.core().join(TENANT, "00ganother", "00ustranger001");
    world.site.check_drift();
    let pass = world.site.check_drift();
    assert_eq!((pass.checked, pass.found), (1, 1));
    let (open, settled) = (world.only("open"), world.only("settled"));
    assert_eq!((&open["initial"], &settled["disposition"]["kind"]), (&json!(true), &json!("gone")));
}

#[test]
fn when_too_many_are_deactivated_at_once_a_person_looks_first() {
    let world = World::new();
    let people: Vec<_> = (0..12).map(|n| world.site.member(&format!("Pat Person {n}"))).collect();
    for (n, person) in people.iter().enumerate() {
        let account = format!("00uperson{n:05}");
        world.site.map(&world.at, person, &account);
        world.site.core().join(TENANT, &world.at.group, &account);
        world.site.core().set_status(TENANT, &account, AccountStatus::Deactivated);
    }
    let unknown = || world.findings("open").into_iter().find(|finding| finding["kind"] == "unknown");
    assert_eq!(world.site.check_drift().left, 0);
    assert_eq!(unknown().unwrap()["cause"], "too_many_deactivated");
    assert_eq!(world.check_later().left, 0);
    // Somebody has looked, and begins with two of them.
    for person in &people[..2] {
        world.site.console("people.put", json!({ "id": person.id(), "name": "Pat Person", "active": false }));
    }
    let pass = world.check_later();
    assert_eq!((pass.left, unknown()), (10, None));
}

#[test]
fn how_many_are_too_many_is_a_setting() {
    for (percent, left) in [(50, 0), (60, 12)] {
        let world = World::new();
        world.site.console("settings.put", json!({ "removal_share_percent": percent }));
        for n in 0..20 {
            let person = world.site.member(&format!("Pat Person {n}"));
            let account = format!("00uperson{n:05}");
            world.site.map(&world.at, &person, &account);
            world.site.core().join(TENANT, &world.at.group, &account);
            if n < 12 {
                world.site.core().set_status(TENANT, &account, AccountStatus::Deactivated);
            }
        }
        assert_eq!(world.site.check_drift().left, left, "{percent} %");
    }
}

impl World {
    pub(crate) fn dispose(&self, finding: &Value, disposition: Value) -> Value {
        let input = json!({ "finding": finding["id"], "disposition": disposition });
        self.alice.signed_in_again().call("drift.dispose", input).ok()["finding"].take()
    }
}

#[test]
fn a_removal_stays_open_with_its_job_and_goes_before_those_of_many() {
    let world = World::new();
    for number in 0..12 {
        world.join(&format!("00umember{number:05}"));
    }
    world.site.check_drift();
    let removal = json!({ "kind": "removal", "reason": "Nobody knows it" });
    let mut ids: Vec<_> = world.findings("open").iter().map(|finding| finding["id"].clone()).collect();
    let one = world.dispose(&json!({ "id": ids.pop() }), removal.clone());
    assert_eq!((&one["state"], &one["disposition"]["kind"]), (&json!("open"), &json!("removal")));
    assert_eq!(one["dispositions"], json!([]));
    let again = json!({ "finding": one["id"], "disposition": removal });
    world.alice.call("drift.dispose", again).refused("finding_state");
    world.alice.call("drift.dispose_many", json!({ "findings": ids, "disposition": removal })).ok();
    let jobs = world.alice.all("jobs.list", json!({}));
    let lanes = |lane: &str| jobs.iter().filter(|job| job["lane"] == lane).count();
    assert_eq!((lanes("interactive"), lanes("sweep")), (1, 11));
    assert!(jobs.iter().any(|job| job["id"] == one["disposition"]["job"]));
    // Still there: nothing new. Gone: settled as it was decided.
    assert_eq!(world.check_later().found, 0);
    for number in 0..12 {
        world.leave(&format!("00umember{number:05}"));
    }
    assert_eq!(world.check_later().settled, 12);
    for settled in world.findings("settled") {
        assert_eq!(settled["disposition"]["kind"], "removal");
        assert_eq!(settled["disposition"]["by"]["id"], world.alice.id());
    }
}

#[test]
fn a_person_is_told_to_ask_and_what_they_did_not_ask_for_is_removed() {
    let world = World::new();
    world.site.console("settings.put", json!({ "email_notices": true }));
    let carla = world.site.member("Carla Carver");
    world.site.map(&world.at, &carla, "00ucarla000001");
    world.join("00uben00000001");
    world.join("00ucarla000001");
    world.site.check_drift();
    let retro = json!({ "kind": "retro_request", "reason": "Who approved this?", "days": 3 });
    for finding in world.findings("open") {
        let told = world.dispose(&finding, retro.clone());
        assert_eq!(told["state"], "open");
        assert_eq!(told["dispositions"], json!(["removal", "exception", "baseline"]));
    }
    let letters = world.site.letters();
    let told: Vec<_> =
        letters.iter().filter(|letter| letter.subject == "Ask for your access to Code agent").collect();
    assert!(told.len() == 2 && told[0].body.contains("otherwise it is taken away"), "{letters:#?}");
    world.site.change_tool(&world.at.tool, json!({ "risk": "high" }));
    let request = world.ben.wait_for(&world.at.tool, 10);
    world.site.advance_days(3);
    world.site.advance_minutes(1);
    world.site.check_drift();
    // Ben has asked and waits for the answer; Carla has not asked.
    let of = |person: &PersonClient| {
        let all = world.alice.signed_in_again().all("drift.list", json!({}));
        all.into_iter().find(|finding| finding["person"]["id"] == json!(person.id())).unwrap()
    };
    assert_eq!(of(&world.ben)["disposition"]["kind"], "retro_request");
    let carlas = of(&carla);
    assert_eq!(carlas["disposition"]["kind"], "removal");
    assert_eq!(carlas["disposition"]["by"], json!({ "kind": "system" }));
    world.ben.signed_in_again().call("requests.cancel", json!({ "request": request })).ok();
    world.site.check_drift();
    assert_eq!(of(&world.ben)["disposition"]["kind"], "removal");
}

#[test]
fn who_leaves_loses_what_they_had_without_a_grant_and_an_erasure_waits_for_it() {
    let world = World::new();
    let carla = world.site.member("Carla Carver");
    world.site.map(&world.at, &carla, "00ucarla000001");
    world.join("00uben00000001");
    world.join("00ucarla000001");
    world.site.check_drift();
    let all = world.findings("open");
    let carlas = all.iter().find(|finding| finding["person"]["id"] == json!(carla.id())).unwrap();
    let exception =
        json!({ "kind": "exception", "reason": "A pilot", "owner": world.alice.id(), "days": 90 });
    world.answer_for(&carlas["id"], &exception);
    for person in [&world.ben, &carla] {
        world.site.console("people.erase", json!({ "person": person.id() }));
    }
    world.site.tick();
    let open = world.findings("open");
    assert!(
        open.len() == 2 && open.iter().all(|finding| finding["disposition"]["kind"] == "removal"),
        "{open:#?}"
    );
    world.site.advance_minutes(2);
    assert_eq!(world.site.tick().erased, 0);
    world.leave("00uben00000001");
    world.leave("00ucarla000001");
    world.check_later();
    world.site.tick();
    world.site.advance_minutes(2);
    assert_eq!(world.site.tick().erased, 2);
}

/// Who answers for members, and how long.
fn answered(kind: &str, owner: &PersonClient) -> Value {
    json!({ "kind": kind, "reason": "In use since spring", "owner": owner.id(), "days": 40 })
}

#[test]
fn nobody_answers_for_anything_before_a_second_administrator_agreed() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let owner = world.site.member("Olga Owner");
    world.join("00ustranger001");
    world.site.check_drift();
    let finding = world.only("open");
    let dispose = json!({ "finding": finding["id"], "disposition": answered("exception", &owner) });
    let made = world.alice.call("drift.dispose", dispose.clone()).ok();
    let proposal = &made["proposal"];
    assert_eq!((&proposal["kind"], &proposal["state"]), (&json!("answer_for_findings"), &json!("open")));
    assert_eq!(
        (&proposal["owner"]["id"], &proposal["findings"]),
        (&json!(owner.id()), &json!([finding["id"]]))
    );
    assert_eq!(
        (&proposal["disposition"], &proposal["reason"]),
        (&json!("exception"), &json!("In use since spring"))
    );
    assert_eq!(made["finding"]["proposal"], proposal["id"]);
    assert_eq!(world.only("open")["proposal"], proposal["id"]);
    assert!(world.alice.all("exceptions.list", json!({})).is_empty(), "nobody answers for it yet");
    world.check_later();
    assert_eq!(world.open(), kinds([("unmapped", 1)]));
    // Nobody agrees with himself, nor proposes the same twice, and a member agrees to nothing.
    let confirm = json!({ "proposal": proposal["id"] });
    world.alice.signed_in_again().call("proposals.confirm", confirm.clone()).refused("own_proposal");
    bob.signed_in_again().call("drift.dispose", dispose).refused("proposal_open");
    owner.signed_in_again().call("proposals.confirm", confirm.clone()).refused("not_permitted");
    let confirmed = bob.signed_in_again().call("proposals.confirm", confirm).ok();
    assert_eq!(
        (&confirmed["proposal"]["state"], &confirmed["proposal"]["reason"]),
        (&json!("confirmed"), &Value::Null)
    );
    let settled = world.only("settled");
    let disposition = &settled["disposition"];
    assert_eq!(
        (&disposition["by"]["id"], &disposition["confirmed_by"]["id"]),
        (&json!(world.alice.id()), &json!(bob.id()))
    );
    assert_eq!((&disposition["reason"], &settled["proposal"]), (&json!("In use since spring"), &Value::Null));
    let listed = world.alice.signed_in_again().all("exceptions.list", json!({}));
    assert_eq!(listed[0]["confirmed_by"]["id"], bob.id());
    // What is withdrawn leaves nothing behind.
    world.join("00ustranger002");
    world.check_later();
    let finding = world.only("open");
    let dispose = json!({ "finding": finding["id"], "disposition": answered("exception", &owner) });
    let made = world.alice.signed_in_again().call("drift.dispose", dispose).ok();
    let withdraw = json!({ "proposal": made["proposal"]["id"] });
    bob.signed_in_again().call("proposals.withdraw", withdraw).ok();
    let finding = world.only("open");
    assert_eq!((&finding["proposal"], &finding["disposition"]), (&Value::Null, &Value::Null));
}

#[test]
fn many_findings_are_one_proposal_and_what_has_gone_meanwhile_does_not_hold_up_the_rest() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let owner = world.site.member("Olga Owner");
    world.site.map(&world.at, &bob, "00ubob00000001");
    world.site.map(&world.at, &world.alice, "00ualice000001");
    for account in ["00ubob00000001", "00ualice000001"] {
        world.join(account);
    }
    for number in 0..30 {
        world.join(&format!("00umember{number:05}"));
    }
    world.site.check_drift();
    let all = world.findings("open");
    let ids: Vec<_> = all.iter().map(|finding| finding["id"].clone()).collect();
    let of = |person: &PersonClient| {
        all.iter().find(|finding| finding["person"]["id"] == person.id()).unwrap()["id"].clone()
    };
    let many =
        |findings: &[Value]| json!({ "findings": findings, "disposition": answered("baseline", &owner) });
    let disposed = world.alice.call("drift.dispose_many", many(&ids)).ok();
    let refused: Vec<_> =
        disposed["results"].as_array().unwrap().iter().filter(|result| result["disposed"] == false).collect();
    assert_eq!((refused.len(), &refused[0]["finding"]), (1, &of(&world.alice)), "nobody for themselves");
    assert_eq!(refused[0]["code"], "own_finding");
    assert_eq!(disposed["proposal"]["findings"].as_array().unwrap().len(), 31);
    // Bob is in it: he does not agree to what is about himself, and nothing of it is done.
    let confirm = json!({ "proposal": disposed["proposal"]["id"] });
    bob.signed_in_again().call("proposals.confirm", confirm.clone()).refused("own_finding");
    assert_eq!(world.findings("open").len(), 32);
    // One leaves by itself, one is removed by somebody meanwhile.
    world.leave("00umember00000");
    world.check_later();
    let removed = world.findings("open").into_iter().find(|finding| finding["person"].is_null()).unwrap();
    world.dispose(&removed, json!({ "kind": "removal", "reason": "Nobody knows it" }));
    world.confirm(&disposed);
    assert_eq!(world.findings("open").len(), 2, "Alice's, and the one that is being removed");
    let answered_for =
        world.alice.signed_in_again().call("exceptions.baseline", json!({ "tool": world.at.tool })).ok();
    assert_eq!(answered_for["answered_for"], 29);
    assert_eq!(world.site.log_kinds().iter().filter(|kind| *kind == "proposal.confirmed").count(), 1);
    // Nothing is left: there is nothing to agree to.
    let stranger = json!([removed["id"]]);
    let disposed =
        world.alice.signed_in_again().call("drift.dispose_many", many(stranger.as_array().unwrap())).ok();
    assert_eq!(
        (&disposed["proposal"], &disposed["results"][0]["code"]),
        (&Value::Null, &json!("finding_state"))
    );
}

#[test]
fn killed_while_many_are_being_confirmed_the_rest_is_confirmed_again() {
    for writes in 0.. {
        let world = World::new();
        let owner = world.site.member("Olga Owner");
        for number in 0..4 {
            world.join(&format!("00umember{number:05}"));
        }
        world.site.check_drift();
        let ids: Vec<_> = world.findings("open").iter().map(|finding| finding["id"].clone()).collect();
        let many = json!({ "findings": ids, "disposition": answered("baseline", &owner) });
        let disposed = world.alice.call("drift.dispose_many", many).ok();
        let input = serde_json::to_vec(&json!({ "proposal": disposed["proposal"]["id"] })).unwrap();
        let finished = killed_at(&world.site, writes, async |ports| {
            let call = clearance::operations::Call {
                operation: "proposals.confirm",
                caller: clearance::authorization::Caller::Console,
                input: &input,
                idempotency_key: None,
            };
            clearance::operations::perform(ports, call).await.is_ok()
        });
        world.site.check();
        world.site.restart();
        if finished {
            assert!(writes >= 4, "it writes more than {writes} times");
            break;
        }
        let alice = world.alice.signed_in_again();
        let state = |state: &str| alice.all("proposals.list", json!({ "state": state })).len();
        assert_eq!((state("open"), state("confirmed")), (1, 0), "{writes}");
        world.confirm(&disposed);
        assert_eq!((state("open"), state("confirmed")), (0, 1), "{writes}");
        assert_eq!(world.open(), kinds([]), "{writes}");
    }
}

#[test]
fn a_reason_that_may_tell_of_somebody_goes_with_them_while_it_waits() {
    let world = World::new();
    let owner = world.site.member("Olga Owner");
    world.join("00uben00000001");
    world.site.check_drift();
    let dispose =
        json!({ "finding": world.only("open")["id"], "disposition": answered("exception", &owner) });
    let made = world.alice.call("drift.dispose", dispose).ok();
    world.leave("00uben00000001");
    world.check_later();
    world.site.console("people.erase", json!({ "person": world.ben.id() }));
    world.site.tick();
    world.site.advance_minutes(2);
    assert_eq!(world.site.tick().erased, 1);
    let proposals = world.alice.signed_in_again().all("proposals.list", json!({ "state": "withdrawn" }));
    assert_eq!((&proposals[0]["id"], &proposals[0]["reason"]), (&made["proposal"]["id"], &Value::Null));
}
