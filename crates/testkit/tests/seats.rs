//! Seats: a cap, a fair waiting list, and offers with a deadline.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

use crate::concurrency::{at_once, tally};

/// Asks for a tool that policy gives at once, as far as there are seats; the request.
#[track_caller]
fn ask(person: &PersonClient, tool: &str) -> Value {
    person.ask_for(tool, 10).ok()["request"].take()
}

fn state(person: &PersonClient, request: &Value) -> String {
    text(&person.request(&text(&request["id"]))["state"])
}

fn accept(person: &PersonClient, request: &Value) -> testkit::Answer {
    person.call("seats.accept", json!({ "request": request["id"] }))
}

fn decline(person: &PersonClient, request: &Value) -> testkit::Answer {
    person.call("seats.decline", json!({ "request": request["id"] }))
}

#[test]
fn whoever_is_approved_first_gets_the_next_seat_and_has_to_accept_it() {
    let site = Site::in_memory();
    let owner = site.member("Owen Owner");
    let [ada, ben, cy, dan] = ["Ada A", "Ben B", "Cy C", "Dan D"].map(|name| site.member(name));
    let tool = site.tool("Few seats", json!({ "seat_cap": 1, "owners": [owner.id()] }));
    let held = text(&ada.take(&tool, 10)["id"]);

    let bens = ask(&ben, &tool);
    assert_eq!((&bens["state"], &bens["seat"]["place"]), (&json!("awaiting_seat"), &json!(1)));
    assert!(ben.all("grants.list", json!({})).is_empty(), "no seat, no access");
    let cys = ask(&cy, &tool);
    assert_eq!(cys["seat"]["place"], 2);
    // An approved request that waits is an open one, and nobody accepts what is not offered.
    assert_eq!(ben.ask_for(&tool, 10).code(), Some("duplicate_request"));
    assert_eq!(accept(&ben, &bens).code(), Some("request_state"));
    site.tick();
    assert_eq!(state(&ben, &bens), "awaiting_seat", "nothing is free");

    ada.call("grants.give_back", json!({ "grant": held })).ok();
    // Who asks now does not pass those who wait.
    let dans = ask(&dan, &tool);
    assert_eq!(dans["seat"]["place"], 3);
    site.tick();
    site.tick();
    assert_eq!(
        (state(&ben, &bens), state(&cy, &cys)),
        ("seat_offered".to_owned(), "awaiting_seat".to_owned())
    );
    assert_eq!(cy.request(&text(&cys["id"]))["seat"]["place"], 1);
    let seats = owner.call("seats.get", json!({ "tool": tool })).ok();
    assert_eq!((&seats["seats"]["free"], &seats["seats"]["offered"]), (&json!(0), &json!(1)));
    assert_eq!(seats["seekers"][0]["person"]["id"], json!(ben.id()));
    // Nobody accepts for somebody else.
    for other in [&cy, &owner] {
        assert_eq!(accept(other, &bens).code(), Some("not_found"));
    }
    let accepted = accept(&ben, &bens).ok();
    assert_eq!(
        (&accepted["request"]["state"], &accepted["grant"]["state"]),
        (&json!("approved"), &json!("active"))
    );
    assert_eq!(accept(&ben, &bens).code(), Some("request_state"), "a seat is accepted once");
    site.tick();
    assert_eq!(state(&cy, &cys), "awaiting_seat", "the seat is taken");
}

#[test]
fn a_seat_that_is_not_accepted_in_time_or_declined_goes_to_the_next() {
    let site = Site::in_memory();
    let [ada, ben, cy, dan] = ["Ada A", "Ben B", "Cy C", "Dan D"].map(|name| site.member(name));
    let tool = site.tool("Few seats", json!({ "seat_cap": 1 }));
    site.console("settings.put", json!({ "seat_offer_days": 2 }));
    let held = text(&ada.take(&tool, 20)["id"]);
    let [bens, cys, dans] = [&ben, &cy, &dan].map(|person| ask(person, &tool));
    ada.call("grants.give_back", json!({ "grant": held })).ok();
    site.tick();
    let until = ben.request(&text(&bens["id"]))["seat"]["offered_until"].clone();
    assert_eq!(until, json!(site.now().plus_days(clearance::time::Days::of(2))));

    site.advance_days(3);
    let ben = ben.signed_in_again();
    assert_eq!(accept(&ben, &bens).code(), Some("request_state"), "too late, even before the clockwork ran");
    site.tick();
    assert_eq!(state(&ben, &bens), "forgone");
    site.tick();
    assert_eq!(state(&cy, &cys), "seat_offered");
    // Whoever declines leaves the list, with an offer or without one, and may ask again.
    decline(&dan, &dans).ok();
    assert_eq!(state(&dan, &dans), "forgone");
    decline(&cy, &cys).ok();
    assert_eq!(decline(&cy, &cys).code(), Some("request_state"));
    assert_eq!(ask(&cy, &tool)["state"], "approved", "the seat is free again, and nobody waits");
    assert_eq!(ask(&ben, &tool)["seat"]["place"], 1);
}

