//! Who decides, and what follows.

use serde_json::json;
use testkit::{Client as _, PersonClient, Site, request_for, text};

#[test]
fn nobody_decides_their_own_request_not_even_as_the_only_owner() {
    let site = Site::in_memory();
    let (owen, alice) = (site.member("Owen Owner"), site.administrator("Alice Admin"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = owen.wait_for(&tool, 10);
    assert_eq!(owen.queue(), Vec::<String>::new());
    owen.approve(&request).refused("own_request");
    owen.deny(&request).refused("own_request");
    owen.call("approvals.ask", json!({ "request": request, "question": "Why?" })).refused("own_request");
    assert_eq!(owen.request(&request)["may_decide"], false);
    // The owner's stage is left with nobody and falls to administrators.
    assert_eq!(alice.queue(), [request.as_str()]);
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn two_stages_need_two_people() {
    let site = Site::in_memory();
    let security = site.security();
    let both = site.member_of("Bea Both", &[&security]);
    let sam = site.member_of("Sam Security", &[&security]);
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [both.id()] }));
    let request = ada.wait_for(&tool, 10);
    assert_eq!(both.approve(&request).ok()["request"]["state"], "pending");
    both.approve(&request).refused("already_decided");
    both.deny(&request).refused("already_decided");
    assert_eq!(both.queue(), Vec::<String>::new());
    assert_eq!(sam.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn an_empty_stage_falls_to_administrators() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    assert_eq!(
        ada.request(&request)["stages"][1]["approvers"],
        json!(["Administrators"]),
        "nobody is in security"
    );
    owen.approve(&request).ok();
    assert_eq!(alice.queue(), [request.as_str()]);
    assert_eq!(bob.approve(&request).ok()["request"]["state"], "approved");
    assert_eq!(alice.queue(), Vec::<String>::new());
}

#[test]
fn a_stage_that_became_empty_falls_to_administrators_when_it_opens() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    alice.call("people.put", json!({ "id": sam.id(), "name": "Sam Security", "active": false })).ok();
    owen.approve(&request).ok();
    assert_eq!(alice.queue(), [request.as_str()]);
    assert_eq!(alice.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn a_request_that_nobody_could_decide_is_refused() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Sketcher", json!({ "risk": "medium" }));
    let before = site.snapshot();
    let refusal = ada.ask_for(&tool, 10).refused("no_eligible_approver");
    assert_eq!(refusal["details"]["stage"], "Tool owner");
    ada.call("requests.preview", request_for(&tool, 10)).refused("no_eligible_approver");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn one_person_who_is_owner_and_all_of_security_cannot_decide_both_stages() {
    let site = Site::in_memory();
    let both = site.member_of("Bea Both", &[&site.security()]);
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [both.id()] }));
    ada.ask_for(&tool, 10).refused("no_eligible_approver");
    // With an administrator in it, security has somebody besides the owner.
    site.person("Alice Admin", json!({ "role": "administrator", "groups": [site.security()] }));
    ada.wait_for(&tool, 10);
}

#[test]
fn a_denial_needs_a_reason_ends_the_request_and_frees_the_way_for_another() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    owen.call("approvals.decide", json!({ "request": request, "decision": "deny" }))
        .refused("malformed_input");
    let denied = owen.deny(&request).ok();
    assert_eq!(denied["request"]["state"], "denied");
    assert_eq!(denied["request"]["denial"], json!(["We have a contract for another one"]));
    owen.approve(&request).refused("request_state");
    ada.call("requests.cancel", json!({ "request": request })).refused("request_state");
    assert_ne!(ada.wait_for(&tool, 10), request);
}

#[test]
fn an_approval_may_shorten_and_the_shortest_of_all_stages_holds() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 30);
    let approve = |who: &PersonClient, days: u32| {
        who.call("approvals.decide", json!({ "request": request, "decision": "approve", "days": days }))
    };
    approve(&owen, 31).refused("duration_above_maximum");
    approve(&owen, 10).ok();
    let decided = approve(&sam, 20).ok();
    assert_eq!(decided["request"]["approved_days"], 10);
    assert_eq!(decided["request"]["days"], 30);
    let grant = text(&decided["grant"]["id"]);
    site.advance_days(10);
    assert_eq!(site.tick().expired, 0, "its last millisecond is not over");
    site.advance_minutes(1);
    assert_eq!(site.tick().expired, 1);
    assert_eq!(ada.grant(&grant)["end_reason"], "expired");
}

