//! Both providers behind one face, so that a scenario runs on each.

use core_protocol::key::SigningKey;
use core_protocol::message::{
    AccountId, Assertion, Connector, EntraCloud, EntraCredential, Fence, GroupId, OktaCredential, Operation,
    Outcome,
};
use core_protocol::sealing::{Sealed, SealingContext};
use core_protocol::signature::Nonce;
use testkit_directories::{Entra, Exchange, Fault, FaultKind, Okta, Seen};

use super::{Caller, Site};

/// A provider and a way to sign in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    OktaToken,
    OktaAssertions,
    EntraSecret,
    EntraAssertion,
}

pub(crate) const KINDS: [Kind; 4] =
    [Kind::OktaToken, Kind::OktaAssertions, Kind::EntraSecret, Kind::EntraAssertion];

pub(crate) const ONE_OF_EACH: [Kind; 2] = [Kind::OktaToken, Kind::EntraSecret];

/// What the app's vault would sign. The stand-ins look at no signature, but take each once.
fn assertion(nonce: &Nonce, number: u8) -> Assertion {
    let text = format!("eyJhbGciOiJQUzI1NiJ9.Y2FuYXJ5LWFzc2VydGlvbg{number}.{}", nonce.as_str());
    Assertion::try_from(text).unwrap()
}

fn sealed(key: &SigningKey, nonce: &Nonce, host: &str, tenant: &str, secret: &str) -> Sealed {
    Sealed::seal(key, &SealingContext { host, tenant, nonce }, secret.as_bytes(), [9; 24]).unwrap()
}

impl Kind {
    fn is_okta(self) -> bool {
        matches!(self, Self::OktaToken | Self::OktaAssertions)
    }

    pub(crate) fn connector(self, key: &SigningKey, nonce: &Nonce) -> Connector {
        self.connector_with(key, nonce, None)
    }

    /// With another secret than the one that the provider accepts.
    pub(crate) fn connector_with(self, key: &SigningKey, nonce: &Nonce, secret: Option<&str>) -> Connector {
        if self.is_okta() {
            let host = "acme.okta.com";
            let credential = if self == Self::OktaToken {
                let secret = secret.unwrap_or(Okta::API_TOKEN);
                OktaCredential::ApiToken { sealed: sealed(key, nonce, host, host, secret) }
            } else {
                OktaCredential::Assertions {
                    client_id: Okta::CLIENT_ID.parse().unwrap(),
                    first: assertion(nonce, 1),
                    second: assertion(nonce, 2),
                }
            };
            return Connector::Okta { host: host.parse().unwrap(), credential };
        }
        let credential = if self == Self::EntraSecret {
            let (host, secret) = ("login.microsoftonline.com", secret.unwrap_or(Entra::CLIENT_SECRET));
            EntraCredential::ClientSecret { sealed: sealed(key, nonce, host, Entra::TENANT, secret) }
        } else {
            EntraCredential::Assertion { assertion: assertion(nonce, 1) }
        };
        Connector::Entra {
            cloud: EntraCloud::Global,
            tenant: Entra::TENANT.parse().unwrap(),
            client_id: Entra::CLIENT_ID.parse().unwrap(),
            credential,
        }
    }

    pub(crate) fn group(self, number: u32) -> GroupId {
        let id = if self.is_okta() { format!("00g{number}") } else { uuid(0xa, number) };
        id.parse().unwrap()
    }

    pub(crate) fn account(self, number: u32) -> AccountId {
        let id = if self.is_okta() { format!("00u{number}") } else { uuid(0xb, number) };
        id.parse().unwrap()
    }

    pub(crate) fn add(self, group: u32, account: u32, fence: u32) -> Operation {
        Operation::AddMember { group: self.group(group), account: self.account(account), fence: Fence(fence) }
    }

    pub(crate) fn remove(self, group: u32, account: u32, fence: u32) -> Operation {
        Operation::RemoveMember {
            group: self.group(group),
            account: self.account(account),
            fence: Fence(fence),
        }
    }

