//! People who do whatever comes to their mind, for months. Whatever they do, the site stays sound.

use std::collections::BTreeMap;

use clearance::ports::Environment as _;
use serde_json::{Value, json};
use testkit::{Answer, Client as _, Clock, PersonClient, Seeded, Site, request_for, text};

const STEPS: usize = 600;
/// Steps between two looks at the whole site.
const LOOK_EVERY: usize = 60;

struct Chance(Seeded);

impl Chance {
    fn below(&self, limit: usize) -> usize {
        let [a, b, c, d, ..] = self.0.entropy();
        u32::from_be_bytes([a, b, c, d]) as usize % limit
    }

    fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

struct Walk {
    site: Site,
    chance: Chance,
    people: Vec<(String, PersonClient)>,
    /// People who were erased, by id, with what they were called.
    gone: Vec<(String, String)>,
    tools: Vec<String>,
    /// Requests and grants, each with the place of whom they are for.
    requests: Vec<(String, usize)>,
    grants: Vec<(String, usize)>,
    /// The last state seen of each request and grant.
    seen: BTreeMap<String, String>,
    outcomes: BTreeMap<String, usize>,
}

impl Walk {
    fn new(seed: u8) -> Self {
        let site = Site::in_memory();
        let mut people = Vec::new();
        for n in 0..9 {
            let name = format!("Walker number {n}");
            let person = match n {
                0 | 1 => site.administrator(&name),
                2 | 3 => site.member_of(&name, &[&site.security()]),
                _ => site.member(&name),
            };
            people.push((name, person));
        }
        let chance = Chance(Seeded::new(Clock::default(), seed));
        let tools = (0..6).map(|n| {
            let owners: Vec<_> = (0..n % 3).map(|at| people[4 + at].1.id()).collect();
            let fulfilment = json!({ "kind": if n % 2 == 0 { "record_only" } else { "manual" } });
            let risk = ["low", "medium", "high"][n % 3];
            site.tool(
                &format!("Tool {n}"),
                json!({ "risk": risk, "owners": owners, "fulfilment": fulfilment }),
            )
        });
        let tools = tools.collect();
        Self {
            site,
            chance,
            people,
            gone: Vec::new(),
            tools,
            requests: Vec::new(),
            grants: Vec::new(),
            seen: BTreeMap::new(),
            outcomes: BTreeMap::new(),
        }
    }

    fn days(&self) -> usize {
        1 + self.chance.below(40)
    }

    /// One of the newest, most often.
    fn recent(&self, of: &[(String, usize)]) -> (String, usize) {
        let newest = if self.chance.below(4) > 0 { 8 } else { of.len() };
        let from = of.len().saturating_sub(newest);
        if of.is_empty() { (String::new(), 0) } else { self.chance.pick(&of[from..]).clone() }
    }

    fn step(&mut self) {
        let chance = &self.chance;
        let (name, person) = chance.pick(&self.people).clone();
        let tool = chance.pick(&self.tools).clone();
        let (request, requester) = self.recent(&self.requests);
        let (grant, holder) = self.recent(&self.grants);
        let (operation, input) = match chance.below(100) {
            0..=24 => ("requests.submit", {
                let mut asked = request_for(&tool, 1);
                asked["days"] = json!(self.days());
                asked
            }),
            25..=44 => ("approvals.decide", {
                let approve = json!({ "request": request, "decision": "approve" });
                let shorter = json!({ "request": request, "decision": "approve", "days": self.days() });
                let deny = json!({ "request": request, "decision": "deny", "rationale": "Not this quarter" });
                chance.pick(&[approve.clone(), approve, shorter, deny]).clone()
            }),
            45..=49 => ("approvals.ask", json!({ "request": request, "question": "What would it be for?" })),
            50..=54 => (
                "requests.provide_information",
                json!({ "request": request, "answer": "For the quarterly report" }),
            ),
            55..=58 => ("requests.cancel", json!({ "request": request })),
            59..=66 => ("grants.attest", json!({ "grant": grant })),
            67..=70 => ("grants.give_back", json!({ "grant": grant })),
            71..=73 => ("grants.revoke", json!({ "grant": grant })),
            74..=79 => ("grants.extend", json!({ "grant": grant, "days": self.days() })),
            80..=84 => return self.decide_the_queue(&person),
            85..=87 => return self.change_a_tool(&tool),
            88 if chance.below(3) == 0 => return self.erase_a_person(),
            88..=90 => return self.change_a_person(&name, &person),
            91 | 92 => return self.review(&person),
            _ => return self.pass_time(),
        };
        // What is for oneself is done by oneself, most often.
        let person = match operation {
            "requests.provide_information" | "requests.cancel" if chance.below(4) > 0 => {
                &self.people[requester].1
            }
            "grants.give_back" | "grants.extend" if chance.below(4) > 0 => &self.people[holder].1,
            _ => &person,
        };
        let answer = person.call(operation, input);
        self.note(operation, answer);
    }

