//! Emergency access: at once, for a short time, told to everybody, explained and reviewed afterwards.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{Answer, Client as _, PersonClient, Site, text};

use crate::concurrency::{at_once, tally};

struct World {
    site: Site,
    /// On call, and in the emergency group.
    ada: PersonClient,
    owner: PersonClient,
    alice: PersonClient,
    auditor: PersonClient,
    security: PersonClient,
    tool: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let on_call = site.group("On call");
        let emergency = json!({ "group": on_call, "days": 1, "budget": 2, "budget_days": 30 });
        site.console("settings.put", json!({ "emergency": emergency, "email_notices": true }));
        let owner = site.member("Owen Owner");
        let terms = json!({ "risk": "high", "owners": [owner.id()], "emergency": "allowed" });
        Self {
            ada: site.member_of("Ada Lovelace", &[&on_call]),
            alice: site.administrator("Alice Admin"),
            auditor: site.auditor("Audrey Auditor"),
            security: site.member_of("Sam Security", &[&site.security()]),
            tool: site.tool("Log reader", terms),
            owner,
            site,
        }
    }

    fn take(&self, person: &PersonClient) -> Answer {
        person.signed_in_again().call("emergency.request", self.input())
    }

    fn input(&self) -> Value {
        json!({
            "tool": self.tool, "incident": "INC-2041", "purpose": "Find out why sign-in fails",
            "data_classes": ["internal"],
        })
    }

    /// Who is told what by e-mail now.
    fn told(&self) -> Vec<(String, String)> {
        let letters = self.site.letters().into_iter();
        letters.map(|message| (message.to.to_string(), message.subject)).collect()
    }
}

/// Emergency access that somebody sees.
fn list(person: &PersonClient) -> Vec<Value> {
    person.signed_in_again().all("emergency.list", json!({}))
}

fn note(person: &PersonClient, emergency: &Value) -> Answer {
    let input = json!({ "emergency": emergency["id"], "note": "Read the logs of the gateway" });
    person.signed_in_again().call("emergency.note", input)
}

fn review(person: &PersonClient, emergency: &Value) -> Answer {
    let input = json!({ "emergency": emergency["id"], "verdict": "justified", "reason": "It was down" });
    person.signed_in_again().call("emergency.review", input)
}

#[test]
fn access_comes_at_once_ends_by_itself_and_is_noted_and_reviewed() {
    let world = World::new();
    let taken = world.take(&world.ada).ok();
    let emergency = &taken["emergency"];
    assert_eq!((&taken["grant"]["state"], &emergency["state"]), (&json!("active"), &json!("open")));
    let told: BTreeSet<_> = world.told().into_iter().map(|(to, _)| to).collect();
    let everybody = ["alice.admin", "audrey.auditor", "owen.owner", "sam.security"];
    assert_eq!(told, everybody.map(|name| format!("{name}@example.com")).into());
    // Everybody who answers for it sees it, others do not.
    for person in [&world.ada, &world.owner, &world.alice, &world.auditor] {
        assert_eq!(list(person).len(), 1);
    }
    assert!(list(&world.security).is_empty());
    // It is explained as what it is, and extends nothing.
    let explain = json!({ "person": world.ada.id(), "tool": world.tool });
    let reasons = world.alice.call("grants.explain", explain).ok();
    assert!(reasons.to_string().contains("taken_in_emergency"), "{reasons:#}");
    assert_eq!(world.take(&world.ada).code(), Some("emergency_not_needed"));

    // Nobody reviews before the note, nobody but the holder writes it, and nobody reviews their own.
    assert_eq!(review(&world.owner, emergency).code(), Some("emergency_state"));
    assert_eq!(note(&world.owner, emergency).code(), Some("not_found"));
    note(&world.ada, emergency).ok();
    assert_eq!(note(&world.ada, emergency).code(), Some("emergency_state"));
    let [owner, alice] = ["owen.owner", "alice.admin"].map(|name| format!("{name}@example.com"));
    let told: BTreeSet<_> = world.told().into_iter().map(|(to, _)| to).collect();
    assert_eq!(told, [owner, alice].into());
    assert_eq!(review(&world.security, emergency).code(), Some("not_found"));
    assert_eq!(review(&world.ada, emergency).code(), Some("not_found"));
    review(&world.owner, emergency).ok();
    assert_eq!(review(&world.alice, emergency).code(), Some("emergency_state"), "reviewed once");
    assert_eq!(list(&world.alice)[0]["verdict"], "justified");

    world.site.advance_days(2);
    world.site.tick();
    let grant = json!({ "grant": taken["grant"]["id"] });
    assert_eq!(world.ada.signed_in_again().call("grants.get", grant).ok()["grant"]["state"], "ended");
    assert!(world.told().is_empty(), "nothing waits any more");
}

