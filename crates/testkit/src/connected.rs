//! A tool whose group is at a provider, and people with accounts there.

use clearance::audit::Actor;
use clearance::catalog::{Fulfilment, Tool};
use clearance::connector::{
    Connector, ConnectorStatus, GroupOwner, OktaCredential, Provider, ProviderGroup, RemovalWindow,
};
use clearance::documents::{Change, Document as _, load};
use clearance::identity::{IdentityMapping, ProviderAccount, fingerprint};
use clearance::ids::{ConnectorId, ToolId};
use clearance::ports::{Environment as _, Moment, Place, Ports as _, Secret, Store as _, Vault as _};
use clearance::text::Line;

use crate::{PersonClient, Site};

/// The tenant of every connector of [`Site::connected`].
pub const TENANT: &str = "acme.okta.com";

/// A tool whose group is at a provider.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The tool.
    pub tool: String,
    /// The connector.
    pub connector: String,
    /// The provider's id of the group.
    pub group: String,
}

impl Site {
    /// A tool with a bound group at an Okta org.
    pub fn connected(&self, name: &str) -> Connected {
        let group = format!("00g{}", name.to_lowercase().replace(' ', ""));
        self.core().group(TENANT, &group, name);
        let tool = self.tool(name, serde_json::json!({}));
        let connector = self.handle.with_ports(async |ports| {
            let moment = Moment::draw(ports.environment());
            let place: Place =
                Place::try_from(format!("connector:{name}").replace(' ', "")).expect("a place");
            ports.vault().keep(&place, &Secret::new("token").expect("a secret")).await.expect("the vault");
            let connector = Connector {
                id: ConnectorId::new(&moment, "connector", 0),
                name: Line::parse(name).expect("a name"),
                provider: Provider::Okta {
                    host: TENANT.to_owned().try_into().expect("a host"),
                    credential: OktaCredential::ApiToken { secret: place },
                },
                status: ConnectorStatus::Enabled,
                version: 1,
            };
            let id: ToolId = tool.parse().expect("an id");
            let bound = ProviderGroup {
                tool: id,
                connector: connector.id,
                group: group.parse().expect("an id"),
                name: name.to_owned(),
                bound_at: ports.environment().now(),
                bound_by: Actor::Console,
                confirmed_by: None,
                members: 0,
                removals: RemovalWindow { since: ports.environment().now(), count: 0 },
                hold: None,
            };
            let mut change = Change::new();
            let before = load::<Tool>(ports.store(), &tool).await.expect("the store").expect("the tool");
            change.insert(&connector);
            change.insert(&GroupOwner::new(&connector, &bound.group, Some(id)));
            change.insert(&bound);
            change.update(&before, &Tool { fulfilment: Fulfilment::Connected, ..Tool::clone(&before) });
            ports.store().commit(change.into_commit().expect("a commit")).await.expect("the store");
            connector.id.to_string()
        });
        Connected { tool, connector, group }
    }

    /// Gives a person an account at the provider, and maps them to it.
    pub fn map(&self, at: &Connected, person: &PersonClient, account: &str) {
        self.core().account(TENANT, account, account);
        self.handle.with_ports(async |ports| {
            let connector =
                load::<Connector>(ports.store(), &at.connector).await.expect("the store").expect("it");
            let fingerprint = fingerprint(ports, &connector, account).await.expect("the vault");
            let place: Place = Place::try_from(format!("account:{account}")).expect("a place");
            ports.vault().keep(&place, &Secret::new(account).expect("a secret")).await.expect("the vault");
            let mapping = IdentityMapping {
                connector: connector.id,
                person: person.person,
                fingerprint: fingerprint.clone(),
                display_name: Line::parse(account).expect("a name"),
                hint: String::new(),
                mapped_by: Actor::Console,
                confirmed_by: None,
                mapped_at: ports.environment().now(),
            };
            let account = ProviderAccount {
                connector: connector.id,
                fingerprint,
                account: place,
                hint: String::new(),
                mapped_to: Some(person.person),
                seats: [].into(),
                findings: [].into(),
            };
            let mut change = Change::new();
            change.insert(&mapping);
            let known = load::<ProviderAccount>(ports.store(), &account.key()).await.expect("the store");
            match &known {
                Some(known) => {
                    let mapped_to = Some(person.person);
                    change.update(known, &ProviderAccount { mapped_to, ..ProviderAccount::clone(known) });
                }
                None => change.insert(&account),
            }
            ports.store().commit(change.into_commit().expect("a commit")).await.expect("the store");
        });
    }
}
