//! Approvals that are taken back.

use serde_json::{Value, json};
use testkit::{Answer, Client as _, PersonClient, Site, text};

fn withdraw(who: &PersonClient, request: &str) -> Answer {
    who.call("approvals.withdraw", json!({ "request": request, "rationale": "The contract was cancelled" }))
}

struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    sam: PersonClient,
    alice: PersonClient,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let sam = site.member_of("Sam Security", &[&site.security()]);
        let alice = site.administrator("Alice Admin");
        Self { site, ada, owen, sam, alice }
    }

    fn tool(&self, more: Value) -> String {
        let mut tool = json!({ "risk": "medium", "owners": [self.owen.id()] });
        for (name, value) in more.as_object().expect("fields") {
            tool[name] = value.clone();
        }
        self.site.tool("Sketcher", tool)
    }
}

#[test]
fn an_approver_takes_an_approval_of_the_open_stage_back_and_may_give_it_again() {
    let world = World::new();
    let (site, ada, owen) = (&world.site, &world.ada, &world.owen);
    let olga = site.member("Olga Other");
    let tool = world.tool(json!({ "owners": [owen.id(), olga.id()] }));
    site.stages(&json!([{ "name": "Both owners", "approvers": ["tool_owners"], "quorum": "all" }]));
    let request = ada.wait_for(&tool, 10);
    withdraw(owen, &request).refused("not_eligible");
    let approved = owen.approve(&request).ok();
    assert_eq!(approved["request"]["may_withdraw_approval"], true);
    assert_eq!(owen.queue(), Vec::<String>::new());
    let back = withdraw(owen, &request).ok();
    let stage = &back["request"]["stages"][0];
    assert_eq!(stage["approvals"], json!([]));
    assert_eq!(stage["taken_back"][0]["by"]["name"], "Owen Owner");
    assert_eq!(stage["taken_back"][0]["rationale"], "The contract was cancelled");
    assert_eq!(back["request"]["may_withdraw_approval"], false);
    assert_eq!(owen.queue(), [request.as_str()]);
    site.check();
    withdraw(owen, &request).refused("not_eligible");
    withdraw(&olga, &request).refused("not_eligible");
    withdraw(ada, &request).refused("not_eligible");
    owen.approve(&request).ok();
    // Also while a question waits for its answer.
    olga.call("approvals.ask", json!({ "request": request, "question": "Which report?" })).ok();
    withdraw(owen, &request).ok();
    ada.call("requests.provide_information", json!({ "request": request, "answer": "That one" })).ok();
    owen.approve(&request).ok();
    assert_eq!(olga.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn what_a_delegate_approved_is_taken_back_by_either_of_the_two() {
    let world = World::new();
    let (site, ada, owen) = (&world.site, &world.ada, &world.owen);
    let (olga, dana) = (site.member("Olga Other"), site.member("Dana Delegate"));
    let tool = world.tool(json!({ "owners": [owen.id(), olga.id()] }));
    site.stages(&json!([{ "name": "Both owners", "approvers": ["tool_owners"], "quorum": "all" }]));
    let until = site.now().plus_minutes(60 * 24);
    owen.call("delegations.put", json!({ "delegate": dana.id(), "until": until })).ok();
    let request = ada.wait_for(&tool, 10);
    for by in [owen, &dana] {
        dana.approve(&request).ok();
        let back = withdraw(by, &request).ok();
        let taken = back["request"]["stages"][0]["taken_back"].as_array().and_then(|all| all.last()).cloned();
        let taken = taken.expect("what was taken back");
        assert_eq!(taken["approval"]["on_behalf_of"]["name"], "Owen Owner");
    }
}

#[test]
fn an_approval_of_a_decided_stage_stays_until_the_request_is_approved() {
    let world = World::new();
    let (ada, owen, sam) = (&world.ada, &world.owen, &world.sam);
    let tool = world.tool(json!({ "risk": "high" }));
    let request = ada.wait_for(&tool, 10);
    owen.approve(&request).ok();
    withdraw(owen, &request).refused("request_state");
    withdraw(&world.alice, &request).refused("not_eligible");
    sam.approve(&request).ok();
    // Now it is approved: either approver may take it back, and nobody else but administrators.
    withdraw(ada, &request).refused("not_eligible");
    let back = withdraw(owen, &request).ok();
    assert_eq!(back["request"]["state"], "approved");
    assert_eq!(back["request"]["withdrawn"]["by"]["name"], "Owen Owner");
    assert_eq!(back["grant"]["state"], "ended");
    withdraw(sam, &request).refused("request_state");
}

#[test]
fn taking_back_what_is_approved_needs_a_reason_and_takes_the_access_away() {
    let world = World::new();
    let (site, ada, owen, alice) = (&world.site, &world.ada, &world.owen, &world.alice);
    let tool = world.tool(json!({ "fulfilment": { "kind": "manual" } }));
    // Somebody has given the seat: it is removed.
    let request = ada.wait_for(&tool, 10);
    let grant = text(&owen.approve(&request).ok()["grant"]["id"]);
    owen.call("grants.attest", json!({ "grant": grant })).ok();
    owen.call("approvals.withdraw", json!({ "request": request })).refused("malformed_input");
    assert_eq!(ada.grant(&grant)["state"], "active");
    let back = withdraw(owen, &request).ok();
    assert_eq!((&back["grant"]["state"], &back["grant"]["id"]), (&json!("removing"), &json!(grant)));
    assert_eq!(owen.all("jobs.list", json!({ "state": "queued" })).len(), 1, "a removal is queued");
    assert_eq!(ada.request(&request)["withdrawn"]["rationale"], "The contract was cancelled");
    withdraw(alice, &request).refused("request_state");
    let explained = ada.call("grants.explain", json!({ "tool": tool })).ok();
    assert!(explained["reasons"].to_string().contains("Owen Owner took the approval back"));
    owen.call("grants.attest", json!({ "grant": grant })).ok();
    site.check();
    // Nobody has given it yet: it is not given.
    let second = ada.wait_for(&tool, 10);
    let grant = text(&owen.approve(&second).ok()["grant"]["id"]);
    let back = withdraw(alice, &second).ok();
    assert_eq!((&back["grant"]["state"], &back["grant"]["id"]), (&json!("ended"), &json!(grant)));
    let kinds = site.log_kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "request.unapproved").count(), 2);
}

#[test]
fn an_administrator_takes_back_what_policy_alone_approved() {
    let world = World::new();
    let tool = world.tool(json!({ "risk": "low" }));
    let answer = world.ada.ask_for(&tool, 10).ok();
    let request = text(&answer["request"]["id"]);
    withdraw(&world.owen, &request).refused("not_found");
    withdraw(&world.alice, &request).ok();
    // It is gone already when somebody was faster.
    let answer = world.ada.ask_for(&tool, 10).ok();
    world.ada.call("grants.give_back", json!({ "grant": answer["grant"]["id"] })).ok();
    withdraw(&world.alice, &text(&answer["request"]["id"])).refused("grant_state");
}

#[test]
fn what_was_never_approved_is_not_taken_back() {
    let world = World::new();
    let (ada, owen) = (&world.ada, &world.owen);
    let tool = world.tool(json!({}));
    let denied = ada.wait_for(&tool, 10);
    owen.deny(&denied).ok();
    withdraw(owen, &denied).refused("request_state");
    let cancelled = ada.wait_for(&tool, 10);
    ada.call("requests.cancel", json!({ "request": cancelled })).ok();
    withdraw(&world.alice, &cancelled).refused("request_state");
}
