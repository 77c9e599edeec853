//! Exceptions: made by one administrator, confirmed by another, ending by their date; and one list of all that somebody answers for.

use clearance::authorization::Caller;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

use crate::{drift, evidence};

struct World {
    site: Site,
    /// Wants a tool that policy denies.
    ada: PersonClient,
    /// Answers for exceptions.
    owen: PersonClient,
    alice: PersonClient,
    bob: PersonClient,
    tool: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
        let tool = site.tool("Secret keeper", json!({ "risk": "restricted", "owners": [owen.id()] }));
        Self { site, ada, owen, alice, bob, tool }
    }

    fn input(&self, days: u32) -> Value {
        json!({
            "person": self.ada.id(), "tool": self.tool, "owner": self.owen.id(), "days": days,
            "reason": "The pilot that the board wants",
        })
    }

    /// An exception in force.
    fn excepted(&self, days: u32) -> String {
        let made = self.alice.signed_in_again().call("exceptions.put", self.input(days)).ok();
        let proposal = json!({ "proposal": made["proposal"]["id"] });
        self.bob.signed_in_again().call("proposals.confirm", proposal).ok();
        text(&made["exception"]["exception"])
    }

    fn shown(&self, exception: &str) -> Value {
        let alice = self.alice.signed_in_again();
        alice.call("exceptions.get", json!({ "exception": exception })).ok()["exception"].take()
    }
}

