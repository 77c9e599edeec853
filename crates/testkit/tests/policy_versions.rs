//! From a draft of the policy to the next version, with separate people.

use clearance::documents::Change;
use clearance::ids::ToolId;
use clearance::policy::PolicySlice;
use clearance::ports::Store as _;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, request_for, text};

/// The draft as it is.
fn draft(person: &PersonClient) -> Value {
    person.call("policies.draft", json!({})).ok()["draft"].take()
}

/// The draft with rules added or changed; its version now.
fn put(person: &PersonClient, rules: Value) -> Value {
    let version = draft(person)["version"].clone();
    person.call("policies.put_draft", json!({ "version": version, "put": rules })).ok()["version"].take()
}

fn publish(person: &PersonClient, version: &Value) -> Value {
    person.call("policies.publish", json!({ "version": version, "note": "As agreed" })).ok()["policy"].take()
}

/// The rule of this name in the active policy.
fn rule(person: &PersonClient, name: &str) -> Value {
    let policy = person.call("policies.get", json!({})).ok();
    let rules = policy["policy"]["rules"].as_array().expect("rules").clone();
    rules.into_iter().find(|rule| rule["name"] == name).expect("a rule of the name")
}

const LOW: &str = "Low risk, harmless data, up to 30 days";

fn no_internal() -> Value {
    json!({ "name": "No internal data", "when": { "any_data_class": ["internal"] }, "then": { "kind": "deny", "reason": "No internal data" } })
}

#[test]
fn a_narrower_draft_is_published_at_once_and_decides_from_then_on() {
    let site = Site::in_memory();
    let (ada, alice) = (site.member("Ada Lovelace"), site.administrator("Alice Admin"));
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let before = ada.ask_for(&tool, 5).ok();
    assert_eq!(before["request"]["state"], "approved");
    let version = put(&alice, json!([no_internal()]));
    let shown = draft(&alice);
    assert_eq!((shown["open"].clone(), shown["based_on"].clone()), (json!(true), json!(1)));
    assert_eq!(shown["changed_by"]["name"], "Alice Admin");
    assert_eq!(shown["difference"]["added"].as_array().map(Vec::len), Some(1));
    let lint = alice.call("policies.lint", json!({})).ok();
    assert_eq!(lint["widening"], json!({ "kind": "no" }), "{lint:#}");
    let published = publish(&alice, &version);
    assert_eq!((published["number"].clone(), published["active"].clone()), (json!(2), json!(true)));
    assert_eq!((published["note"].clone(), published["wider"].clone()), (json!("As agreed"), json!(false)));
    assert_eq!(published["published_by"]["name"], "Alice Admin");

    let denied = site.member("Ben Bitdiddle").ask_for(&tool, 5).ok();
    assert_eq!(denied["request"]["state"], "denied");
    assert_eq!(denied["request"]["policy_version"], 2);
    assert_eq!(
        ada.request(&text(&before["request"]["id"]))["policy_version"],
        1,
        "what was decided stays so"
    );
    assert_eq!(draft(&alice)["open"], false);
    let versions = alice.all("policies.list", json!({}));
    let numbers: Vec<_> = versions.iter().map(|policy| policy["number"].clone()).collect();
    assert_eq!(numbers, [json!(2), json!(1)]);
    let first = alice.call("policies.get", json!({ "number": 1 })).ok();
    assert_eq!(first["policy"]["rules"].as_array().map(Vec::len), Some(4), "an old version stays as it was");
    let kinds = site.log_kinds();
    for kind in ["policy.drafted", "policy.published"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}");
    }
}

#[test]
fn a_lower_cap_sends_longer_requests_to_administrators() {
    let site = Site::in_memory();
    let (ada, alice) = (site.member("Ada Lovelace"), site.administrator("Alice Admin"));
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let mut low = rule(&alice, LOW);
    low["then"]["max_days"] = json!(10);
    let version = put(&alice, json!([low]));
    assert_eq!(draft(&alice)["difference"]["changed"], json!([low["id"]]));
    publish(&alice, &version);
    let request = ada.wait_for(&tool, 20);
    assert_eq!(ada.request(&request)["stages"][0]["approvers"], json!(["Administrators"]));
}

