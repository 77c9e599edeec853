//! Who decides when those who should are away, and what time makes of a stage.

use clearance::time::Timestamp;
use serde_json::{Value, json};

use super::Company;
use crate::stage::{Part, Stage};
use crate::text;

/// Somebody decides for somebody else, as long as they are let, and the record says for whom.
pub fn delegation(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, rita) = (&company.owen, stage.enter("Rita Requester", Part::Requester));
    let dana = stage.enter("Dana Delegate", Part::Member);
    let tool = company.tool("Sketcher", json!({ "risk": "medium" }));
    let request = company.ask(&rita, &tool, 10);
    stage.refused(&dana, "requests.get", json!({ "request": request }), "not_found");

    let asked_at: Timestamp =
        text(&company.request(&rita, &request)["submitted_at"]).parse().expect("a time");
    let until = asked_at.plus_minutes(7 * 24 * 60);
    stage.call(owen, "delegations.put", json!({ "delegate": dana.id, "until": until }));
    assert_eq!(company.queue(&dana), std::slice::from_ref(&request));
    let decided = company.approve(&dana, &request)["request"].take();
    assert_eq!(decided["state"], "approved");
    assert_eq!(decided["closed_by"]["name"], "Dana Delegate");
    assert_eq!(decided["closed_on_behalf_of"]["name"], "Owen Owner");
    let about = stage.all(&company.audrey, "audit.entries", json!({ "about": request }));
    let said =
        about.iter().find(|entry| entry["kind"] == "approval.decided").expect("the decision is logged");
    assert!(text(&said["entry"]).contains(&owen.id), "{said:#}");

    // Nobody decides their own request, not for another either; and a day comes on which it is over.
    let own = company.ask(&dana, &tool, 5);
    stage.refused(&dana, "approvals.decide", json!({ "request": own, "decision": "approve" }), "own_request");
    stage.pass(8);
    let late = stage.enter("Late Requester", Part::Requester);
    let late = company.ask(&late, &tool, 5);
    stage.refused(&dana, "approvals.decide", json!({ "request": late, "decision": "approve" }), "not_found");
    assert_eq!(company.approve(owen, &late)["request"]["closed_on_behalf_of"], Value::Null);
    company.end();
}

/// Whoever does not answer is reminded, then others are asked as well, then others instead; in the end the request lapses.
pub fn times(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, rita) = (&company.owen, stage.enter("Rita Requester", Part::Requester));
    let lena = stage.enter("Lena Lead", Part::Member);
    let fia = stage.enter("Fia Fallback", Part::Member);
    let tool = company.tool("Sketcher", json!({ "risk": "medium" }));
    medium_risk(
        &company,
        json!({
            "name": "Owner", "approvers": ["tool_owners"], "quorum": "any", "reminder_days": 1, "timeout_days": 6,
            "escalation": { "after_days": 3, "approvers": [{ "person": lena.id }] }, "fallback": [{ "person": fia.id }],
        }),
    );
    let request = company.ask(&rita, &tool, 10);
    let logged = |kind: &str| stage.log_kinds().iter().filter(|logged| *logged == kind).count();
    stage.pass(1);
    assert_eq!((logged("approval.reminded"), logged("approval.escalated")), (1, 0));
    assert!(company.queue(&lena).is_empty());
    stage.pass(3);
    assert_eq!(logged("approval.escalated"), 1);
    assert_eq!(company.queue(&lena), std::slice::from_ref(&request));
    assert_eq!(company.queue(owen), std::slice::from_ref(&request), "nobody is taken away");
    stage.pass(3);
    assert_eq!(logged("approval.timed_out"), 1);
    assert!(company.queue(&lena).is_empty() && company.queue(owen).is_empty());
    assert_eq!(company.request(&rita, &request)["stages"][0]["passed_on"]["to"], "fallback");
    assert_eq!(company.approve(&fia, &request)["grant"]["state"], "active");

    // Without a fallback a stage that times out is the end.
    medium_risk(
        &company,
        json!({
            "name": "Owner", "approvers": ["tool_owners"], "quorum": "any", "timeout_days": 2,
        }),
    );
    let max = stage.enter("Max Member", Part::Member);
    let unanswered = company.ask(&max, &tool, 10);
    stage.pass(3);
    assert_eq!(company.request(&max, &unanswered)["state"], "lapsed");
    let replayed = stage.call(&company.audrey, "policies.replay", json!({}));
    assert_eq!(replayed["differences"], json!([]), "{replayed:#}");
    company.end();
}

/// One stage decides about tools of medium risk.
fn medium_risk<S: Stage>(company: &Company<'_, S>, one: Value) {
    let (stage, alice) = (company.stage, &company.alice);
    let draft = stage.call(alice, "policies.draft", json!({}))["draft"].take();
    let rules = draft["rules"].as_array().expect("rules");
    let medium = rules.iter().find(|rule| rule["when"]["risks"] == json!(["medium"])).expect("the rule");
    let rule = json!({
        "id": medium["id"], "name": "Medium risk", "when": { "risks": ["medium"] },
        "then": { "kind": "require_stages", "stages": [one] },
    });
    let put = json!({ "version": draft["version"], "put": [rule] });
    let version = stage.call(alice, "policies.put_draft", put)["version"].take();
    company.agreed("policies.publish", json!({ "version": version }));
}
