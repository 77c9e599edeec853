//! Tools of which there are few seats, and what cannot wait.

use serde_json::{Value, json};

use super::Company;
use crate::request_for;
use crate::stage::{Part, Player, Stage};
use crate::text;

/// Whoever comes first gets the seat, and whoever waits longest the next, if they still want it.
pub fn waiting_list(stage: &impl Stage) {
    let company = Company::on(stage);
    let [rita, max, cy] =
        ["Rita Requester", "Max Maker", "Cy Customer"].map(|name| stage.enter(name, Part::Requester));
    let tool = company.tool("Few seats", json!({ "seat_cap": 1 }));
    company.agreed("settings.put", json!({ "seat_offer_days": 2 }));
    let held = text(&company.take(&rita, &tool, 30)["id"]);
    let wait = |player: &Player| {
        let request = stage.call(player, "requests.submit", request_for(&tool, 10))["request"].take();
        assert_eq!(request["state"], "awaiting_seat", "{request:#}");
        text(&request["id"])
    };
    let (first, second) = (wait(&max), wait(&cy));
    assert_eq!(company.request(&cy, &second)["seat"]["place"], 2);
    stage.refused(&max, "seats.accept", json!({ "request": first }), "request_state");
    stage.call(&rita, "grants.give_back", json!({ "grant": held }));
    stage.pass(0);
    let state = |player: &Player, request: &str| text(&company.request(player, request)["state"]);
    assert_eq!(
        (state(&max, &first).as_str(), state(&cy, &second).as_str()),
        ("seat_offered", "awaiting_seat")
    );
    let seats = stage.call(&company.owen, "seats.get", json!({ "tool": tool }));
    assert_eq!((&seats["seats"]["free"], &seats["seats"]["offered"]), (&json!(0), &json!(1)));

    // Max does not answer; Cy does.
    stage.pass(3);
    assert_eq!((state(&max, &first).as_str(), state(&cy, &second).as_str()), ("forgone", "seat_offered"));
    stage.refused(&max, "seats.accept", json!({ "request": second }), "not_found");
    let accepted = stage.call(&cy, "seats.accept", json!({ "request": second }));
    assert_eq!(accepted["grant"]["state"], "active");
    let again = wait(&max);
    stage.call(&max, "seats.decline", json!({ "request": again }));
    assert_eq!(state(&max, &again), "forgone");
    company.end();
}

/// Somebody on call takes what they need at once, says what for, and somebody else looks at it.
pub fn emergency(stage: &impl Stage) {
    let company = Company::on(stage);
    let (alice, owen) = (&company.alice, &company.owen);
    let [ona, max] = ["Ona Oncall", "Max Member"].map(|name| stage.enter(name, Part::Member));
    let group = stage.call(alice, "people_groups.put", json!({ "name": "On call" }))["group"]["id"].take();
    company.agreed("people.put", json!({ "id": ona.id, "name": ona.name, "groups": [group] }));
    let terms = json!({ "group": group, "days": 1, "budget": 2, "budget_days": 30 });
    company.agreed("settings.put", json!({ "emergency": terms }));
    let tool = company.tool("Log reader", json!({ "risk": "high", "emergency": "allowed" }));
    let take = json!({
        "tool": tool, "incident": "INC-2041", "purpose": "Find out why sign-in fails", "data_classes": ["internal"],
    });
    stage.refused(&max, "emergency.request", take.clone(), "emergency_not_eligible");
    let taken = stage.call(&ona, "emergency.request", take.clone());
    assert_eq!((&taken["grant"]["state"], &taken["emergency"]["state"]), (&json!("active"), &json!("open")));
    stage.refused(&ona, "emergency.request", take.clone(), "emergency_not_needed");
    for player in [&ona, owen, alice, &company.audrey] {
        assert_eq!(stage.all(player, "emergency.list", json!({})).len(), 1, "{}", player.name);
    }
    assert_eq!(stage.all(&max, "emergency.list", json!({})), Vec::<Value>::new());

    let id = taken["emergency"]["id"].clone();
    let review = json!({ "emergency": id, "verdict": "justified", "reason": "It was down" });
    stage.refused(owen, "emergency.review", review.clone(), "emergency_state");
    stage.call(&ona, "emergency.note", json!({ "emergency": id, "note": "Read the logs of the gateway" }));
    stage.refused(&ona, "emergency.review", review.clone(), "not_found");
    stage.call(owen, "emergency.review", review);
    stage.pass(2);
    let grant = company.grant(&ona, &text(&taken["grant"]["id"]));
    assert_eq!((&grant["state"], &grant["end_reason"]), (&json!("ended"), &json!("expired")));
    // The note about the second one is owed before a third.
    stage.call(&ona, "emergency.request", take.clone());
    stage.pass(3);
    stage.refused(&ona, "emergency.request", take, "emergency_note_owed");
    company.end();
}