    pub(crate) fn check(self, group: u32, account: u32) -> Operation {
        Operation::CheckMember { group: self.group(group), account: self.account(account) }
    }

    pub(crate) fn bind(self, group: u32) -> Operation {
        Operation::BindGroup { group: self.group(group) }
    }

    pub(crate) fn put_group(self, site: &Site, number: u32, name: &str) {
        let id = self.group(number);
        if self.is_okta() {
            site.okta.put_plain_group(id.as_str(), name);
        } else {
            site.entra.put_plain_group(id.as_str(), name);
        }
    }

    pub(crate) fn put_account(self, site: &Site, number: u32, active: bool) {
        let (id, name) = (self.account(number), format!("person{number}@acme.example"));
        if self.is_okta() {
            site.okta.put_user(id.as_str(), &name, if active { "ACTIVE" } else { "DEPROVISIONED" });
        } else {
            site.entra.put_user(id.as_str(), &name, active);
        }
    }

    pub(crate) fn delete_group(self, site: &Site, number: u32) {
        let id = self.group(number);
        if self.is_okta() {
            site.okta.delete_group(id.as_str());
        } else {
            site.entra.delete_group(id.as_str());
        }
    }

    pub(crate) fn delete_account(self, site: &Site, number: u32) {
        let id = self.account(number);
        if self.is_okta() { site.okta.delete_user(id.as_str()) } else { site.entra.delete_user(id.as_str()) }
    }

    pub(crate) fn is_member(self, site: &Site, group: u32, account: u32) -> bool {
        let (group, account) = (self.group(group), self.account(account));
        if self.is_okta() {
            site.okta.is_member(group.as_str(), account.as_str())
        } else {
            site.entra.is_member(group.as_str(), account.as_str())
        }
    }

    pub(crate) fn lie(self, site: &Site) {
        if self.is_okta() { site.okta.lie() } else { site.entra.lie() }
    }

    pub(crate) fn lag(self, site: &Site, reads: u32) {
        if self.is_okta() { site.okta.lag(reads) } else { site.entra.lag(reads) }
    }

    pub(crate) fn end_tokens(self, site: &Site) {
        if self.is_okta() { site.okta.end_tokens() } else { site.entra.end_tokens() }
    }

    pub(crate) fn seen(self, site: &Site) -> Vec<Seen> {
        if self.is_okta() { site.okta.seen() } else { site.entra.seen() }
    }

    pub(crate) fn exchanges(self, site: &Site) -> Vec<Exchange> {
        if self.is_okta() { site.okta.exchanges() } else { site.entra.exchanges() }
    }

    pub(crate) fn fail(
        self,
        site: &Site,
        method: &'static str,
        path: &'static str,
        times: u32,
        kind: FaultKind,
    ) {
        let fault = Fault { method, path, times, kind };
        if self.is_okta() { site.okta.fail(fault) } else { site.entra.fail(fault) }
    }

    /// Method and path of the requests that add.
    pub(crate) fn adding(self) -> (&'static str, &'static str) {
        if self.is_okta() { ("PUT", "/users/") } else { ("POST", "/members/$ref") }
    }

    /// Path of the requests that read an account's memberships.
    pub(crate) fn reading(self) -> &'static str {
        if self.is_okta() { "/users/00u1/groups" } else { "/memberOf" }
    }

    pub(crate) async fn call(self, site: &Site, caller: &Caller, operation: Operation) -> Outcome {
        site.call(caller, |key, nonce| self.connector(key, nonce), operation).await
    }

    /// A site with a caller who bound group 1, and account 1.
    pub(crate) async fn ready(self) -> (Site, Caller) {
        let site = Site::start().await;
        self.put_group(&site, 1, "AI users");
        self.put_account(&site, 1, true);
        let caller = site.caller("one").await;
        let bound = self.call(&site, &caller, self.bind(1)).await;
        assert!(matches!(bound, Outcome::Group { .. }), "{self:?}: {bound:?}");
        (site, caller)
    }
}

fn uuid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}