#[test]
fn lint_shows_what_a_wider_draft_gives() {
    let site = Site::in_memory();
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let mut low = rule(&alice, LOW);
    low["then"]["max_days"] = json!(60);
    put(&alice, json!([low]));
    let lint = audrey.call("policies.lint", json!({})).ok();
    let widening = &lint["widening"];
    assert_eq!(widening["kind"], "yes", "{lint:#}");
    assert_eq!(widening["after"], json!({ "kind": "auto_approved", "max_days": 60 }));
    assert_eq!(widening["request"]["risk"], "low");
}

/// A draft by which low risk is approved for 60 days instead of 30, proposed for publication.
fn propose(person: &PersonClient) -> Value {
    let mut low = rule(person, LOW);
    low["then"]["max_days"] = json!(60);
    let version = put(person, json!([low]));
    let answer = person.call("policies.publish", json!({ "version": version, "note": "More" })).ok();
    assert_eq!(answer["policy"], json!(null), "{answer:#}");
    answer["proposal"].clone()
}

#[test]
fn a_wider_draft_waits_for_a_second_administrator_and_auditors_are_told() {
    let site = Site::in_memory();
    let (ada, audrey) = (site.member("Ada Lovelace"), site.auditor("Audrey Auditor"));
    let (alice, alan) = (site.administrator("Alice Admin"), site.administrator("Alan Admin"));
    site.console("settings.put", json!({ "email_notices": true }));
    let tool = site.tool("Note taker", json!({ "risk": "low" }));
    let proposal = propose(&alice);
    assert_eq!((&proposal["kind"], &proposal["note"]), (&json!("publish_policy"), &json!("More")));
    let notices = || {
        site.snapshot().documents.into_iter().filter(|((kind, _), _)| *kind == "notice").collect::<Vec<_>>()
    };
    assert_eq!(notices().len(), 0);
    ada.call("requests.preview", request_for(&tool, 40)).ok();
    let one = json!({ "proposal": proposal["id"] });
    alice.call("proposals.confirm", one.clone()).refused("own_proposal");
    audrey.call("proposals.confirm", one.clone()).refused("not_permitted");
    assert_eq!(alice.call("policies.get", json!({})).ok()["policy"]["number"], 1);
    alan.call("proposals.confirm", one.clone()).ok();
    let policy = audrey.call("policies.get", json!({})).ok()["policy"].take();
    assert_eq!(
        (&policy["number"], &policy["wider"], &policy["note"]),
        (&json!(2), &json!(true), &json!("More"))
    );
    assert_eq!(policy["published_by"]["name"], "Alice Admin");
    assert_eq!(policy["confirmed_by"]["name"], "Alan Admin");
    let told = notices();
    assert!(told.len() == 1 && told.iter().all(|(_, (_, body))| body.contains("wider_policy")), "{told:?}");
    assert_eq!(ada.call("requests.preview", request_for(&tool, 40)).ok()["outcome"], "auto_approved");
    alan.call("proposals.confirm", one).refused("proposal_state");
}

#[test]
fn whoever_changes_a_proposed_draft_calls_the_proposal_off() {
    let site = Site::in_memory();
    let (alice, alan) = (site.administrator("Alice Admin"), site.administrator("Alan Admin"));
    let proposal = propose(&alice);
    put(&alice, json!([{ "name": "More", "then": { "kind": "auto_approve", "max_days": 90 } }]));
    alan.call("proposals.confirm", json!({ "proposal": proposal["id"] })).refused("proposal_state");
    assert_eq!(alice.call("policies.get", json!({})).ok()["policy"]["number"], 1);
}

#[test]
fn the_only_administrator_waits_a_day_with_a_wider_draft() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let one = json!({ "proposal": propose(&alice)["id"] });
    alice.call("proposals.confirm", one.clone()).refused("own_proposal");
    site.advance_minutes(24 * 60);
    alice.signed_in_again().call("proposals.confirm", one).ok();
    assert_eq!(alice.call("policies.get", json!({})).ok()["policy"]["number"], 2);
}