#[test]
fn it_counts_once_a_second_administrator_agreed_and_never_for_oneself() {
    let world = World::new();
    assert_eq!(world.ada.ask_for(&world.tool, 10).ok()["request"]["state"], "denied");
    let made = world.alice.call("exceptions.put", world.input(30)).ok();
    assert_eq!(
        (&made["exception"]["state"], &made["exception"]["kind"]),
        (&json!("proposed"), &json!("person"))
    );
    assert_eq!(made["proposal"]["kind"], "grant_exception");
    assert_eq!(made["proposal"]["reason"], "The pilot that the board wants");
    assert_eq!(world.ada.ask_for(&world.tool, 10).ok()["request"]["state"], "denied", "nobody agreed yet");
    let proposal = json!({ "proposal": made["proposal"]["id"] });
    world.alice.call("proposals.confirm", proposal.clone()).refused("own_proposal");
    world.bob.call("exceptions.put", world.input(5)).refused("proposal_open");
    world.bob.call("proposals.confirm", proposal).ok();
    let exception = world.shown(&text(&made["exception"]["exception"]));
    assert_eq!(
        (&exception["state"], &exception["confirmed_by"]["id"]),
        (&json!("in_force"), &json!(world.bob.id()))
    );

    // It gives nothing by itself: administrators decide, for no longer than it lasts.
    world.ada.ask_for(&world.tool, 31).refused("duration_above_maximum");
    let request = world.ada.wait_for(&world.tool, 10);
    let pending = world.ada.request(&request);
    assert_eq!(
        (&pending["exception"], &pending["outcome"]["kind"]),
        (&exception["exception"], &json!("denied"))
    );
    assert_eq!(pending["stages"][0]["approvers"], json!(["Administrators"]));
    world.owen.approve(&request).refused("not_found");
    let grant = world.alice.approve(&request).ok()["grant"].take();
    assert_eq!(grant["state"], "active");
    let told = world.ada.call("grants.explain", json!({ "tool": world.tool })).ok();
    assert!(
        told["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "excepted"),
        "{told:#}"
    );

    // Nobody for themselves, neither making nor confirming nor answering.
    let own = json!({ "person": world.alice.id(), "tool": world.tool, "owner": world.owen.id(), "days": 3, "reason": "x" });
    world.alice.call("exceptions.put", own.clone()).refused("own_exception");
    let answering = json!({ "person": world.owen.id(), "tool": world.tool, "owner": world.owen.id(), "days": 3, "reason": "x" });
    world.alice.call("exceptions.put", answering).refused("own_exception");
    let made = world.bob.call("exceptions.put", own).ok();
    let proposal = json!({ "proposal": made["proposal"]["id"] });
    world.alice.call("proposals.confirm", proposal).refused("own_exception");
    // Others may not even look.
    for stranger in [&world.ada, &world.owen] {
        stranger.call("exceptions.list", json!({})).refused("not_permitted");
        stranger.call("exceptions.put", world.input(3)).refused("not_permitted");
    }
    for (field, wrong, code) in [
        ("person", json!("person_00000000000000000000000000"), "unknown_reference"),
        ("owner", json!("person_00000000000000000000000000"), "unknown_reference"),
        ("tool", json!("tool_00000000000000000000000000"), "not_found"),
        ("days", json!(366), "malformed_input"),
        ("reason", json!(" "), "malformed_input"),
    ] {
        let mut input = world.input(3);
        input[field] = wrong;
        world.alice.call("exceptions.put", input).refused(code);
    }
    world.alice.call("exceptions.put", world.input(3)).refused("exception_state");
}

#[test]
fn what_nobody_confirms_is_refused_and_can_be_made_again() {
    let world = World::new();
    let made = world.alice.call("exceptions.put", world.input(60)).ok();
    world.bob.call("proposals.withdraw", json!({ "proposal": made["proposal"]["id"] })).ok();
    assert_eq!(world.shown(&text(&made["exception"]["exception"]))["state"], "refused");
    let made = world.alice.call("exceptions.put", world.input(60)).ok();
    world.site.advance_days(31);
    world.site.tick();
    assert_eq!(
        world.shown(&text(&made["exception"]["exception"]))["state"],
        "refused",
        "nobody agreed in time"
    );
    let again = world.excepted(60);
    assert_eq!(world.shown(&again)["state"], "in_force");
}

#[test]
fn it_ends_by_its_date_and_what_rests_on_it_never_lasts_longer() {
    let world = World::new();
    let exception = world.excepted(20);
    let request = world.ada.wait_for(&world.tool, 10);
    let grant = text(&world.alice.approve(&request).ok()["grant"]["id"]);
    let extend = |days: u32| world.ada.call("grants.extend", json!({ "grant": grant, "days": days }));
    extend(11).refused("duration_above_maximum");
    let extension = text(&extend(10).ok()["request"]["id"]);
    world.alice.approve(&extension).ok();
    world.site.advance_days(20);
    world.site.advance_minutes(1);
    let pass = world.site.tick();
    assert_eq!((pass.expired, pass.exceptions_ended), (1, 1));
    let over = world.shown(&exception);
    assert_eq!((&over["state"], &over["ended_because"]), (&json!("over"), &json!("lapsed")));
    assert_eq!(world.ada.grant(&grant)["end_reason"], "expired");
    assert_eq!(world.ada.ask_for(&world.tool, 5).ok()["request"]["state"], "denied");
}

#[test]
fn ending_it_takes_away_what_rests_on_it_and_stops_what_was_asked() {
    let world = World::new();
    let exception = world.excepted(30);
    let request = world.ada.wait_for(&world.tool, 10);
    let grant = text(&world.alice.approve(&request).ok()["grant"]["id"]);
    let ended = world.bob.call("exceptions.end", json!({ "exception": exception })).ok()["exception"].take();
    assert_eq!((&ended["state"], &ended["ended_because"]), (&json!("over"), &json!("ended")));
    assert_eq!(world.ada.grant(&grant)["end_reason"], "revoked");
    world.bob.call("exceptions.end", json!({ "exception": exception })).refused("exception_state");
    world.bob.call("exceptions.end", json!({})).refused("malformed_input");

    let exception = world.excepted(30);
    let request = world.ada.wait_for(&world.tool, 10);
    world.bob.signed_in_again().call("exceptions.end", json!({ "exception": exception })).ok();
    world.alice.approve(&request).refused("exception_state");
    world.alice.deny(&request).ok();

    // Access that policy gave does not rest on it.
    let exception = world.excepted(30);
    world.site.change_tool(&world.tool, json!({ "risk": "low" }));
    let grant = text(&world.ada.take(&world.tool, 5)["id"]);
    world.bob.signed_in_again().call("exceptions.end", json!({ "exception": exception })).ok();
    assert_eq!(world.ada.grant(&grant)["state"], "active");
}

#[test]
fn it_ends_with_whom_it_is_for_and_with_whoever_answers_for_it() {
    let world = World::new();
    let leave = |person: &PersonClient, name: &str| {
        world.site.console("people.put", json!({ "id": person.id(), "name": name, "active": false }));
        world.site.tick();
    };
    let exception = world.excepted(30);
    let request = world.ada.wait_for(&world.tool, 10);
    let grant = text(&world.alice.approve(&request).ok()["grant"]["id"]);
    leave(&world.owen, "Owen Owner");
    assert_eq!(world.shown(&exception)["ended_because"], "owner_left");
    assert_eq!(world.ada.grant(&grant)["state"], "ended");

    let ben = world.site.member("Ben Bitdiddle");
    let mut input = world.input(30);
    input["owner"] = json!(ben.id());
    let made = world.alice.call("exceptions.put", input.clone()).ok();
    leave(&world.ada, "Ada Lovelace");
    assert_eq!(world.shown(&text(&made["exception"]["exception"]))["state"], "refused");
    world.alice.call("exceptions.put", input).refused("unknown_reference");
}

#[test]
fn nothing_of_why_it_was_made_stays_when_somebody_is_erased() {
    let world = World::new();
    let made = world.alice.call("exceptions.put", world.input(30)).ok();
    world.bob.call("proposals.confirm", json!({ "proposal": made["proposal"]["id"] })).ok();
    world.site.console("people.erase", json!({ "person": world.ada.id() }));
    for _ in 0..3 {
        world.site.tick();
        world.site.advance_minutes(2);
    }
    let kept = world.site.snapshot().documents;
    assert!(!kept.values().any(|(_, body)| body.contains("the board wants")));
    let exception = world.shown(&text(&made["exception"]["exception"]));
    assert_eq!((&exception["reason"], &exception["ended_because"]), (&Value::Null, &json!("person_left")));
}

#[test]
fn a_reviewer_who_administers_proposes_one_and_others_do_not() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
    let tool = site.tool("Note taker", json!({ "owners": [owen.id(), alice.id()] }));
    ada.take(&tool, 10);
    site.advance_days(9);
    site.tick();
    site.change_tool(&tool, json!({ "risk": "restricted" }));
    let id = text(&owen.all("reviews.list", json!({ "mine": true }))[0]["id"]);
    let decision = json!({ "review": id, "decision": "exception", "reason": "The pilot", "days": 20 });
    owen.call("reviews.decide", decision.clone()).refused("not_permitted");
    let alice = alice.signed_in_again();
    alice
        .call("reviews.decide", json!({ "review": id, "decision": "exception", "days": 20 }))
        .refused("malformed_input");
    let decided = alice.call("reviews.decide", decision).ok()["review"]["decision"].take();
    assert_eq!(decided["kind"], "exception");
    bob.signed_in_again().call("proposals.confirm", json!({ "proposal": decided["proposal"] })).ok();
    // Now Ada may ask for more, which policy denies, and administrators decide.
    let grant = ada.all("grants.list", json!({ "person": "me" }))[0]["id"].clone();
    let extension = ada.call("grants.extend", json!({ "grant": grant, "days": 10 })).ok();
    assert_eq!(extension["request"]["state"], "pending");
    assert_eq!(bob.approve(&text(&extension["request"]["id"])).ok()["grant"]["extensions"], 1);
}

