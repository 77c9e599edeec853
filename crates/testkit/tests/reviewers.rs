//! Who reviews access: whoever is next when somebody leaves, and whoever stands in for a reviewer.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, text};

use crate::evidence;
use crate::reviews::{World, decide, decision, review, reviews};

/// Whom letters asked to review something since they were last looked at, and what they said.
fn told(world: &World) -> Vec<(String, String)> {
    let letters = world.site.letters().into_iter();
    let asking = letters.filter(|letter| letter.subject.starts_with("Does "));
    asking.map(|letter| (letter.to.as_str().to_owned(), letter.subject)).collect()
}

fn asks(address: &str) -> (String, String) {
    (address.to_owned(), "Does Ada Lovelace still need Note taker?".to_owned())
}

fn leaves(world: &World, person: &PersonClient, name: &str) {
    world.site.console("people.put", json!({ "id": person.id(), "name": name, "active": false }));
    world.site.advance_minutes(1);
    world.site.tick();
}

#[test]
fn reviews_of_whoever_leaves_are_with_whoever_is_next_at_once_who_is_told_of_them() {
    let world = World::with(json!({ "review_days": 20 }));
    let ola = world.site.member("Ola Owner");
    let owners = json!({ "owners": [world.owen.id(), ola.id()], "review_days": 20 });
    world.site.change_tool(&world.tool, owners);
    world.alice.call("settings.put", json!({ "email_notices": true })).ok();
    world.ada.take(&world.tool, 30);
    world.site.advance_days(16);
    world.site.tick();
    told(&world);
    let id = text(&reviews(&ola)[0]["id"]);
    leaves(&world, &world.owen, "Owen Owner");
    // Ola has it still, and nobody is told anew.
    assert_eq!((reviews(&ola).len(), told(&world)), (1, Vec::new()));
    let postpone = json!({ "review": id, "reason": "Ada is away" });
    ola.call("reviews.postpone", postpone).ok();
    leaves(&world, &ola, "Ola Owner");
    // With no owner left administrators decide; that somebody else put it off does not keep it from them.
    assert_eq!(reviews(&world.alice)[0]["id"], json!(id));
    assert!(told(&world).contains(&asks("alice.admin@example.com")));
    let reassigned = || world.site.log_kinds().iter().filter(|kind| *kind == "review.reassigned").count();
    assert_eq!(reassigned(), 1);
    world.site.tick();
    assert_eq!((told(&world), reassigned()), (Vec::new(), 1));
    decide(&world.alice, &id, "let_expire");
}

#[test]
fn a_review_that_one_person_decides_passes_on_when_they_leave() {
    let world = World::new();
    let dora = world.site.member("Dora Director");
    let reviewers = json!({ "reviews": { "reviewers": { "low": { "person": dora.id() } } } });
    world.alice.call("settings.put", reviewers).ok();
    world.ada.take(&world.tool, 10);
    world.site.advance_days(9);
    world.site.tick();
    let id = text(&reviews(&dora)[0]["id"]);
    assert_eq!(reviews(&world.owen), Vec::<Value>::new());
    leaves(&world, &dora, "Dora Director");
    decide(&world.alice, &id, "let_expire");
}

/// Owen lets somebody decide for him.
fn lets_decide(delegator: &PersonClient, delegate: &PersonClient) {
    let until = json!({ "delegate": delegate.id(), "until": "2027-01-20T00:00:00Z" });
    delegator.call("delegations.put", until).ok();
}

