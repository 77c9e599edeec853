//! What people are told: in their inbox, and by e-mail as they chose.

use clearance::notices::mail::Message;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    olga: PersonClient,
    tool: String,
}

impl World {
    /// Ada asks; Owen and Olga own the tool and decide.
    fn new() -> Self {
        let site = Site::in_memory();
        site.console("settings.put", json!({ "email_notices": true }));
        let (ada, owen, olga) =
            (site.member("Ada Lovelace"), site.member("Owen Owner"), site.member("Olga Owner"));
        let owners = json!([owen.id(), olga.id()]);
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": owners }));
        Self { site, ada, owen, olga, tool }
    }

    fn subjects(letters: &[Message]) -> Vec<(&str, &str)> {
        let mut subjects: Vec<_> =
            letters.iter().map(|letter| (letter.to.as_str(), letter.subject.as_str())).collect();
        subjects.sort_unstable();
        subjects
    }
}

fn inbox(person: &PersonClient) -> Vec<Value> {
    person.signed_in_again().all("inbox.list", json!({ "limit": 1 }))
}

fn unread(person: &PersonClient) -> Value {
    person.signed_in_again().call("inbox.unread", json!({})).ok()["count"].take()
}

#[test]
fn those_who_can_decide_are_told_with_the_deadline_and_what_happens_otherwise_until_it_is_decided() {
    let World { site, ada, owen, olga, tool } = World::new();
    let request = ada.wait_for(&tool, 30);
    assert_eq!(inbox(&owen), [Value::Null; 0], "the commit queued it; delivering brings it");
    let delivered = site.deliver();
    assert_eq!((delivered.notices, delivered.items), (1, 2));
    assert_eq!((site.deliver().items, unread(&owen), unread(&ada)), (0, json!(1), json!(0)));
    let item = inbox(&owen).remove(0);
    assert_eq!(
        (&item["subject"], &item["text"], &item["topic"], &item["asks"], &item["read"]),
        (
            &json!("Ada Lovelace asks for Sketcher"),
            &json!("Ada Lovelace asks for Sketcher for 30 days. It waits for your decision."),
            &json!("decisions"),
            &json!(true),
            &json!(false)
        )
    );
    assert_eq!(item["deadline"], ada.request(&request)["deadline"]);
    assert_eq!(item["otherwise"], "it lapses, and has to be asked for anew");
    assert_eq!(item["link"], json!({ "kind": "approval", "id": request }));

    owen.deny(&request).ok();
    assert_eq!((inbox(&owen), inbox(&olga), unread(&olga)), (vec![], vec![], json!(0)), "it is over");
    site.deliver();
    let news = inbox(&ada).remove(0);
    assert_eq!(
        (&news["subject"], &news["asks"], &news["deadline"], &news["link"]["kind"]),
        (&json!("Your request for Sketcher was denied"), &json!(false), &json!(null), &json!("request"))
    );
    assert!(site.tick().taken_out >= 2, "what is over goes for good");
    let items = || site.snapshot().documents.keys().filter(|(kind, _)| *kind == "inbox_item").count();
    assert_eq!(items(), 1);
    site.advance_days(90);
    site.advance_minutes(1);
    site.tick();
    assert_eq!(items(), 0, "kept for so long");
}

#[test]
fn one_marks_ones_own_items_and_reaches_nobody_elses() {
    let World { site, ada, owen, olga, tool } = World::new();
    ada.wait_for(&tool, 30);
    site.deliver();
    let id = inbox(&owen)[0]["id"].clone();
    let mark = json!({ "items": [id] });
    assert_eq!(ada.call("inbox.mark_read", mark.clone()).ok()["marked"], 0);
    assert_eq!(unread(&owen), 1);
    assert_eq!(owen.call("inbox.mark_read", mark.clone()).ok()["marked"], 1);
    assert_eq!(owen.call("inbox.mark_read", mark).ok()["marked"], 0, "nothing is marked twice");
    assert_eq!((unread(&owen), unread(&olga)), (json!(0), json!(1)), "each marks their own");
    assert_eq!(owen.all("inbox.list", json!({ "unread": true })), [Value::Null; 0]);
    assert_eq!(inbox(&owen)[0]["read"], true);
    let many =
        |count: u32| (0..count).map(|n| format!("notice_01kb00000000000000000000{n:02}")).collect::<Vec<_>>();
    for wrong in [json!([]), json!(many(17)), json!(["req_x"])] {
        owen.call("inbox.mark_read", json!({ "items": wrong })).refused("malformed_input");
    }
    assert_eq!(owen.call("inbox.mark_read", json!({ "items": many(16) })).ok()["marked"], 0);
}