#[test]
fn what_somebody_answers_for_is_one_list_told_of_before_it_ends() {
    let world = drift::World::new();
    let bob = world.site.administrator("Bob Admin");
    let owner = world.site.member("Olga Owner");
    for account in ["00uben00000001", "00ustranger001", "00ustranger002"] {
        world.join(account);
    }
    world.site.check_drift();
    world.alice.call("settings.put", json!({ "email_notices": true })).ok();
    let count =
        |alice: &PersonClient| alice.call("exceptions.baseline", json!({ "tool": world.at.tool })).ok();
    assert_eq!(count(&world.alice), json!({ "found": 3, "answered_for": 0, "undecided": 3, "remaining": 3 }));
    let findings = world.findings("open");
    for (finding, kind, days) in [(&findings[0], "baseline", 40), (&findings[1], "exception", 30)] {
        let disposition =
            json!({ "kind": kind, "reason": "In use since spring", "owner": owner.id(), "days": days });
        world.answer_for(&finding["id"], &disposition);
    }
    let removal = json!({ "kind": "removal", "reason": "Nobody knows it" });
    world.alice.call("drift.dispose", json!({ "finding": findings[2]["id"], "disposition": removal })).ok();
    world.site.run_jobs();
    world.check_later();
    assert_eq!(count(&world.alice), json!({ "found": 3, "answered_for": 2, "undecided": 0, "remaining": 2 }));
    let tool = world.site.tool("Secret keeper", json!({ "risk": "restricted" }));
    let alice = world.alice.signed_in_again();
    let put = json!({ "person": world.ben.id(), "tool": tool, "owner": owner.id(), "days": 35, "reason": "A pilot" });
    let made = alice.call("exceptions.put", put).ok();
    bob.signed_in_again().call("proposals.confirm", json!({ "proposal": made["proposal"]["id"] })).ok();
    // By their ends, whatever their kind, and page by page the same.
    let listed = alice.all("exceptions.list", json!({}));
    let kinds: Vec<_> = listed.iter().map(|exception| text(&exception["kind"])).collect();
    assert_eq!(kinds, ["observed", "person", "baseline"]);
    assert_eq!(alice.all("exceptions.list", json!({ "limit": 1 })), listed);
    assert_eq!(alice.all("exceptions.list", json!({ "kind": "baseline" })).len(), 1);
    assert!(
        listed.iter().all(|exception| exception["owner"]["id"] == owner.id() && exception["may_end"] == true)
    );

    // Whoever answers for them is told two weeks before, once.
    let told = || {
        let letters = world.site.letters();
        letters.iter().filter(|letter| letter.subject.starts_with("You answer for an exception")).count()
    };
    assert_eq!(told(), 1, "of the one that came into force");
    for (days, expected) in [(15, 0), (2, 1), (5, 1), (5, 1), (1, 0)] {
        world.site.advance_days(days);
        world.site.tick();
        assert_eq!(told(), expected, "{days} days later");
    }

    // One is ended: the next check finds the member again.
    let alice = alice.signed_in_again();
    let ended = alice.call("exceptions.end", json!({ "finding": findings[1]["id"] })).ok();
    assert_eq!(
        (&ended["exception"]["state"], &ended["exception"]["kind"]),
        (&json!("over"), &json!("observed"))
    );
    alice.call("exceptions.end", json!({ "finding": findings[1]["id"] })).refused("exception_state");
    world.check_later();
    assert_eq!(world.findings("open").len(), 1);
    let after = alice.call("exceptions.baseline", json!({ "tool": world.at.tool })).ok();
    assert_eq!(after["remaining"], 1, "what is found again was not there from the beginning");
}

