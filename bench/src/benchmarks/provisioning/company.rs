//! People with accounts at tenants of a provider, set up as administrators would.

#![expect(clippy::indexing_slicing, reason = "a member that a JSON object does not have is null")]

use anyhow::{Context as _, ensure};
use clearance::ids::ConnectorId;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

/// Rows of one import.
const ROWS: usize = 100;
/// Days of access.
const DAYS: u32 = 7;

/// A tool whose group is at a tenant of Entra.
pub(super) struct Tool {
    pub(super) id: String,
    pub(super) connector: ConnectorId,
    pub(super) tenant: String,
    pub(super) group: String,
}

impl Tool {
    /// The n-th tool, with a connector of its own, of which the provider bears so many changes a second; none for what is usual.
    pub(super) fn new(site: &Site, number: u32, changes_per_second: Option<u32>) -> anyhow::Result<Self> {
        let tenant = uuid(0xa, number);
        let group = uuid(0xb, number);
        let name = format!("Tool {number}");
        site.core().group(&tenant, &group, &name);
        let provider = json!({
            "kind": "entra", "cloud": "global", "tenant": tenant, "client_id": uuid(0xc, number),
            "credential": { "kind": "client_secret", "secret": "a secret of the benchmark" },
        });
        let put = json!({ "name": name, "provider": provider, "changes_per_second": changes_per_second });
        let put = site.console("connectors.put", put);
        let connector = text(&put["connector"]["id"]);
        let id = site.tool(&name, json!({}));
        let bound = site
            .console("provider_groups.bind", json!({ "tool": id, "connector": connector, "group": group }));
        ensure!(!bound["binding"].is_null(), "{bound:#}");
        site.change_tool(&id, json!({ "fulfilment": { "kind": "connected" } }));
        Ok(Self { id, connector: connector.parse().ok().context("the connector's id")?, tenant, group })
    }

    /// People who have an account at the tool's tenant and are mapped to it.
    pub(super) fn people(
        &self,
        site: &Site,
        numbers: std::ops::Range<u32>,
    ) -> anyhow::Result<Vec<PersonClient>> {
        let mut people = Vec::new();
        let mut rows = Vec::new();
        for number in numbers {
            let person = site.member(&format!("Person {number} of {}", self.tenant));
            let account = uuid(0xd, number);
            site.core().account(&self.tenant, &account, &account);
            rows.push(json!({ "person": person.id(), "account": account }));
            people.push(person);
        }
        for rows in rows.chunks(ROWS) {
            let mut input = json!({ "connector": self.connector, "rows": rows });
            let shown = site.console("identities.import", input.clone());
            input["digest"] = shown["digest"].clone();
            let done = site.console("identities.import", input);
            ensure!(done["applied"] == rows.len(), "{done:#}");
        }
        Ok(people)
    }

    /// Somebody asks for the tool, and policy gives it.
    pub(super) fn ask(&self, person: &PersonClient) -> anyhow::Result<()> {
        let grant = person.take(&self.id, DAYS);
        ensure!(grant["state"] == "awaiting_provisioning", "{grant:#}");
        Ok(())
    }

    pub(super) fn members(&self, site: &Site) -> usize {
        site.core().members(&self.tenant, &self.group).len()
    }
}

/// Lets all access end by time: every removal is a job afterwards. The brake, which would stop that many, is off.
pub(super) fn let_access_end(site: &Site, grants: u64) -> anyhow::Result<()> {
    site.console("settings.put", json!({ "removal_share_percent": 100 }));
    // How many are in the groups is known from the drift check.
    site.advance_minutes(7 * 60);
    site.check_drift();
    site.advance_days(DAYS);
    let expired = site.tick().expired;
    ensure!(expired == grants, "{expired} of {grants} grants ended by time");
    Ok(())
}

/// Entries of a kind in the log.
pub(super) fn entries(site: &Site, kind: &str) -> u64 {
    site.log_kinds().iter().filter(|it| *it == kind).map(|_| 1).sum()
}

/// Milliseconds from approval to activation, of each grant that is active now.
pub(super) fn waits(administrator: &PersonClient) -> anyhow::Result<Vec<u64>> {
    let grants = administrator.all("grants.list", json!({ "state": "active" }));
    let at = |value: &Value| -> anyhow::Result<i64> {
        let at: clearance::time::Timestamp = value.as_str().context("an instant")?.parse()?;
        Ok(at.as_millisecond())
    };
    let wait = |grant: &Value| -> anyhow::Result<u64> {
        Ok(u64::try_from(at(&grant["activated_at"])? - at(&grant["approved_at"])?)?)
    };
    grants.iter().map(wait).collect()
}

fn uuid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}