#[test]
fn who_stands_in_for_a_reviewer_is_told_and_decides_for_them() {
    let world = World::new();
    let dan = world.site.member("Dan Deputy");
    lets_decide(&world.owen, &dan);
    world.alice.call("settings.put", json!({ "email_notices": true })).ok();
    let (grant, id) = world.reviewed(10);
    assert!(told(&world).contains(&asks("dan.deputy@example.com")));
    let shown = reviews(&dan).remove(0);
    assert_eq!((&shown["id"], &shown["may_decide"]), (&json!(id), &json!(true)));
    assert_eq!(shown["on_behalf_of"]["id"], world.owen.id());
    assert_eq!(reviews(&world.owen)[0]["on_behalf_of"], Value::Null, "his own right comes first");
    assert_eq!(review(&dan, &id)["facts"]["age_days"], 9);
    let decided = decide(&dan, &id, "let_expire");
    let by = |who: &str| decided["decision"][who]["id"].clone();
    assert_eq!((by("by"), by("on_behalf_of")), (json!(dan.id()), json!(world.owen.id())));
    // Both see what was decided; the holder is told by whom, and so is whoever checks the log.
    for person in [&dan, &world.owen] {
        assert_eq!(review(person, &id)["review"]["state"], "decided");
    }
    let told = world.ada.call("grants.explain", json!({ "tool": world.tool })).ok();
    let reviewed = told["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "reviewed");
    assert!(
        text(&reviewed.unwrap()["text"]).starts_with("Dan Deputy for Owen Owner reviewed it: "),
        "{told:#}"
    );
    let auditor = world.site.auditor("Audrey Auditor");
    let pack = evidence::export(&auditor, &json!({ "grant": grant }));
    let files = evidence::files(&pack);
    let entry =
        files["records.jsonl"].lines().find(|line| line.contains("review.decided")).unwrap().to_owned();
    assert!(entry.contains(&format!("\"on_behalf_of\":\"{}\"", world.owen.id())), "{entry}");
    assert!(files["report.html"].contains(" for Person "), "{}", files["report.html"]);
}

#[test]
fn nobody_decides_about_their_own_access_by_a_delegation_or_for_whom_they_stand_in() {
    let world = World::new();
    let ola = world.site.member("Ola Owner");
    // Ada would decide for Owen; Ola owns the tool, too, and stands in for Ada.
    lets_decide(&world.owen, &world.ada);
    world.site.change_tool(&world.tool, json!({ "owners": [world.owen.id(), ola.id()] }));
    let (_, id) = world.reviewed(10);
    let own = world.ada.call("reviews.decide", decision(&id, "renew"));
    assert!(["not_found", "own_review"].contains(&own.code().unwrap()), "{own:?}");
    assert_eq!(reviews(&world.ada), Vec::<Value>::new());
    lets_decide(&world.ada, &ola);
    ola.call("reviews.decide", decision(&id, "renew")).refused("own_review");
    ola.call("reviews.postpone", json!({ "review": id, "reason": "Later" })).refused("own_review");
    assert_eq!(reviews(&ola), Vec::<Value>::new());
    // It is not transitive.
    let dan = world.site.member("Dan Deputy");
    lets_decide(&world.ada, &dan);
    dan.call("reviews.decide", decision(&id, "renew")).refused("not_found");
    decide(&world.owen, &id, "let_expire");
}

#[test]
fn a_delegation_that_has_ended_decides_nothing() {
    let world = World::with(json!({ "review_days": 20 }));
    let dan = world.site.member("Dan Deputy");
    lets_decide(&world.owen, &dan);
    world.ada.take(&world.tool, 30);
    world.site.advance_days(16);
    world.site.tick();
    let id = text(&reviews(&dan)[0]["id"]);
    let put_off = json!({ "review": id, "reason": "Ada is away", "days": 2 });
    assert_eq!(dan.call("reviews.postpone", put_off).ok()["review"]["postponed"], 1);
    world.owen.call("delegations.end", json!({ "delegate": dan.id() })).ok();
    dan.call("reviews.decide", decision(&id, "let_expire")).refused("not_found");
    dan.call("reviews.get", json!({ "review": id })).refused("not_found");
    assert_eq!(reviews(&dan), Vec::<Value>::new());
    decide(&world.owen, &id, "let_expire");
}
