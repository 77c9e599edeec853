//! Groups at a provider whose members have a tool.

mod bind;
pub mod operations;
mod rebound;
mod release;
mod view;

use core_protocol::message::GroupId;
use serde::{Deserialize, Serialize};

use super::Connector;
use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::{ConnectorId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::time::Timestamp;

pub(crate) use bind::bind_confirmed;
pub use rebound::Rebound;
pub use view::{
    BindingView, ConnectorRef, GroupAtProvider, GroupFound, HoldView, LastCheckView, MembersView, ReachView,
    binding_view, connector_ref,
};

/// The group at a provider whose members have a tool: one per connected tool, under the tool's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderGroup {
    /// The tool.
    pub tool: ToolId,
    /// Through which connector.
    pub connector: ConnectorId,
    /// The provider's id of the group.
    pub group: GroupId,
    /// Its name when it was bound or last checked.
    pub name: String,
    /// When it was bound.
    pub bound_at: Timestamp,
    /// By whom.
    pub bound_by: Actor,
    /// The second administrator, where one was needed.
    pub confirmed_by: Option<Actor>,
    /// Members when it was bound or last checked.
    pub members: u32,
    /// Removals that nobody asked for one by one, lately.
    pub removals: RemovalWindow,
    /// Set while such removals wait for a person.
    pub hold: Option<Hold>,
}

/// How many removals began by themselves since a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalWindow {
    /// Since when they are counted.
    pub since: Timestamp,
    /// How many.
    pub count: u32,
}

/// The brake: more removals were about to happen by themselves than a set share of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when they wait.
    pub since: Timestamp,
    /// Removals that had begun when it set in.
    pub removals: u32,
    /// Members that the group had then.
    pub members: u32,
}

impl ProviderGroup {
    /// Groups of one connector.
    pub const BY_CONNECTOR: Index =
        Index { name: "by_connector", partition: &["connector_id"], range: "tool_id" };
}

impl Document for ProviderGroup {
    const KIND: &'static Kind = &Kind {
        name: "provider_group",
        attributes: &["connector_id", "tool_id"],
        indexes: &[Self::BY_CONNECTOR],
    };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some(self.connector.to_string()), Some(self.tool.to_string())]
    }
}

/// Guard: one tool of this site has a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOwner {
    /// `provider:tenant:group`.
    key: String,
    /// Whose it is; none when it was released.
    pub tool: Option<ToolId>,
}

impl GroupOwner {
    /// The key of a group at a connector's tenant.
    pub fn key_of(connector: &Connector, group: &GroupId) -> String {
        format!("{}:{}:{group}", connector.provider.name(), connector.provider.tenant())
    }

    /// The group at the connector's tenant is the tool's, or nobody's.
    pub fn new(connector: &Connector, group: &GroupId, tool: Option<ToolId>) -> Self {
        Self { key: Self::key_of(connector, group), tool }
    }
}

impl Document for GroupOwner {
    const KIND: &'static Kind = &Kind { name: "group_owner", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.key.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