    fn decide_the_queue(&mut self, person: &PersonClient) {
        let queue = person.call("approvals.queue", json!({}));
        let Some(items) = queue.json["items"].as_array().filter(|items| !items.is_empty()) else { return };
        let requests: Vec<_> = items.iter().map(|item| item["request"]["id"].clone()).collect();
        let asked = requests.len();
        let answer =
            person.call("approvals.decide_many", json!({ "requests": requests, "decision": "approve" })).ok();
        let refused = |result: &&Value| result["decided"] == false;
        for result in answer["results"].as_array().unwrap().iter().filter(refused) {
            // The queue shows what one can decide: no rule about who decides refuses it.
            let code = text(&result["code"]);
            let about_the_thing =
                ["tool_not_requestable", "grant_unsettled", "duration_above_maximum", "person_deactivated"];
            assert!(about_the_thing.contains(&code.as_str()), "of {asked} in the queue: {result:#}");
        }
        *self.outcomes.entry("decided from the queue".to_owned()).or_default() += 1;
    }

    /// Decides or puts off what the person is to review, if there is something.
    fn review(&mut self, person: &PersonClient) {
        let mine = person.call("reviews.list", json!({ "mine": true }));
        let Some(items) = mine.json["items"].as_array() else { return };
        let Some(review) = items.first() else { return };
        assert_ne!(review["person"]["id"], person.id(), "one's own to review");
        let id = review["id"].clone();
        let choice = self.chance.pick(&["renew", "renew", "let_expire", "remove", "postpone"]);
        let (operation, input) = match *choice {
            "postpone" => ("reviews.postpone", json!({ "review": id, "reason": "They are away" })),
            decision => {
                let input = json!({ "review": id, "decision": decision, "reason": "Looked at it" });
                ("reviews.decide", input)
            }
        };
        let answer = person.call(operation, input);
        self.note(&format!("{operation} {choice}"), answer);
    }

    fn change_a_tool(&mut self, tool: &str) {
        let chance = &self.chance;
        let owners: Vec<_> = (0..chance.below(3)).map(|_| chance.pick(&self.people).1.id()).collect();
        let assignee = chance.pick(&self.people).1.id();
        let change = match chance.below(5) {
            0 => json!({ "risk": chance.pick(&["low", "medium", "high", "restricted"]) }),
            1 => {
                json!({ "status": chance.pick(&["requestable", "requestable", "requestable", "suspended"]) })
            }
            2 => json!({ "max_days": 20 + chance.below(70) }),
            3 => json!({ "fulfilment": chance.pick(&[
                json!({ "kind": "record_only" }), json!({ "kind": "manual" }), json!({ "kind": "manual", "assignee": assignee }),
            ]) }),
            _ => json!({ "owners": owners }),
        };
        // Somebody named may have left: then nothing changes.
        let outcome = self.site.try_change_tool(tool, change);
        *self.outcomes.entry(format!("catalog.put {}", outcome.is_ok())).or_default() += 1;
    }

    fn change_a_person(&mut self, name: &str, person: &PersonClient) {
        let chance = &self.chance;
        let change = match chance.below(7) {
            0 => json!({ "active": false }),
            1 | 2 => {
                json!({ "active": true, "groups": [chance.pick(&[self.site.security(), self.site.administrators()])] })
            }
            _ => {
                json!({ "active": true, "role": chance.pick(&["member", "member", "administrator", "auditor"]) })
            }
        };
        let mut input = json!({ "id": person.id(), "name": name });
        for (field, value) in change.as_object().unwrap() {
            input[field] = value.clone();
        }
        let outcome = self.site.try_console("people.put", &input);
        if let Err(refusal) = &outcome {
            assert_eq!(refusal.code().as_str(), "last_administrator", "{refusal:?}");
        }
        *self.outcomes.entry(format!("people.put {}", outcome.is_ok())).or_default() += 1;
    }

    /// Somebody is erased, and somebody new comes.
    fn erase_a_person(&mut self) {
        let at = self.chance.below(self.people.len());
        let (name, person) = &self.people[at];
        let console = clearance::authorization::Caller::Console;
        let erased = self.site.perform(console, "people.erase", &json!({ "person": person.id() }));
        *self.outcomes.entry(format!("people.erase {}", erased.is_ok())).or_default() += 1;
        match erased {
            Ok(_) => {
                let count = self.gone.len();
                self.gone.push((person.id(), name.clone()));
                let name = format!("Successor number {count}");
                let successor = self.site.member(&name);
                self.people[at] = (name, successor);
            }
            Err(refusal) => assert_eq!(refusal.code().as_str(), "last_administrator", "{refusal:?}"),
        }
    }

