//! The catalogue: versions, names, owners, who sees what.

use serde_json::json;
use testkit::{Client as _, Site, text, tool_input};

#[test]
fn a_form_that_was_open_while_somebody_else_saved_is_refused() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Note taker", json!({}));
    let mut form = tool_input("Note taker");
    form["id"] = json!(tool);
    alice.call("catalog.put", form.clone()).refused("stale_revision");
    form["version"] = json!(1);
    assert_eq!(alice.call("catalog.put", form.clone()).ok()["tool"]["version"], 2);
    let before = site.snapshot();
    assert_eq!(alice.call("catalog.put", form).refused("stale_revision")["details"]["version"], "2");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn a_name_belongs_to_one_tool_until_it_is_given_up() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let tool = site.tool("Note taker", json!({}));
    alice.call("catalog.put", tool_input("NOTE taker")).refused("name_in_use");
    site.change_tool(&tool, json!({ "name": "Minute taker" }));
    alice.call("catalog.put", tool_input("NOTE taker")).ok();
    let mut back = tool_input("Note Taker");
    back["id"] = json!(tool);
    back["version"] = json!(2);
    alice.call("catalog.put", back).refused("name_in_use");
}

#[test]
fn tools_that_contradict_themselves_are_refused() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let gone = site.member("Gone Person");
    site.console("people.put", json!({ "id": gone.id(), "name": "Gone Person", "active": false }));
    let unknown = "person_00000000000000000000000000";
    let before = site.snapshot();
    for (field, value, code) in [
        ("default_days", json!(91), "invalid_tool"),
        ("data_classes", json!([]), "invalid_tool"),
        ("fulfilment", json!({ "kind": "connected" }), "connector_required"),
        ("owners", json!([unknown]), "unknown_reference"),
        ("owners", json!([gone.id()]), "unknown_reference"),
        ("fulfilment", json!({ "kind": "manual", "assignee": unknown }), "unknown_reference"),
        ("tags", json!((0..21).map(|n| format!("tag {n}")).collect::<Vec<_>>()), "invalid_tool"),
        ("url", json!("http://example.com"), "malformed_input"),
        ("url", json!("javascript:alert(1)"), "malformed_input"),
        ("risk", json!("none"), "malformed_input"),
        ("status", json!("open"), "malformed_input"),
    ] {
        let mut input = tool_input("Note taker");
        input[field] = value;
        let refusal = alice.call("catalog.put", input.clone());
        assert_eq!(refusal.code(), Some(code), "{input:#}\n{:#}", refusal.json);
    }
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn drafts_and_retired_tools_are_seen_by_those_who_look_after_them() {
    let site = Site::in_memory();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    for status in ["draft", "requestable", "suspended", "retired"] {
        let tool = site.tool(status, json!({ "status": status, "owners": [owen.id()] }));
        let get = json!({ "tool": tool });
        for all_seeing in [&alice, &audrey, &owen] {
            all_seeing.call("catalog.get", get.clone()).ok();
        }
        let shown = matches!(status, "requestable" | "suspended");
        assert_eq!(ada.call("catalog.get", get).status == 200, shown, "{status}");
        let listed = ada.all("catalog.list", json!({ "status": status }));
        assert_eq!(listed.len(), usize::from(shown), "{status}");
    }
    let names =
        |items: Vec<serde_json::Value>| items.iter().map(|tool| text(&tool["name"])).collect::<Vec<_>>();
    assert_eq!(names(ada.all("catalog.list", json!({}))), ["requestable"]);
    assert_eq!(
        names(alice.all("catalog.list", json!({ "limit": 1 }))),
        ["draft", "requestable", "retired", "suspended"]
    );
}

#[test]
fn filters_narrow_and_pages_are_whole() {
    let site = Site::in_memory();
    let ada = site.member("Ada Lovelace");
    site.console("catalog.load_starter", json!({}));
    assert_eq!(site.console("catalog.load_starter", json!({}))["added"], 0, "loading again adds nothing");
    let all = ada.all("catalog.list", json!({}));
    for limit in [1, 7, 100] {
        assert_eq!(ada.all("catalog.list", json!({ "limit": limit })), all);
    }
    for (field, value, of) in [
        ("risk", "high", "risk"),
        ("category", "coding", "category"),
        ("data_class", "confidential", "data_classes"),
    ] {
        let found = ada.all("catalog.list", json!({ field: value, "limit": 3 }));
        let holds = |tool: &&serde_json::Value| {
            tool[of] == value || tool[of].as_array().is_some_and(|classes| classes.contains(&json!(value)))
        };
        let expected: Vec<_> = all.iter().filter(holds).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{field}");
        assert_eq!(found, expected, "{field}");
    }
    assert_eq!(ada.all("catalog.list", json!({ "search": "nothing has these words" })).len(), 0);
    let wanted = text(&all[0]["name"]).to_uppercase();
    assert!(ada.all("catalog.list", json!({ "search": wanted })).contains(&all[0]));
}
