//! Many at once, through real threads and a real database file.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use serde_json::json;
use testkit::{Answer, Client as _, Site, request_for, text};

/// Runs a call on so many threads at the same moment.
pub(crate) fn at_once(number: usize, call: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(number);
    thread::scope(|scope| {
        let start = |n| {
            let (barrier, call) = (&barrier, &call);
            scope.spawn(move || {
                barrier.wait();
                call(n)
            })
        };
        let threads: Vec<_> = (0..number).map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("no call panics")).collect()
    })
}

/// How often each code was answered; `ok` for success.
pub(crate) fn tally(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.code().unwrap_or("ok").to_owned()).or_default() += 1;
    }
    tally
}

fn expected(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
    counts.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[test]
fn sixty_four_submissions_at_once_leave_one_request() {
    for site in [Site::on_disk(), Site::in_memory()] {
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let answers = at_once(64, |_| ada.ask_for(&tool, 10));
        assert_eq!(tally(&answers), expected(&[("ok", 1), ("duplicate_request", 63)]));
        assert_eq!(ada.all("requests.list", json!({})).len(), 1);
        assert_eq!(owen.queue().len(), 1);
    }
}

#[test]
fn auto_approvals_at_once_make_one_grant_and_extend_it_within_the_cap() {
    let site = Site::on_disk();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({ "risk": "low", "max_days": 90 }));
    site.administrator("Alice Admin");
    let answers = at_once(16, |_| ada.ask_for(&tool, 10));
    // Three times ten days are within the cap of thirty; the fourth waits for an administrator, the rest are duplicates of it.
    assert_eq!(tally(&answers), expected(&[("ok", 4), ("duplicate_request", 12)]));
    let grants = ada.all("grants.list", json!({}));
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0]["extensions"], 2);
}

#[test]
fn sixteen_approvers_decide_one_request_once() {
    let site = Site::on_disk();
    let administrators: Vec<_> =
        (0..16).map(|n| site.administrator(&format!("Admin {n} Istrator"))).collect();
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Note taker", json!({}));
    let request = ada.wait_for(&tool, 60);
    let answers = at_once(16, |n| {
        if n % 2 == 0 { administrators[n].approve(&request) } else { administrators[n].deny(&request) }
    });
    let tally = tally(&answers);
    assert_eq!(tally.get("ok"), Some(&1), "{tally:?}");
    let state = text(&ada.request(&request)["state"]);
    let winner = answers.iter().find(|answer| answer.status == 200).expect("somebody won");
    assert_eq!(winner.json["request"]["state"], state);
    assert_eq!(ada.all("grants.list", json!({})).len(), usize::from(state == "approved"));
    assert!(tally.keys().all(|code| ["ok", "decided_meanwhile"].contains(&code.as_str())), "{tally:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let error = &answer.json["error"];
        assert_eq!(error["details"]["decided_by"], winner.json["request"]["closed_by"]["id"]);
        let name = text(&winner.json["request"]["closed_by"]["name"]);
        assert!(text(&error["message"]).starts_with(&name), "{error:#}");
    }
}

#[test]
fn ten_approvers_decide_the_same_hundred_requests_once_each_and_the_rest_are_told_who_did() {
    let site = Site::on_disk();
    let approvers: Vec<_> = (0..10).map(|n| site.administrator(&format!("Approver Number {n}"))).collect();
    let tool = site.tool("Note taker", json!({}));
    let requests: Vec<String> =
        (0..100).map(|n| site.member(&format!("Person Number {n}")).wait_for(&tool, 60)).collect();
    let answers = at_once(10, |n| {
        let decision = if n % 2 == 0 { "approve" } else { "deny" };
        let input = json!({ "requests": requests, "decision": decision, "rationale": "As agreed" });
        approvers[n].call("approvals.decide_many", input)
    });
    let mut decided: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers {
        let answer = answer.ok();
        let results = answer["results"].as_array().expect("results").clone();
        assert_eq!(results.len() + answer["remaining"].as_array().map_or(0, Vec::len), 100);
        for result in results {
            if result["decided"] == true {
                *decided.entry(text(&result["request"])).or_default() += 1;
            } else {
                assert_eq!(result["code"], "decided_meanwhile", "{result:#}");
                let message = text(&result["message"]);
                assert!(message.contains("Approver Number"), "it says who decided: {message}");
            }
        }
    }
    assert_eq!(decided.len(), 100);
    assert!(decided.values().all(|times| *times == 1), "{decided:?}");
    let mut logged = site.log_kinds();
    logged.retain(|kind| kind == "approval.decided");
    assert_eq!(logged.len(), 100);
}