    fn pass_time(&mut self) {
        self.site.advance_minutes(i64::try_from(self.chance.below(3 * 24 * 60)).unwrap());
        if self.chance.below(3) > 0 {
            let pass = self.site.tick();
            *self.outcomes.entry("expired".to_owned()).or_default() += usize::try_from(pass.expired).unwrap();
            *self.outcomes.entry("lapsed".to_owned()).or_default() += usize::try_from(pass.lapsed).unwrap();
            *self.outcomes.entry("left".to_owned()).or_default() += usize::try_from(pass.left).unwrap();
            *self.outcomes.entry("erased".to_owned()).or_default() += usize::try_from(pass.erased).unwrap();
        }
        for (_, person) in &mut self.people {
            *person = person.signed_in_again_if_active();
        }
    }

    fn note(&mut self, operation: &str, answer: Answer) {
        assert!(answer.status < 500, "{operation}: {:#}", answer.json);
        let outcome = answer.code().unwrap_or("ok").to_owned();
        *self.outcomes.entry(format!("{operation} {outcome}")).or_default() += 1;
        for (field, known) in [("request", &mut self.requests), ("grant", &mut self.grants)] {
            if let Some(thing) = answer.json[field].as_object() {
                let id = text(&thing["id"]);
                let whose = thing.get("requester").or(thing.get("person")).unwrap();
                let whose = self.people.iter().position(|(_, person)| person.id() == whose["id"]);
                let Some(whose) = whose else {
                    assert!(
                        self.gone.iter().any(|(id, _)| thing.values().any(|value| value["id"] == **id)),
                        "of nobody: {thing:#?}"
                    );
                    continue;
                };
                if !known.iter().any(|(other, _)| *other == id) {
                    known.push((id, whose));
                }
            }
        }
    }

    /// What is over stays as it ended; the site is sound.
    fn look(&mut self) {
        self.site.check();
        let stored = self.site.snapshot().documents;
        for (id, name) in &self.gone {
            let (_, person) = &stored[&("person", id.clone())];
            if person.contains(r#""erased""#) {
                let address = name.to_lowercase().replace(' ', ".");
                let traces =
                    stored.iter().filter(|(_, (_, body))| body.contains(name) || body.contains(&address));
                let traces: Vec<_> = traces.map(|(key, _)| key).collect();
                assert!(traces.is_empty(), "{name} is erased and in {traces:?}");
                *self.outcomes.entry("looked for traces".to_owned()).or_default() += 1;
            }
        }
        for (operation, field) in [("requests.list", "requests"), ("grants.list", "grants")] {
            let mut after = Value::Null;
            loop {
                let page = self.site.console(operation, json!({ "limit": 100, "after": after }));
                for item in page["items"].as_array().unwrap() {
                    let (id, state) = (text(&item["id"]), text(&item["state"]));
                    let before = self.seen.insert(id.clone(), state.clone());
                    let over = ["approved", "denied", "cancelled", "lapsed", "ended"];
                    let kept = before
                        .as_ref()
                        .is_none_or(|before| !over.contains(&before.as_str()) || *before == state);
                    assert!(kept, "{field} {id} was {before:?} and is {state}");
                }
                after = page["next"].clone();
                if after.is_null() {
                    break;
                }
            }
        }
    }
}

fn walk(seed: u8) -> BTreeMap<String, usize> {
    let mut walk = Walk::new(seed);
    for step in 1..=STEPS {
        walk.step();
        if step % LOOK_EVERY == 0 {
            walk.look();
        }
    }
    walk.outcomes
}

#[test]
fn a_walk_that_goes_everywhere_leaves_a_sound_site() {
    let mut outcomes = BTreeMap::<String, usize>::new();
    std::thread::scope(|scope| {
        let walks: Vec<_> = (1..=6).map(|seed| scope.spawn(move || walk(seed))).collect();
        for (outcome, count) in walks.into_iter().flat_map(|walk| walk.join().unwrap()) {
            *outcomes.entry(outcome).or_default() += count;
        }
    });
    for wanted in [
        "requests.submit ok",
        "requests.submit duplicate_request",
        "requests.submit grant_unsettled",
        "approvals.decide ok",
        "approvals.decide own_request",
        "approvals.decide not_found",
        "approvals.ask ok",
        "requests.provide_information ok",
        "requests.cancel ok",
        "grants.attest ok",
        "grants.give_back ok",
        "grants.revoke ok",
        "grants.extend ok",
        "reviews.decide renew ok",
        "reviews.decide let_expire ok",
        "reviews.decide remove ok",
        "reviews.postpone postpone ok",
        "decided from the queue",
        "catalog.put true",
        "people.put true",
        "expired",
        "lapsed",
        "left",
        "people.erase true",
        "erased",
        "looked for traces",
    ] {
        assert!(outcomes.get(wanted) > Some(&0), "the walk never came to `{wanted}`: {outcomes:#?}");
    }
}
