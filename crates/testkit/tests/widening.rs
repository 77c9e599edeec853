//! Changes that give more than before wait for a second administrator; and nobody decides what they became eligible for by their own doing.

use clearance::authorization::Caller;
use clearance::ports::Store as _;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text, tool_input};

/// A site in use: two administrators, an owner, somebody of security, and a tool of each risk.
struct World {
    site: Site,
    alice: PersonClient,
    bob: PersonClient,
    owen: PersonClient,
    sam: PersonClient,
    ada: PersonClient,
    low: String,
    medium: String,
    high: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let security = site.security();
        let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
        let (owen, sam) = (site.member("Owen Owner"), site.member_of("Sam Security", &[&security]));
        let ada = site.member("Ada Lovelace");
        let low = site.tool("Note taker", json!({ "risk": "low" }));
        let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let high = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
        // Somebody asks: from now on the site is in use.
        ada.take(&low, 5);
        site.advance_minutes(1);
        Self { site, alice, bob, owen, sam, ada, low, medium, high }
    }

    /// A tool as a form holds it.
    fn form(&self, tool: &str) -> Value {
        let tool = self.site.console("catalog.get", json!({ "tool": tool }))["tool"].take();
        let owners: Vec<_> = tool["owners"].as_array().unwrap().iter().map(|owner| &owner["id"]).collect();
        let mut form = tool_input(tool["name"].as_str().unwrap());
        for field in ["id", "version", "risk", "status", "data_classes", "max_days", "review_days", "tags"] {
            form[field] = tool[field].clone();
        }
        form["owners"] = json!(owners);
        form["usage_policy"] = tool["usage_policy"]["text"].clone();
        form
    }

    /// Entries of a kind that hold all of these texts.
    fn logged(&self, kind: &str, texts: &[&str]) -> usize {
        self.site.with_store(async |store| {
            let entries = store.log_entries(0, 200).await.unwrap();
            let entries = entries.iter().map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned());
            let kind = format!(r#""kind":"{kind}""#);
            entries
                .filter(|entry| entry.contains(&kind) && texts.iter().all(|text| entry.contains(text)))
                .count()
        })
    }

    fn put(&self, tool: &str, field: &str, value: Value) -> Value {
        let mut form = self.form(tool);
        form[field] = value;
        self.alice.call("catalog.put", form).ok()
    }

    fn person(&self, person: &PersonClient, name: &str, more: Value) -> Value {
        let mut input = json!({ "id": person.id(), "name": name });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.alice.signed_in_again().call("people.put", input).ok()
    }
}

fn one(answer: &Value) -> Value {
    assert_eq!(answer["proposal"]["state"], "open", "{answer:#}");
    json!({ "proposal": answer["proposal"]["id"] })
}

#[test]
fn what_gives_more_waits_and_what_does_not_applies() {
    let world = World::new();
    let (low, medium, high) = (&world.low, &world.medium, &world.high);
    for (tool, field, value) in [
        (medium, "risk", json!("low")),
        (high, "risk", json!("medium")),
        (low, "max_days", json!(91)),
        (low, "data_classes", json!(["public", "internal", "confidential"])),
        (medium, "owners", json!([world.owen.id(), world.sam.id()])),
        (medium, "owners", json!([world.sam.id()])),
        // Nobody would own it: administrators would decide instead of the owner.
        (medium, "owners", json!([])),
        (low, "review_days", json!(7)),
    ] {
        let before = world.form(tool);
        let answer = world.put(tool, field, value.clone());
        assert_eq!(answer["tool"]["version"], before["version"], "{field} {value} is not changed yet");
        assert_eq!(answer["proposal"]["kind"], "change_tool");
        assert_ne!(answer["proposal"]["changes"], json!([]), "{field} {value}");
        world.alice.call("proposals.confirm", one(&answer)).refused("own_proposal");
        world.bob.call("proposals.withdraw", one(&answer)).ok();
        assert_eq!(world.form(tool), before);
    }
    for (tool, field, value) in [
        (low, "risk", json!("high")),
        (low, "max_days", json!(30)),
        (low, "data_classes", json!(["public"])),
        (medium, "review_days", json!(30)),
        (medium, "summary", json!("Draws")),
        (medium, "tags", json!(["drawing"])),
        (medium, "usage_policy", json!("No faces.")),
        (medium, "status", json!("suspended")),
        // While nobody can ask for it, nothing gives more.
        (medium, "risk", json!("low")),
    ] {
        let answer = world.put(tool, field, value.clone());
        assert_eq!(answer["proposal"], Value::Null, "{field} {value}: {answer:#}");
    }
    let reopened = world.put(medium, "status", json!("requestable"));
    world.bob.call("proposals.confirm", one(&reopened)).ok();
    let dropped = world.put(medium, "usage_policy", Value::Null);
    assert!(text(&dropped["proposal"]["why"]).contains("usage policy"), "{dropped:#}");
}