#[test]
fn two_administrators_at_one_draft_do_not_overwrite_each_other() {
    let site = Site::in_memory();
    let (alice, alan) = (site.administrator("Alice Admin"), site.administrator("Alan Admin"));
    let seen = draft(&alan)["version"].clone();
    let version = put(&alice, json!([no_internal()]));
    alan.call("policies.put_draft", json!({ "version": seen, "put": [no_internal()] }))
        .refused("stale_revision");
    alan.call("policies.discard_draft", json!({ "version": seen })).refused("stale_revision");
    alan.call("policies.publish", json!({ "version": seen })).refused("stale_revision");
    alan.call("policies.discard_draft", json!({ "version": version })).ok();
    alice.call("policies.publish", json!({ "version": version })).refused("stale_revision");
    let after = draft(&alice);
    assert_eq!(after["open"], false);
    assert!(after["version"].as_u64() > version.as_u64(), "a version never comes again");
    alice.call("policies.publish", json!({ "version": after["version"] })).refused("invalid_policy");
}

#[test]
fn what_no_policy_may_be_is_refused() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let stages =
        |stages: Value| json!([{ "name": "Stages", "then": { "kind": "require_stages", "stages": stages } }]);
    let stage = |approvers: Value, quorum: Value| json!({ "name": "Stage", "approvers": approvers, "quorum": quorum });
    for (rules, code) in [
        (stages(json!([])), "invalid_policy"),
        (stages(json!([stage(json!([]), json!("any"))])), "invalid_policy"),
        (stages(json!([stage(json!(["tool_owners"]), json!({ "at_least": 0 }))])), "invalid_policy"),
        (json!([{ "name": "No effect" }]), "malformed_input"),
        (
            json!([{ "name": "Unknown", "when": { "colour": "red" }, "then": { "kind": "deny", "reason": "no" } }]),
            "malformed_input",
        ),
        (
            json!([{ "name": "Too long", "then": { "kind": "auto_approve", "max_days": 9999 } }]),
            "malformed_input",
        ),
    ] {
        let before = site.snapshot();
        alice.call("policies.put_draft", json!({ "version": 0, "put": rules })).refused(code);
        assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    }
    let unknown = json!(["rule_01kb0000000000000000000000"]);
    alice.call("policies.put_draft", json!({ "version": 0, "remove": unknown })).refused("unknown_reference");
    alice.call("policies.put_draft", json!({ "version": 0, "order": unknown })).refused("malformed_input");
    alice.call("policies.get", json!({ "number": 7 })).refused("not_found");
    // A rule for a tool that does not exist can be drafted, but not published.
    let tool = "tool_01kb0000000000000000000000";
    let rule =
        json!({ "name": "Nothing", "when": { "tools": [tool] }, "then": { "kind": "deny", "reason": "no" } });
    let version = put(&alice, json!([rule]));
    let lint = alice.call("policies.lint", json!({})).ok();
    let findings = lint["findings"].as_array().expect("findings");
    assert!(
        findings.iter().any(|finding| finding["code"] == "unknown_tool" && finding["severity"] == "error"),
        "{lint:#}"
    );
    alice.call("policies.publish", json!({ "version": version })).refused("invalid_policy");
    // What changes nothing is no version.
    let version = alice
        .call(
            "policies.put_draft",
            json!({ "version": version, "remove": [draft(&alice)["rules"][4]["id"]] }),
        )
        .ok();
    alice.call("policies.publish", json!({ "version": version["version"] })).refused("invalid_policy");
}

