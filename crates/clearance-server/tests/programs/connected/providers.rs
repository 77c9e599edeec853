//! Both providers behind one face.

use serde_json::{Value, json};
use testkit_directories::{Entra, Fault, FaultKind, Okta};

/// A provider and a way to sign in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    OktaKeyPair,
    OktaToken,
    EntraCertificate,
    EntraSecret,
}

impl Way {
    pub(crate) fn is_okta(self) -> bool {
        matches!(self, Self::OktaKeyPair | Self::OktaToken)
    }

    /// What `connectors.put` takes.
    pub(crate) fn provider(self) -> Value {
        let okta =
            |credential: Value| json!({ "kind": "okta", "host": Okta::HOST, "credential": credential });
        let entra = |credential: Value| {
            json!({
                "kind": "entra", "cloud": "global", "tenant": Entra::TENANT, "client_id": Entra::CLIENT_ID,
                "credential": credential,
            })
        };
        match self {
            Self::OktaKeyPair => okta(json!({ "kind": "key_pair", "client_id": Okta::CLIENT_ID })),
            Self::OktaToken => okta(json!({ "kind": "api_token", "token": Okta::API_TOKEN })),
            Self::EntraCertificate => entra(json!({ "kind": "certificate" })),
            Self::EntraSecret => entra(json!({ "kind": "client_secret", "secret": Entra::CLIENT_SECRET })),
        }
    }

    pub(crate) fn group(self, number: u32) -> String {
        if self.is_okta() { format!("00gcanarygroup{number:06}") } else { uuid(0xa, number) }
    }

    pub(crate) fn account(self, number: u32) -> String {
        if self.is_okta() { format!("00ucanaryuser{number:06}") } else { uuid(0xb, number) }
    }
}

/// The sign-in name of an account.
pub(crate) fn login(number: u32) -> String {
    format!("person{number}@acme.example")
}

fn uuid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-cafe-4bad-8dad-{number:012x}")
}

/// The stand-ins.
pub(crate) struct Providers {
    pub(crate) okta: Okta,
    pub(crate) entra: Entra,
}

impl Providers {
    pub(crate) async fn start(now: i64) -> Self {
        let started = Self { okta: Okta::start(now).await.unwrap(), entra: Entra::start(now).await.unwrap() };
        // Clocks that differ by more than five minutes halt the site.
        started.okta.let_time_pass();
        started.entra.let_time_pass();
        started
    }

    pub(crate) fn put_group(&self, way: Way, number: u32, name: &str) {
        if way.is_okta() {
            self.okta.put_plain_group(&way.group(number), name);
        } else {
            self.entra.put_plain_group(&way.group(number), name);
        }
    }

    pub(crate) fn put_account(&self, way: Way, number: u32, active: bool) {
        let (id, login) = (way.account(number), login(number));
        if way.is_okta() {
            self.okta.put_user(&id, &login, if active { "ACTIVE" } else { "SUSPENDED" });
        } else {
            self.entra.put_user(&id, &login, active);
        }
    }

    /// Puts an account into a group, or takes it out, past the programs.
    pub(crate) fn put_member(&self, way: Way, group: u32, account: u32, is_member: bool) {
        let (group, account) = (way.group(group), way.account(account));
        if way.is_okta() {
            self.okta.put_member(&group, &account, is_member);
        } else {
            self.entra.put_member(&group, &account, is_member);
        }
    }

    /// Sets the clocks, which go on from there.
    pub(crate) fn set_clocks(&self, now: i64) {
        self.okta.set_clock(now);
        self.entra.set_clock(now);
    }

    pub(crate) fn delete_group(&self, way: Way, number: u32) {
        let id = way.group(number);
        if way.is_okta() { self.okta.delete_group(&id) } else { self.entra.delete_group(&id) }
    }

    pub(crate) fn delete_account(&self, way: Way, number: u32) {
        let id = way.account(number);
        if way.is_okta() { self.okta.delete_user(&id) } else { self.entra.delete_user(&id) }
    }

    /// Changes of members that are allowed each second.
    pub(crate) fn allow(&self, way: Way, changes: u32) {
        if way.is_okta() { self.okta.allow(changes) } else { self.entra.allow(changes) }
    }

    /// Changes that were allowed, and refused.
    pub(crate) fn allowed(&self, way: Way) -> (u64, u64) {
        if way.is_okta() { self.okta.allowed() } else { self.entra.allowed() }
    }

    /// Lets nothing go wrong any more.
    pub(crate) fn mend(&self) {
        self.okta.mend();
        self.entra.mend();
    }

    pub(crate) fn is_member(&self, way: Way, group: u32, account: u32) -> bool {
        let (group, account) = (way.group(group), way.account(account));
        if way.is_okta() {
            self.okta.is_member(&group, &account)
        } else {
            self.entra.is_member(&group, &account)
        }
    }

    pub(crate) fn end_tokens(&self, way: Way) {
        if way.is_okta() { self.okta.end_tokens() } else { self.entra.end_tokens() }
    }

    /// Lets reading something go wrong whose path holds this.
    pub(crate) fn fail_path(&self, way: Way, path: String, times: u32, kind: FaultKind) {
        self.fail(way, ("GET", path), times, kind);
    }

    /// Lets changes of a group's members go wrong.
    pub(crate) fn fail_changes(&self, way: Way, group: u32, times: u32, kind: &FaultKind) {
        for method in if way.is_okta() { ["PUT", "DELETE"] } else { ["POST", "DELETE"] } {
            self.fail(way, (method, format!("{}/", way.group(group))), times, kind.clone());
        }
    }

    /// Requests that arrived so far.
    pub(crate) fn asked(&self) -> u64 {
        self.okta.asked() + self.entra.asked()
    }

    fn fail(&self, way: Way, (method, path): (&'static str, String), times: u32, kind: FaultKind) {
        // A path of the stand-in is static; this one is kept for as long as the tests run.
        let fault = Fault { method, path: Box::leak(path.into_boxed_str()), times, kind };
        if way.is_okta() { self.okta.fail(fault) } else { self.entra.fail(fault) }
    }
}
