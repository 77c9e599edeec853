//! Reviews of access: opened before it ends and when its tool changes, decided by somebody else, and never giving what policy does not.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, request_for, text};

use crate::concurrency::{at_once, tally};
use crate::evidence;

pub(crate) struct World {
    pub(crate) site: Site,
    /// Has the access.
    pub(crate) ada: PersonClient,
    /// Owns the tool.
    pub(crate) owen: PersonClient,
    /// Administers, and approves as one.
    pub(crate) alice: PersonClient,
    pub(crate) tool: String,
}

impl World {
    /// A tool that policy gives at once for up to 30 days in all.
    pub(crate) fn new() -> Self {
        Self::with(json!({}))
    }

    pub(crate) fn with(more: Value) -> Self {
        let site = Site::in_memory();
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let alice = site.administrator("Alice Admin");
        let mut tool = json!({ "owners": [owen.id()] });
        tool.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let tool = site.tool("Note taker", tool);
        Self { site, ada, owen, alice, tool }
    }

    /// Ada's access, and its review, which has just been opened.
    pub(crate) fn reviewed(&self, days: u32) -> (String, String) {
        let grant = text(&self.ada.take(&self.tool, days)["id"]);
        self.site.advance_days(days - 1);
        assert_eq!(self.site.tick().reviews_opened, 1);
        (grant, self.only())
    }

    /// The only review that Owen can decide.
    fn only(&self) -> String {
        let mut mine = reviews(&self.owen);
        assert_eq!(mine.len(), 1, "{mine:#?}");
        text(&mine.remove(0)["id"])
    }
}

pub(crate) fn reviews(person: &PersonClient) -> Vec<Value> {
    person.all("reviews.list", json!({ "mine": true }))
}

pub(crate) fn decision(review: &str, decision: &str) -> Value {
    json!({ "review": review, "decision": decision, "reason": "The project goes on" })
}

#[track_caller]
pub(crate) fn decide(person: &PersonClient, review: &str, what: &str) -> Value {
    person.call("reviews.decide", decision(review, what)).ok()["review"].take()
}

#[track_caller]
pub(crate) fn review(person: &PersonClient, review: &str) -> Value {
    person.call("reviews.get", json!({ "review": review })).ok()
}

#[test]
fn one_is_opened_in_the_window_and_shown_to_the_owner_with_the_facts() {
    let world = World::with(json!({ "review_days": 10 }));
    let grant = text(&world.ada.take(&world.tool, 30)["id"]);
    world.site.advance_days(20);
    world.site.advance_minutes(-1);
    assert_eq!(world.site.tick().reviews_opened, 0, "not in the window yet");
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_opened, 1);
    for _ in 0..3 {
        world.site.advance_minutes(61);
        assert_eq!(world.site.tick().reviews_opened, 0, "one is open");
    }
    let shown = reviews(&world.owen).remove(0);
    assert_eq!(
        (&shown["grant"], &shown["cause"], &shown["state"]),
        (&json!(grant), &json!("ending"), &json!("open"))
    );
    assert_eq!((&shown["may_decide"], &shown["may_postpone"]), (&json!(true), &json!(true)));
    assert_eq!(shown["reviewer"], "Tool owners");
    let facts = &review(&world.owen, &text(&shown["id"]))["facts"];
    assert_eq!(facts["age_days"], 21);
    assert_eq!(facts["purpose"], request_for(&world.tool, 1)["purpose"]);
    assert_eq!(
        (&facts["data_classes"], &facts["data_classes_not_allowed"]),
        (&json!(["internal"]), &json!([]))
    );
    assert_eq!((&facts["risk_then"], &facts["risk_now"]), (&json!("low"), &json!("low")));
    assert_eq!(
        (&facts["grant"]["id"], &facts["extensions"], &facts["drift"]),
        (&json!(grant), &json!([]), &json!([]))
    );

    // Nobody else sees it but those who see everything; and they do not decide it.
    let ben = world.site.member("Ben Bitdiddle");
    for stranger in [&world.ada, &ben] {
        assert_eq!(stranger.all("reviews.list", json!({})), Vec::<Value>::new());
        for operation in ["reviews.get", "reviews.decide", "reviews.postpone"] {
            let mut input = json!({ "review": shown["id"] });
            match operation {
                "reviews.decide" => input["decision"] = json!("let_expire"),
                "reviews.postpone" => input["reason"] = json!("Later"),
                _ => {}
            }
            stranger.call(operation, input).refused("not_found");
        }
    }
    assert_eq!(reviews(&world.alice), Vec::<Value>::new());
    let seen = world.alice.all("reviews.list", json!({ "state": "open", "tool": world.tool }));
    assert_eq!((seen.len(), &seen[0]["may_decide"]), (1, &json!(false)));
    world.alice.call("reviews.decide", decision(&text(&shown["id"]), "let_expire")).refused("not_eligible");
}

