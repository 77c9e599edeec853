//! Access that should have been taken away and was not: people are told, and told again, until it is.

use clearance::authorization::Caller;
use clearance::notices::mail::Message;
use core_protocol::message::{FollowUpReason, Outcome};
use serde_json::{Value, json};
use testkit::connected::Connected;
use testkit::{Client as _, Fault, PersonClient, Site, text};

struct World {
    site: Site,
    alice: PersonClient,
    ben: PersonClient,
    at: Connected,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let alice = site.administrator("Alice Admin");
        let ben = site.member("Ben Bitdiddle");
        let at = site.connected("Code agent");
        site.map(&at, &ben, "00uben00000001");
        site.console("settings.put", json!({ "email_notices": true }));
        for (person, name) in [(&alice, "Alice Admin"), (&ben, "Ben Bitdiddle")] {
            let email = format!("{}@example.com", name.split(' ').next().unwrap().to_lowercase());
            site.console("people.put", json!({ "id": person.id(), "name": name, "email": email }));
        }
        let auditor = json!({ "name": "Ida Auditor", "role": "auditor", "email": "ida@example.com" });
        site.console("people.put", auditor);
        Self { site, alice, ben, at }
    }

    /// Ben has access, which the provider does not let go.
    fn stuck() -> Self {
        let world = Self::new();
        let grant = json!({ "grant": world.ben.take(&world.at.tool, 5)["id"] });
        world.site.run_jobs();
        world.site.advance_minutes(1);
        world.refuse_the_next();
        world.ben.call("grants.give_back", grant).ok();
        world.site.run_jobs();
        world
    }

    fn refuse_the_next(&self) {
        let reason = FollowUpReason::GroupNotWritable;
        self.site.core().fail([Fault::Answers(Outcome::NeedsFollowUp { reason })]);
    }

    fn alarm(&self) -> Value {
        self.site.console("jobs.alarm", json!({}))["alarm"].take()
    }

    /// What goes out by e-mail about removals.
    fn messages(&self) -> Vec<Message> {
        let letters = self.site.letters().into_iter();
        letters.filter(|message| message.body.contains("/admin#/jobs?stuck=true")).collect()
    }

    fn told(&self) -> Vec<String> {
        let mut told: Vec<_> = self.messages().iter().map(|message| message.to.to_string()).collect();
        told.sort();
        told
    }

    fn stuck_jobs(&self) -> Vec<Value> {
        self.alice.signed_in_again().all("jobs.list", json!({ "stuck": true }))
    }
}

#[test]
fn administrators_are_told_at_once_and_auditors_after_a_day_and_then_daily_until_it_is_over() {
    let world = World::stuck();
    let site = &world.site;
    assert_eq!((&world.alarm()["level"], &world.alarm()["told"]), (&json!("raised"), &json!(0)));
    assert_eq!(site.tick().alarms, 1);
    let messages = world.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (messages[0].to.as_str(), messages[0].subject.as_str()),
        ("alice@example.com", "1 removal of access is stuck")
    );
    let body = &messages[0].body;
    assert!(
        body.contains("- Code agent (1): The provider does not let this connector change the group"),
        "{body}"
    );
    assert!(body.contains("/admin#/jobs?stuck=true") && !body.contains("Ben"), "{body}");
    // The same pass again, at once and by several: nobody is told twice.
    assert_eq!(site.tick_at_once(3).iter().map(|pass| pass.alarms).sum::<u64>(), 0);
    site.advance_minutes(23 * 60);
    assert_eq!((site.tick().alarms, world.told().len()), (0, 0));
    site.advance_minutes(61);
    assert_eq!(site.tick().alarms, 1);
    assert_eq!(world.told(), ["alice@example.com", "ida@example.com"]);
    assert_eq!((&world.alarm()["level"], &world.alarm()["told"]), (&json!("day"), &json!(2)));
    // The program did not run for days: told once, louder.
    site.advance_days(7);
    assert_eq!(site.tick_at_once(3).iter().map(|pass| pass.alarms).sum::<u64>(), 1);
    let messages = world.messages();
    assert!(
        messages
            .iter()
            .all(|message| message.subject == "For more than a week: 1 removal of access is stuck"),
        "{messages:?}"
    );
    assert_eq!((&world.alarm()["level"], &world.alarm()["told"]), (&json!("week"), &json!(3)));
    let job = world.stuck_jobs().remove(0);
    assert_eq!((&job["alarm"], &job["state"]), (&json!("week"), &json!("needs_follow_up")));
    let connector = json!({ "connector": world.at.connector });
    let known = world.site.console("connectors.get", connector);
    assert_eq!((&known["removals_stuck"]["count"], &known["alarm"]), (&json!(1), &json!("week")));

    world.alice.signed_in_again().call("jobs.retry", json!({ "job": job["id"] })).ok();
    assert_eq!(world.alarm()["level"], "week", "trying again is not the end of it");
    site.run_jobs();
    assert_eq!((world.alarm(), world.stuck_jobs().len()), (Value::Null, 0));
    site.tick();
    assert_eq!(site.tick().alarms, 0);
    let kinds = site.log_kinds();
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((count("job.alarm_raised"), count("job.alarm_ended")), (3, 1));
    // What gets stuck later is told of anew.
    let grant = json!({ "grant": world.ben.signed_in_again().take(&world.at.tool, 5)["id"] });
    site.run_jobs();
    world.refuse_the_next();
    world.ben.signed_in_again().call("grants.give_back", grant).ok();
    site.run_jobs();
    assert_eq!((site.tick().alarms, &world.alarm()["told"]), (1, &json!(1)));
}

