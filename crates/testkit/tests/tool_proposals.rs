//! Proposed tools: recognised when known, assessed by administrators, and made into a draft entry or not.

use serde_json::{Value, json};
use testkit::{Answer, Client as _, PersonClient, Site, text};

const QUESTIONS: [&str; 8] = [
    "vendor_known",
    "contract_possible",
    "no_training",
    "location_acceptable",
    "deletion_possible",
    "security_shown",
    "central_sign_in",
    "not_covered",
];

fn propose(person: &PersonClient, name: &str, url: &str) -> Answer {
    let purpose = "Sum up our meetings";
    let input = json!({ "name": name, "url": url, "purpose": purpose, "data_classes": ["internal"] });
    person.call("tool_proposals.submit", input)
}

fn assessment(proposal: &Value, decision: &str) -> Value {
    let answers: serde_json::Map<_, _> =
        QUESTIONS.iter().map(|question| ((*question).to_owned(), json!("yes"))).collect();
    json!({
        "proposal": proposal["id"], "answers": answers, "risk": "medium", "decision": decision,
        "rationale": "We looked at the contract",
    })
}

fn entry() -> Value {
    json!({ "vendor": "Minutes Ltd", "category": "meetings", "summary": "Sums up meetings" })
}

fn state(person: &PersonClient, proposal: &Value) -> String {
    let answer = person.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
    text(&answer["proposal"]["state"])
}

#[test]
fn an_accepted_proposal_becomes_a_draft_entry() {
    let site = Site::in_memory();
    site.console("settings.put", json!({ "email_notices": true }));
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let (alice, amy) = (site.administrator("Alice Admin"), site.administrator("Amy Admin"));
    let proposal = propose(&ada, "Minute Maker", "https://minutes.example/product").ok()["proposal"].take();
    assert_eq!(proposal["state"], "proposed");
    // Others neither see nor withdraw it.
    for operation in ["tool_proposals.get", "tool_proposals.withdraw"] {
        let other = ben.call(operation, json!({ "proposal": proposal["id"] }));
        assert_eq!(other.code(), Some("not_found"));
    }
    alice.call("tool_proposals.begin", json!({ "proposal": proposal["id"] })).ok();
    let seen = ada.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
    assert_eq!(seen["proposal"]["assessor"]["id"], json!(alice.id()));
    assert!(seen["questions"].as_array().unwrap().is_empty(), "who proposes answers no questions");
    let questions = amy.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
    let asked: Vec<_> = questions["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| text(&question["question"]))
        .collect();
    assert_eq!(asked, QUESTIONS);

    // A question left open, an entry missing, and one too many.
    let mut incomplete = assessment(&proposal, "decline");
    incomplete["answers"].as_object_mut().unwrap().remove("no_training");
    assert_eq!(amy.call("tool_proposals.assess", incomplete).code(), Some("malformed_input"));
    let missing = amy.call("tool_proposals.assess", assessment(&proposal, "accept"));
    assert_eq!(missing.code(), Some("malformed_input"));
    // Whoever began leaves it to any other administrator.
    let mut accepted = assessment(&proposal, "accept");
    accepted["entry"] = entry();
    let answer = amy.call("tool_proposals.assess", accepted.clone()).ok();
    let tool = text(&answer["proposal"]["tool"]["id"]);
    assert_eq!(amy.call("tool_proposals.assess", accepted).code(), Some("tool_proposal_state"));
    let made = &amy.call("catalog.get", json!({ "tool": tool })).ok()["tool"];
    assert_eq!((&made["status"], &made["risk"]), (&json!("draft"), &json!("medium")));
    assert_eq!((&made["name"], &made["data_classes"]), (&json!("Minute Maker"), &json!(["internal"])));
    assert_eq!(
        ada.call("catalog.get", json!({ "tool": tool })).code(),
        Some("not_found"),
        "a draft is not shown"
    );
    let told = ada.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
    assert_eq!(told["proposal"]["reasons"], json!(["We looked at the contract"]));
    assert!(told["proposal"]["assessment"].is_null(), "what was found out is for administrators");
    let letters = site.letters().into_iter();
    let subjects: Vec<_> = letters.map(|message| (message.to.to_string(), message.subject)).collect();
    assert_eq!(subjects, [("ada.lovelace@example.com".to_owned(), "Your proposal: Minute Maker".to_owned())]);
}

#[test]
fn a_known_tool_is_recognised_by_name_and_address() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let known = site.tool("Chat-GPT", json!({ "url": "https://www.chat.example/start" }));
    let draft = site.tool("Hidden", json!({ "status": "draft", "url": "https://hidden.example" }));

    let by_name = propose(&ada, "chat gpt", "https://elsewhere.example");
    assert_eq!(by_name.code(), Some("tool_known"));
    assert_eq!(by_name.json["error"]["details"], json!({ "tool": known, "known_by": "name" }));
    let by_address = propose(&ada, "Another", "https://chat.example/other");
    assert_eq!(by_address.json["error"]["details"]["known_by"], "address");
    // It is another tool of the same vendor: the proposer says so. The same name is the same tool.
    let mut other = json!({
        "name": "Another", "url": "https://labs.chat.example", "purpose": "Try it", "data_classes": ["public"],
        "other_than": [known],
    });
    ada.call("tool_proposals.submit", other.clone()).ok();
    other["name"] = json!("CHATGPT");
    assert_eq!(ada.call("tool_proposals.submit", other).code(), Some("tool_known"));
    // What is not shown is not pointed at: administrators see it beside the proposal.
    let proposal = propose(&ada, "hidden", "https://hidden.example").ok()["proposal"].take();
    let alice = site.administrator("Alice Admin");
    let seen = alice.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
    assert_eq!(seen["proposal"]["known"][0]["id"], json!(draft));
    // One open proposal for each name, whoever makes it.
    assert_eq!(propose(&ben, " HIDDEN ", "https://x.example").code(), Some("tool_proposal_open"));
    ada.call("tool_proposals.withdraw", json!({ "proposal": proposal["id"] })).ok();
    propose(&ben, "Hidden", "https://x.example").ok();
}