#[test]
fn short_access_is_reviewed_in_its_second_half_and_not_on_the_day_of_its_approval() {
    let world = World::with(json!({ "review_days": 60 }));
    world.ada.take(&world.tool, 10);
    world.site.advance_days(4);
    assert_eq!(world.site.tick().reviews_opened, 0);
    world.site.advance_days(1);
    assert_eq!(world.site.tick().reviews_opened, 1);
}

#[test]
fn what_may_expire_ends_as_planned_and_is_not_asked_about_again() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    let ends_at = world.ada.grant(&grant)["ends_at"].clone();
    let decided = decide(&world.owen, &id, "let_expire");
    assert_eq!((&decided["state"], &decided["decision"]["kind"]), (&json!("decided"), &json!("let_expire")));
    assert_eq!(decided["decision"]["by"]["id"], world.owen.id());
    world.owen.call("reviews.decide", decision(&id, "remove")).refused("review_state");
    assert_eq!(world.ada.grant(&grant)["ends_at"], ends_at);
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_opened, 0);
    world.site.advance_days(1);
    let pass = world.site.tick();
    assert_eq!((pass.expired, pass.reviews_opened, pass.reviews_closed), (1, 0, 0));
    assert_eq!(reviews(&world.owen), Vec::<Value>::new());
    // Whoever decided it sees it still.
    assert_eq!(review(&world.owen, &id)["review"]["state"], "decided");
}

#[test]
fn renewing_extends_what_policy_gives_at_once_and_the_new_end_is_reviewed_anew() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    let renew = json!({ "review": id, "decision": "renew", "days": 15 });
    let decided = world.owen.call("reviews.decide", renew).ok()["review"].take();
    assert_eq!(decided["decision"]["renewal"]["kind"], "extended");
    assert_eq!(
        decided["decision"]["renewal"]["ends_at"], "2026-12-18T09:00:00.000Z",
        "25 days after it began"
    );
    assert_eq!(world.ada.grant(&grant)["ends_at"], "2026-12-18T09:00:00.000Z");
    let request = world.ada.request(&text(&decided["decision"]["renewal"]["request"]));
    assert_eq!((&request["source"], &request["state"]), (&json!("review"), &json!("approved")));
    assert_eq!((&request["extends"], &request["requester"]["id"]), (&json!(grant), &json!(world.ada.id())));
    world.site.advance_days(3);
    assert_eq!(world.site.tick().reviews_opened, 0, "not in the second half of the time that was added");
    world.site.advance_days(8);
    assert_eq!(world.site.tick().reviews_opened, 1);
    assert_ne!(world.only(), id);
}

#[test]
fn renewing_beyond_what_policy_gives_at_once_asks_those_whom_policy_names() {
    let world = World::new();
    let (grant, id) = world.reviewed(30);
    let decided = decide(&world.owen, &id, "renew");
    let renewal = &decided["decision"]["renewal"];
    assert_eq!((&renewal["kind"], &decided["decision"]["days"]), (&json!("asked"), &json!(7)));
    let request = text(&renewal["request"]);
    // The reviewer is none of those who approve, and the holder never is.
    world.owen.approve(&request).refused("not_found");
    world.ada.approve(&request).refused("own_request");
    let ends_at = world.ada.grant(&grant)["ends_at"].clone();
    let approved = world.alice.approve(&request).ok();
    assert_eq!((&approved["grant"]["id"], &approved["grant"]["extensions"]), (&json!(grant), &json!(1)));
    assert_ne!(approved["grant"]["ends_at"], ends_at);
}

#[test]
fn renewing_what_policy_denies_changes_nothing_and_it_ends_as_planned() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    world.site.change_tool(&world.tool, json!({ "risk": "restricted" }));
    let decided = decide(&world.owen, &id, "renew");
    assert_eq!(decided["decision"]["renewal"]["kind"], "denied");
    world.site.advance_days(1);
    world.site.advance_minutes(1);
    assert_eq!(world.site.tick().expired, 1);
    assert_eq!(world.ada.grant(&grant)["end_reason"], "expired");
    let told = world.ada.call("grants.explain", json!({ "tool": world.tool })).ok();
    let reviewed = told["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "reviewed");
    assert_eq!(
        reviewed.unwrap()["text"],
        "Owen Owner reviewed it: it was to be renewed, which policy denied."
    );
}

