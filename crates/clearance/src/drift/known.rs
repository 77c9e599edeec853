//! What this program knows of the accounts of a connector, before it asks the provider who is in its groups.

use std::collections::{BTreeSet, HashMap};

use crate::documents::{self, Paging, Select};
use crate::failure::Failure;
use crate::identity::{Fingerprint, OpenFinding, ProviderAccount, Seat};
use crate::ids::{ConnectorId, PersonId, ToolId};
use crate::ports::{MAX_PAGE, Store};

/// An account that may be in a group, or about which there is an open finding.
#[derive(Debug)]
pub(super) struct Held {
    /// That it may be there, and why.
    pub(super) seat: Option<Seat>,
    /// What is open about it.
    pub(super) finding: Option<OpenFinding>,
    /// Whether the provider named it.
    pub(super) seen: bool,
}

/// What is known of a connector's accounts: fingerprints, no ids of the provider.
///
/// It is read before the provider is asked. So whoever was removed meanwhile is known as somebody who may be in the group, and never taken for
/// a stranger; whoever was added meanwhile is looked at again before anything is written.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Whom accounts are mapped to.
    pub(super) people: HashMap<Fingerprint, PersonId>,
    /// Accounts that have to do with a group, by tool.
    pub(super) held: HashMap<ToolId, HashMap<Fingerprint, Held>>,
}

impl Known {
    /// One walk over the accounts of a connector, for these tools.
    pub(super) async fn read(
        store: &impl Store,
        connector: ConnectorId,
        tools: &BTreeSet<ToolId>,
    ) -> Result<Self, Failure> {
        let (mut known, mut after) = (Self::default(), None);
        loop {
            let paging = Paging { after, limit: Some(MAX_PAGE) };
            // `;` follows `:`.
            let select = Select::all().from(format!("{connector}:")).until(format!("{connector};"));
            let page = documents::list::<ProviderAccount>(store, select, &paging).await?;
            for account in page.items {
                known.add(account.into_inner(), tools);
            }
            after = page.next;
            if after.is_none() {
                return Ok(known);
            }
        }
    }

    fn add(&mut self, mut account: ProviderAccount, tools: &BTreeSet<ToolId>) {
        let concerned: BTreeSet<_> = account.seats.keys().chain(account.findings.keys()).copied().collect();
        for tool in concerned.intersection(tools) {
            let held = Held {
                seat: account.seats.remove(tool),
                finding: account.findings.remove(tool),
                seen: false,
            };
            self.held.entry(*tool).or_default().insert(account.fingerprint.clone(), held);
        }
        if let Some(person) = account.mapped_to {
            self.people.insert(account.fingerprint, person);
        }
    }
}
