//! How things go and stand, and what is coming. That counters are what anybody finds who counts the log anew is looked at after every scenario
//! (`testkit::invariants`); here is what people see of them.

use clearance::documents::Document as _;
use clearance::insight::{Day, InsightDay, InsightProgress, InsightTool};
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, Snapshot, text};

struct World {
    site: Site,
    alice: PersonClient,
    ada: PersonClient,
    owen: PersonClient,
    low: String,
    medium: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (alice, ada, owen) =
            (site.administrator("Alice Admin"), site.member("Ada Lovelace"), site.member("Owen Owner"));
        let low = site.tool("Note taker", json!({ "risk": "low" }));
        let medium = site.tool("=Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        Self { site, alice, ada, owen, low, medium }
    }

    fn summary(&self, input: Value) -> Value {
        self.alice.signed_in_again().call("insights.summary", input).ok()
    }

    fn counters(&self) -> Vec<(String, String)> {
        let kinds = [InsightDay::KIND.name, InsightTool::KIND.name, InsightProgress::KIND.name];
        let Snapshot { documents, .. } = self.site.snapshot();
        let counters = documents.into_iter().filter(|((kind, _), _)| kinds.contains(kind));
        counters.map(|((_, key), (_, body))| (key, body)).collect()
    }
}

#[test]
fn requests_access_and_their_times_are_counted_by_day_and_shown_with_their_standing() {
    let world = World::new();
    let World { site, ada, owen, low, medium, .. } = &world;
    assert_eq!(
        world.summary(json!({}))["counted_until"]["entries"],
        0,
        "nothing is counted when somebody asks"
    );
    ada.take(low, 5);
    let request = ada.wait_for(medium, 10);
    site.advance_minutes(3 * 60);
    owen.approve(&request).ok();
    let bea = site.member("Bea Bright");
    let denied = bea.wait_for(medium, 10);
    site.advance_minutes(60);
    owen.deny(&denied).ok();
    let summary = world.summary(json!({}));
    assert_eq!(summary["counted"]["requests"]["submitted"], 0);
    assert!(site.tick().counted > 0);
    let summary = world.summary(json!({}));
    // That Alice signed in to look at it is an entry more.
    let until = |name: &str| summary["counted_until"][name].as_u64().unwrap();
    assert_eq!(until("entries") + 1, until("of"));
    let requests = &summary["counted"]["requests"];
    assert_eq!(
        (
            &requests["submitted"],
            &requests["approved_by_policy"],
            &requests["approved_by_people"],
            &requests["denied_by_people"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    // One hour and three: each at most a sixteenth too long.
    let decision = &summary["counted"]["decision"];
    let seconds = |name: &str| decision[name].as_u64().unwrap();
    assert_eq!(decision["count"], 2);
    assert!((3_600..=3_825).contains(&seconds("p50_seconds")), "{decision}");
    assert!((10_800..=11_475).contains(&seconds("p99_seconds")), "{decision}");
    assert_eq!(
        summary["standing"],
        json!({ "requests_open": 0, "with_access": 2, "drift_open": 0, "reviews_open": 0 })
    );
    let tools: Vec<_> = summary["by_tool"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| (text(&tool["name"]), tool["with_access"].clone(), tool["requests"].clone()))
        .collect();
    assert_eq!(
        tools,
        [("=Sketcher".to_owned(), json!(1), json!(2)), ("Note taker".to_owned(), json!(1), json!(1))]
    );
    assert_eq!(
        summary["by_risk"],
        json!([{ "risk": "low", "with_access": 1 }, { "risk": "medium", "with_access": 1 }])
    );

    site.advance_days(6);
    site.advance_minutes(30);
    site.tick();
    let summary = world.summary(json!({}));
    assert_eq!(summary["counted"]["grants"]["expired"], 1);
    let removal = &summary["counted"]["removal"];
    assert_eq!(removal["count"], 1, "{removal}");
    assert!(
        removal["p50_seconds"].as_u64().unwrap() >= 24 * 3_600,
        "its time was over a day before: {removal}"
    );
    assert_eq!(summary["standing"]["with_access"], 1);

    let series = world.alice.signed_in_again().call("insights.series", json!({ "by": "week" })).ok();
    let points = series["points"].as_array().unwrap();
    let submitted: u64 = points.iter().map(|point| point["requests"]["submitted"].as_u64().unwrap()).sum();
    assert!(points.len() >= 5 && submitted == 3, "{series:#}");
    let days = world.alice.signed_in_again().call("insights.series", json!({})).ok();
    assert_eq!(days["points"].as_array().unwrap().len(), 30);
}

#[test]
fn counting_anew_comes_to_the_same_and_may_be_left_half_way_or_done_by_several_at_once() {
    let world = World::new();
    let World { site, ada, owen, low, medium, alice } = &world;
    for number in 0..20 {
        let person = site.member(&format!("Person {number}"));
        person.take(low, 1 + number);
        let request = person.wait_for(medium, 5);
        if number % 3 == 0 {
            owen.signed_in_again().approve(&request).ok();
        }
        site.advance_days(1);
        site.tick();
    }
    ada.take(&site.tool("Another", json!({ "risk": "low" })), 5);
    site.tick();
    let before = world.counters();
    assert!(before.len() > 20, "{before:?}");
    let entries = alice.signed_in_again().call("insights.rebuild", json!({})).ok()["entries"].clone();
    let again = alice.signed_in_again().call("insights.rebuild", json!({})).ok();
    assert!(again["entries"].as_u64() >= entries.as_u64(), "asked twice is done once");
    assert_eq!(world.summary(json!({}))["counted_until"]["entries"], 0);
    site.tick_at_once(3);
    while site.tick().counted > 0 {}
    let (mut after, mut before) = (world.counters(), before);
    // That it was asked for is an entry more.
    for counters in [&mut before, &mut after] {
        counters.retain(|(key, _)| key != InsightProgress::KEY);
    }
    assert_eq!(before, after);
    assert_eq!(site.log_kinds().iter().filter(|kind| *kind == "insights.rebuilt").count(), 1);
}

#[test]
fn a_table_leaves_as_a_file_in_which_no_cell_is_a_formula_and_that_it_did_is_logged() {
    let world = World::new();
    let World { site, ada, medium, alice, .. } = &world;
    site.change_tool(medium, json!({ "seat_cap": 2 }));
    ada.wait_for(medium, 5);
    site.tick();
    let file = |table: &str| alice.signed_in_again().call("insights.export", json!({ "table": table })).ok();
    let tools = file("tools");
    assert_eq!(tools["rows"], 1);
    let csv = text(&tools["csv"]);
    assert!(
        csv.starts_with("\"tool\",\"name\",\"risk\",\"with_access\",\"requests\",\"seat_cap\","),
        "{csv}"
    );
    assert!(csv.contains("\"'=Sketcher\",\"medium\",\"0\",\"1\",\"2\",\"0\",\"0\",\"0\"\r\n"), "{csv}");
    for (table, rows) in [
        ("requests", 30),
        ("times", 30),
        ("grants", 30),
        ("drift", 30),
        ("reviews", 30),
        ("seats", 30),
        ("risks", 1),
        ("forecast", 90),
        ("reviewers", 0),
    ] {
        let file = file(table);
        assert_eq!(file["rows"], rows, "{table}");
        assert_eq!(text(&file["csv"]).lines().count(), rows + 1, "{table}");
        assert!(text(&file["name"]).starts_with(table));
    }
    assert_eq!(site.log_kinds().iter().filter(|kind| *kind == "insights.exported").count(), 10);
}

#[test]
fn periods_are_bounded_and_insights_are_for_administrators_and_auditors() {
    let World { site, alice, ada, .. } = World::new();
    for wrong in [
        json!({ "from": "2026-02-30" }),
        json!({ "from": "2026-01-02", "until": "2026-01-02" }),
        json!({ "from": "2025-01-01", "until": "2026-01-03" }),
        json!({ "from": "2022-01-01", "until": "2026-01-01", "by": "week" }),
        json!({ "by": "month" }),
    ] {
        alice.call("insights.series", wrong.clone()).refused("malformed_input");
        alice.call("insights.summary", wrong).refused("malformed_input");
    }
    let ida = site.auditor("Ida Auditor");
    for operation in ["insights.summary", "insights.series", "insights.forecast"] {
        ida.call(operation, json!({})).ok();
        ada.call(operation, json!({})).refused("not_permitted");
    }
    ida.call("insights.export", json!({ "table": "requests" })).ok();
    ida.call("insights.rebuild", json!({})).refused("not_permitted");
}

#[test]
fn the_forecast_is_what_comes_about_when_nobody_does_anything() {
    let world = World::new();
    let World { site, ada, owen, low, medium, alice } = &world;
    let manual = site
        .tool("Seat", json!({ "risk": "low", "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    ada.take(low, 3);
    let grant = json!({ "grant": ada.take(&manual, 10)["id"] });
    owen.call("grants.attest", grant).ok();
    for number in 0..5 {
        let person = site.member(&format!("Person {number}"));
        person.take(low, 2 + 3 * number);
        if number < 3 {
            person.wait_for(medium, 5);
        }
        site.advance_minutes(7 * 60);
    }
    let before = site.snapshot();
    let forecast = alice.signed_in_again().call("insights.forecast", json!({})).ok()["forecast"].take();
    let changed = site.snapshot().difference(&before);
    assert!(changed.iter().all(|what| what.starts_with("token ") || what.starts_with("log")), "{changed:?}");
    assert_eq!((&forecast["partial"], &forecast["credentials"]), (&json!(false), &json!([])));
    let days = forecast["days"].as_array().unwrap();
    assert_eq!(days.len(), 90);
    // The clock goes on to the end of each day, and nobody does anything.
    for day in days {
        let next = text(&day["day"]).parse::<Day>().unwrap().plus(1).start();
        while site.now() < next {
            site.advance_minutes(60);
        }
        let pass = site.tick();
        assert_eq!(json!(pass.expired), day["access_ends"], "{day}");
        assert_eq!(json!(pass.lapsed), day["requests_lapse"], "{day}");
        assert_eq!(json!(pass.reviews_opened), day["reviews_open"], "{day}");
    }
    let reviewers = forecast["reviewers"].as_array().unwrap();
    let weeks = |reviewer: &Value| -> u64 {
        reviewer["weeks"].as_array().unwrap().iter().map(|week| week.as_u64().unwrap()).sum()
    };
    let reviews: u64 = days.iter().map(|day| day["reviews_open"].as_u64().unwrap()).sum();
    assert_eq!((reviews, reviewers.iter().map(weeks).sum::<u64>()), (7, 7), "{reviewers:#?}");
    let owners = reviewers.iter().find(|reviewer| reviewer["reviewer"] == "Owners of Seat").unwrap();
    assert_eq!((weeks(owners), &owners["waiting"]), (1, &json!(0)));
    assert_eq!(reviewers[0]["reviewer"], "Administrators", "those who get most are first");
    let by_hand: u64 = days.iter().map(|day| day["removals_by_hand"].as_u64().unwrap()).sum();
    assert_eq!(by_hand, 1);
    let ends: u64 = days.iter().map(|day| day["access_ends"].as_u64().unwrap()).sum();
    assert_eq!(ends, 7);
}

#[test]
fn seats_and_reviews_are_counted_and_foreseen() {
    let world = World::new();
    let World { site, alice, ada, owen, .. } = &world;
    let bob = site.administrator("Bob Admin");
    let [ben, cy, dan] = ["Ben B", "Cy C", "Dan D"].map(|name| site.member(name));
    let tool = site.tool("Few seats", json!({ "owners": [owen.id()], "seat_cap": 2, "review_days": 5 }));
    ada.take(&tool, 10);
    let held = text(&ben.take(&tool, 20)["id"]);
    for waiting in [&cy, &dan] {
        waiting.ask_for(&tool, 10).ok();
    }
    ben.call("grants.give_back", json!({ "grant": held })).ok();
    site.tick();
    let of = |name: &str| {
        let summary = world.summary(json!({}));
        let tools = summary["by_tool"].as_array().unwrap();
        tools.iter().find(|tool| tool["name"] == name).unwrap()["seats"].clone()
    };
    assert_eq!(of("Few seats"), json!({ "cap": 2, "in_use": 1, "kept": 1, "waiting": 1 }));
    // An exception from policy ends, too.
    let secret = site.tool("Secret keeper", json!({ "risk": "restricted" }));
    let excepted =
        json!({ "person": ada.id(), "tool": secret, "owner": owen.id(), "days": 40, "reason": "x" });
    let proposal = alice.signed_in_again().call("exceptions.put", excepted).ok()["proposal"]["id"].clone();
    bob.signed_in_again().call("proposals.confirm", json!({ "proposal": proposal })).ok();
    let foreseen = || alice.signed_in_again().call("insights.forecast", json!({})).ok()["forecast"].take();
    let forecast = foreseen();
    let in_all = |forecast: &Value, name: &str| -> u64 {
        forecast["days"].as_array().unwrap().iter().map(|day| day[name].as_u64().unwrap()).sum()
    };
    for (name, expected) in
        [("access_ends", 1), ("seats_free", 1), ("offers_end", 1), ("reviews_open", 1), ("exceptions_end", 1)]
    {
        assert_eq!(in_all(&forecast, name), expected, "{name}");
    }

    site.advance_days(6);
    for _ in 0..2 {
        site.advance_minutes(61);
        site.tick();
    }
    // Cy did not accept in time, and Dan has the offer; Ada's review waits.
    let summary = world.summary(json!({}));
    let (seats, reviews) = (&summary["counted"]["seats"], &summary["counted"]["reviews"]);
    assert_eq!((&seats["offered"], &seats["missed"]), (&json!(2), &json!(1)), "{seats}");
    assert_eq!((&reviews["opened"], &summary["standing"]["reviews_open"]), (&json!(1), &json!(1)));
    let forecast = foreseen();
    assert_eq!((in_all(&forecast, "reviews_open"), in_all(&forecast, "access_ends")), (0, 1));
    assert_eq!(forecast["reviewers"][0]["reviewer"], "Owners of Few seats");
    assert_eq!(forecast["reviewers"][0]["waiting"], 1);
    let owen = owen.signed_in_again();
    let review = owen.all("reviews.list", json!({ "mine": true })).remove(0);
    let decided = json!({ "review": review["id"], "decision": "let_expire" });
    owen.call("reviews.decide", decided).ok();
    site.tick();
    let summary = world.summary(json!({}));
    assert_eq!(summary["counted"]["reviews"]["let_expire"], 1);
    assert_eq!(summary["standing"]["reviews_open"], 0);
    let forecast = foreseen();
    assert_eq!((in_all(&forecast, "reviews_open"), &forecast["reviewers"]), (0, &json!([])));
}

#[test]
fn an_approval_that_is_taken_back_is_counted_beside_the_approval() {
    let world = World::new();
    let request = world.ada.wait_for(&world.medium, 10);
    world.owen.approve(&request).ok();
    let withdraw = json!({ "request": request, "rationale": "The wrong tool" });
    world.owen.call("approvals.withdraw", withdraw).ok();
    world.site.tick();
    let summary = world.summary(json!({}));
    let counted = &summary["counted"];
    assert_eq!(
        (&counted["requests"]["approved_by_people"], &counted["requests"]["unapproved"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&counted["grants"]["revoked"], &summary["standing"]["requests_open"]),
        (&json!(1), &json!(0))
    );
}