#[test]
fn what_is_overdue_is_told_every_day_and_stops_the_next_one() {
    let world = World::new();
    let emergency = world.take(&world.ada).ok()["emergency"].take();
    world.told();
    world.site.tick();
    assert!(world.told().is_empty(), "nothing is due yet");
    world.site.advance_days(2);
    for _ in 0..2 {
        world.site.tick();
        world.site.tick();
        let told = world.told();
        let to: BTreeSet<_> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(
            to,
            ["ada.lovelace@example.com", "alice.admin@example.com", "owen.owner@example.com"].into()
        );
        assert_eq!(told.len(), 3, "once a day: {told:?}");
        world.site.advance_minutes(24 * 60 + 1);
    }
    assert_eq!(list(&world.owner)[0]["overdue"], true);
    let owed = world.take(&world.ada);
    assert_eq!(owed.code(), Some("emergency_note_owed"));
    assert_eq!(owed.json["error"]["details"]["emergency"], emergency["id"]);
    // It is reviewed without a note once that is overdue; an administrator does it as well as an owner.
    review(&world.alice, &emergency).ok();
    assert_eq!(note(&world.ada, &emergency).code(), Some("emergency_state"));
    world.told();
    world.site.advance_days(2);
    world.site.tick();
    assert!(world.told().is_empty());
    world.take(&world.ada).ok();
}

#[test]
fn the_budget_is_kept_and_comes_back() {
    let world = World::new();
    for _ in 0..2 {
        let taken = world.take(&world.ada).ok();
        note(&world.ada, &taken["emergency"]).ok();
        world.site.advance_days(2);
        world.site.tick();
    }
    assert_eq!(world.take(&world.ada).code(), Some("emergency_budget"));
    world.site.advance_days(30);
    world.take(&world.ada).ok();
}

#[test]
fn of_many_at_once_one_is_given() {
    let world = World::new();
    let ada = world.ada.signed_in_again();
    let answers = at_once(16, |_| ada.call("emergency.request", world.input()));
    let codes = tally(&answers);
    assert_eq!(codes.get("ok"), Some(&1), "{codes:?}");
    let known = ["ok", "emergency_not_needed", "emergency_note_owed", "conflict"];
    assert!(codes.keys().all(|code| known.contains(&code.as_str())), "{codes:?}");
    assert_eq!(world.ada.all("grants.list", json!({})).len(), 1);
}

#[test]
fn what_the_usual_way_forbids_and_what_nobody_allowed_is_refused() {
    let world = World::new();
    // Not of the group; a tool that nobody marked; a restricted one; a data class; a usage policy; a seat.
    assert_eq!(world.take(&world.owner).code(), Some("emergency_not_eligible"));
    let refused = |more: Value, input: Value| {
        world.site.change_tool(&world.tool, more);
        let mut asked = world.input();
        asked.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        let answer = world.ada.signed_in_again().call("emergency.request", asked);
        answer.code().map(str::to_owned)
    };
    assert_eq!(refused(json!({ "emergency": "never" }), json!({})).as_deref(), Some("emergency_not_offered"));
    let restricted = json!({ "emergency": "allowed", "risk": "restricted" });
    assert_eq!(refused(restricted, json!({})).as_deref(), Some("emergency_not_offered"));
    let regulated = json!({ "data_classes": ["regulated"] });
    let explicit = json!({ "emergency": "even_restricted", "risk": "restricted" });
    assert_eq!(refused(explicit.clone(), regulated).as_deref(), Some("data_class_not_allowed"));
    let bound = json!({ "usage_policy": "I keep customer data out" });
    assert_eq!(refused(bound, json!({})).as_deref(), Some("acknowledgement_required"));
    let free = json!({ "usage_policy": null, "seat_cap": 1 });
    world.site.change_tool(&world.tool, free);
    world.site.tick();
    // Allowed explicitly, and a seat is free.
    assert_eq!(refused(json!({}), json!({})), None);
    let other = world.site.person("Otto Oncall", json!({ "groups": [group_of(&world)] }));
    assert_eq!(world.take(&other).code(), Some("no_seat"));
    // A token for the log alone, or an old sign-in, does not do.
    world.site.advance_days(1);
    let old = world.ada.call("emergency.request", world.input());
    assert_eq!(old.code(), Some("sign_in_required"));
}

fn group_of(world: &World) -> String {
    text(&world.site.console("settings.get", json!({}))["settings"]["emergency"]["group"])
}

#[test]
fn who_leaves_owes_no_note_and_what_an_erased_person_wrote_is_gone() {
    let world = World::new();
    let emergency = world.take(&world.ada).ok()["emergency"].take();
    world
        .site
        .console("people.put", json!({ "id": world.ada.id(), "name": "Ada Lovelace", "active": false }));
    world.site.tick();
    review(&world.owner, &emergency).ok();
    world.site.console("people.erase", json!({ "person": world.ada.id() }));
    world.site.tick();
    world.site.advance_minutes(2);
    world.site.tick();
    world.site.tick();
    let seen = &list(&world.alice)[0];
    for field in ["incident", "note", "reason"] {
        assert!(seen[field].is_null(), "{field}");
    }
}