#[test]
fn sixty_four_approvals_at_once_for_the_last_seat_give_one_grant() {
    let site = Site::on_disk();
    let owner = site.member("Owen Owner");
    let tool = site.tool("Last seat", json!({ "risk": "medium", "seat_cap": 1, "owners": [owner.id()] }));
    let people: Vec<_> = (0..64).map(|n| site.member(&format!("Person {n} P"))).collect();
    let requests: Vec<_> = people.iter().map(|person| person.wait_for(&tool, 10)).collect();
    // However often each loses to the others, each has an answer.
    let answers = at_once(64, |n| owner.approve(&requests[n]));
    assert_eq!(tally(&answers), [("ok".to_owned(), 64)].into());
    let states: Vec<_> = people
        .iter()
        .zip(&requests)
        .map(|(person, request)| text(&person.request(request)["state"]))
        .collect();
    assert_eq!(states.iter().filter(|state| *state == "approved").count(), 1);
    assert_eq!(states.iter().filter(|state| *state == "awaiting_seat").count(), 63);
    let administrator = site.administrator("Alice Admin");
    assert_eq!(administrator.all("grants.list", json!({})).len(), 1);
    assert_eq!(administrator.call("seats.get", json!({ "tool": tool })).ok()["seats"]["waiting"], 63);
}

#[test]
fn sixty_four_seats_that_end_at_once_are_all_given_back() {
    let site = Site::on_disk();
    let tool = site.tool("Many seats", json!({ "seat_cap": 40 }));
    for n in 0..40 {
        site.member(&format!("Person {n} P")).take(&tool, 1);
    }
    site.advance_days(2);
    for _ in 0..3 {
        site.tick();
    }
    let administrator = site.administrator("Alice Admin");
    assert_eq!(administrator.call("seats.get", json!({ "tool": tool })).ok()["seats"]["free"], 40);
}

#[test]
fn a_cap_counts_what_was_there_before_and_takes_nothing_when_it_falls() {
    let site = Site::in_memory();
    let tool = site.tool("Popular", json!({}));
    let holders: Vec<_> = (0..5).map(|n| site.member(&format!("Holder {n} H"))).collect();
    for holder in &holders {
        holder.take(&tool, 10);
    }
    let (late, later) = (site.member("Late L"), site.member("Later L"));
    site.change_tool(&tool, json!({ "seat_cap": 6 }));
    // How many seats are left is not known before they are counted: nobody is approved beyond the cap.
    let lates = ask(&late, &tool);
    assert_eq!(lates["state"], "awaiting_seat");
    site.tick();
    assert_eq!(state(&late, &lates), "seat_offered");
    accept(&late, &lates).ok();
    assert_eq!(ask(&later, &tool)["state"], "awaiting_seat", "all six are taken");

    site.change_tool(&tool, json!({ "seat_cap": 2 }));
    site.tick();
    let administrator = site.administrator("Alice Admin");
    let seats = administrator.call("seats.get", json!({ "tool": tool })).ok();
    assert_eq!((&seats["seats"]["grants"], &seats["seats"]["free"]), (&json!(6), &json!(0)));
    for holder in &holders {
        assert_eq!(
            holder.all("grants.list", json!({}))[0]["state"],
            "active",
            "a cap that falls removes nobody"
        );
    }
    // Extending takes no other seat.
    assert_eq!(holders[0].ask_for(&tool, 5).ok()["request"]["state"], "approved");
    // Without a cap everybody who waits is offered a seat.
    site.change_tool(&tool, json!({ "seat_cap": null }));
    site.tick();
    let laters = later.all("requests.list", json!({})).remove(0);
    assert_eq!(laters["state"], "seat_offered");
    accept(&later, &laters).ok();
}