#[test]
fn what_gets_stuck_later_is_told_of_within_the_hour() {
    let world = World::stuck();
    world.site.tick();
    world.told();
    let carl = world.site.member("Carl Coder");
    world.site.map(&world.at, &carl, "00ucarl0000001");
    let grant = json!({ "grant": carl.take(&world.at.tool, 5)["id"] });
    world.site.run_jobs();
    world.site.advance_minutes(1);
    world.refuse_the_next();
    carl.call("grants.give_back", grant).ok();
    world.site.run_jobs();
    assert_eq!(world.site.tick().alarms, 0, "not twice within the hour");
    world.site.advance_minutes(60);
    assert_eq!(world.site.tick().alarms, 1);
    let messages = world.messages();
    assert!(messages[0].subject.starts_with("2 removals"), "{messages:?}");
    world.site.advance_minutes(120);
    assert_eq!(world.site.tick().alarms, 0);
}

#[test]
fn a_removal_that_nobody_does_for_a_day_is_stuck_whatever_the_reason() {
    let world = World::new();
    let (owen, ada) = (world.site.member("Owen Owner"), world.site.member("Ada Lovelace"));
    let tool = world.site.tool("Seat", json!({ "owners": [owen.id()], "fulfilment": { "kind": "manual" } }));
    let grant = json!({ "grant": ada.take(&tool, 10)["id"] });
    owen.call("grants.attest", grant.clone()).ok();
    ada.call("grants.give_back", grant.clone()).ok();
    world.site.advance_minutes(24 * 60 - 1);
    assert_eq!((world.site.tick().alarms, world.alarm()), (0, Value::Null));
    world.site.advance_minutes(1);
    assert_eq!((world.site.tick().alarms, &world.alarm()["level"]), (1, &json!("raised")));
    assert!(world.messages()[0].body.contains("- Seat (1): Somebody is to do it by hand"));
    // Whoever is to do it sees it in their own list; whoever is not sees nothing.
    let mine = owen.all("jobs.list", json!({ "stuck": true }));
    assert_eq!((mine.len(), &mine[0]["alarm"]), (1, &json!("raised")));
    assert_eq!(ada.all("jobs.list", json!({ "stuck": true })), Vec::<Value>::new());
    owen.call("grants.attest", grant).ok();
    assert_eq!(world.alarm(), Value::Null);
    // What is being given is nobody's alarm, however long it takes.
    ada.take(&tool, 10);
    world.site.advance_days(3);
    assert_eq!((world.site.tick().alarms, world.alarm()), (0, Value::Null));
}

#[test]
fn nothing_is_sent_of_what_came_about_before_it_was_sent_nor_where_nobody_sends() {
    let world = World::stuck();
    world.site.tick();
    let job = world.stuck_jobs().remove(0);
    world.alice.call("jobs.retry", json!({ "job": job["id"] })).ok();
    world.site.run_jobs();
    assert_eq!(world.messages(), []);
    world.site.console("settings.put", json!({ "email_notices": false }));
    let grant = json!({ "grant": world.ben.take(&world.at.tool, 5)["id"] });
    world.site.run_jobs();
    world.refuse_the_next();
    world.ben.call("grants.give_back", grant).ok();
    world.site.run_jobs();
    world.site.tick();
    assert_eq!(world.site.letters(), []);
    assert!(world.alarm()["told_at"].is_string(), "the pages tell of it all the same");
    let refused = world.site.perform(Caller::Anonymous, "jobs.alarm", &json!({}));
    assert!(refused.is_err());
}

#[test]
fn jobs_and_findings_are_listed_in_any_state_newest_first() {
    let world = World::stuck();
    let jobs = world.alice.all("jobs.list", json!({ "limit": 1 }));
    let shown: Vec<_> = jobs.iter().map(|job| (text(&job["task"]), text(&job["state"]))).collect();
    let is = |task: &str, state: &str| (task.to_owned(), state.to_owned());
    assert_eq!(shown, [is("deprovision", "needs_follow_up"), is("provision", "succeeded")]);
    let stuck = world.alice.all("jobs.list", json!({ "stuck": true, "state": "queued" }));
    assert_eq!(stuck, Vec::<Value>::new());
    let other = world.site.tool("Other", json!({}));
    assert_eq!(world.alice.all("jobs.list", json!({ "tool": other })).len(), 0);
    assert_eq!(world.ben.all("jobs.list", json!({})).len(), 0, "nothing of it is Ben's to do");

    let core = world.site.core();
    for account in ["00ustranger001", "00ustranger002"] {
        core.account(testkit::connected::TENANT, account, "A Stranger");
        core.join(testkit::connected::TENANT, &world.at.group, account);
    }
    world.site.check_drift();
    core.leave(testkit::connected::TENANT, &world.at.group, "00ustranger001");
    world.site.advance_minutes(7 * 60);
    world.site.check_drift();
    let states = |input: Value| {
        let found = world.alice.all("drift.list", input);
        found.iter().map(|finding| text(&finding["state"])).collect::<Vec<_>>()
    };
    let mut all = states(json!({ "limit": 1 }));
    all.sort();
    assert_eq!(all, ["open", "settled"]);
    assert_eq!(states(json!({ "tool": world.at.tool })).len(), 2);
    assert_eq!(states(json!({ "tool": other })).len(), 0);
    assert_eq!(states(json!({ "tool": world.at.tool, "state": "open" })), ["open"]);
}