#[test]
fn a_new_text_of_the_usage_policy_is_accepted_by_the_holder_before_anything_is_renewed() {
    let world = World::with(json!({ "usage_policy": "Put no names in." }));
    let mut asked = request_for(&world.tool, 10);
    asked["acknowledged"] = json!(1);
    let grant = text(&world.ada.call("requests.submit", asked).ok()["grant"]["id"]);
    world.site.advance_days(9);
    world.site.tick();
    // The same text under the same number counts; another one does not, whatever its number.
    world.site.change_tool(&world.tool, json!({ "usage_policy": null }));
    world.site.change_tool(&world.tool, json!({ "usage_policy": "Put no names and no figures in." }));
    let facts = review(&world.owen, &world.only());
    assert_eq!(facts["facts"]["usage_policy_accepted"], false);
    let decided = decide(&world.owen, &world.only(), "renew");
    assert_eq!(decided["decision"]["renewal"], json!({ "kind": "awaits_acceptance" }));
    let extend = |version: u32| {
        world.ada.call("grants.extend", json!({ "grant": grant, "days": 5, "acknowledged": version }))
    };
    extend(1).refused("acknowledgement_mismatch");
    let version = world.ada.call("catalog.get", json!({ "tool": world.tool })).ok();
    let version = version["tool"]["usage_policy"]["version"].as_u64().unwrap();
    let extended = extend(u32::try_from(version).unwrap()).ok();
    assert_eq!(extended["grant"]["extensions"], 1);
}

#[test]
fn an_accepted_text_is_good_for_a_renewal() {
    let world = World::with(json!({ "usage_policy": "Put no names in." }));
    let mut asked = request_for(&world.tool, 10);
    asked["acknowledged"] = json!(1);
    world.ada.call("requests.submit", asked).ok();
    world.site.advance_days(9);
    world.site.tick();
    assert_eq!(review(&world.owen, &world.only())["facts"]["usage_policy_accepted"], true);
    let decided = decide(&world.owen, &world.only(), "renew");
    assert_eq!(decided["decision"]["renewal"]["kind"], "extended");
    let request = world.ada.request(&text(&decided["decision"]["renewal"]["request"]));
    assert_eq!(request["acknowledged"], 1);
}

#[test]
fn data_that_the_tool_is_not_approved_for_any_more_stops_a_renewal() {
    let world = World::new();
    let (_, id) = world.reviewed(10);
    world.site.change_tool(&world.tool, json!({ "data_classes": ["public"] }));
    let facts = review(&world.owen, &id);
    assert_eq!(facts["facts"]["data_classes_not_allowed"], json!(["internal"]));
    world.owen.call("reviews.decide", decision(&id, "renew")).refused("data_class_not_allowed");
    assert_eq!(review(&world.owen, &id)["review"]["state"], "open", "it can be decided otherwise");
    decide(&world.owen, &id, "let_expire");
}

#[test]
fn nobody_reviews_their_own_access() {
    let world = World::new();
    // Owen's own: nobody of the owners is left, so administrators decide.
    world.owen.take(&world.tool, 10);
    world.site.advance_days(9);
    assert_eq!(world.site.tick().reviews_opened, 1);
    assert_eq!(reviews(&world.owen), Vec::<Value>::new());
    let id = text(&reviews(&world.alice)[0]["id"]);
    world.owen.call("reviews.decide", decision(&id, "renew")).refused("not_found");
    assert_eq!(reviews(&world.alice)[0]["reviewer"], "Administrators");
    // Another owner comes: it is theirs from the next look on.
    let ola = world.site.member("Ola Owner");
    world.site.change_tool(&world.tool, json!({ "owners": [world.owen.id(), ola.id()] }));
    world.site.advance_minutes(61);
    world.site.tick();
    assert_eq!((reviews(&world.alice).len(), reviews(&ola).len()), (0, 1));
    decide(&ola, &id, "let_expire");

    // An administrator's own access, which they see among all.
    let grant = text(&world.alice.take(&world.tool, 10)["id"]);
    world.site.advance_days(9);
    world.site.tick();
    let all = world.alice.all("reviews.list", json!({ "state": "open" }));
    let own = all.iter().find(|review| review["grant"] == grant.as_str()).unwrap();
    world.alice.call("reviews.decide", decision(&text(&own["id"]), "renew")).refused("own_review");
}

