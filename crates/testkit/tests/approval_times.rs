//! What time makes of a stage that nobody decides: reminders, escalation, somebody else who takes over, and lapsing.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    lena: PersonClient,
    alice: PersonClient,
    tool: String,
}

impl World {
    /// A tool of Owen's; one stage asks its owners, and has what else is given.
    fn new(more: Value) -> Self {
        let site = Site::in_memory();
        let (ada, owen, lena) =
            (site.member("Ada Lovelace"), site.member("Owen Owner"), site.member("Lena Lead"));
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let alice = site.administrator("Alice Admin");
        let mut stage = json!({ "name": "Owner", "approvers": ["tool_owners"], "quorum": "any" });
        let replaced = more.to_string().replace("LENA", &lena.id());
        let more: Value = serde_json::from_str(&replaced).expect("JSON");
        for (name, value) in more.as_object().expect("fields") {
            stage[name] = value.clone();
        }
        site.stages(&json!([stage]));
        site.console("settings.put", json!({ "email_notices": true }));
        Self { site, ada, owen, lena, alice, tool }
    }

    fn told(&self) -> Vec<String> {
        let letters = self.site.letters();
        let mut told: Vec<_> = letters.iter().map(|message| message.to.as_str().to_owned()).collect();
        told.sort();
        told
    }

    fn logged(&self, kind: &str) -> usize {
        self.site.log_kinds().iter().filter(|logged| *logged == kind).count()
    }
}

fn names(request: &Value) -> Vec<String> {
    let people = request["can_act"]["people"].as_array().cloned().unwrap_or_default();
    people.iter().map(|actor| text(&actor["person"]["name"])).collect()
}

#[test]
fn after_the_timeout_the_fallback_decides_in_place_of_everybody_else() {
    let world = World::new(json!({ "timeout_days": 3, "fallback": [{ "person": "LENA" }] }));
    let (site, ada, owen, lena) = (&world.site, &world.ada, &world.owen, &world.lena);
    let request = ada.wait_for(&world.tool, 10);
    let opened = site.now();
    let shown = ada.request(&request);
    assert_eq!(shown["stages"][0]["times_out_at"], json!(opened.plus_minutes(3 * 24 * 60)));
    assert_eq!(shown["stages"][0]["fallback"], json!(["Lena Lead"]));
    assert_eq!(world.told(), ["owen.owner@example.com"]);
    site.advance_days(2);
    assert_eq!(site.tick().stages, 0);
    lena.approve(&request).refused("not_found");
    site.advance_days(1);
    assert_eq!(site.tick().stages, 1);
    assert_eq!(site.tick().stages, 0, "once");
    assert_eq!(world.logged("approval.timed_out"), 1);
    assert_eq!(world.told(), ["lena.lead@example.com"]);
    let shown = ada.request(&request);
    assert_eq!(shown["stages"][0]["approvers"], json!(["Lena Lead"]));
    assert_eq!(shown["stages"][0]["passed_on"], json!({ "to": "fallback", "at": site.now() }));
    assert_eq!(names(&shown), ["Lena Lead"]);
    assert_eq!(shown["can_act"]["people"][0]["since"], json!(site.now()));
    assert_eq!(owen.queue(), Vec::<String>::new());
    owen.approve(&request).refused("not_found");
    assert_eq!(lena.queue(), [request.as_str()]);
    assert_eq!(lena.approve(&request).ok()["request"]["state"], "approved");
    assert_eq!(site.console("policies.replay", json!({}))["differences"], json!([]));
}

#[test]
fn a_fallback_without_anybody_falls_to_administrators() {
    let world = World::new(json!({ "timeout_days": 3, "fallback": [{ "person": "LENA" }] }));
    let (site, ada, alice) = (&world.site, &world.ada, &world.alice);
    let request = ada.wait_for(&world.tool, 10);
    site.console("people.put", json!({ "id": world.lena.id(), "name": "Lena Lead", "active": false }));
    site.advance_days(3);
    site.tick();
    assert_eq!(ada.request(&request)["stages"][0]["passed_on"]["to"], "administrators");
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "approved");
    assert_eq!(site.console("policies.replay", json!({}))["differences"], json!([]));
}

