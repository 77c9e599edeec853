//! What jobs have confirmed at the provider, for the findings about the same account: in the commit of the job's own outcome.
//!
//! The account is as it will be stored in that commit; whoever calls writes it.

use super::settle::outcome;
use super::{Difference, Finding, FindingState, Observed, entries};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::identity::{OpenFinding, ProviderAccount};
use crate::ids::{FindingId, GrantId, ToolId};
use crate::ports::{Moment, Store};

/// The account is not in the tool's group any more: what was found about it there is settled.
///
/// # Errors
/// The store's.
pub async fn absent(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    account: &mut ProviderAccount,
    tool: ToolId,
) -> Result<(), Failure> {
    settle(store, change, moment, account, tool, false).await
}

/// The account is in the tool's group, and has a seat there: what was found about it is settled.
///
/// # Errors
/// The store's.
pub async fn present(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    account: &mut ProviderAccount,
    tool: ToolId,
) -> Result<(), Failure> {
    settle(store, change, moment, account, tool, true).await
}

async fn settle(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    account: &mut ProviderAccount,
    tool: ToolId,
    approved: bool,
) -> Result<(), Failure> {
    let Some(open) = account.findings.remove(&tool) else { return Ok(()) };
    let Some(finding) = load::<Finding>(store, &open.finding.to_string()).await? else { return Ok(()) };
    let disposition = outcome(&finding, approved, moment.now);
    let settled = finding.settled(disposition.clone(), moment.now);
    change.update(&finding, &settled);
    entries::settled(change, moment.now, &disposition.by, &settled, &disposition);
    Ok(())
}

/// The second look at a confirmed removal found the account in the group again; none when that is known, or it may be there by now.
pub fn again(
    change: &mut Change,
    moment: &Moment,
    account: &mut ProviderAccount,
    tool: ToolId,
    grant: Option<GrantId>,
) -> Option<FindingId> {
    if account.seats.contains_key(&tool) || account.findings.contains_key(&tool) {
        return None;
    }
    let observed = Observed::of(account);
    let finding = Finding {
        id: FindingId::new(moment, "finding", 0),
        tool,
        connector: account.connector,
        difference: Difference::Resurrected { account: observed, grant },
        initial: false,
        first_seen_at: moment.now,
        last_seen_at: moment.now,
        state: FindingState::Open { under_way: None },
    };
    let open = OpenFinding { finding: finding.id, kind: finding.difference.kind() };
    account.findings.insert(tool, open);
    change.insert(&finding);
    entries::found(change, moment.now, &finding);
    Some(finding.id)
}