#[test]
fn whom_the_settings_name_for_a_risk_reviews_instead_of_the_owners() {
    let world = World::new();
    let sam = world.site.member_of("Sam Security", &[&world.site.security()]);
    let reviews_of_low = json!({ "reviews": { "reviewers": { "low": "security" } } });
    world.alice.call("settings.put", reviews_of_low).ok();
    world.ada.take(&world.tool, 10);
    world.site.advance_days(9);
    world.site.tick();
    assert_eq!(reviews(&world.owen), Vec::<Value>::new());
    let id = text(&reviews(&sam)[0]["id"]);
    world.owen.call("reviews.decide", decision(&id, "let_expire")).refused("not_found");
    // Somebody who is not of security any more decides nothing.
    let left = json!({ "id": sam.id(), "name": "Sam Security", "groups": [] });
    world.site.console("people.put", left);
    sam.call("reviews.decide", decision(&id, "let_expire")).refused("not_found");
    world.site.advance_minutes(61);
    world.site.tick();
    decide(&world.alice, &id, "let_expire");
    let out_of_bounds = json!({ "reviews": { "postponements": 6 } });
    world.alice.signed_in_again().call("settings.put", out_of_bounds).refused("malformed_input");
}

#[test]
fn taking_away_needs_a_reason_and_takes_away() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    let without = json!({ "review": id, "decision": "remove" });
    world.owen.call("reviews.decide", without).refused("malformed_input");
    decide(&world.owen, &id, "remove");
    let gone = world.ada.grant(&grant);
    assert_eq!((&gone["state"], &gone["end_reason"]), (&json!("ended"), &json!("revoked")));
}

#[test]
fn a_review_is_put_off_within_bounds_and_its_end_stays() {
    let world = World::with(json!({ "review_days": 20 }));
    let grant = text(&world.ada.take(&world.tool, 30)["id"]);
    world.site.advance_days(16);
    world.site.tick();
    let id = world.only();
    let postpone = |days: u32| {
        world.owen.call("reviews.postpone", json!({ "review": id, "reason": "Ada is away", "days": days }))
    };
    postpone(8).refused("malformed_input");
    let postponed = postpone(7).ok()["review"].take();
    assert_eq!((&postponed["state"], &postponed["postponements_left"]), (&json!("postponed"), &json!(0)));
    assert_eq!(postponed["ends_at"], world.ada.grant(&grant)["ends_at"]);
    postpone(1).refused("postponement_refused");
    let owen = &world.owen;
    assert_eq!(reviews(owen)[0]["may_postpone"], false);
    world.site.advance_days(8);
    world.site.tick();
    assert_eq!(reviews(owen)[0]["state"], "open");
    // Another one, of access that ends in three days.
    world
        .alice
        .call("settings.put", json!({ "reviews": { "postponements": 2 } }))
        .refused("sign_in_required");
    let alice = world.alice.signed_in_again();
    alice.call("settings.put", json!({ "reviews": { "postponements": 2 } })).ok();
    world.site.advance_days(3);
    postpone(3).refused("postponement_refused");
    postpone(2).ok();
    decide(owen, &id, "let_expire");
}

#[test]
fn what_nobody_decides_ends_as_planned_and_what_ended_otherwise_is_void() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    world.site.advance_days(1);
    world.site.advance_minutes(1);
    let pass = world.site.tick();
    assert_eq!((pass.expired, pass.reviews_closed), (1, 1));
    let closed = review(&world.alice, &id)["review"].take();
    assert_eq!((&closed["state"], &closed["void_because"]), (&json!("undecided"), &Value::Null));
    assert_eq!(world.ada.grant(&grant)["state"], "ended");

    let (grant, id) = world.reviewed(10);
    world.ada.call("grants.give_back", json!({ "grant": grant })).ok();
    world.owen.call("reviews.decide", decision(&id, "renew")).refused("review_state");
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_closed, 1);
    assert_eq!(review(&world.alice, &id)["review"]["void_because"], "ended");

    let (grant, id) = world.reviewed(10);
    world.ada.call("grants.extend", json!({ "grant": grant, "days": 5 })).ok();
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_closed, 1);
    assert_eq!(review(&world.alice, &id)["review"]["void_because"], "extended");
}

