//! Somebody disappears.

use serde_json::json;

use super::Company;
use crate::stage::{Part, Stage};
use crate::text;

const PURPOSE: &str = "To transcribe the quarterly xylophone recitals";
const ANSWER: &str = "Because the neighbours asked for a libretto";

/// Access ends first, by the hand of whoever gave it; then nothing tells who it was, and the log still proves itself.
pub fn erasure(stage: &impl Stage) {
    let company = Company::on(stage);
    let (alice, owen) = (&company.alice, &company.owen);
    let zoe = stage.enter("Zoe Quillfeather", Part::Requester);
    let seat = company.tool("Seat", json!({ "fulfilment": { "kind": "manual" } }));
    let sketcher = company.tool("Sketcher", json!({ "risk": "medium" }));
    let held = text(&company.take(&zoe, &seat, 20)["id"]);
    stage.call(owen, "grants.attest", json!({ "grant": held }));
    let asked = json!({ "tool": sketcher, "purpose": PURPOSE, "data_classes": ["internal"], "days": 5 });
    let request = text(&stage.call(&zoe, "requests.submit", asked)["request"]["id"]);
    stage.call(owen, "approvals.ask", json!({ "request": request, "question": "Why?" }));
    stage.call(&zoe, "requests.provide_information", json!({ "request": request, "answer": ANSWER }));
    let before = stage.stored();
    for trace in ["Zoe Quillfeather", PURPOSE, ANSWER] {
        assert!(before.contains(trace), "{trace}");
    }

    let begun = stage.call(alice, "people.erase", json!({ "person": zoe.id }));
    assert_eq!(begun["state"], "ending");
    stage.pass(1);
    assert_eq!(company.request(alice, &request)["state"], "cancelled");
    let waits = stage.call(alice, "people.erasure", json!({ "person": zoe.id }));
    assert_eq!((&waits["state"], &waits["waiting_for"][0]["grant"]), (&json!("ending"), &json!(held)));
    stage.call(owen, "grants.attest", json!({ "grant": held }));
    stage.pass(1);
    assert_eq!(stage.call(alice, "people.erasure", json!({ "person": zoe.id }))["state"], "erased");
    // On Forge the key of what was removed is left for a day or two.
    stage.pass(1);
    stage.pass(1);
    let after = stage.stored();
    for trace in ["Quillfeather", "quillfeather", PURPOSE, ANSWER] {
        assert!(!after.contains(trace), "{trace}");
    }
    company.end();
}