#[test]
fn nobody_assesses_what_they_propose() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let proposal = propose(&alice, "Minute Maker", "https://minutes.example").ok()["proposal"].take();
    let one = json!({ "proposal": proposal["id"] });
    assert_eq!(alice.call("tool_proposals.begin", one).code(), Some("own_proposal"));
    let answer = alice.call("tool_proposals.assess", assessment(&proposal, "decline"));
    assert_eq!(answer.code(), Some("own_proposal"));
    assert_eq!(state(&alice, &proposal), "proposed");
}

#[test]
fn a_policy_that_denies_new_tools_denies_at_once() {
    let site = Site::in_memory();
    let (alice, ada) = (site.administrator("Alice Admin"), site.member("Ada Lovelace"));
    let rule = json!({
        "name": "No new tools", "when": { "new_tool": true },
        "then": { "kind": "deny", "reason": "We take no new tools this year" },
    });
    let version = alice.call("policies.draft", json!({})).ok()["draft"]["version"].clone();
    let drafted = alice.call("policies.put_draft", json!({ "version": version, "put": [rule] })).ok();
    alice.call("policies.publish", json!({ "version": drafted["version"] })).ok();

    let answer = propose(&ada, "Minute Maker", "https://minutes.example").ok();
    assert_eq!(answer["proposal"]["state"], "declined");
    assert_eq!(answer["proposal"]["reasons"], json!(["We take no new tools this year"]));
    assert!(answer["proposal"]["assessor"].is_null());
    // Nothing is open: it is denied again, with the same reason.
    assert_eq!(
        propose(&ada, "Minute Maker", "https://minutes.example").ok()["proposal"]["state"],
        "declined"
    );
}

#[test]
fn what_a_leaver_proposed_is_withdrawn_and_what_an_erased_person_wrote_is_gone() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let alice = site.administrator("Alice Admin");
    let open = propose(&ada, "Minute Maker", "https://minutes.example").ok()["proposal"].take();
    let decided = propose(&ada, "Slide Maker", "https://slides.example").ok()["proposal"].take();
    alice.call("tool_proposals.assess", assessment(&decided, "decline")).ok();
    site.console("people.put", json!({ "id": ada.id(), "name": "Ada Lovelace", "active": false }));
    site.tick();
    assert_eq!(
        (state(&alice, &open), state(&alice, &decided)),
        ("withdrawn".to_owned(), "declined".to_owned())
    );
    propose(&ben, "Minute Maker", "https://minutes.example").ok();

    site.console("people.erase", json!({ "person": ada.id() }));
    site.tick();
    site.advance_minutes(2);
    site.tick();
    site.tick();
    for proposal in [&open, &decided] {
        let seen = alice.call("tool_proposals.get", json!({ "proposal": proposal["id"] })).ok();
        for field in ["name", "url", "purpose"] {
            assert!(seen["proposal"][field].is_null(), "{field}");
        }
        assert_eq!(seen["proposal"]["reasons"], json!([]));
    }
}