#[test]
fn a_riskier_tool_lets_all_access_to_it_be_reviewed_and_a_safer_one_none() {
    let world = World::new();
    let other = world.site.tool("Sketcher", json!({ "owners": [world.owen.id()] }));
    let ben = world.site.member("Ben Bitdiddle");
    for person in [&world.ada, &ben] {
        person.take(&world.tool, 30);
        person.take(&other, 30);
    }
    world.site.tick();
    world.site.change_tool(&world.tool, json!({ "risk": "medium" }));
    let cy = world.site.member("Cy Comer");
    cy.wait_for(&world.tool, 10);
    assert_eq!(world.site.tick().reviews_opened, 2);
    assert_eq!(world.site.tick().reviews_opened, 0);
    let opened = reviews(&world.owen);
    assert!(
        opened
            .iter()
            .all(|review| review["cause"] == "risk_raised" && review["tool"]["id"] == world.tool.as_str())
    );
    // Riskier still: one review of a grant is open at a time. What was decided is asked about again.
    decide(&world.owen, &text(&opened[0]["id"]), "let_expire");
    world.site.advance_minutes(1);
    world.site.change_tool(&world.tool, json!({ "data_classes": ["public", "internal", "confidential"] }));
    assert_eq!(world.site.tick().reviews_opened, 1);
    assert_eq!(reviews(&world.owen).len(), 2);
    world.site.change_tool(&world.tool, json!({ "risk": "low", "max_days": 60 }));
    assert_eq!(world.site.tick().reviews_opened, 0);
    // A review because of risk stays when the access is extended, and follows its end.
    let ada = &world.ada;
    let grant = ada
        .all("grants.list", json!({ "person": "me" }))
        .into_iter()
        .find(|grant| grant["tool"]["id"] == world.tool.as_str());
    let extension = ada.call("grants.extend", json!({ "grant": grant.unwrap()["id"], "days": 5 })).ok();
    world.alice.approve(&text(&extension["request"]["id"])).ok();
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_closed, 0);
    let ends: Vec<_> = reviews(&world.owen).iter().map(|review| text(&review["ends_at"])).collect();
    assert_eq!(ends, ["2026-12-23T09:00:00.000Z", "2026-12-28T09:00:00.000Z"]);
}

#[test]
fn access_that_does_not_work_yet_is_reviewed_when_its_tool_becomes_riskier() {
    let world = World::with(json!({ "fulfilment": { "kind": "manual" } }));
    let grant = text(&world.ada.take(&world.tool, 10)["id"]);
    world.site.change_tool(&world.tool, json!({ "risk": "high" }));
    assert_eq!(world.site.tick().reviews_opened, 1);
    let id = world.only();
    assert_eq!(reviews(&world.owen)[0]["ends_at"], Value::Null);
    world.owen.call("reviews.decide", decision(&id, "renew")).refused("grant_state");
    world.owen.call("grants.attest", json!({ "grant": grant })).ok();
    world.site.advance_minutes(61);
    world.site.tick();
    assert_eq!(reviews(&world.owen)[0]["ends_at"], world.ada.grant(&grant)["ends_at"]);
    decide(&world.owen, &id, "remove");
    assert_eq!(world.ada.grant(&grant)["state"], "removing");
}

#[test]
fn a_burst_of_new_access_is_reviewed_once() {
    let world = World::new();
    let bounds = json!({ "reviews": { "burst_grants": 3, "burst_days": 2 } });
    world.alice.call("settings.put", bounds).ok();
    let early = world.site.member("Early Bird");
    early.take(&world.tool, 30);
    world.site.advance_days(3);
    for number in 0..3 {
        world.site.member(&format!("Comer {number}")).take(&world.tool, 30);
    }
    assert_eq!(world.site.tick().reviews_opened, 0, "three are not more than three");
    world.ada.take(&world.tool, 30);
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_opened, 4, "those who came before are not among them");
    assert!(reviews(&world.owen).iter().all(|review| review["cause"] == "burst"));
    world.site.advance_minutes(61);
    assert_eq!(world.site.tick().reviews_opened, 0);
}