#[test]
fn the_command_line_makes_one_and_a_person_confirms_it() {
    let world = World::new();
    let made = world.site.console("exceptions.put", world.input(10));
    let proposal = json!({ "proposal": made["proposal"]["id"] });
    let own = world.site.perform(Caller::Console, "proposals.confirm", &proposal);
    assert_eq!(own.unwrap_err().code().as_str(), "own_proposal");
    world.alice.call("proposals.confirm", proposal).ok();
    assert_eq!(world.shown(&text(&made["exception"]["exception"]))["state"], "in_force");
}

#[test]
fn a_pack_of_access_under_an_exception_holds_the_exception_and_its_reason() {
    let world = World::new();
    let exception = world.excepted(30);
    // Long before the access, which is looked at from thirty days before its approval.
    let other = world.site.member("Ben Bitdiddle");
    let mut input = world.input(20);
    input["person"] = json!(other.id());
    input["reason"] = json!("Another pilot");
    world.alice.signed_in_again().call("exceptions.put", input).ok();
    world.site.advance_days(5);
    let request = world.ada.wait_for(&world.tool, 10);
    let grant = text(&world.alice.signed_in_again().approve(&request).ok()["grant"]["id"]);
    let auditor = world.site.auditor("Audrey Auditor");
    let pack = evidence::export(&auditor, &json!({ "grant": grant }));
    let checked = evidence::verify(&pack, &evidence::keys(&world.site));
    assert!(checked.ok(), "{checked:#?}");
    let files = evidence::files(&pack);
    assert!(files["records.jsonl"].contains("exception.added"), "{}", files["records.jsonl"]);
    let texts = &files["documents.jsonl"];
    assert!(texts.contains(&format!("\"kind\":\"exception_reason\",\"object\":\"{exception}\"")), "{texts}");
    assert!(files["report.html"].contains("The pilot that the board wants"));
    assert!(!texts.contains("Another pilot"), "another's exception is not told of");
}