#[test]
fn a_request_goes_back_for_information_and_returns() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    let answer = json!({ "request": request, "answer": "For the annual report only" });
    ada.call("requests.provide_information", answer.clone()).refused("request_state");
    let question = json!({ "request": request, "question": "Which of our reports is it for?" });
    let asked = owen.call("approvals.ask", question.clone()).ok();
    assert_eq!(asked["request"]["state"], "needs_information");
    assert_eq!(owen.queue(), Vec::<String>::new());
    owen.approve(&request).refused("request_state");
    owen.call("approvals.ask", question).refused("request_state");
    ada.ask_for(&tool, 10).refused("duplicate_request");
    owen.call("requests.provide_information", answer.clone()).refused("not_found");
    site.advance_minutes(90);
    let answered = ada.call("requests.provide_information", answer).ok();
    assert_eq!(answered["request"]["state"], "pending");
    assert_eq!(answered["request"]["exchanges"][0]["answer"], "For the annual report only");
    assert_eq!(answered["request"]["exchanges"][0]["asked_by"]["id"], owen.id());
    assert_eq!(owen.queue(), [request.as_str()]);
    assert_eq!(owen.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn questions_may_follow_one_another_in_every_stage() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let sam = site.member_of("Sam Security", &[&site.security()]);
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    for approver in [&owen, &sam] {
        for round in 0..2 {
            let question = json!({ "request": request, "question": format!("What is round {round} about?") });
            approver.call("approvals.ask", question).ok();
            let answer = json!({ "request": request, "answer": format!("It is about round {round}") });
            ada.call("requests.provide_information", answer).ok();
            site.check();
        }
        approver.approve(&request).ok();
    }
    assert_eq!(ada.request(&request)["state"], "approved");
    assert_eq!(ada.request(&request)["exchanges"].as_array().map(Vec::len), Some(4));
}

#[test]
fn many_are_decided_at_once_each_with_its_own_result() {
    let site = Site::in_memory();
    let (owen, olga) = (site.member("Owen Owner"), site.member("Olga Other"));
    let people: Vec<_> = ["Ada Lovelace", "Ben Bitdiddle", "Cy D Fect"].map(|name| site.member(name)).into();
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id(), olga.id()] }));
    let foreign = site.tool("Painter", json!({ "risk": "medium", "owners": [olga.id()] }));
    let pending = people[0].wait_for(&tool, 10);
    let withdrawn = people[1].wait_for(&tool, 10);
    people[1].call("requests.cancel", json!({ "request": withdrawn })).ok();
    let own = owen.wait_for(&tool, 10);
    let not_his = people[2].wait_for(&foreign, 10);
    let also = people[2].wait_for(&tool, 10);
    let unknown = "req_01kb0000000000000000000000";
    let input =
        json!({ "requests": [pending, withdrawn, own, not_his, also, unknown], "decision": "approve" });
    let answer = owen.call("approvals.decide_many", input).ok();
    let came = |id: &str| {
        let results = answer["results"].as_array().expect("results");
        let result = results.iter().find(|result| result["request"] == id).expect("a result for each");
        (result["decided"] == true, result["code"].as_str().map(str::to_owned))
    };
    let refused = |code: &str| (false, Some(code.to_owned()));
    assert_eq!(came(&pending), (true, None));
    assert_eq!(came(&also), (true, None));
    assert_eq!(came(&own), refused("own_request"));
    assert_eq!(came(&not_his), refused("not_found"));
    assert_eq!(came(unknown), refused("not_found"));
    // He saw it neither as its approver, for it is withdrawn, nor in any other way.
    assert!(came(&withdrawn).1.is_some());
    assert_eq!(answer["remaining"], json!([]));
    assert_eq!(people[2].request(&not_his)["state"], "pending");
    assert_eq!(site.log_kinds().last().map(String::as_str), Some("approval.bulk_decided"));
    let denied = json!({ "requests": [own], "decision": "deny" });
    olga.call("approvals.decide_many", denied).refused("malformed_input");
    for none_or_too_many in
        [Vec::new(), (0..101).map(|n| format!("req_01kb00000000000000000{n:05}")).collect()]
    {
        let input = json!({ "requests": none_or_too_many, "decision": "approve" });
        owen.call("approvals.decide_many", input).refused("malformed_input");
    }
}

#[test]
fn a_tool_that_cannot_be_requested_any_more_is_not_granted() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    site.change_tool(&tool, json!({ "status": "suspended" }));
    owen.approve(&request).refused("tool_not_requestable");
    assert_eq!(owen.deny(&request).ok()["request"]["state"], "denied");
}

#[test]
fn a_new_owner_decides_and_the_former_one_does_not() {
    let site = Site::in_memory();
    let (ada, owen, nina) = (site.member("Ada Lovelace"), site.member("Owen Owner"), site.member("Nina New"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    site.change_tool(&tool, json!({ "owners": [nina.id()] }));
    assert_eq!(owen.queue(), Vec::<String>::new());
    owen.approve(&request).refused("not_found");
    assert_eq!(nina.queue(), [request.as_str()]);
    nina.approve(&request).ok();
}