#[test]
fn of_many_who_decide_at_once_one_does() {
    let world = World::new();
    let second = world.site.member("Ola Owner");
    world.site.change_tool(&world.tool, json!({ "owners": [world.owen.id(), second.id()] }));
    let (_, id) = world.reviewed(10);
    let answers = at_once(8, |number| {
        let person = if number % 2 == 0 { &world.owen } else { &second };
        let what = if number < 4 { "renew" } else { "remove" };
        person.call("reviews.decide", decision(&id, what))
    });
    let counts = tally(&answers);
    assert_eq!(counts.get("ok"), Some(&1), "{counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 8);
    assert!(
        counts.keys().all(|code| ["ok", "review_state", "conflict"].contains(&code.as_str())),
        "{counts:?}"
    );
}

#[test]
fn those_who_can_act_are_told_and_nobody_once_it_is_decided() {
    let world = World::with(json!({ "review_days": 20 }));
    world.alice.call("settings.put", json!({ "email_notices": true })).ok();
    world.ada.take(&world.tool, 30);
    world.site.advance_days(16);
    world.site.tick();
    let told = || -> Vec<(String, String)> {
        let letters = world.site.letters();
        letters.into_iter().map(|letter| (letter.to.as_str().to_owned(), letter.subject)).collect()
    };
    let asks = ("owen.owner@example.com".to_owned(), "Does Ada Lovelace still need Note taker?".to_owned());
    assert_eq!(told().iter().filter(|one| **one == asks).count(), 1);
    world.site.advance_days(6);
    world.site.tick();
    assert_eq!(told(), []);
    world.site.advance_days(1);
    world.site.tick();
    assert_eq!(told(), std::slice::from_ref(&asks), "a week later");
    world.site.advance_days(6);
    world.site.tick();
    assert_eq!(told(), [asks], "on the last day");
    decide(&world.owen, &world.only(), "let_expire");
    let holder = ("ada.lovelace@example.com".to_owned(), "Your access to Note taker was reviewed".to_owned());
    assert_eq!(told(), [holder]);
    world.site.advance_minutes(120);
    world.site.tick();
    assert_eq!(told(), []);
}

#[test]
fn a_pack_answers_whether_the_need_was_reviewed() {
    let world = World::new();
    let (grant, id) = world.reviewed(10);
    decide(&world.owen, &id, "let_expire");
    let auditor = world.site.auditor("Audrey Auditor");
    let pack = evidence::export(&auditor, &json!({ "grant": grant }));
    let checked = evidence::verify(&pack, &evidence::keys(&world.site));
    assert!(checked.ok(), "{checked:#?}");
    let mut files = evidence::files(&pack);
    let report = files.remove("report.html").expect("a report");
    assert!(report.contains("yes: opened (ending) by policy or clockwork"), "{report}");
    assert!(report.contains("decided let expire by Person"), "{report}");
    // The reason is in it like any other text, bound by the entry of the decision.
    assert!(
        report.contains(&format!("review_reason of {id}")) && report.contains("The project goes on"),
        "{report}"
    );
    let texts = &files["documents.jsonl"];
    assert!(texts.contains(&format!("\"kind\":\"review_reason\",\"object\":\"{id}\"")), "{texts}");
    // Once it is destroyed, the pack says so and proves as much as before.
    world.site.console("people.erase", json!({ "person": world.owen.id() }));
    for _ in 0..3 {
        world.site.tick();
        world.site.advance_minutes(2);
    }
    let pack = evidence::export(&auditor.signed_in_again(), &json!({ "grant": grant }));
    let checked = evidence::verify(&pack, &evidence::keys(&world.site));
    assert!(checked.ok(), "{checked:#?}");
    let files = evidence::files(&pack);
    assert!(!files["documents.jsonl"].contains("The project goes on"));
    assert!(files["report.html"].contains("the text was destroyed"));
}

#[test]
fn nothing_of_what_was_written_about_or_by_somebody_erased_stays() {
    let world = World::with(json!({ "review_days": 20 }));
    let ben = world.site.member("Ben Bitdiddle");
    for person in [&world.ada, &ben] {
        person.take(&world.tool, 30);
    }
    world.site.advance_days(16);
    world.site.tick();
    for review in reviews(&world.owen) {
        let id = text(&review["id"]);
        world.owen.call("reviews.postpone", json!({ "review": id, "reason": "They are away" })).ok();
        decide(&world.owen, &id, "let_expire");
    }
    let kept =
        |of: &str| world.site.snapshot().documents.values().filter(|(_, body)| body.contains(of)).count();
    assert_eq!((kept("They are away"), kept("The project goes on")), (2, 2));
    let erase = |person: &PersonClient| {
        world.site.console("people.erase", json!({ "person": person.id() }));
        for _ in 0..3 {
            world.site.tick();
            world.site.advance_minutes(2);
        }
    };
    erase(&world.ada);
    assert_eq!((kept("They are away"), kept("The project goes on")), (1, 1));
    erase(&world.owen);
    assert_eq!((kept("They are away"), kept("The project goes on")), (0, 0));
}
