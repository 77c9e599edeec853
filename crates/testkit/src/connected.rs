//! A tool whose group is at a provider, and people with accounts there: set up as an administrator would.

use serde_json::json;

use crate::{PersonClient, Site, text};

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
    /// A connected tool with an empty group at an Okta org.
    pub fn connected(&self, name: &str) -> Connected {
        let credential = json!({ "kind": "api_token", "token": "a token" });
        let provider = json!({ "kind": "okta", "host": TENANT, "credential": credential });
        let put = self.console("connectors.put", json!({ "name": name, "provider": provider }));
        self.connected_through(&text(&put["connector"]["id"]), name)
    }

    /// The same, through a connector that there is.
    pub fn connected_through(&self, connector: &str, name: &str) -> Connected {
        let group = format!("00g{}", name.to_lowercase().replace(' ', ""));
        self.core().group(TENANT, &group, name);
        let tool = self.tool(name, json!({}));
        let bind = json!({ "tool": tool, "connector": connector, "group": group });
        let bound = self.console("provider_groups.bind", bind);
        assert!(!bound["binding"].is_null(), "{bound:#}");
        self.change_tool(&tool, json!({ "fulfilment": { "kind": "connected" } }));
        Connected { tool, connector: connector.to_owned(), group }
    }

    /// Gives a person an account at the provider, and maps them to it.
    pub fn map(&self, at: &Connected, person: &PersonClient, account: &str) {
        self.core().account(TENANT, account, account);
        let mapping = json!({
            "connector": at.connector, "person": person.id(), "account": account, "display_name": account,
        });
        let put = self.console("identities.put", mapping);
        assert!(!put["identity"].is_null(), "{put:#}");
    }
}
