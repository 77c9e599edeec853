//! People who ask, decide and give back without pause, and keep what they were told.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::program::{Person, call};

/// What somebody was told: the thing, and the state it was in.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Request { id: String, state: String },
    Grant { id: String, state: String },
}

/// Everything that was answered, by all, from the first start on.
#[derive(Debug)]
pub(crate) struct Ledger {
    told: Mutex<Vec<Told>>,
    count: watch::Sender<usize>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { told: Mutex::new(Vec::new()), count: watch::Sender::new(0) }
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    pub(crate) fn answers(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    fn note(&self, answer: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut told = self.told.lock().unwrap();
        if let Some(request) = answer.get("request") {
            told.push(Told::Request { id: text(&request["id"]), state: text(&request["state"]) });
        }
        if let Some(grant) = answer.get("grant") {
            told.push(Told::Grant { id: text(&grant["id"]), state: text(&grant["state"]) });
        }
        drop(told);
        self.count.send_modify(|count| *count += 1);
    }
}

/// A command as it was sent.
#[derive(Clone)]
struct Command {
    by: Person,
    operation: &'static str,
    input: Value,
    key: String,
}

/// One person at work. What was sent and not answered is sent again, under the same key, when the server is back.
pub(crate) struct Worker {
    pub(crate) person: Person,
    pub(crate) owner: Person,
    pub(crate) tools: Arc<[String]>,
    number: usize,
    unanswered: Option<Command>,
}

impl Worker {
    pub(crate) fn new(person: Person, owner: Person, tools: Arc<[String]>) -> Self {
        Self { person, owner, tools, number: 0, unanswered: None }
    }

    /// Works until the server goes away.
    pub(crate) async fn work(&mut self, http: &reqwest::Client, address: &str, ledger: &Ledger) {
        loop {
            let command = match self.unanswered.take() {
                Some(command) => command,
                None => self.ask(),
            };
            let Some(answer) = self.send(http, address, ledger, command).await else { return };
            if answer["request"]["state"] == "pending" {
                let input = json!({ "request": answer["request"]["id"], "decision": "approve" });
                let command = self.command(self.owner.clone(), "approvals.decide", input);
                let Some(decided) = self.send(http, address, ledger, command).await else { return };
                self.give_back(http, address, ledger, &decided).await;
            } else {
                self.give_back(http, address, ledger, &answer).await;
            }
            if self.unanswered.is_some() {
                return;
            }
        }
    }

    async fn give_back(&mut self, http: &reqwest::Client, address: &str, ledger: &Ledger, answer: &Value) {
        if answer["grant"]["state"] == "active" {
            let input = json!({ "grant": answer["grant"]["id"] });
            let command = self.command(self.person.clone(), "grants.give_back", input);
            self.send(http, address, ledger, command).await;
        }
    }

    fn ask(&mut self) -> Command {
        let tool = &self.tools[self.number % self.tools.len()];
        let input =
            json!({ "tool": tool, "purpose": "Work under load", "data_classes": ["internal"], "days": 1 });
        self.command(self.person.clone(), "requests.submit", input)
    }

    fn command(&mut self, by: Person, operation: &'static str, input: Value) -> Command {
        self.number += 1;
        Command { by, operation, input, key: format!("{}-{}", self.person.id, self.number) }
    }

    /// The answer, which is never a refusal: each person is alone with what they ask for, and a command counts once however often it
    /// is sent.
    async fn send(
        &mut self,
        http: &reqwest::Client,
        address: &str,
        ledger: &Ledger,
        command: Command,
    ) -> Option<Value> {
        let sent = (command.operation, &command.input, command.key.as_str());
        match call(http, address, &command.by, sent).await {
            Some((200, answer)) => {
                ledger.note(&answer);
                Some(answer)
            }
            Some((status, answer)) => panic!("{} {}: {status} {answer:#}", command.operation, command.input),
            None => {
                self.unanswered = Some(command);
                None
            }
        }
    }
}
