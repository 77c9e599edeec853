use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::IdentityMapping;
use crate::documents::{Change, Document, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, GrantId, PersonId};
use crate::ports::{Attributes, Kind, Store};

/// Access that still goes by the account which its holder had before. The clockwork queues a job for each grant, which takes the old account
/// out of the group and then puts the new one in.
///
/// One commit cannot queue jobs for any number of grants, and the mapping changes at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remapping {
    /// At which connector.
    pub connector: ConnectorId,
    /// Whose.
    pub person: PersonId,
    /// Grants for which no job was queued yet.
    pub grants: BTreeSet<GrantId>,
}

impl Remapping {
    /// Notes the grants, beside those of an earlier change that are still to be done.
    pub(super) async fn begin(
        store: &impl Store,
        change: &mut Change,
        mapping: &IdentityMapping,
        grants: Vec<GrantId>,
    ) -> Result<(), Failure> {
        if grants.is_empty() {
            return Ok(());
        }
        let earlier = load::<Self>(store, &mapping.key()).await?;
        let mut all = earlier.as_ref().map(|earlier| earlier.grants.clone()).unwrap_or_default();
        all.extend(grants);
        let remapping = Self { connector: mapping.connector, person: mapping.person, grants: all };
        change.upsert(earlier.as_ref(), &remapping);
        Ok(())
    }
}

impl Document for Remapping {
    const KIND: &'static Kind = &Kind { name: "remapping", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        IdentityMapping::key_of(self.connector, self.person)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