#[test]
fn a_question_asks_the_requester_and_an_approval_says_when_access_ends() {
    let World { site, ada, owen, tool, .. } = World::new();
    let request = ada.wait_for(&tool, 30);
    owen.call("approvals.ask", json!({ "request": request, "question": "What for?" })).ok();
    site.deliver();
    let asked = inbox(&ada).remove(0);
    assert_eq!((&asked["asks"], &asked["topic"]), (&json!(true), &json!("own_requests")));
    assert!(asked["deadline"].is_string() && !text(&asked["text"]).contains("What for"), "{asked:#}");
    ada.call("requests.provide_information", json!({ "request": request, "answer": "Minutes" })).ok();
    assert_eq!(inbox(&ada), [Value::Null; 0], "there is nothing to answer any more");
    site.deliver();
    owen.approve(&request).ok();
    site.deliver();
    let approved = inbox(&ada).remove(0);
    let grant = ada.all("grants.list", json!({})).remove(0);
    assert_eq!((&approved["deadline"], &approved["asks"]), (&grant["ends_at"], &json!(false)));
}

#[test]
fn several_hosts_deliver_at_once_and_tell_everybody_once() {
    let World { site, ada, .. } = World::new();
    let administrators = site.administrators();
    for number in 0..30 {
        site.member_of(&format!("Member {number}"), &[&administrators]);
    }
    // Nobody owns it, so that administrators decide.
    ada.wait_for(&site.tool("Painter", json!({ "risk": "medium" })), 30);
    site.deliver_at_once(3);
    site.deliver();
    let kinds: Vec<_> = site.snapshot().documents.into_keys().map(|(kind, _)| kind).collect();
    let count = |wanted: &str| kinds.iter().filter(|kind| **kind == wanted).count();
    assert_eq!((count("inbox_item"), count("notice")), (30, 0));
}

#[test]
fn people_choose_what_they_get_by_mail_but_not_of_what_is_mandatory() {
    let World { site, ada, owen, tool, .. } = World::new();
    let preferences = owen.call("notices.preferences", json!({})).ok();
    assert_eq!(preferences["email"], true);
    assert_eq!(
        preferences["topics"][0],
        json!({ "topic": "decisions", "delivery": "immediate", "mandatory": false })
    );
    for topic in ["own_access", "oversight"] {
        let wanted = json!({ "topic": topic, "delivery": "none" });
        owen.call("notices.put_preference", wanted).refused("malformed_input");
    }
    owen.call("notices.put_preference", json!({ "topic": "decisions", "delivery": "none" })).ok();
    let size = site.log_kinds().len();
    owen.call("notices.put_preference", json!({ "topic": "decisions", "delivery": "none" })).ok();
    assert_eq!(site.log_kinds().len(), size, "no change is no entry");
    ada.wait_for(&tool, 30);
    let letters = site.letters();
    assert_eq!(
        World::subjects(&letters),
        [("olga.owner@example.com", "Ada Lovelace asks for Sketcher")],
        "Owen gets no mail"
    );
    let body = &letters[0].body;
    assert!(
        body.contains("You have until 20")
            && body.contains("; otherwise it lapses, and has to be asked for anew."),
        "{body}"
    );
    assert!(body.contains("/app#/requests/req_") && body.contains(letters[0].unsubscribe.as_ref().unwrap()));
    assert_eq!(unread(&owen), 1, "the inbox has it all the same");
    assert_eq!(site.letters(), [], "it was sent");
}

