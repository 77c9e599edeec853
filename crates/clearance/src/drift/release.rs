//! What becomes of findings when a tool has no group any more: they are over, and nobody answers for anything in them.

use super::run::settle_group;
use super::settle::{UNDER_WAY, settle_gone};
use super::{DriftCheck, Finding, entries};
use crate::audit::Actor;
use crate::documents::{self, Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::identity::{ProviderAccount, SeatBasis};
use crate::ids::{FindingId, ToolId};
use crate::ports::{Moment, Ports, Store};
use crate::seats;

use futures_util::stream::{self, StreamExt as _};

/// Settles every finding of a tool whose group was released, and forgets its checks; how many were open.
pub(super) async fn clear<P: Ports>(ports: &P, check: Loaded<DriftCheck>) -> Result<u32, Failure> {
    let store = ports.store();
    let mut settled = 0_u32;
    let open = findings(store, check.tool, "open").await?;
    let mut outcomes = stream::iter(open).map(|id| settle_gone(ports, id, false)).buffer_unordered(UNDER_WAY);
    while let Some(outcome) = outcomes.next().await {
        settled = settled.saturating_add(outcome?);
    }
    for finding in findings(store, check.tool, "settled").await? {
        end_answer(ports, finding).await?;
    }
    let moment = Moment::draw(ports.environment());
    let mut change = Change::new();
    settle_group(store, &mut change, check.unknown, &moment).await?;
    settle_group(store, &mut change, check.rule_managed, &moment).await?;
    change.remove(&check);
    change.commit_if_first(store).await?;
    Ok(settled)
}

async fn findings(store: &impl Store, tool: ToolId, state: &str) -> Result<Vec<FindingId>, Failure> {
    let select = Select::by(&Finding::BY_TOOL, [tool.to_string().as_str(), state]);
    let findings = documents::all::<Finding>(store, select).await?;
    let concerned = findings.iter().filter(|finding| finding.is_open() || finding.ends_at().is_some());
    Ok(concerned.map(|finding| finding.id).collect())
}

/// Ends that somebody answers for what a finding is about; whether anybody did.
pub(super) async fn end_answer<P: Ports>(ports: &P, finding: FindingId) -> Result<bool, Failure> {
    let store = ports.store();
    let Some(finding) = load::<Finding>(store, &finding.to_string()).await? else { return Ok(false) };
    if finding.is_open() || finding.ends_at().is_none() {
        return Ok(false);
    }
    let moment = Moment::draw(ports.environment());
    let mut change = Change::new();
    stop_answering(store, &mut change, &moment, &Actor::System, &finding).await?;
    change.commit_if_first(store).await
}

/// Ends in a change that somebody answers for what a finding is about: the next check finds it again.
///
/// # Errors
/// The store's.
pub(crate) async fn stop_answering(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    finding: &Loaded<Finding>,
) -> Result<(), Failure> {
    let over = finding.over();
    change.update(finding, &over);
    entries::lapsed_by(change, moment.now, actor, &over);
    if let Some(observed) = finding.difference.account() {
        let key = ProviderAccount::key_of(finding.connector, &observed.fingerprint);
        if let Some(before) = load::<ProviderAccount>(store, &key).await? {
            let mut account = ProviderAccount::clone(&before);
            let seats_before = account.seats.len();
            account.seats.retain(|_, seat| {
                !matches!(&seat.basis, SeatBasis::Baseline { finding: of, .. } if *of == finding.id)
            });
            if account.seats.len() < seats_before {
                seats::member_leaves(store, change, finding.tool).await?;
            }
            ProviderAccount::write(change, &before, &account, moment.now);
        }
    }
    if let Some(check) = load::<DriftCheck>(store, &finding.tool.to_string()).await? {
        let rule_managed = check.rule_managed.filter(|of| *of != finding.id);
        change.update(&check, &DriftCheck { due_at: moment.now, rule_managed, ..DriftCheck::clone(&check) });
    }
    Ok(())
}
