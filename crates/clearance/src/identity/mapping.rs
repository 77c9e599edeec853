use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::{ConnectorId, PersonId};
use crate::ports::{Attributes, Index, Kind};
use crate::text::Line;
use crate::time::Timestamp;

/// Which account a person has at a connector. The provider's id of it is in the vault, named by the [`ProviderAccount`](super::ProviderAccount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityMapping {
    /// At which connector.
    pub connector: ConnectorId,
    /// Who.
    pub person: PersonId,
    /// Which account.
    pub fingerprint: Fingerprint,
    /// The provider's name for whoever has the account, as it was confirmed.
    pub display_name: Line,
    /// The last four characters of the provider's id.
    pub hint: String,
    /// By whom it was entered.
    pub mapped_by: Actor,
    /// The second administrator, where one was needed.
    pub confirmed_by: Option<Actor>,
    /// When.
    pub mapped_at: Timestamp,
}

impl IdentityMapping {
    /// Mappings of one connector, newest last.
    pub const BY_CONNECTOR: Index =
        Index { name: "by_connector", partition: &["connector_id"], range: "mapped_at" };
    /// Mappings of one person.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person_id"], range: "mapped_at" };

    /// The key of a person's mapping at a connector.
    pub fn key_of(connector: ConnectorId, person: PersonId) -> String {
        format!("{connector}:{person}")
    }
}

impl Document for IdentityMapping {
    const KIND: &'static Kind = &Kind {
        name: "identity_mapping",
        attributes: &["connector_id", "person_id", "mapped_at"],
        indexes: &[Self::BY_CONNECTOR, Self::BY_PERSON],
    };

    fn key(&self) -> String {
        Self::key_of(self.connector, self.person)
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some(self.connector.to_string()),
            Some(self.person.to_string()),
            Some(self.mapped_at.to_string()),
        ]
    }
}