#[test]
fn a_digest_goes_once_a_day_and_names_nothing_that_its_reader_may_not_see() {
    let World { site, ada, owen, olga, tool } = World::new();
    let bea = site.member("Bea Bright");
    owen.call("notices.put_preference", json!({ "topic": "decisions", "delivery": "daily" })).ok();
    let other = site.tool("Painter", json!({ "risk": "medium", "owners": [owen.id()] }));
    let (decided, withdrawn) = (ada.wait_for(&tool, 30), bea.wait_for(&other, 30));
    let third = site.tool("Composer", json!({ "risk": "medium", "owners": [owen.id()] }));
    ada.wait_for(&third, 20);
    let fourth = site.tool("Writer", json!({ "risk": "medium", "owners": [owen.id()] }));
    ada.wait_for(&fourth, 20);
    assert_eq!(
        World::subjects(&site.letters()),
        [("olga.owner@example.com", "Ada Lovelace asks for Sketcher")]
    );
    // Until the digest goes: one is decided by somebody else, one withdrawn, of one Owen is no owner any more.
    olga.approve(&decided).ok();
    bea.call("requests.cancel", json!({ "request": withdrawn })).ok();
    site.change_tool(&third, json!({ "owners": [olga.id()] }));
    site.advance_minutes(24 * 60);
    let letters = site.letters();
    let digest = letters.iter().find(|letter| letter.to.as_str() == "owen.owner@example.com").unwrap();
    assert_eq!(digest.subject, "Your day: 1 notice", "{letters:#?}");
    assert!(digest.body.contains("Ada Lovelace asks for Writer"), "{}", digest.body);
    for hidden in ["Bea", "Painter", "Sketcher", "Composer"] {
        assert!(!digest.body.contains(hidden), "{hidden} is not Owen's to know: {}", digest.body);
    }
    assert!(digest.unsubscribe.as_ref().unwrap().ends_with("/digest"));
    assert_eq!(site.letters(), [], "once");
    site.advance_days(1);
    assert_eq!(site.letters(), [], "a day of nothing is no digest");
}

#[test]
fn a_digest_of_many_names_some_and_counts_the_rest() {
    let World { site, owen, tool, .. } = World::new();
    owen.call("notices.put_preference", json!({ "topic": "decisions", "delivery": "daily" })).ok();
    for number in 0..53 {
        site.member(&format!("Asker {number}")).wait_for(&tool, 5);
    }
    site.letters();
    site.advance_days(1);
    let letters = site.letters();
    let digest = letters.iter().find(|letter| letter.to.as_str() == "owen.owner@example.com").unwrap();
    assert_eq!(digest.subject, "Your day: 53 notices");
    assert_eq!(digest.body.matches(" asks for ").count(), 50);
    assert!(digest.body.contains("- and 3 more in your inbox"), "{}", digest.body);
}

#[test]
fn erasing_somebody_destroys_their_inbox_and_the_way_in_from_their_mail() {
    let World { site, ada, owen, tool, .. } = World::new();
    let request = ada.wait_for(&tool, 30);
    owen.approve(&request).ok();
    ada.call("notices.put_preference", json!({ "topic": "own_requests", "delivery": "daily" })).ok();
    site.letters();
    let alice = site.administrator("Alice Admin");
    alice.call("people.erase", json!({ "person": owen.id() })).ok();
    alice.call("people.erase", json!({ "person": ada.id() })).ok();
    for _ in 0..3 {
        site.tick();
        site.run_jobs();
        site.advance_minutes(2);
    }
    let kinds = ["inbox_item", "notice_preferences", "unsubscribe_code"];
    for (kind, key) in site.snapshot().documents.keys() {
        let theirs = key.contains(&ada.id()) || key.contains(&owen.id());
        assert!(!(kinds.contains(kind) && theirs), "{kind} {key}");
    }
    // The invariants, checked when the site goes, look at what these documents hold.
}

#[test]
fn without_mail_the_inbox_works_and_nothing_piles_up() {
    let World { site, ada, owen, tool, .. } = World::new();
    site.console("settings.put", json!({ "email_notices": false }));
    ada.wait_for(&tool, 30);
    assert_eq!(site.letters(), []);
    assert_eq!((unread(&owen), inbox(&owen).len()), (json!(1), 1));
    assert_eq!(owen.call("notices.preferences", json!({})).ok()["email"], false);
    site.console("settings.put", json!({ "email_notices": true }));
    assert_eq!(site.letters(), [], "what came meanwhile is not sent later");
}

#[test]
fn a_mail_that_was_switched_off_while_it_waited_is_not_sent() {
    let World { site, ada, owen, tool, .. } = World::new();
    ada.wait_for(&tool, 30);
    site.deliver();
    owen.call("notices.put_preference", json!({ "topic": "decisions", "delivery": "none" })).ok();
    let letters = site.letters();
    assert_eq!(World::subjects(&letters).len(), 1, "{letters:#?}");
}
