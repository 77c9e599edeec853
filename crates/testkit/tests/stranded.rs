//! Requests that nobody could decide any more, because people left, groups and owners changed, or somebody stands in for whoever asks.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site};

struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    alice: PersonClient,
    tool: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let alice = site.administrator("Alice Admin");
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        // Whatever happened before is looked at.
        site.tick();
        Self { site, ada, owen, alice, tool }
    }

    fn logged(&self, kind: &str) -> usize {
        self.site.log_kinds().iter().filter(|logged| *logged == kind).count()
    }

    fn leaves(&self, person: &PersonClient, name: &str) {
        self.site.console("people.put", json!({ "id": person.id(), "name": name, "active": false }));
    }
}

fn administrators(ada: &PersonClient, request: &str) -> Value {
    ada.request(request)["stages"][0]["passed_on"]["to"].clone()
}

#[test]
fn a_stage_whose_only_approver_leaves_falls_to_administrators() {
    let world = World::new();
    let (site, ada, owen, alice) = (&world.site, &world.ada, &world.owen, &world.alice);
    let request = ada.wait_for(&world.tool, 10);
    assert_eq!(site.tick().stranded, 0);
    assert_eq!(alice.queue(), Vec::<String>::new());
    world.leaves(owen, "Owen Owner");
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(site.tick().stranded, 0, "once");
    assert_eq!(world.logged("approval.fell_to_administrators"), 1);
    assert_eq!(administrators(ada, &request), "administrators");
    assert_eq!(alice.queue(), [request.as_str()]);
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "approved");
    assert_eq!(site.console("policies.replay", json!({}))["differences"], json!([]));
}

#[test]
fn so_it_is_when_owners_change_a_group_empties_or_somebody_stands_in_for_whoever_asks() {
    let world = World::new();
    let (site, ada) = (&world.site, &world.ada);
    let by_owner = ada.wait_for(&world.tool, 10);
    site.change_tool(&world.tool, json!({ "owners": [] }));
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(administrators(ada, &by_owner), "administrators");

    let team = site.group("Team");
    let tess = site.member_of("Tess Team", &[&team]);
    site.stages(&json!([{ "name": "Team", "approvers": [{ "group": team }], "quorum": "any" }]));
    let ben = site.member("Ben Bitdiddle");
    let by_group = ben.wait_for(&world.tool, 10);
    site.tick();
    site.console("people.put", json!({ "id": tess.id(), "name": "Tess Team", "groups": [] }));
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(administrators(&ben, &by_group), "administrators");

    let tom = site.member_of("Tom Team", &[&team]);
    let cy = site.member("Cy D Fect");
    let by_delegation = cy.wait_for(&world.tool, 10);
    site.tick();
    let until = site.now().plus_minutes(24 * 60);
    cy.call("delegations.put", json!({ "delegate": tom.id(), "until": until })).ok();
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(administrators(&cy, &by_delegation), "administrators");
}

#[test]
fn a_quorum_that_can_no_longer_be_reached_falls_to_one_administrator() {
    let world = World::new();
    let (site, ada, owen, alice) = (&world.site, &world.ada, &world.owen, &world.alice);
    let olga = site.member("Olga Other");
    site.change_tool(&world.tool, json!({ "owners": [owen.id(), olga.id()] }));
    site.stages(&json!([{ "name": "Both", "approvers": ["tool_owners"], "quorum": { "at_least": 2 } }]));
    let request = ada.wait_for(&world.tool, 10);
    owen.approve(&request).ok();
    world.leaves(&olga, "Olga Other");
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn a_request_that_not_even_administrators_can_decide_is_told_to_them_once_and_waits() {
    let world = World::new();
    let (site, ada, owen, alice) = (&world.site, &world.ada, &world.owen, &world.alice);
    site.console("settings.put", json!({ "email_notices": true }));
    let request = ada.wait_for(&world.tool, 10);
    // Nobody approves for administrators any more.
    let name = json!({ "id": alice.id(), "name": "Alice Admin", "email": "alice.admin@example.com", "role": "administrator", "groups": [] });
    site.console("people.put", name.clone());
    world.leaves(owen, "Owen Owner");
    assert_eq!(site.tick().stranded, 1);
    assert_eq!((world.logged("approval.stranded"), world.logged("approval.fell_to_administrators")), (1, 1));
    let told = site.letters();
    let told: Vec<_> =
        told.iter().filter(|message| message.subject.starts_with("Nobody can decide")).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to.as_str(), "alice.admin@example.com");
    let shown = ada.request(&request);
    assert_eq!(
        (&shown["can_act"]["people"], &shown["can_act"]["stranded_since"]),
        (&json!([]), &json!(site.now()))
    );
    site.advance_days(2);
    assert_eq!(site.tick().stranded, 0, "told once");
    // Who lets themself in may decide what is asked from now on, and not this.
    site.console(
        "people.put",
        json!({ "id": alice.id(), "name": "Alice Admin", "groups": [site.administrators()] }),
    );
    assert_eq!(site.tick().stranded, 0);
    assert_eq!(ada.request(&request)["can_act"]["people"], json!([]));
    alice.approve(&request).refused("own_doing");
    // Somebody can again.
    let bob = site.administrator("Bob Admin");
    assert_eq!(site.tick().stranded, 1);
    assert!(ada.request(&request)["can_act"]["stranded_since"].is_null());
    bob.approve(&request).ok();
}

#[test]
fn what_no_entry_told_is_found_within_a_day() {
    let world = World::new();
    let (site, ada) = (&world.site, &world.ada);
    let team = site.group("Team");
    let tess = site.member_of("Tess Team", &[&team]);
    site.stages(&json!([{ "name": "Team", "approvers": [{ "group": team }], "quorum": "any" }]));
    let request = ada.wait_for(&world.tool, 10);
    site.tick();
    // A delegation that begins later makes the only approver one who stands in for whoever asks.
    let (from, until) = (site.now().plus_minutes(60), site.now().plus_minutes(5 * 24 * 60));
    ada.call("delegations.put", json!({ "delegate": tess.id(), "from": from, "until": until })).ok();
    assert_eq!(site.tick().stranded, 0);
    site.advance_days(1);
    assert_eq!(site.tick().stranded, 1);
    assert_eq!(administrators(ada, &request), "administrators");
}