#[test]
fn a_version_is_shown_beside_another_with_the_names_that_its_rules_mention() {
    let site = Site::in_memory();
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let owen = site.member("Owen Owner");
    let tool = site.tool("Note taker", json!({ "risk": "medium" }));
    let stage = json!({ "name": "Owen", "approvers": [{ "person": owen.id() }], "quorum": "any" });
    let looks = json!({
        "name": "Owen looks",
        "when": { "tools": [tool], "risks": ["medium"] },
        "then": { "kind": "require_stages", "stages": [stage] },
    });
    let version = put(&alice, json!([looks, no_internal()]));
    let mentioned = json!({
        "tools": [{ "id": tool, "name": "Note taker" }],
        "groups": [],
        "people": [{ "id": owen.id(), "name": "Owen Owner" }],
    });
    assert_eq!(draft(&alice)["mentioned"], mentioned);
    publish(&alice, &version);
    let compared = audrey.call("policies.get", json!({ "number": 2, "against": 1 })).ok();
    assert_eq!(compared["policy"]["mentioned"], mentioned);
    assert_eq!(compared["against"]["number"], 1);
    assert_eq!(compared["against"]["rules"].as_array().map(Vec::len), Some(4));
    assert_eq!(compared["difference"]["added"].as_array().map(Vec::len), Some(2));
    let back = audrey.call("policies.get", json!({ "number": 1, "against": 2 })).ok();
    assert_eq!(back["difference"]["removed"], compared["difference"]["added"]);
    audrey.call("policies.get", json!({ "against": 9 })).refused("not_found");
    assert_eq!(audrey.call("policies.get", json!({})).ok()["difference"], json!(null));
}