#[test]
fn one_key_sent_sixteen_times_at_once_is_one_command_with_one_answer() {
    let site = Site::on_disk();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    // Whoever looks for the answer before it is there, and at the person's requests after, sees a duplicate of the very same command.
    for round in 0..24 {
        let tool = site.tool(&format!("Tool {round}"), json!({ "risk": "medium", "owners": [owen.id()] }));
        let key = format!("key-{round}");
        let answers = at_once(16, |_| ada.call_once(&key, "requests.submit", request_for(&tool, 10)));
        for answer in &answers {
            assert_eq!(answer.clone().ok(), answers[0].json);
        }
        assert_eq!(ada.all("requests.list", json!({})).len(), round + 1);
    }
}

#[test]
fn holder_owner_and_clock_end_the_same_access_once() {
    let site = Site::on_disk();
    let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
    let tool = site.tool("Note taker", json!({ "owners": [owen.id()] }));
    for _ in 0..4 {
        let grant = text(&ada.take(&tool, 1)["id"]);
        site.advance_days(2);
        let one = json!({ "grant": grant });
        let answers = at_once(9, |n| match n % 3 {
            0 => ada.call("grants.give_back", one.clone()),
            1 => owen.call("grants.revoke", one.clone()),
            _ => {
                site.tick();
                ada.call("grants.get", one.clone())
            }
        });
        assert!(answers.iter().all(|answer| answer.status < 500));
        assert_eq!(ada.grant(&grant)["state"], "ended");
        site.check();
    }
}

#[test]
fn deciding_withdrawing_and_leaving_at_once_leave_a_sound_site() {
    let site = Site::on_disk();
    let (owen, alice) = (site.member("Owen Owner"), site.administrator("Alice Admin"));
    let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
    for n in 0..6 {
        let ada = site.member(&format!("Ada the {n}th"));
        let request = ada.wait_for(&tool, 10);
        let gone = json!({ "id": ada.id(), "name": "Ada who left", "active": false });
        let answers = at_once(8, |n| match n {
            0 | 1 => owen.approve(&request),
            2 | 3 => ada.call("requests.cancel", json!({ "request": request })),
            4 => owen
                .call("approvals.ask", json!({ "request": request, "question": "Which report is it for?" })),
            5 => alice.call("people.put", gone.clone()),
            _ => {
                site.tick();
                alice.call("requests.get", json!({ "request": request }))
            }
        });
        assert!(answers.iter().all(|answer| answer.status < 500), "{:?}", tally(&answers));
        site.tick();
        site.check();
    }
}

#[test]
fn two_administrators_cannot_remove_each_other_at_once() {
    let site = Site::on_disk();
    for round in 0..4 {
        let pair = ["Left", "Right"].map(|side| site.administrator(&format!("{side} Admin {round}")));
        let everybody = site.console("people.list", json!({ "limit": 100 }));
        for other in everybody["items"].as_array().expect("people") {
            if other["role"] == "administrator" && !pair.iter().any(|one| other["id"] == one.id()) {
                site.console(
                    "people.put",
                    json!({ "id": other["id"], "name": other["name"], "role": "member" }),
                );
            }
        }
        let answers = at_once(2, |n| {
            let other =
                json!({ "id": pair[1 - n].id(), "name": format!("Former {n} {round}"), "role": "member" });
            pair[n].call("people.put", other)
        });
        assert_eq!(tally(&answers).get("ok"), Some(&1), "{:?}", tally(&answers));
    }
}
