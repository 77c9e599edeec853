//! A small company to try the program with: people, groups, tools, and five months of requests in every state.
//!
//! It lives through the same operations as a real one, on a clock that starts in the past, so that policy, guards and log are true.

#![expect(clippy::indexing_slicing, reason = "what a JSON value lacks is null; nothing panics")]

mod company;

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use clearance::authorization::{Caller, Credential, Principal, Standing};
use clearance::clockwork;
use clearance::documents::load;
use clearance::failure::Failure;
use clearance::operations::{Call, perform};
use clearance::people::Person;
use clearance::ports::{Absent, Environment, Moment, Ports, Store};
use clearance::refusal::Code;
use clearance::time::Timestamp;
use serde_json::{Value, json};

use crate::environment::System;
use crate::vault::{SealedVault, VaultKey};

use company::{GROUPS, OWNED, PEOPLE, PURPOSES, QUESTIONS, REASONS};

/// Days that the company has lived.
const DAYS: u32 = 150;
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// The company's clock and dice: it begins in the past, and every filling is the same but for the day it ends on.
#[derive(Debug)]
struct Past {
    now: AtomicI64,
    drawn: AtomicU32,
}

impl Environment for Past {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::Relaxed))
    }

    fn entropy(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        Moment::new(Timestamp::from_millisecond(0), [0xa1; 32]).bytes("demo", number)
    }
}

struct Company<'a, S> {
    store: &'a S,
    // Keys are made with the system's randomness: those of the dice everybody could make.
    vault: SealedVault<'a, S, System>,
    past: Past,
    people: Vec<String>,
    tools: Vec<Value>,
}

impl<'a, S: Store> Ports for Company<'a, S> {
    type Store = S;
    type Environment = Past;
    type Vault = SealedVault<'a, S, System>;
    type Core = Absent;
    type Jira = Absent;

    fn store(&self) -> &S {
        self.store
    }

    fn environment(&self) -> &Past {
        &self.past
    }

    fn vault(&self) -> &SealedVault<'a, S, System> {
        &self.vault
    }

    fn core(&self) -> &Absent {
        &Absent
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}

