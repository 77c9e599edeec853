//! What has to be over before a tool gives its group up.

use crate::catalog::{Fulfilment, Tool};
use crate::documents::{Paging, Select, list};
use crate::failure::Failure;
use crate::identity::{ProviderAccount, SeatBasis};
use crate::ports::{MAX_PAGE, Store};
use crate::refusal::{Code, Refusal};

/// Refuses while somebody has, or may get, access through the tool's group.
///
/// The tool must have another fulfilment first. Approvals check the tool's revision, so from then on nobody is given a seat in the group,
/// and whoever has one is found here.
///
/// # Errors
/// [`Code::ToolConnected`], [`Code::GrantsUnended`].
pub(super) async fn require_unused(store: &impl Store, tool: &Tool) -> Result<(), Failure> {
    if tool.fulfilment == Fulfilment::Connected {
        let message =
            "new access still comes about through this group; give the tool another fulfilment first";
        return Err(Refusal::new(Code::ToolConnected, message).into());
    }
    let Some(connector) = tool.connector else { return Ok(()) };
    // Nobody decides by this but whether to refuse: a seat that it overlooks keeps its removal, which then says that the group is not bound.
    let accounts = Select::all().from(format!("{connector}:")).until(format!("{connector};"));
    let mut paging = Paging { after: None, limit: Some(MAX_PAGE) };
    loop {
        let page = list::<ProviderAccount>(store, accounts.clone(), &paging).await?;
        // What somebody answers for ends with the group; the next drift check sees to it.
        let granted = |account: &ProviderAccount| {
            account.seats.get(&tool.id).is_some_and(|seat| matches!(seat.basis, SeatBasis::Grant { .. }))
        };
        if page.items.iter().any(|account| granted(account)) {
            let message = "somebody has access through this group; end that access first";
            return Err(Refusal::new(Code::GrantsUnended, message).into());
        }
        if page.next.is_none() {
            return Ok(());
        }
        paging.after = page.next;
    }
}
