//! People who decide for others, from one day to another.

use serde_json::{Value, json};
use testkit::{Answer, Client as _, PersonClient, Site, text};

/// Ada asks; Owen owns the tool; Dana is whom he lets decide for him.
struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    dana: PersonClient,
    tool: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (ada, owen, dana) =
            (site.member("Ada Lovelace"), site.member("Owen Owner"), site.member("Dana Delegate"));
        site.administrator("Alice Admin");
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        Self { site, ada, owen, dana, tool }
    }

    fn delegated() -> Self {
        let world = Self::new();
        world.lets(&world.owen, &world.dana, 14).ok();
        world
    }

    /// Lets somebody decide for another for so many days from now on.
    fn lets(&self, delegator: &PersonClient, delegate: &PersonClient, days: u32) -> Answer {
        let until = self.site.now().plus_minutes(i64::from(days) * 24 * 60);
        delegator.call("delegations.put", json!({ "delegate": delegate.id(), "until": until }))
    }
}

fn put_by_admin(
    admin: &PersonClient,
    delegator: &PersonClient,
    delegate: &PersonClient,
    until: &str,
) -> Answer {
    let input = json!({ "delegator": delegator.id(), "delegate": delegate.id(), "until": until });
    admin.call("delegations.put", input)
}

#[test]
fn a_delegate_sees_and_decides_what_waits_for_the_delegator_and_every_record_says_for_whom() {
    let world = World::delegated();
    let (site, ada, owen, dana) = (&world.site, &world.ada, &world.owen, &world.dana);
    let request = ada.wait_for(&world.tool, 10);
    let queue = dana.all("approvals.queue", json!({}));
    assert_eq!(queue[0]["request"]["id"], request);
    assert_eq!(queue[0]["on_behalf_of"]["name"], "Owen Owner");
    let own = owen.all("approvals.queue", json!({}));
    assert!(own[0]["on_behalf_of"].is_null(), "{own:#?}");
    assert_eq!(dana.request(&request)["may_decide"], true);

    dana.call("approvals.ask", json!({ "request": request, "question": "Which report is it for?" })).ok();
    let answer = json!({ "request": request, "answer": "For the annual one" });
    ada.call("requests.provide_information", answer).ok();
    let decided = dana.approve(&request).ok();
    let shown = &decided["request"];
    assert_eq!(shown["state"], "approved");
    let approval = &shown["stages"][0]["approvals"][0];
    assert_eq!(
        (&approval["by"]["name"], &approval["on_behalf_of"]["name"]),
        (&json!("Dana Delegate"), &json!("Owen Owner"))
    );
    assert_eq!(shown["closed_by"]["name"], "Dana Delegate");
    assert_eq!(shown["closed_on_behalf_of"]["name"], "Owen Owner");
    assert_eq!(shown["exchanges"][0]["asked_on_behalf_of"]["name"], "Owen Owner");
    // Both see it afterwards.
    assert_eq!(owen.request(&request)["state"], "approved");
    assert_eq!(dana.request(&request)["state"], "approved");
    let explained = ada.call("grants.explain", json!({ "tool": world.tool })).ok();
    let told = explained["reasons"].to_string();
    assert!(told.contains("Dana Delegate for Owen Owner approved in the stage"), "{told}");
    let entries = site.console("audit.entries", json!({ "about": request }));
    let mut named = 0;
    for entry in entries["items"].as_array().expect("entries") {
        let kind = text(&entry["kind"]);
        if ["approval.decided", "request.approved", "request.information_asked"].contains(&kind.as_str()) {
            let entry = text(&entry["entry"]);
            assert!(entry.contains(&format!(r#""on_behalf_of":"{}""#, owen.id())), "{entry}");
            named += 1;
        }
    }
    assert_eq!(named, 3);
}

#[test]
fn a_denial_by_a_delegate_says_for_whom() {
    let world = World::delegated();
    let request = world.ada.wait_for(&world.tool, 10);
    let denied = world.dana.deny(&request).ok();
    assert_eq!(denied["request"]["state"], "denied");
    assert_eq!(denied["request"]["closed_on_behalf_of"]["name"], "Owen Owner");
    let bulk = world.ada.wait_for(&world.tool, 10);
    let many = json!({ "requests": [bulk], "decision": "approve" });
    assert_eq!(world.dana.call("approvals.decide_many", many).ok()["results"][0]["decided"], true);
}

#[test]
fn a_delegation_holds_between_its_dates_and_no_longer() {
    let world = World::new();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    let day = |days: i64| site.now().plus_minutes(days * 24 * 60);
    let input = json!({ "delegate": dana.id(), "from": day(2), "until": day(4) });
    let put = owen.call("delegations.put", input).ok();
    assert_eq!(put["delegation"]["active"], false);
    let request = world.ada.wait_for(&world.tool, 10);
    dana.approve(&request).refused("not_found");
    assert_eq!(dana.queue(), Vec::<String>::new());
    site.advance_days(2);
    assert_eq!(dana.queue(), [request.as_str()]);
    assert_eq!(dana.all("delegations.list", json!({}))[0]["active"], true);
    site.advance_days(2);
    assert_eq!(dana.queue(), Vec::<String>::new());
    dana.approve(&request).refused("not_found");
    assert_eq!(owen.all("delegations.list", json!({})).len(), 0, "what is over is not listed");
    owen.approve(&request).ok();
}

#[test]
fn a_delegation_is_bounded() {
    let world = World::new();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    let day = |days: i64| site.now().plus_minutes(days * 24 * 60);
    let put = |from: Value, until: i64| {
        owen.call("delegations.put", json!({ "delegate": dana.id(), "from": from, "until": day(until) }))
    };
    put(Value::Null, 91).refused("invalid_delegation");
    put(json!(day(366)), 370).refused("invalid_delegation");
    put(json!(day(3)), 3).refused("malformed_input");
    put(Value::Null, -1).refused("malformed_input");
    put(Value::Null, 90).ok();
    world.lets(owen, owen, 5).refused("invalid_delegation");
    world.lets(owen, &site.auditor("Audrey Auditor"), 5).refused("invalid_delegation");
    let gone = site.person("Gus Gone", json!({ "active": true }));
    site.console("people.put", json!({ "id": gone.id(), "name": "Gus Gone", "active": false }));
    world.lets(owen, &gone, 5).refused("unknown_reference");
    // Renewed, not added to: one person stands in for another once.
    world.lets(owen, dana, 5).ok();
    assert_eq!(owen.all("delegations.list", json!({})).len(), 1);
    for n in 0..7 {
        world.lets(owen, &site.member(&format!("Person {n}")), 5).ok();
    }
    world.lets(owen, &site.member("One Too Many"), 5).refused("invalid_delegation");
    // What is over leaves room.
    site.advance_days(5);
    world.lets(owen, &site.member("Another One"), 5).ok();
}

#[test]
fn what_somebody_decides_for_another_is_not_passed_on() {
    let world = World::delegated();
    let eve = world.site.member("Eve Further");
    world.lets(&world.dana, &eve, 5).ok();
    let request = world.ada.wait_for(&world.tool, 10);
    assert_eq!(eve.queue(), Vec::<String>::new());
    eve.approve(&request).refused("not_found");
    world.dana.approve(&request).ok();
}

#[test]
fn nobody_approves_their_own_request_through_a_delegate() {
    let world = World::delegated();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    let olga = site.member("Olga Other");
    site.change_tool(&world.tool, json!({ "owners": [owen.id(), olga.id()] }));
    // The delegator asks: whoever stands in for him does not decide, by whatever right.
    let his = owen.wait_for(&world.tool, 10);
    assert_eq!(dana.queue(), Vec::<String>::new());
    dana.approve(&his).refused("own_request");
    site.change_tool(&world.tool, json!({ "owners": [owen.id(), olga.id(), dana.id()] }));
    assert_eq!(dana.queue(), Vec::<String>::new());
    dana.approve(&his).refused("own_request");
    assert_eq!(dana.request(&his)["may_decide"], false);
    // A delegate may give it up, and is as free as anybody then.
    dana.call("delegations.end", json!({ "delegator": owen.id() })).ok();
    assert_eq!(dana.queue(), [his.as_str()]);
    olga.approve(&his).ok();
    // The delegate asks: not for himself either.
    world.lets(owen, dana, 5).ok();
    let theirs = dana.wait_for(&world.tool, 10);
    dana.approve(&theirs).refused("own_request");
    owen.approve(&theirs).ok();
}

#[test]
fn whose_only_approver_stands_in_for_them_is_told_so_at_once() {
    let world = World::new();
    let tool = world.site.tool("Painter", json!({ "risk": "medium", "owners": [world.dana.id()] }));
    world.lets(&world.owen, &world.dana, 5).ok();
    let request = world.owen.wait_for(&tool, 10);
    let stages = world.owen.request(&request)["stages"].clone();
    assert_eq!(stages[0]["approvers"], json!(["Administrators"]), "the owner stands in for whoever asks");
}

#[test]
fn delegator_and_delegate_are_one_decider_within_a_stage_and_between_stages() {
    let world = World::new();
    let (site, ada, owen, dana) = (&world.site, &world.ada, &world.owen, &world.dana);
    let team = site.group("Team");
    for (person, name) in [(owen, "Owen Owner"), (dana, "Dana Delegate")] {
        site.console("people.put", json!({ "id": person.id(), "name": name, "groups": [team] }));
    }
    let (tess, tom) = (site.member_of("Tess Team", &[&team]), site.member_of("Tom Team", &[&team]));
    site.stages(&json!([
        { "name": "Two of the team", "approvers": [{ "group": team }], "quorum": { "at_least": 2 } },
        { "name": "Owner", "approvers": ["tool_owners"], "quorum": "any" },
    ]));
    site.change_tool(&world.tool, json!({ "owners": [owen.id(), tess.id()] }));
    world.lets(owen, dana, 14).ok();
    world.lets(owen, &tom, 14).ok();
    let request = ada.wait_for(&world.tool, 10);
    // She is in the team herself: her own right comes first.
    let first = dana.approve(&request).ok();
    assert!(first["request"]["stages"][0]["approvals"][0]["on_behalf_of"].is_null());
    dana.approve(&request).refused("already_decided");
    site.check();
    owen.approve(&request).ok();
    // The second stage is the owners': Owen has decided, so neither Dana nor Tom decides for him.
    for delegate in [dana, &tom] {
        assert_eq!(delegate.queue(), Vec::<String>::new());
        assert!(delegate.approve(&request).status >= 400);
    }
    owen.approve(&request).refused("already_decided");
    assert_eq!(tess.approve(&request).ok()["request"]["state"], "approved");
    // And the other way round: who was stood in for has decided.
    let ben = site.member("Ben Bitdiddle");
    site.stages(
        &json!([{ "name": "Both owners", "approvers": ["tool_owners"], "quorum": { "at_least": 2 } }]),
    );
    let second = ben.wait_for(&world.tool, 10);
    tom.approve(&second).ok();
    owen.approve(&second).refused("already_decided");
    dana.approve(&second).refused("already_decided");
    assert_eq!(owen.queue(), Vec::<String>::new());
    tess.approve(&second).ok();
}

#[test]
fn either_of_the_two_and_an_administrator_end_a_delegation_and_nobody_else() {
    let world = World::new();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    let alice = site.administrator("Alma Admin");
    let pair = json!({ "delegator": owen.id(), "delegate": dana.id() });
    for by in [owen, dana, &alice] {
        world.lets(owen, dana, 5).ok();
        world.ada.call("delegations.end", pair.clone()).refused("not_found");
        by.call("delegations.end", pair.clone()).ok();
        by.call("delegations.end", pair.clone()).refused("not_found");
        assert_eq!(dana.all("delegations.list", json!({})).len(), 0);
    }
    let ended = site.log_kinds().iter().filter(|kind| *kind == "delegation.ended").count();
    assert_eq!(ended, 3);
}

#[test]
fn an_administrator_delegates_for_somebody_but_never_to_themselves() {
    let world = World::new();
    let (owen, dana) = (&world.owen, &world.dana);
    let alma = world.site.administrator("Alma Admin");
    let until = "2026-12-20T00:00:00Z";
    put_by_admin(&alma, owen, &alma, until).refused("invalid_delegation");
    put_by_admin(dana, owen, dana, until).refused("not_found");
    let put = put_by_admin(&alma, owen, dana, until).ok();
    assert_eq!(put["delegation"]["put_by"]["name"], "Alma Admin");
    let listed = alma.all("delegations.list", json!({}));
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["delegator"]["name"], "Owen Owner");
    owen.call("delegations.list", json!({ "person": dana.id() })).refused("not_found");
    let request = world.ada.wait_for(&world.tool, 10);
    dana.approve(&request).ok();
}

#[test]
fn leaving_ends_delegations_on_both_sides() {
    let world = World::delegated();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    let olga = site.member("Olga Other");
    site.change_tool(&world.tool, json!({ "owners": [owen.id(), olga.id()] }));
    world.lets(&olga, dana, 14).ok();
    world.lets(dana, &olga, 14).ok();
    site.console("people.put", json!({ "id": owen.id(), "name": "Owen Owner", "active": false }));
    let request = world.ada.wait_for(&world.tool, 10);
    // At once, before the clockwork came by: whoever has left decides nothing, through nobody.
    assert_eq!(dana.request(&request)["may_decide"], true, "for Olga");
    let item = dana.all("approvals.queue", json!({}));
    assert_eq!(item[0]["on_behalf_of"]["name"], "Olga Other");
    site.tick();
    assert_eq!(dana.all("delegations.list", json!({})).len(), 2);
    site.console("people.put", json!({ "id": dana.id(), "name": "Dana Delegate", "active": false }));
    site.tick();
    assert_eq!(olga.all("delegations.list", json!({})).len(), 0);
    assert_eq!(olga.approve(&request).ok()["request"]["state"], "approved");
}

#[test]
fn erasing_a_person_ends_their_delegations() {
    let world = World::delegated();
    let (site, owen, dana) = (&world.site, &world.owen, &world.dana);
    site.change_tool(&world.tool, json!({ "owners": [] }));
    let alma = site.administrator("Alma Admin");
    alma.call("people.erase", json!({ "person": dana.id() })).ok();
    site.tick();
    assert_eq!(owen.all("delegations.list", json!({})).len(), 0);
    let left = site.with_store(async |store| {
        let id = dana.id();
        let left = clearance::documents::load::<clearance::delegation::Delegations>(store, &id).await;
        left.expect("the store").is_some()
    });
    assert!(!left, "nothing is left under the person's id");
}

#[test]
fn a_decision_and_the_end_of_its_delegation_at_once_are_one_after_the_other() {
    let site = Site::on_disk();
    let (owen, dana) = (site.member("Owen Owner"), site.member("Dana Delegate"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    for n in 0..8 {
        let until = site.now().plus_minutes(24 * 60);
        owen.call("delegations.put", json!({ "delegate": dana.id(), "until": until })).ok();
        let request = site.member(&format!("Person {n}")).wait_for(&tool, 10);
        let answers = crate::concurrency::at_once(2, |n| match n {
            0 => dana.approve(&request),
            _ => owen.call("delegations.end", json!({ "delegate": dana.id() })),
        });
        answers[1].clone().ok();
        let state = text(&owen.request(&request)["state"]);
        match answers[0].code() {
            None => assert_eq!(state, "approved"),
            Some(code) => assert_eq!((code, state.as_str()), ("not_found", "pending")),
        }
        site.check();
    }
}

#[test]
fn a_delegate_is_told_what_waits_and_for_whom() {
    let world = World::new();
    let site = &world.site;
    site.console("settings.put", json!({ "email_notices": true }));
    world.lets(&world.owen, &world.dana, 14).ok();
    let request = world.ada.wait_for(&world.tool, 10);
    let told = site.letters();
    let of = |address: &str| told.iter().find(|message| message.to.as_str() == address).expect("a message");
    assert!(of("dana.delegate@example.com").body.contains("You decide for Owen Owner"));
    assert!(!of("owen.owner@example.com").body.contains("You decide for"));
    world.dana.approve(&request).ok();
}

#[test]
fn whoever_wants_a_delegate_finds_people_by_name() {
    let world = World::new();
    let find = |name: &str| world.owen.call("delegations.candidates", json!({ "name": name }));
    find("d").refused("malformed_input");
    let found = find("DA").ok();
    assert_eq!(found["people"], json!([{ "id": world.dana.id(), "name": "Dana Delegate" }]));
    assert_eq!(find("Owen").ok()["people"], json!([]), "not oneself");
}

#[test]
fn whoever_decides_for_somebody_is_told_when_that_begins_and_when_it_ends_early() {
    let site = Site::in_memory();
    let [owen, dan] = ["Owen Owner", "Dan Deputy"].map(|name| site.member(name));
    let alice = site.administrator("Alice Admin");
    alice.call("settings.put", json!({ "email_notices": true })).ok();
    let told = || -> Vec<(String, String)> {
        let letters = site.letters();
        letters.into_iter().map(|letter| (letter.to.as_str().to_owned(), letter.subject)).collect()
    };
    let to_dan = |subject: &str| vec![("dan.deputy@example.com".to_owned(), subject.to_owned())];
    let put = json!({ "delegate": dan.id(), "until": "2027-01-20T00:00:00Z" });
    owen.call("delegations.put", put.clone()).ok();
    assert_eq!(told(), to_dan("You decide for Owen Owner"));
    let end = json!({ "delegator": owen.id(), "delegate": dan.id() });
    alice.call("delegations.end", end.clone()).ok();
    assert_eq!(told(), to_dan("You decide for Owen Owner no more"));
    // In the inbox only what is so now is said.
    let subjects = |person: &testkit::PersonClient| -> Vec<String> {
        person.all("inbox.list", json!({})).iter().map(|item| text(&item["subject"])).collect()
    };
    assert_eq!(subjects(&dan), ["You decide for Owen Owner no more"]);
    // Whoever gives it up knows.
    owen.call("delegations.put", put.clone()).ok();
    told();
    dan.call("delegations.end", end).ok();
    assert_eq!(told(), []);
    // Nor is anybody told of what ends by its time; of what ends with whoever leaves they are.
    owen.call("delegations.put", put).ok();
    told();
    site.console("people.put", json!({ "id": owen.id(), "name": "Owen Owner", "active": false }));
    site.tick();
    let letters = told();
    assert!(letters.contains(&to_dan("You decide for Owen Owner no more")[0]), "{letters:?}");
}