/// Fills an empty store. `now` is the time at which the company's past ends.
///
/// # Errors
/// When the store does not answer.
pub async fn fill<S: Store>(store: &S, vault: &VaultKey, now: Timestamp) -> Result<(), Failure> {
    // The last day ends half a day ago: what is asked for after that waits since then.
    let start = now.as_millisecond() - i64::from(DAYS) * DAY - DAY / 2;
    let past = Past { now: AtomicI64::new(start), drawn: AtomicU32::new(0) };
    let vault = SealedVault { store, environment: &System, key: vault };
    let mut company = Company { store, vault, past, people: Vec::new(), tools: Vec::new() };
    clearance::site::initialize(&company).await?;
    company.found().await?;
    for day in 0..DAYS {
        company.live(day).await?;
        company.past.now.store(start + i64::from(day + 1) * DAY, Ordering::Relaxed);
        clockwork::run_due(&company).await?;
    }
    company.leave_open_ends().await
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn items(list: &Value) -> Vec<Value> {
    list.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

impl<S: Store> Company<'_, S> {
    /// A number below `bound`.
    fn dice(&self, bound: usize) -> usize {
        let [a, b, c, d, ..] = self.past.entropy();
        u32::from_be_bytes([a, b, c, d]) as usize % bound.max(1)
    }

    fn pick<'v, T>(&self, values: &'v [T]) -> Option<&'v T> {
        values.get(self.dice(values.len()))
    }

    fn pass(&self, milliseconds: i64) {
        self.past.now.fetch_add(milliseconds, Ordering::Relaxed);
    }

    async fn call(&self, caller: Caller, operation: &str, input: &Value) -> Result<Value, Failure> {
        let input = input.to_string();
        let answer =
            perform(self, Call { operation, caller, input: input.as_bytes(), idempotency_key: None }).await?;
        serde_json::from_slice(&answer).map_err(|error| Failure::Defect(format!("{operation}: {error}")))
    }

    /// A call that a rule may refuse: life goes on.
    async fn try_call(&self, person: &str, operation: &str, input: &Value) -> Result<Option<Value>, Failure> {
        let Some(caller) = self.caller(person).await? else { return Ok(None) };
        match self.call(caller, operation, input).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Refused(refusal)) if refusal.code() != Code::MalformedInput => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn caller(&self, person: &str) -> Result<Option<Caller>, Failure> {
        let person = load::<Person>(self.store, person).await?.filter(|person| person.is_active());
        let signed_in_at = self.past.now();
        Ok(person.map(|person| {
            Caller::Person(Box::new(Principal {
                person,
                standing: Standing::Own,
                signed_in_at,
                credential: Credential::Session,
            }))
        }))
    }

    /// People, groups, catalogue.
    async fn found(&mut self) -> Result<(), Failure> {
        let console = || Caller::Console;
        self.call(console(), "settings.put", &json!({ "organization": "Northwind Instruments" })).await?;
        let mut groups = items(&self.call(console(), "people_groups.list", &json!({})).await?);
        for name in GROUPS {
            groups.push(
                self.call(console(), "people_groups.put", &json!({ "name": name })).await?["group"].clone(),
            );
        }
        for (name, role, memberships) in PEOPLE {
            let is_in = |group: &&Value| memberships.contains(&text(group, "/name").as_str());
            let groups: Vec<_> = groups.iter().filter(is_in).map(|group| text(group, "/id")).collect();
            let email = format!("{}@northwind.example", name.to_lowercase().replace(' ', "."));
            let person = json!({ "name": name, "email": email, "role": role, "groups": groups });
            let answer = self.call(console(), "people.put", &person).await?;
            self.people.push(text(&answer, "/person/id"));
            self.pass(HOUR / 60);
        }
        self.call(console(), "catalog.load_starter", &json!({})).await?;
        self.tools = items(&self.call(console(), "catalog.list", &json!({ "limit": 100 })).await?);
        self.adapt_catalogue().await
    }

    /// Owners for the tools that people ask for most, seats by hand for some, one tool suspended.
    async fn adapt_catalogue(&mut self) -> Result<(), Failure> {
        for (name, owner, by_hand, status) in OWNED {
            let Some(place) = self.tools.iter().position(|tool| text(tool, "/name") == *name) else {
                continue;
            };
            let Some(mut tool) = self.tools.get(place).cloned() else { continue };
            let owner = self.people.get(*owner).cloned().unwrap_or_default();
            if let Some(fields) = tool.as_object_mut() {
                let usage_policy = fields.get("usage_policy").and_then(|policy| policy.get("text")).cloned();
                fields.remove("may_change");
                fields.insert("owners".to_owned(), json!([owner]));
                fields.insert("status".to_owned(), json!(status));
                fields.insert("usage_policy".to_owned(), usage_policy.unwrap_or_default());
                if *by_hand {
                    fields.insert("fulfilment".to_owned(), json!({ "kind": "manual", "assignee": owner }));
                }
            }
            let answer = self.call(Caller::Console, "catalog.put", &tool).await?;
            if let Some(known) = self.tools.get_mut(place) {
                *known = answer["tool"].clone();
            }
        }
        Ok(())
    }

    /// One working day.
    async fn live(&self, day: u32) -> Result<(), Failure> {
        if day % 7 >= 5 {
            return Ok(());
        }
        self.pass(8 * HOUR);
        for _ in 0..=self.dice(3) {
            self.ask().await?;
            self.pass(HOUR / 2);
        }
        self.decide_some().await?;
        self.do_tasks().await?;
        if self.dice(12) == 0 {
            self.give_something_back().await?;
        }
        if day == 70 {
            // Somebody leaves: everything of theirs ends.
            let leaver = self.people.last().cloned().unwrap_or_default();
            let person = load::<Person>(self.store, &leaver).await?;
            let name = person.map(|person| person.name.to_string()).unwrap_or_default();
            self.call(Caller::Console, "people.put", &json!({ "id": leaver, "name": name, "active": false }))
                .await?;
        }
        Ok(())
    }

    fn request(&self, tool: &Value) -> Value {
        let classes = tool["data_classes"].as_array().cloned().unwrap_or_default();
        let most = tool["max_days"].as_u64().unwrap_or(30);
        let wanted = [7, 14, 30, 30, 60, 90].get(self.dice(6)).copied().unwrap_or(30_u64);
        json!({
            "tool": tool["id"],
            "purpose": self.pick(PURPOSES),
            "data_classes": classes.iter().take(1 + self.dice(classes.len().min(2))).collect::<Vec<_>>(),
            "days": wanted.min(most),
            "acknowledged": tool["usage_policy"]["version"],
        })
    }

    async fn ask(&self) -> Result<(), Failure> {
        // Some tools are asked for far more often than others.
        let favourites = OWNED.len() * 2;
        let tool = if self.dice(3) == 0 {
            self.pick(&self.tools)
        } else {
            let name = OWNED.get(self.dice(favourites) % OWNED.len()).map(|(name, ..)| *name);
            self.tools.iter().find(|tool| Some(text(tool, "/name").as_str()) == name)
        };
        let (Some(person), Some(tool)) = (self.pick(&self.people), tool) else { return Ok(()) };
        let request = self.try_call(person, "requests.submit", &self.request(tool)).await?;
        if let Some(request) = request
            && self.dice(25) == 0
        {
            self.pass(HOUR / 4);
            self.try_call(person, "requests.cancel", &json!({ "request": request["request"]["id"] })).await?;
        }
        Ok(())
    }

    /// Every approver looks at the queue; not all get to everything, and few questions are asked.
    async fn decide_some(&self) -> Result<(), Failure> {
        for person in &self.people {
            let queue =
                self.try_call(person, "approvals.queue", &json!({ "limit": 20 })).await?.unwrap_or_default();
            for item in items(&queue) {
                let request = &item["request"]["id"];
                self.pass(HOUR / 12);
                match self.dice(20) {
                    0..=8 => {
                        let approve = json!({ "request": request, "decision": "approve", "rationale": self.pick(REASONS) });
                        self.try_call(person, "approvals.decide", &approve).await?;
                    }
                    9 => {
                        let deny = json!({ "request": request, "decision": "deny", "rationale": "There is an approved tool for this already; please use that one." });
                        self.try_call(person, "approvals.decide", &deny).await?;
                    }
                    10 => {
                        let question = json!({ "request": request, "question": self.pick(QUESTIONS) });
                        self.try_call(person, "approvals.ask", &question).await?;
                        if self.dice(3) > 0 {
                            let requester = text(&item, "/request/requester/id");
                            let answer = json!({ "request": request, "answer": "Only our own text, nothing about customers." });
                            self.try_call(&requester, "requests.provide_information", &answer).await?;
                        }
                    }
                    // The rest waits for another day; some of it until it lapses.
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn do_tasks(&self) -> Result<(), Failure> {
        for person in &self.people {
            let jobs = self
                .try_call(person, "jobs.list", &json!({ "state": "queued", "limit": 20 }))
                .await?
                .unwrap_or_default();
            for job in items(&jobs).iter().filter(|job| job["may_attest"] == true) {
                if self.dice(4) > 0 {
                    self.try_call(person, "jobs.attest", &json!({ "job": job["id"] })).await?;
                }
            }
        }
        Ok(())
    }

    async fn give_something_back(&self) -> Result<(), Failure> {
        let Some(person) = self.pick(&self.people) else { return Ok(()) };
        let mine = json!({ "person": "me", "state": "active" });
        let grants = self.try_call(person, "grants.list", &mine).await?.unwrap_or_default();
        if let Some(grant) = self.pick(&items(&grants)) {
            self.try_call(person, "grants.give_back", &json!({ "grant": grant["id"] })).await?;
        }
        Ok(())
    }

    /// Something for everybody to do today: fresh requests that wait, one with a question, seats to give and to take away.
    async fn leave_open_ends(&self) -> Result<(), Failure> {
        for (number, person) in self.people.iter().enumerate().skip(4) {
            for (name, ..) in OWNED.iter().skip(number % 5).step_by(4) {
                let Some(tool) = self.tools.iter().find(|tool| text(tool, "/name") == *name) else {
                    continue;
                };
                self.try_call(person, "requests.submit", &self.request(tool)).await?;
                self.pass(HOUR / 12);
            }
        }
        for person in self.people.iter().take(6) {
            let queue =
                self.try_call(person, "approvals.queue", &json!({ "limit": 8 })).await?.unwrap_or_default();
            let waiting = items(&queue);
            if let Some(first) = waiting.first() {
                let question = json!({ "request": first["request"]["id"], "question": self.pick(QUESTIONS) });
                self.try_call(person, "approvals.ask", &question).await?;
            }
            for item in waiting.iter().skip(2).take(4) {
                let approve = json!({ "request": item["request"]["id"], "decision": "approve" });
                self.try_call(person, "approvals.decide", &approve).await?;
            }
        }
        Ok(())
    }
}
