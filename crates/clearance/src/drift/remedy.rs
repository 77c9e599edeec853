//! What takes a job at the provider: taking an account out of a group, and putting somebody in again.

use super::settle::Concerned;
use super::{Difference, Disposition, Finding, FindingState, Observed, Remedy, entries};
use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{self, Change, Select, load};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState};
use crate::identity::{OpenFinding, ProviderAccount, SeatBasis};
use crate::ids::{FindingId, GrantId, PersonId};
use crate::ports::{Environment as _, Moment, Ports, Store};
use crate::provisioning::{self, Job, Lane};
use crate::refusal::{Code, Refusal, not_found};
use crate::request::Holding;
use crate::seats;
use crate::text::CommittedText;

/// Queues the removal of the account that a finding is about.
pub(super) fn removal(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    lane: Lane,
    finding: &Finding,
) -> Option<Remedy> {
    let account = finding.difference.account()?;
    let of = (finding.tool, finding.connector, account.fingerprint.clone());
    let job = provisioning::queue_removal_of_account(change, moment, actor, lane, of);
    Some(Remedy::Removal { job: Some(job.id) })
}

/// Queues that somebody is put into the group again, under their active grant.
///
/// # Errors
/// [`Code::FindingState`] unless the grant is active and nothing is under way about it.
pub(super) async fn restore(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: GrantId,
) -> Result<Remedy, Failure> {
    let before = load::<Grant>(store, &grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
    let tool = load::<Tool>(store, &before.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
    let active = matches!(before.state, GrantState::Active { ends_at, .. } if moment.now < ends_at);
    let job = if active {
        provisioning::queue_provision_again(store, change, moment, actor, &before, &tool).await?
    } else {
        None
    };
    let job = job.ok_or_else(|| {
        let message = "the grant is not active any more; nobody is put into the group without one";
        Refusal::new(Code::FindingState, message).with("state", before.state_name())
    })?;
    Ok(Remedy::Restore { job })
}

/// Whether a job about a finding is still to come to its end.
pub(super) async fn is_under_way(store: &impl Store, finding: &Finding) -> Result<bool, Failure> {
    let FindingState::Open { under_way: Some(disposition) } = &finding.state else { return Ok(false) };
    let (Remedy::Removal { job: Some(job) } | Remedy::Restore { job }) = disposition.remedy else {
        return Ok(false);
    };
    // One that is queued in this very change is not stored yet.
    Ok(load::<Job>(store, &job.to_string()).await?.is_none_or(|job| job.is_open()))
}

/// Takes an account away when the time is over in which its person was to ask; whether it began to.
///
/// Whoever has asked waits for the answer; whoever was given access has a seat soon, and then the finding is settled.
pub(super) async fn after_deadline<P: Ports>(ports: &P, finding: FindingId) -> Result<bool, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let Some(finding) = load::<Finding>(store, &finding.to_string()).await? else { return Ok(false) };
    let due = finding.is_open() && finding.ends_at().is_some_and(|until| until <= now);
    let Some(reason) = finding.disposition().filter(|_| due).map(|disposition| disposition.reason.clone())
    else {
        return Ok(false);
    };
    if let Some(person) = finding.person()
        && let Some(holding) = load::<Holding>(store, &Holding::key_of(person, finding.tool)).await?
        && (holding.open_request.is_some() || holds(store, &holding).await?)
    {
        return Ok(false);
    }
    let moment = Moment::draw(ports.environment());
    let mut change = Change::new();
    remove(&mut change, &moment, &finding, reason);
    change.commit_if_first(store).await
}

/// Whether the last grant has not ended.
async fn holds(store: &impl Store, holding: &Holding) -> Result<bool, Failure> {
    let Some(grant) = holding.grant else { return Ok(false) };
    Ok(load::<Grant>(store, &grant.to_string()).await?.is_some_and(|grant| !grant.is_ended()))
}

/// Lets an open finding's account be removed by the program itself.
fn remove(
    change: &mut Change,
    moment: &Moment,
    finding: &documents::Loaded<Finding>,
    reason: Option<CommittedText>,
) {
    if let Some(remedy) = removal(change, moment, &Actor::System, Lane::Sweep, finding) {
        let after = finding.under_way(Disposition::of_program(remedy, moment.now, reason));
        change.update(finding, &after);
        entries::decided(change, moment.now, &after);
    }
}

/// Takes every account of somebody who has left out of the groups in which it is without a grant: found there, or answered for.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn remove_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let store = ports.store();
    for finding in documents::all::<Finding>(store, Select::by(&Finding::BY_PERSON, [person])).await? {
        let moment = Moment::draw(ports.environment());
        let mut change = Change::new();
        if is_to_be_removed(&finding) {
            remove(&mut change, &moment, &finding, None);
        } else if finding.ends_at().is_some() && !finding.is_open() {
            let Some(concerned) = Concerned::load(store, finding.id).await? else { continue };
            no_longer_answered_for(store, &mut change, &moment, &concerned).await?;
        }
        if !change.is_empty() {
            store.commit(change.into_commit()?).await?;
        }
    }
    Ok(())
}

/// Whether an account of somebody who has left is still to be taken out of a group in which it was without a grant.
///
/// # Errors
/// The store's.
pub(crate) async fn is_anything_left(store: &impl Store, person: PersonId) -> Result<bool, Failure> {
    let all = documents::all::<Finding>(store, Select::by(&Finding::BY_PERSON, [person])).await?;
    Ok(all.iter().any(|finding| {
        finding.is_open() && !matches!(finding.difference, Difference::ApprovedButMissing { .. })
    }))
}

fn is_to_be_removed(finding: &Finding) -> bool {
    match &finding.state {
        FindingState::Open { under_way } => {
            let removal = under_way
                .as_ref()
                .is_some_and(|under_way| matches!(under_way.remedy, Remedy::Removal { .. }));
            // Of what is missing, the grant's own end is enough.
            !removal && !matches!(finding.difference, Difference::ApprovedButMissing { .. })
        }
        FindingState::Settled { .. } => false,
    }
}

/// What somebody answered for until now is found again, and removed.
async fn no_longer_answered_for(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    concerned: &Concerned,
) -> Result<(), Failure> {
    let (before, Some(account)) = (&concerned.finding, &concerned.account) else { return Ok(()) };
    let over = before.over();
    change.update(before, &over);
    entries::lapsed(change, moment.now, &over);
    let mut after = ProviderAccount::clone(account);
    after.seats.retain(
        |_, seat| !matches!(&seat.basis, SeatBasis::Baseline { finding, .. } if *finding == before.id),
    );
    if after.seats.len() < account.seats.len() {
        seats::member_leaves(store, change, before.tool).await?;
    }
    if !after.seats.contains_key(&before.tool) && !after.findings.contains_key(&before.tool) {
        let finding = Finding {
            id: FindingId::new(moment, "finding", 0),
            difference: Difference::ObservedWithoutApproval { account: Observed::of(account) },
            initial: false,
            first_seen_at: moment.now,
            last_seen_at: moment.now,
            state: FindingState::Open { under_way: None },
            ..Finding::clone(before)
        };
        entries::found(change, moment.now, &finding);
        if let Some(remedy) = removal(change, moment, &Actor::System, Lane::Sweep, &finding) {
            let finding = finding.under_way(Disposition::of_program(remedy, moment.now, None));
            after
                .findings
                .insert(before.tool, OpenFinding { finding: finding.id, kind: finding.difference.kind() });
            change.insert(&finding);
            entries::decided(change, moment.now, &finding);
        }
    }
    ProviderAccount::write(change, account, &after, moment.now);
    Ok(())
}