#[test]
fn rules_can_be_ordered_and_replaced() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    put(&alice, json!([no_internal()]));
    let shown = draft(&alice);
    let mut order: Vec<Value> =
        shown["rules"].as_array().expect("rules").iter().map(|rule| rule["id"].clone()).collect();
    order.reverse();
    let ordered =
        alice.call("policies.put_draft", json!({ "version": shown["version"], "order": order })).ok();
    assert_eq!(ordered["rules"], json!(order));
    assert_eq!(draft(&alice)["difference"]["reordered"], true);
    let replaced = json!({ "version": ordered["version"], "replace": true, "put": [no_internal()] });
    let replaced = alice.call("policies.put_draft", replaced).ok();
    assert_eq!(replaced["rules"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_policy_of_many_rules_is_published_in_slices_of_which_a_decision_reads_its_own() {
    let site = Site::on_disk();
    let (ada, alice) = (site.member("Ada Lovelace"), site.administrator("Alice Admin"));
    let tools: Vec<String> =
        (0..40).map(|number| site.tool(&format!("Tool {number}"), json!({ "risk": "low" }))).collect();
    let reason = "x".repeat(180);
    let rule = |number: usize| {
        let mut when = json!({ "any_data_class": ["internal"] });
        // Every second rule names no tool: together they are too many for one document.
        if number.is_multiple_of(2) {
            when["longer_than"] = json!(3000);
        } else {
            when["tools"] = json!([tools[number % 40]]);
        }
        json!({ "name": format!("Rule {number} {reason}"), "when": when, "then": { "kind": "deny", "reason": format!("{number} {reason}") } })
    };
    for batch in 0..5 {
        put(&alice, (batch * 180..(batch + 1) * 180).map(rule).collect());
    }
    // What a killed publication left behind.
    site.with_store(async |store| {
        let tool: ToolId = tools[1].parse().expect("an id");
        let left = PolicySlice {
            number: 2,
            set: "left".to_owned(),
            tool: Some(tool),
            part: 0,
            more: false,
            rules: Vec::new(),
        };
        let mut change = Change::new();
        change.insert(&left);
        store.commit(change.into_commit().expect("a commit")).await.expect("it is stored");
    });
    let published = publish(&alice.signed_in_again(), &draft(&alice)["version"]);
    assert_eq!(published["rules_in_all"], 904);
    let all = alice.call("policies.get", json!({})).ok();
    assert_eq!(all["policy"]["rules"].as_array().map(Vec::len), Some(904));
    assert_eq!(all["policy"]["rules"][4]["name"], json!(format!("Rule 0 {reason}")), "in order");
    let mut asked = request_for(&tools[1], 5);
    asked["data_classes"] = json!(["internal"]);
    let denied = ada.call("requests.submit", asked).ok();
    assert_eq!(denied["request"]["state"], "denied");
    assert_eq!(denied["request"]["denial"].as_array().map(Vec::len), Some(23), "{denied:#}");
    assert_eq!(ada.ask_for(&tools[0], 5).ok()["request"]["state"], "approved");
}

#[test]
fn a_draft_is_tried_on_past_requests_and_the_past_is_computed_again_without_a_difference() {
    let site = Site::in_memory();
    let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
    let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
    let owen = site.member("Owen Owner");
    let low = site.tool("Note taker", json!({ "risk": "low" }));
    let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    let restricted = site.tool("Face finder", json!({ "risk": "restricted" }));
    let early = text(&ada.ask_for(&low, 20).ok()["request"]["id"]);
    site.advance_days(40);
    let long = text(&ben.signed_in_again().ask_for(&low, 20).ok()["request"]["id"]);
    ada.signed_in_again().ask_for(&restricted, 5).ok();
    let asked = ada.signed_in_again().wait_for(&medium, 5);
    owen.signed_in_again().approve(&asked).ok();
    let alice = alice.signed_in_again();

    let replay = audrey.signed_in_again().call("policies.replay", json!({})).ok();
    assert_eq!((&replay["requests"], &replay["differences"]), (&json!(4), &json!([])));
    let unchanged = alice.call("policies.back_test", json!({ "days": 365 })).ok();
    assert_eq!((&unchanged["requests"], &unchanged["changes"]), (&json!(4), &json!([])));

    let mut rule = rule(&alice, LOW);
    rule["then"]["max_days"] = json!(10);
    // The same rules, given with the call: tried all the same, and stored nowhere.
    let mut given = alice.call("policies.get", json!({})).ok()["policy"]["rules"].clone();
    let low_rule = given.as_array_mut().expect("rules").iter_mut().find(|given| given["id"] == rule["id"]);
    *low_rule.expect("the rule") = rule.clone();
    let as_given = alice.call("policies.back_test", json!({ "days": 30, "rules": given.clone() })).ok();
    let lint = audrey.call("policies.lint", json!({ "rules": given.clone() })).ok();
    assert_eq!(lint["widening"]["kind"], "no", "{lint:#}");
    let both = json!({ "rules": given, "number": 1 });
    alice.call("policies.lint", both).refused("malformed_input");
    assert_eq!(alice.call("policies.draft", json!({})).ok()["draft"]["open"], false);
    let version = put(&alice, json!([rule]));
    let tried = alice.call("policies.back_test", json!({ "days": 30 })).ok();
    assert_eq!(as_given, tried);
    assert_eq!((&tried["requests"], &tried["denied"], &tried["stages"]), (&json!(3), &json!(1), &json!(2)));
    let changes = tried["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{tried:#}");
    assert_eq!((&changes[0]["request"], &changes[0]["outcome"]), (&json!(long), &json!(true)));
    assert_eq!((&changes[0]["tool"]["name"], &changes[0]["days"]), (&json!("Note taker"), &json!(20)));
    let all = alice.call("policies.back_test", json!({ "days": 365 })).ok();
    assert!(
        all["changes"].as_array().expect("changes").iter().any(|change| change["request"] == json!(early))
    );
    // In parts, the whole is the same.
    let first = alice.call("policies.back_test", json!({ "days": 365, "limit": 3 })).ok();
    let second =
        alice.call("policies.back_test", json!({ "days": 365, "limit": 3, "after": first["next"] })).ok();
    assert_eq!(
        (&first["requests"], &second["requests"], &second["next"]),
        (&json!(3), &json!(1), &json!(null))
    );
    alice.call("policies.back_test", json!({ "days": 0 })).refused("malformed_input");
    alice.call("policies.back_test", json!({ "days": 9, "number": 9 })).refused("not_found");

    publish(&alice, &version);
    ada.signed_in_again().wait_for(&site.tool("Summarizer", json!({ "risk": "low" })), 20);
    let replay = alice.call("policies.replay", json!({})).ok();
    assert_eq!((&replay["requests"], &replay["differences"]), (&json!(5), &json!([])));
}
