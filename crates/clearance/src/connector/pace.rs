use serde::{Deserialize, Serialize};

use super::{Connector, Provider};
use crate::documents::Document;
use crate::ids::ConnectorId;
use crate::limits::{Allowance, Level};
use crate::ports::{Attributes, Kind};

/// How many calls were made at a connector lately: kept, so that neither a restart nor a second process lets more through than the
/// provider bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorPace {
    /// At which connector.
    pub connector: ConnectorId,
    /// How full the bucket is.
    pub level: Level,
}

impl ConnectorPace {
    /// Calls that a provider bears: for Entra 20 changes a second, for Okta 8 (500 a minute at `/api/v1/groups`), which are then paced by
    /// what it says is left.
    pub fn allowance(connector: &Connector) -> Allowance {
        let per_second = match connector.provider {
            Provider::Okta { .. } => 8,
            Provider::Entra { .. } => 20,
        };
        Allowance { per_hour: per_second * 3_600, burst: per_second }
    }
}

impl Document for ConnectorPace {
    const KIND: &'static Kind = &Kind { name: "connector_pace", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.connector.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
