//! Requests, decisions, grants.

use serde_json::json;

use super::Company;
use crate::stage::{Part, Stage};
use crate::{request_for, text};

/// Somebody asks, is asked back, gets access, more of it, and loses it in time.
pub fn approval(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, rita) = (&company.owen, stage.enter("Rita Requester", Part::Requester));
    let tool = company.tool("Sketcher", json!({ "risk": "medium" }));
    let request = company.ask(&rita, &tool, 10);
    stage.refused(&rita, "requests.submit", request_for(&tool, 10), "duplicate_request");
    assert_eq!(company.queue(owen), std::slice::from_ref(&request));
    assert!(company.queue(&company.bob).is_empty());

    stage.call(owen, "approvals.ask", json!({ "request": request, "question": "For which minutes?" }));
    assert_eq!(company.request(&rita, &request)["state"], "needs_information");
    let answer = json!({ "request": request, "answer": "Those of Mondays" });
    stage.call(&rita, "requests.provide_information", answer);
    let decided = company.approve(owen, &request);
    assert_eq!(
        (&decided["request"]["state"], &decided["grant"]["state"]),
        (&json!("approved"), &json!("active"))
    );
    assert!(company.queue(owen).is_empty());
    let grant = text(&decided["grant"]["id"]);
    assert_eq!(stage.all(&rita, "grants.list", json!({ "person": "me" })).len(), 1);

    stage.pass(8);
    let more = stage.call(&rita, "grants.extend", json!({ "grant": grant, "days": 5 }));
    assert_eq!(more["request"]["extends"], grant.as_str());
    company.approve(owen, &text(&more["request"]["id"]));
    let extended = company.grant(&rita, &grant);
    assert_eq!(extended["extensions"], 1);
    stage.pass(6);
    assert_eq!(company.grant(&rita, &grant)["state"], "active");
    stage.pass(2);
    let ended = company.grant(&rita, &grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));

    // Nobody answers, and somebody says no.
    let lapsed = company.ask(&rita, &tool, 3);
    stage.pass(31);
    assert_eq!(company.request(&rita, &lapsed)["state"], "lapsed");
    let denied = company.ask(&rita, &tool, 3);
    let deny = json!({ "request": denied, "decision": "deny", "rationale": "We have another one" });
    stage.call(owen, "approvals.decide", deny);
    assert_eq!(company.request(&rita, &denied)["state"], "denied");
    let kinds = stage.log_kinds();
    for kind in [
        "request.submitted",
        "request.approved",
        "grant.activated",
        "grant.extended",
        "grant.ended",
        "request.lapsed",
        "request.denied",
    ] {
        assert!(kinds.iter().any(|known| known == kind), "no {kind} in {kinds:?}");
    }
    company.end();
}

/// What people may not do is refused, and leaves everything as it was.
pub fn refusals(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, max) = (&company.owen, stage.enter("Max Member", Part::Member));
    let tool = company.tool("Sketcher", json!({ "risk": "medium" }));
    let request = company.ask(&max, &tool, 5);
    let decide = json!({ "request": request, "decision": "approve" });
    let entries = stage.log_kinds().len();
    // Not theirs to decide, not even to know of; not by those who only read.
    let stranger = stage.enter("Sam Stranger", Part::Member);
    let added = stage.log_kinds().len() - entries;
    stage.refused(&stranger, "approvals.decide", decide.clone(), "not_found");
    stage.refused(&stranger, "requests.get", json!({ "request": request }), "not_found");
    stage.refused(&max, "approvals.decide", decide.clone(), "own_request");
    stage.refused(&company.bob, "approvals.decide", decide.clone(), "not_eligible");
    for reads_only in [&company.audrey, &max] {
        assert!(stage.try_call(reads_only, "catalog.put", crate::tool_input("Painter")).is_err());
        assert!(stage.try_call(reads_only, "people.erase", json!({ "person": owen.id })).is_err());
    }
    stage.refused(&max, "requests.submit", json!({ "tool": tool }), "malformed_input");
    assert_eq!(stage.log_kinds().len(), entries + added, "a refusal is no entry");

    // One holds it once: what was given back ends, and can be asked for anew.
    let grant = text(&company.approve(owen, &request)["grant"]["id"]);
    stage.refused(owen, "approvals.decide", decide, "request_state");
    let one = json!({ "grant": grant });
    stage.refused(&stranger, "grants.give_back", one.clone(), "not_found");
    stage.call(&max, "grants.give_back", one.clone());
    stage.refused(&max, "grants.give_back", one, "grant_state");
    let again = company.ask(&max, &tool, 5);
    stage.call(&max, "requests.cancel", json!({ "request": again }));
    assert_eq!(company.request(&max, &again)["state"], "cancelled");
    company.end();
}

/// Somebody makes the seat and takes it away; time alone does neither.
pub fn seat(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, rita) = (&company.owen, stage.enter("Rita Requester", Part::Requester));
    let tool = company.tool("Seat", json!({ "fulfilment": { "kind": "manual" } }));
    let waiting = company.take(&rita, &tool, 7);
    assert_eq!((&waiting["state"], &waiting["ends_at"]), (&json!("awaiting_provisioning"), &json!(null)));
    let grant = text(&waiting["id"]);
    stage.pass(9);
    assert_eq!(company.grant(&rita, &grant)["state"], "awaiting_provisioning");
    let task = text(&stage.all(owen, "jobs.list", json!({}))[0]["id"]);
    stage.call(owen, "jobs.attest", json!({ "job": task }));
    assert_eq!(company.grant(&rita, &grant)["state"], "active");
    stage.pass(8);
    assert_eq!(company.grant(&rita, &grant)["state"], "removing");
    stage.pass(30);
    assert_eq!(company.grant(&rita, &grant)["state"], "removing");
    stage.call(owen, "grants.attest", json!({ "grant": grant }));
    let ended = company.grant(&rita, &grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));
    company.end();
}