#[test]
fn a_second_administrator_agrees_and_the_auditors_are_told() {
    let world = World::new();
    world.site.console("settings.put", json!({ "email_notices": true }));
    let audrey = world.site.auditor("Audrey Auditor");
    let answer = world.put(&world.medium, "risk", json!("low"));
    let witness = &answer["proposal"]["witness"];
    assert_ne!(witness["before"], witness["after"], "{answer:#}");
    assert_eq!(witness["request"]["tool"]["id"], json!(world.medium));
    assert_eq!(answer["proposal"]["changes"], json!(["Risk: medium → low."]));
    world.ada.wait_for(&world.medium, 5);
    let confirmed = world.bob.call("proposals.confirm", one(&answer)).ok();
    assert_eq!(confirmed["proposal"]["state"], "confirmed");
    assert_eq!(world.form(&world.medium)["risk"], "low");
    let told = world.site.letters();
    let told: Vec<_> = told.iter().map(|letter| (letter.to.to_string(), letter.subject.clone())).collect();
    let to = ("audrey.auditor@example.com".to_owned(), "A change gives more than before".to_owned());
    assert!(told.contains(&to), "{told:?}");
    assert_eq!(audrey.all("proposals.list", json!({ "state": "confirmed" })).len(), 1);
    // The log says so, with both names.
    let agreed = format!(r#""confirmed_by":{{"person":"{}"}}"#, world.bob.id());
    assert_eq!(world.logged("tool.changed", &[&agreed, r#""wider":true"#]), 1);
}

#[test]
fn a_tool_is_opened_by_two_and_may_be_added_as_a_draft_by_one() {
    let world = World::new();
    let added = world.alice.call("catalog.put", tool_input("Translator")).ok();
    assert_eq!(added["tool"], Value::Null);
    let mut draft = tool_input("Summarizer");
    draft["status"] = json!("draft");
    assert_eq!(world.alice.call("catalog.put", draft).ok()["proposal"], Value::Null);
    // The same again is the same proposal; another one of that name waits for it.
    let again = world.alice.call("catalog.put", tool_input("Translator")).ok();
    assert_eq!(again["proposal"]["id"], added["proposal"]["id"]);
    world.bob.call("catalog.put", tool_input("Translator")).refused("proposal_open");
    world.bob.call("proposals.confirm", one(&added)).ok();
    let tool = text(&added["proposal"]["tool"]["id"]);
    assert_eq!(world.form(&tool)["name"], "Translator");
    world.ada.take(&tool, 5);
    // Policy denies restricted tools to everybody: opening one gives nothing.
    let mut restricted = tool_input("Face finder");
    restricted["risk"] = json!("restricted");
    assert_eq!(world.alice.call("catalog.put", restricted).ok()["proposal"], Value::Null);
    // The starter catalogue adds drafts from now on.
    world.alice.call("catalog.load_starter", json!({})).ok();
    assert!(world.alice.all("catalog.list", json!({ "status": "draft" })).len() > 20);
}

#[test]
fn what_was_changed_meanwhile_is_not_confirmed() {
    let world = World::new();
    let answer = world.put(&world.medium, "risk", json!("low"));
    world.put(&world.medium, "summary", json!("Draws"));
    world.bob.call("proposals.confirm", one(&answer)).refused("proposal_state");
    assert_eq!(world.form(&world.medium)["risk"], "medium");
}

#[test]
fn the_only_administrator_waits_a_day() {
    let world = World::new();
    world
        .alice
        .call("people.put", json!({ "id": world.bob.id(), "name": "Bob Admin", "role": "member" }))
        .ok();
    let answer = world.put(&world.low, "max_days", json!(120));
    world.alice.call("proposals.confirm", one(&answer)).refused("own_proposal");
    world.site.advance_days(1);
    world.alice.signed_in_again().call("proposals.confirm", one(&answer)).ok();
    assert_eq!(world.form(&world.low)["max_days"], 120);
}

#[test]
fn who_joins_those_who_decide_needs_two_and_nobody_else_does() {
    let world = World::new();
    let (security, others) = (world.site.security(), world.site.group("Book club"));
    let joined = world.person(&world.ada, "Ada L.", json!({ "groups": [security, others] }));
    // The name is changed; the groups wait.
    assert_eq!((&joined["person"]["name"], &joined["person"]["groups"]), (&json!("Ada L."), &json!([])));
    assert_eq!(joined["proposal"]["kind"], "change_person");
    world.bob.call("proposals.confirm", one(&joined)).ok();
    let ada = world.site.console("people.get", json!({ "person": world.ada.id() }));
    assert_eq!(ada["person"]["groups"].as_array().unwrap().len(), 2);
    // A club that policy does not name, and leaving while enough others stay, give nothing.
    world.site.member_of("Sue Security", &[&security]);
    let club = world.person(&world.owen, "Owen Owner", json!({ "groups": [others] }));
    assert_eq!(club["proposal"], Value::Null, "{club:#}");
    let left = world.person(&world.ada, "Ada L.", json!({ "groups": [] }));
    assert_eq!(left["proposal"], Value::Null, "{left:#}");
    // With one left in security, administrators would decide what that one asks for.
    let last = world.person(&world.sam, "Sam Security", json!({ "groups": [] }));
    assert_eq!(last["proposal"]["state"], "open", "{last:#}");
    // Who leaves the company does not wait for that.
    let gone = world.person(&world.sam, "Sam Security", json!({ "active": false }));
    assert_eq!((&gone["person"]["status"], &gone["proposal"]), (&json!("leaving"), &Value::Null));
    world.bob.call("proposals.confirm", one(&last)).refused("proposal_state");
}

#[test]
fn an_administrator_is_made_by_two_or_at_the_command_line() {
    let world = World::new();
    let made = world.person(&world.ada, "Ada Lovelace", json!({ "role": "administrator" }));
    assert_eq!(made["person"]["role"], "member");
    world.ada.call("people.list", json!({})).refused("not_permitted");
    world.bob.call("proposals.confirm", one(&made)).ok();
    world.ada.signed_in_again().call("people.list", json!({})).ok();
    let eve = json!({ "name": "Eve Second", "role": "administrator" });
    let eve = world.alice.signed_in_again().call("people.put", eve).ok();
    assert_eq!((&eve["person"]["role"], &eve["proposal"]["state"]), (&json!("member"), &json!("open")));
    let back = json!({ "name": "Back In", "role": "administrator" });
    let back = world.site.perform(Caller::Console, "people.put", &back).unwrap();
    assert_eq!((&back["person"]["role"], &back["proposal"]), (&json!("administrator"), &Value::Null));
    // Whatever else gives more waits for a person, at the command line, too.
    let sam = json!({ "name": "Sue", "groups": [world.site.security()] });
    let sue = world.site.perform(Caller::Console, "people.put", &sam).unwrap();
    let own = world.site.perform(Caller::Console, "proposals.confirm", &one(&sue));
    assert_eq!(own.unwrap_err().code().as_str(), "own_proposal");
    world.alice.signed_in_again().call("proposals.confirm", one(&sue)).ok();
}

#[test]
fn settings_that_give_more_wait_and_the_rest_applies() {
    let world = World::new();
    let group = world.site.group("Friends of Alice");
    let input = json!({ "security": group, "organization": "Example Ltd", "pending_days": 30 });
    let answer = world.alice.signed_in_again().call("settings.put", input).ok();
    assert_eq!(answer["settings"]["organization"], "Example Ltd");
    assert_eq!(answer["settings"]["pending_days"], 14);
    assert_eq!(answer["settings"]["security"], json!(world.site.security()));
    assert_eq!(answer["proposal"]["changes"].as_array().unwrap().len(), 2);
    world.bob.call("proposals.confirm", one(&answer)).ok();
    assert_eq!(world.site.security(), group);
    let shorter = world.alice.signed_in_again().call("settings.put", json!({ "pending_days": 7 })).ok();
    assert_eq!(shorter["proposal"], Value::Null);
    // What takes something away does not wait beside what gives more.
    let emergency = |group: Value| json!({ "group": group, "days": 1, "budget": 2, "budget_days": 30 });
    world.site.console("settings.put", json!({ "emergency": emergency(json!(world.site.security())) }));
    let both = json!({ "pending_days": 14, "emergency": emergency(Value::Null) });
    let both = world.alice.signed_in_again().call("settings.put", both).ok();
    assert_eq!(
        (&both["settings"]["pending_days"], &both["settings"]["emergency"]["group"]),
        (&json!(7), &Value::Null)
    );
    assert_eq!(both["proposal"]["changes"].as_array().unwrap().len(), 1, "{both:#}");
}

#[test]
fn a_site_is_in_use_once_somebody_took_access_in_an_emergency() {
    let site = Site::in_memory();
    let on_call = site.group("On call");
    let emergency = json!({ "group": on_call, "days": 1, "budget": 2, "budget_days": 30 });
    site.console("settings.put", json!({ "emergency": emergency }));
    let alice = site.administrator("Alice Admin");
    let ada = site.member_of("Ada Lovelace", &[&on_call]);
    let tool = site.tool("Log reader", json!({ "risk": "high", "emergency": "allowed" }));
    assert_ne!(alice.call("catalog.put", tool_input("Translator")).ok()["tool"], Value::Null);
    let taken = json!({ "tool": tool, "incident": "INC-2041", "purpose": "Find out why", "data_classes": ["internal"] });
    ada.signed_in_again().call("emergency.request", taken).ok();
    assert_eq!(alice.call("catalog.put", tool_input("Summarizer")).ok()["tool"], Value::Null);
}

#[test]
fn nobody_decides_what_they_became_eligible_for_by_their_own_later_change() {
    let world = World::new();
    let early = world.ada.wait_for(&world.medium, 5);
    let high = world.ada.wait_for(&world.high, 5);
    world.owen.approve(&high).ok();
    world.site.advance_minutes(1);
    // Alice makes herself an owner, and somebody of security; Bob agrees.
    let owners = world.put(&world.medium, "owners", json!([world.owen.id(), world.alice.id()]));
    world.bob.call("proposals.confirm", one(&owners)).ok();
    let groups = json!({ "groups": [world.site.security(), world.site.administrators()] });
    let joined = world.person(&world.alice, "Alice Admin", groups);
    world.bob.call("proposals.confirm", one(&joined)).ok();
    let alice = world.alice.signed_in_again();
    for request in [&early, &high] {
        assert_eq!(alice.request(request)["may_decide"], false);
        alice.approve(request).refused("own_doing");
        alice.deny(request).refused("own_doing");
    }
    world.site.advance_minutes(1);
    // What is asked for afterwards is hers to decide; the others decide what was asked for before.
    let later = world.site.member("Ben Late").wait_for(&world.medium, 5);
    assert_eq!(alice.request(&later)["may_decide"], true);
    alice.approve(&later).ok();
    world.owen.approve(&early).ok();
    world.sam.approve(&high).ok();
}

#[test]
fn whoever_agrees_to_their_own_eligibility_does_not_decide_either() {
    let world = World::new();
    let request = world.ada.wait_for(&world.medium, 5);
    world.site.advance_minutes(1);
    let owners = world.put(&world.medium, "owners", json!([world.owen.id(), world.bob.id()]));
    world.bob.call("proposals.confirm", one(&owners)).ok();
    world.bob.approve(&request).refused("own_doing");
    // Carol was made an owner by others.
    let carol = world.site.member("Carol Owner");
    world.site.change_tool(&world.medium, json!({ "owners": [world.owen.id(), carol.id()] }));
    carol.approve(&request).ok();
}

#[test]
fn while_a_site_is_set_up_one_is_enough() {
    let site = Site::in_memory();
    let (alice, _bob) = (site.administrator("Alice Admin"), site.administrator("Bob Admin"));
    let ada = site.member("Ada Lovelace");
    alice.call("catalog.load_starter", json!({})).ok();
    let tool = alice.call("catalog.put", tool_input("Note taker")).ok();
    let eve = json!({ "name": "Eve Admin", "role": "administrator", "groups": [site.security()] });
    let eve = alice.call("people.put", eve).ok();
    let settings = alice.call("settings.put", json!({ "pending_days": 30 })).ok();
    for answer in [&tool, &eve, &settings] {
        assert_eq!(answer["proposal"], Value::Null, "{answer:#}");
    }
    ada.take(&text(&tool["tool"]["id"]), 5);
    let tool = alice.call("catalog.put", tool_input("Another one")).ok();
    assert_eq!(tool["proposal"]["state"], "open");
}