#[test]
fn access_is_reviewed_when_a_cap_falls_below_the_seats_in_use_or_comes_below_them() {
    let site = Site::in_memory();
    let owner = site.member("Owen Owner");
    let tool = site.tool("Popular", json!({ "owners": [owner.id()], "seat_cap": 5 }));
    let other = site.tool("Sketcher", json!({ "owners": [owner.id()] }));
    let holders: Vec<_> = (0..3).map(|n| site.member(&format!("Holder {n} H"))).collect();
    for holder in &holders {
        holder.take(&tool, 30);
        holder.take(&other, 30);
    }
    site.tick();
    let opened = |cap: Value| {
        site.change_tool(&tool, json!({ "seat_cap": cap }));
        site.advance_minutes(1);
        site.tick().reviews_opened
    };
    assert_eq!(opened(json!(4)), 0, "there are as many seats as are taken, and more");
    assert_eq!(opened(json!(3)), 0);
    assert_eq!(opened(json!(2)), 3);
    let reviews = || owner.all("reviews.list", json!({ "mine": true }));
    let about = |review: &Value| review["cause"] == "seat_cap" && review["tool"]["id"] == tool.as_str();
    assert!(reviews().iter().all(about), "{:#?}", reviews());
    let called = site.log_kinds().iter().filter(|kind| *kind == "review.called").count();
    assert_eq!(called, 1);
    // Whoever needs it is looked at once more only when there are fewer seats still, and one review is open at a time.
    assert_eq!((opened(json!(3)), opened(json!(2)), reviews().len()), (0, 0, 3));
    let decide = json!({ "review": reviews()[0]["id"], "decision": "remove", "reason": "Fewest uses" });
    owner.call("reviews.decide", decide).ok();
    assert_eq!((opened(json!(5)), opened(json!(2))), (0, 0), "two seats are in use, and there are two");

    // What had no cap is counted first.
    site.change_tool(&other, json!({ "seat_cap": 2 }));
    assert_eq!(site.tick().reviews_opened, 3);
    assert_eq!(reviews().iter().filter(|review| review["tool"]["id"] == other.as_str()).count(), 3);
}

#[test]
fn a_seat_that_is_being_taken_away_is_taken() {
    let site = Site::in_memory();
    let owner = site.member("Owen Owner");
    let manual = json!({ "seat_cap": 1, "owners": [owner.id()], "fulfilment": { "kind": "manual" } });
    let tool = site.tool("By hand", manual);
    let (ada, ben) = (site.member("Ada A"), site.member("Ben B"));
    let grant = text(&ada.take(&tool, 10)["id"]);
    owner.call("grants.attest", json!({ "grant": grant })).ok();
    ada.call("grants.give_back", json!({ "grant": grant })).ok();
    let bens = ask(&ben, &tool);
    site.tick();
    assert_eq!(state(&ben, &bens), "awaiting_seat", "the seat is not gone yet");
    owner.call("grants.attest", json!({ "grant": grant })).ok();
    site.tick();
    assert_eq!(state(&ben, &bens), "seat_offered");
}

#[test]
fn who_leaves_loses_place_and_offer() {
    let site = Site::in_memory();
    let [ada, ben, cy] = ["Ada A", "Ben B", "Cy C"].map(|name| site.member(name));
    let tool = site.tool("Few seats", json!({ "seat_cap": 1 }));
    let held = text(&ada.take(&tool, 10)["id"]);
    let [_, cys] = [&ben, &cy].map(|person| ask(person, &tool));
    ada.call("grants.give_back", json!({ "grant": held })).ok();
    site.tick();
    let input = json!({ "id": ben.id(), "name": "Ben B", "active": false });
    site.console("people.put", input);
    site.tick();
    site.tick();
    assert_eq!(state(&cy, &cys), "seat_offered");
    let administrator = site.administrator("Alice Admin");
    let left = administrator.all("requests.list", json!({ "requester": ben.id() }));
    assert_eq!(left[0]["state"], "forgone");
}