#[test]
fn without_a_fallback_the_request_lapses() {
    let world = World::new(json!({ "timeout_days": 3 }));
    let (site, ada, owen) = (&world.site, &world.ada, &world.owen);
    let request = ada.wait_for(&world.tool, 10);
    // While a question waits for its answer nothing times out; then the days begin anew.
    site.advance_days(2);
    owen.call("approvals.ask", json!({ "request": request, "question": "Which report?" })).ok();
    site.advance_days(2);
    assert_eq!(site.tick().stages, 0);
    ada.call("requests.provide_information", json!({ "request": request, "answer": "That one" })).ok();
    site.advance_days(2);
    assert_eq!(site.tick().stages, 0);
    assert_eq!(ada.request(&request)["state"], "pending");
    site.advance_days(1);
    assert_eq!(site.tick().stages, 1);
    assert_eq!(ada.request(&request)["state"], "lapsed");
    assert_eq!((world.logged("approval.timed_out"), world.logged("request.lapsed")), (1, 1));
    let told = owen.approve(&request).refused("decided_meanwhile");
    assert_eq!(told["details"]["decision"], "lapsed");
    ada.wait_for(&world.tool, 10);
}

#[test]
fn an_escalation_adds_people_and_takes_nobody_away() {
    let world = World::new(
        json!({ "escalation": { "after_days": 2, "approvers": [{ "person": "LENA" }] }, "timeout_days": 4, "fallback": ["administrators"] }),
    );
    let (site, ada, owen, lena, alice) = (&world.site, &world.ada, &world.owen, &world.lena, &world.alice);
    let ben = site.member("Ben Bitdiddle");
    let (first, second) = (ada.wait_for(&world.tool, 10), ben.wait_for(&world.tool, 10));
    let opened = site.now();
    world.told();
    site.advance_days(2);
    assert_eq!(site.tick().stages, 2);
    assert_eq!(world.told(), ["lena.lead@example.com"; 2], "whoever is new is told");
    let shown = ada.request(&first);
    assert_eq!(names(&shown), ["Lena Lead", "Owen Owner"]);
    let since: Vec<_> = shown["can_act"]["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|one| one["since"].clone())
        .collect();
    assert_eq!(since, [json!(site.now()), json!(opened)]);
    assert_eq!((owen.queue().len(), lena.queue().len()), (2, 2));
    lena.approve(&first).ok();
    site.advance_days(2);
    assert_eq!(site.tick().stages, 1);
    for late in [owen, lena] {
        late.approve(&second).refused("not_found");
    }
    assert_eq!(alice.approve(&second).ok()["request"]["state"], "approved");
    assert_eq!(site.console("policies.replay", json!({}))["differences"], json!([]));
}

#[test]
fn a_clock_that_slept_does_what_matters_once() {
    let world = World::new(
        json!({ "escalation": { "after_days": 1, "approvers": ["security"] }, "timeout_days": 2, "fallback": [{ "person": "LENA" }], "reminder_days": 1 }),
    );
    let request = world.ada.wait_for(&world.tool, 10);
    world.site.advance_days(9);
    assert_eq!(world.site.tick().stages, 1);
    assert_eq!(world.site.tick().stages, 0);
    assert_eq!((world.logged("approval.escalated"), world.logged("approval.reminded")), (0, 0));
    world.lena.approve(&request).ok();
}

#[test]
fn only_those_who_can_act_are_reminded_and_again_and_again() {
    let world = World::new(
        json!({ "reminder_days": 2, "approvers": ["tool_owners", { "person": "LENA" }], "quorum": "all" }),
    );
    let (site, owen, lena) = (&world.site, &world.owen, &world.lena);
    let dana = site.member("Dana Delegate");
    let request = world.ada.wait_for(&world.tool, 10);
    owen.approve(&request).ok();
    lena.call(
        "delegations.put",
        json!({ "delegate": dana.id(), "until": site.now().plus_minutes(20 * 24 * 60) }),
    )
    .ok();
    world.told();
    for _ in 0..3 {
        site.advance_days(1);
        assert_eq!(site.tick().stages, 0);
        site.advance_days(1);
        assert_eq!((site.tick().stages, site.tick().stages), (1, 0));
        assert_eq!(world.told(), ["dana.delegate@example.com", "lena.lead@example.com"], "Owen has decided");
    }
    assert_eq!(world.logged("approval.reminded"), 3);
    dana.approve(&request).ok();
    world.told();
    site.advance_days(4);
    assert_eq!(site.tick().stages, 0, "decided: nobody is reminded");
}

#[test]
fn two_hosts_pass_a_stage_on_once() {
    let world = World::new(json!({ "timeout_days": 3, "fallback": ["administrators"], "reminder_days": 1 }));
    for n in 0..5 {
        world.site.member(&format!("Person {n}")).wait_for(&world.tool, 10);
    }
    world.site.advance_days(3);
    world.site.tick_at_once(4);
    assert_eq!(world.logged("approval.timed_out"), 5);
}

#[test]
fn quorums_count_anew_for_whoever_takes_over() {
    let world = World::new(json!({
        "approvers": ["tool_owners", { "person": "LENA" }], "quorum": "all", "timeout_days": 2,
        "fallback": ["administrators", "security"],
    }));
    let (site, ada, alice) = (&world.site, &world.ada, &world.alice);
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let request = ada.wait_for(&world.tool, 10);
    world.owen.approve(&request).ok();
    site.advance_days(2);
    site.tick();
    assert_eq!(names(&ada.request(&request)), ["Alice Admin", "Sam Security"]);
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "pending", "all of them");
    assert_eq!(sam.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn the_requesters_manager_decides_or_administrators_when_there_is_none() {
    let world = World::new(json!({ "approvers": ["manager"] }));
    let (site, ada, lena, alice) = (&world.site, &world.ada, &world.lena, &world.alice);
    let put = |manager: Value| {
        site.console("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "email": "ada.lovelace@example.com", "manager": manager }))
    };
    let fallen = ada.wait_for(&world.tool, 10);
    assert_eq!(ada.request(&fallen)["stages"][0]["approvers"], json!(["Administrators"]), "she has none");
    alice.deny(&fallen).ok();
    assert_eq!(put(json!(lena.id()))["person"]["manager"]["name"], "Lena Lead");
    let request = ada.wait_for(&world.tool, 10);
    assert_eq!(ada.request(&request)["stages"][0]["approvers"], json!(["Manager: Lena Lead"]));
    assert_eq!(lena.queue(), [request.as_str()]);
    // What was asked stays with whoever managed then.
    put(json!(alice.id()));
    alice.approve(&request).refused("not_eligible");
    assert_eq!(lena.approve(&request).ok()["request"]["state"], "approved");
    assert_eq!(site.console("policies.replay", json!({}))["differences"], json!([]));
    // A manager who has left decides nothing.
    put(json!(lena.id()));
    site.console("people.put", json!({ "id": lena.id(), "name": "Lena Lead", "active": false }));
    let again = ada.wait_for(&world.tool, 10);
    assert_eq!(ada.request(&again)["stages"][0]["approvers"], json!(["Administrators"]));
    // Left as it is, taken away, and who cannot be one.
    assert_eq!(put(Value::Null)["person"]["manager"], Value::Null);
    for (manager, code) in [(ada.id(), "malformed_input"), (lena.id(), "unknown_reference")] {
        let input = json!({ "id": ada.id(), "name": "Ada Lovelace", "manager": manager });
        alice.call("people.put", input).refused(code);
    }
}

#[test]
fn a_policy_says_nothing_about_time_that_cannot_be() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    for (more, problem) in [
        (json!({ "fallback": ["administrators"] }), "not after how many days"),
        (json!({ "escalation": { "after_days": 3, "approvers": [] } }), "1 to 8"),
        (
            json!({ "timeout_days": 3, "escalation": { "after_days": 3, "approvers": ["security"] } }),
            "timed out already",
        ),
    ] {
        let mut stage = json!({ "name": "Owner", "approvers": ["tool_owners"], "quorum": "any" });
        for (name, value) in more.as_object().expect("fields") {
            stage[name] = value.clone();
        }
        let rule = json!({ "name": "New", "then": { "kind": "require_stages", "stages": [stage] } });
        let refused = alice.call("policies.put_draft", json!({ "version": 0, "put": [rule] }));
        let message = text(&refused.refused("invalid_policy")["message"]);
        assert!(message.contains(problem), "{message}");
    }
}
