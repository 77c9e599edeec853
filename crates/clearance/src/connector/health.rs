use core_protocol::message::RetryReason;
use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::ConnectorId;
use crate::ports::{Attributes, Kind};
use crate::provisioning::FollowUpReason;
use crate::time::Timestamp;

/// How a connector fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum HealthState {
    /// Never tested since it was made or its credential changed.
    Untested,
    /// The last call came through.
    Working {
        /// Since when.
        since: Timestamp,
    },
    /// The provider refuses: a person must do something.
    Failing {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: FollowUpReason,
    },
    /// The provider or Core does not answer: jobs wait, and one of them tries now and then.
    Outage {
        /// Since when.
        since: Timestamp,
        /// Why; none when Core itself cannot be reached.
        reason: Option<RetryReason>,
    },
}

/// How a connector fares, and how fast it is used: apart from its configuration, because jobs revise it. Written when something changes,
/// not with every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorHealth {
    /// Of which connector.
    pub connector: ConnectorId,
    /// How it fares.
    pub state: HealthState,
    /// When calls may begin again: the provider's own limit, or the pause between two tries of an outage.
    pub resume_at: Option<Timestamp>,
}

impl ConnectorHealth {
    /// Never tested.
    pub fn untested(connector: ConnectorId) -> Self {
        Self { connector, state: HealthState::Untested, resume_at: None }
    }
}

impl Document for ConnectorHealth {
    const KIND: &'static Kind = &Kind { name: "connector_health", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.connector.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
