//! Whether access is still needed, and access outside policy.

use serde_json::{Value, json};

use super::Company;
use crate::request_for;
use crate::stage::{Part, Player, Stage};
use crate::text;

/// Access is looked at before it ends: renewed under today's policy, left to end, or taken away.
pub fn reviews(stage: &impl Stage) {
    let company = Company::on(stage);
    let (owen, rita) = (&company.owen, stage.enter("Rita Reviewed", Part::Member));
    let tool = company.tool("Note taker", json!({}));
    let grant = text(&company.take(&rita, &tool, 10)["id"]);
    stage.pass(4);
    assert_eq!(open(stage, owen), Vec::<Value>::new(), "nothing ends soon");
    stage.pass(5);
    let review = only(stage, owen);
    assert_eq!((&review["grant"], &review["cause"]), (&json!(grant), &json!("ending")));
    let renew = json!({ "review": review["id"], "decision": "renew", "days": 15 });
    stage.refused(&rita, "reviews.decide", renew.clone(), "not_found");
    stage.refused(&company.alice, "reviews.decide", renew.clone(), "not_eligible");
    let decided = stage.call(owen, "reviews.decide", renew)["review"].take();
    assert_eq!(decided["decision"]["renewal"]["kind"], "extended", "{decided:#}");
    let request = company.request(&rita, &text(&decided["decision"]["renewal"]["request"]));
    assert_eq!((&request["source"], &request["extends"]), (&json!("review"), &json!(grant)));
    assert_eq!(company.grant(&rita, &grant)["extensions"], 1);

    // The new end is looked at anew, once; what nobody needs ends as planned.
    stage.pass(12);
    let keep = json!({ "review": only(stage, owen)["id"], "decision": "let_expire" });
    stage.call(owen, "reviews.decide", keep.clone());
    stage.refused(owen, "reviews.decide", keep, "review_state");
    stage.pass(1);
    assert_eq!(open(stage, owen), Vec::<Value>::new());
    stage.pass(5);
    let ended = company.grant(&rita, &grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));

    // Undecided, it ends as planned too; and somebody is asked to leave at once.
    let [undecided, removed] = [text(&company.take(&rita, &tool, 10)["id"]), {
        let max = stage.enter("Max Member", Part::Member);
        text(&company.take(&max, &tool, 10)["id"])
    }];
    stage.pass(9);
    let of_removed = open(stage, owen).into_iter().find(|review| review["grant"] == json!(removed));
    let id = of_removed.expect("a review of it")["id"].take();
    let remove = json!({ "review": id, "decision": "remove", "reason": "The project is over" });
    stage.call(owen, "reviews.decide", remove);
    assert_eq!(company.grant(&company.alice, &removed)["end_reason"], "revoked");
    stage.pass(2);
    assert_eq!(company.grant(&rita, &undecided)["end_reason"], "expired");
    assert_eq!(open(stage, owen), Vec::<Value>::new());
    let kinds = stage.log_kinds();
    let counted = |kind: &str| kinds.iter().filter(|logged| *logged == kind).count();
    assert_eq!((counted("review.opened"), counted("review.decided"), counted("review.closed")), (4, 3, 1));
    company.end();
}

fn open(stage: &impl Stage, owner: &Player) -> Vec<Value> {
    stage.all(owner, "reviews.list", json!({ "mine": true }))
}

#[track_caller]
fn only(stage: &impl Stage, owner: &Player) -> Value {
    let mut open = open(stage, owner);
    assert_eq!(open.len(), 1, "{open:#?}");
    open.remove(0)
}

/// What policy denies, somebody has all the same until a day, because two administrators said so and one of them decided.
pub fn exceptions(stage: &impl Stage) {
    let company = Company::on(stage);
    let (alice, owen) = (&company.alice, &company.owen);
    let rita = stage.enter("Rita Requester", Part::Requester);
    let tool = company.tool("Secret keeper", json!({ "risk": "restricted" }));
    let denied = stage.call(&rita, "requests.submit", request_for(&tool, 10));
    assert_eq!(denied["request"]["state"], "denied");
    let excepted =
        json!({ "person": rita.id, "tool": tool, "owner": owen.id, "days": 20, "reason": "A pilot" });
    assert!(stage.try_call(owen, "exceptions.put", excepted.clone()).is_err(), "Owen administers nothing");
    let made = company.agreed("exceptions.put", excepted)["exception"].take();
    assert_eq!(made["state"], "proposed", "it waited for Bob");
    let shown = |player: &Player| {
        let one = json!({ "exception": made["exception"] });
        stage.call(player, "exceptions.get", one)["exception"].take()
    };
    assert_eq!(shown(&company.audrey)["state"], "in_force");

    stage.refused(&rita, "requests.submit", request_for(&tool, 21), "duration_above_maximum");
    let request = company.ask(&rita, &tool, 10);
    let grant = text(&company.approve(alice, &request)["grant"]["id"]);
    let told = stage.call(&rita, "grants.explain", json!({ "tool": tool }));
    let reasons = told["reasons"].as_array().expect("reasons");
    assert!(reasons.iter().any(|reason| reason["code"] == "excepted"), "{told:#}");
    stage.pass(11);
    assert_eq!(company.grant(&rita, &grant)["end_reason"], "expired");
    stage.pass(10);
    let over = shown(&company.audrey);
    assert_eq!((&over["state"], &over["ended_because"]), (&json!("over"), &json!("lapsed")));
    let denied = stage.call(&rita, "requests.submit", request_for(&tool, 5));
    assert_eq!(denied["request"]["state"], "denied");
    company.end();
}
