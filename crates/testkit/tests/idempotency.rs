//! The same command sent twice.

use serde_json::json;
use testkit::{Client as _, Site, request_for, text};

#[test]
fn the_same_command_under_the_same_key_has_the_same_answer_also_after_a_restart() {
    let site = Site::on_disk();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let first = ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    let before = site.snapshot();
    assert_eq!(ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok(), first);
    site.restart();
    site.advance_minutes(5);
    assert_eq!(ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok(), first);
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    // The answer of then, not of now.
    owen.approve(&text(&first["request"]["id"])).ok();
    assert_eq!(ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok(), first);
}

#[test]
fn another_input_under_the_same_key_is_refused() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let (one, other) = (site.tool("Note taker", json!({})), site.tool("Translator", json!({})));
    ada.call_once("key-1", "requests.submit", request_for(&one, 10)).ok();
    let before = site.snapshot();
    ada.call_once("key-1", "requests.submit", request_for(&one, 11)).refused("idempotency_mismatch");
    ada.call_once("key-1", "requests.submit", request_for(&other, 10)).refused("idempotency_mismatch");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn a_key_belongs_to_one_person_and_one_operation() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let tool = site.tool("Note taker", json!({}));
    let hers = ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    let his = ben.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    assert_ne!(hers["grant"]["id"], his["grant"]["id"]);
    let grant = json!({ "grant": hers["grant"]["id"] });
    ada.call_once("key-1", "grants.give_back", grant).ok();
}

#[test]
fn refusals_and_secrets_are_not_kept() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium" }));
    ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).refused("no_eligible_approver");
    site.change_tool(&tool, json!({ "owners": [owen.id()] }));
    ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    let secret = |answer: serde_json::Value| text(&answer["secret"]);
    let one = secret(ada.call_once("key-2", "tokens.create", json!({})).ok());
    let other = secret(ada.call_once("key-2", "tokens.create", json!({})).ok());
    assert_ne!(one, other, "each call makes a token of its own");
    let kept = site.snapshot();
    assert!(!kept.documents.values().any(|(_, body)| body.contains(&one) || body.contains(&other)));
}

#[test]
fn an_answer_is_forgotten_after_a_day() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    site.advance_days(1);
    assert_eq!(site.tick().forgotten, 0);
    site.advance_minutes(1);
    assert_eq!(site.tick().forgotten, 1);
    let again = ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    assert!(again["request"]["extends"].is_string(), "a command of its own: {again:#}");
}

#[test]
fn an_answer_is_not_given_any_more_after_a_day_also_before_it_is_forgotten() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    site.advance_days(1);
    let again = ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok();
    assert!(again["request"]["extends"].is_string(), "a command of its own: {again:#}");
    // Its answer is kept in the other one's place.
    assert_eq!(ada.call_once("key-1", "requests.submit", request_for(&tool, 10)).ok(), again);
}

#[test]
fn keys_have_a_form() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    let before = site.snapshot();
    for key in ["", &"k".repeat(201)] {
        ada.call_once(key, "requests.submit", request_for(&tool, 10)).refused("malformed_input");
    }
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    ada.call_once(&"k".repeat(200), "requests.submit", request_for(&tool, 10)).ok();
}
