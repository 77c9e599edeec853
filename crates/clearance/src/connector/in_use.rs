//! What has to be over before a connector is pointed at another tenant.

use super::ProviderGroup;
use crate::documents::{Paging, Select, list};
use crate::failure::Failure;
use crate::identity::ProviderAccount;
use crate::ids::ConnectorId;
use crate::ports::Store;
use crate::refusal::{Code, Refusal};

/// Refuses while groups are bound through the connector or accounts are known there: because people are mapped to them, because they may be in
/// a group, or because something is still to be decided about them. At another tenant they would be strangers, and nobody could take them out
/// of the groups of this one any more.
///
/// Whoever binds a group or maps a person revises the connector, so that neither overtakes the change that asks this. What a lagging query
/// overlooks is refused by Core, which knows owners of groups by tenant, and by the fingerprints, which hold it.
///
/// # Errors
/// [`Code::ConnectorInUse`].
pub(super) async fn require_unused(store: &impl Store, connector: ConnectorId) -> Result<(), Failure> {
    let one = Paging { after: None, limit: Some(1) };
    let groups = Select::by(&ProviderGroup::BY_CONNECTOR, [connector]);
    if !list::<ProviderGroup>(store, groups, &one).await?.items.is_empty() {
        let message = "tools have groups through this connector: release them first, or add another connector for the other tenant";
        return Err(refused(message, "groups"));
    }
    let accounts = Select::all().from(format!("{connector}:")).until(format!("{connector};"));
    if !list::<ProviderAccount>(store, accounts, &one).await?.items.is_empty() {
        let message = "people are mapped to accounts at this connector, or accounts are still being taken out of groups: remove the \
                       mappings and wait for the removals, or add another connector for the other tenant";
        return Err(refused(message, "accounts"));
    }
    Ok(())
}

fn refused(message: &'static str, because_of: &str) -> Failure {
    Refusal::new(Code::ConnectorInUse, message).with("because_of", because_of).into()
}
