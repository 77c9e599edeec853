//! The self-hosted server, in this process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Part, Player, Stage, TENANT};
use crate::{Client as _, PersonClient, Site};

/// The self-hosted server: people come with tokens over HTTP.
#[derive(Debug)]
pub struct SelfHosted {
    site: Site,
    clients: RefCell<BTreeMap<String, PersonClient>>,
}

impl SelfHosted {
    /// In memory.
    pub fn in_memory() -> Self {
        Self::on(Site::in_memory())
    }

    /// On SQLite.
    pub fn on_disk() -> Self {
        Self::on(Site::on_disk())
    }

    fn on(site: Site) -> Self {
        Self { site, clients: RefCell::default() }
    }
}

impl Stage for SelfHosted {
    fn enter(&self, name: &str, part: Part) -> Player {
        let client = match part {
            Part::Administrator => self.site.administrator(name),
            Part::Auditor => self.site.auditor(name),
            Part::Member | Part::Requester => self.site.member(name),
        };
        let player = Player { id: client.id(), name: name.to_owned() };
        self.clients.borrow_mut().insert(player.id.clone(), client);
        player
    }

    fn try_call(&self, player: &Player, operation: &str, input: Value) -> Result<Value, String> {
        let answer = self.clients.borrow()[&player.id].call(operation, input);
        match answer.code() {
            None => Ok(answer.ok()),
            Some(code) => Err(code.to_owned()),
        }
    }

    fn pass(&self, days: u32) {
        // A duration has at least one day.
        if days > 0 {
            self.site.advance_days(days);
        }
        for _ in 0..3 {
            self.site.tick();
            self.site.run_jobs();
            self.site.check_drift();
            self.site.make_exports(u64::MAX);
            self.site.advance_minutes(1);
        }
        // Tokens count as a sign-in for ten minutes only.
        for client in self.clients.borrow_mut().values_mut() {
            *client = client.signed_in_again_if_active();
        }
    }

    fn connect(&self, _administrator: &Player) {}

    fn put_account(&self, id: &str, name: &str) {
        self.site.core().account(TENANT, id, name);
    }

    fn put_group(&self, id: &str, name: &str) {
        self.site.core().group(TENANT, id, name);
    }

    fn members(&self, group: &str) -> Vec<String> {
        self.site.core().members(TENANT, group)
    }

    fn log_kinds(&self) -> Vec<String> {
        self.site.log_kinds()
    }

    fn stored(&self) -> String {
        let documents = self.site.snapshot().documents;
        documents.into_iter().fold(String::new(), |mut all, ((kind, key), (_, body))| {
            let _ = writeln!(all, "{} {body}", json!([kind, key]));
            all
        })
    }

    fn broken(&self) -> Vec<String> {
        self.site.broken()
    }
}
