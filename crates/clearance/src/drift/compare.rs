//! One group compared with what may be in it.

use std::collections::{BTreeSet, HashMap};

use core_protocol::message::{AccountId, AccountStatus, FollowUpReason, Member, Operation, Outcome};
use futures_util::stream::{self, StreamExt as _};

use super::known::{Held, Known};
use super::release::end_answer;
use super::settle::{Scene, Stranger, UNDER_WAY, record_strangers, settle_gone};
use super::{Cause, Difference, DriftKind, Finding, Observed, entries};
use crate::connector::{ProviderGroup, call};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState};
use crate::identity::{Fingerprint, OpenFinding, ProviderAccount, Seat, SeatBasis, fingerprints, hint_of};
use crate::ids::{FindingId, PersonId};
use crate::people::Person;
use crate::ports::{Moment, Ports, Secret, Vault as _};
use crate::provisioning::open_task;
use crate::seats;

/// Missing members that one check asks the provider about, one by one; the next check asks about the others.
const ASKED_AT_ONCE: usize = 200;

/// A group as a check found it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// The group's name now; none when it could not be read.
    pub(super) name: Option<String>,
    /// Why the group is not this program's to change, if so.
    pub(super) rule: Option<Cause>,
    /// Members.
    pub(super) members: u32,
    /// Findings about members that are open.
    pub(super) open: u32,
    /// Findings made.
    pub(super) found: u32,
    /// Findings settled.
    pub(super) settled: u32,
    /// People whose account the provider has deactivated.
    pub(super) deactivated: BTreeSet<PersonId>,
    /// Why what the provider said about people was not believed, if so.
    pub(super) doubt: Option<Cause>,
    /// Whether another check should follow soon.
    pub(super) more: bool,
}

/// Why a check did not come to its end.
pub(super) enum Stopped {
    /// The group could not be read.
    Unknown(Cause),
    /// The store failed, or this program is wrong.
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Cause> for Stopped {
    fn from(cause: Cause) -> Self {
        Self::Unknown(cause)
    }
}

async fn ask<P: Ports>(ports: &P, scene: Scene<'_>, operation: Operation) -> Result<Outcome, Cause> {
    match call(ports, scene.connector, operation).await?.outcome {
        Outcome::RetryAfter { reason, .. } => Err(Cause::Retry(reason)),
        Outcome::NeedsFollowUp { reason } => Err(Cause::FollowUp(reason)),
        Outcome::Refused { reason } => Err(Cause::Refused(reason)),
        outcome => Ok(outcome),
    }
}

/// Compares a group with what may be in it.
pub(super) async fn compare<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    group: &ProviderGroup,
    known: &mut Known,
) -> Result<Checked, Stopped> {
    let mut checked = Checked::default();
    match ask(ports, scene, Operation::CheckBinding { group: group.group.clone() }).await {
        Ok(Outcome::Group { group }) => checked.name = Some(group.name),
        Ok(_) => return Err(Cause::UnexpectedAnswer.into()),
        Err(cause) if cause.is_rule() => checked.rule = Some(cause),
        Err(cause) => return Err(cause.into()),
    }
    let mut held = known.held.remove(&scene.tool).unwrap_or_default();
    let mut after = None;
    loop {
        let page = ask(ports, scene, Operation::ListMembers { group: group.group.clone(), after }).await?;
        let Outcome::Members { members, next } = page else { return Err(Cause::UnexpectedAnswer.into()) };
        let strangers = look_at(ports, scene, &members, &mut held, known, &mut checked).await?;
        checked.found = checked.found.saturating_add(record_strangers(ports, scene, strangers).await?);
        after = next;
        if after.is_none() {
            break;
        }
    }
    settle_and_miss(ports, scene, group, held, known, &mut checked).await?;
    checked.open = checked.open.saturating_add(checked.found);
    Ok(checked)
}

/// Notes who of a page is known; answers the others.
async fn look_at<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    members: &[Member],
    held: &mut HashMap<Fingerprint, Held>,
    known: &Known,
    checked: &mut Checked,
) -> Result<Vec<Stranger>, Stopped> {
    let ids = members.iter().map(|member| member.id.as_str());
    let names = fingerprints(ports, scene.connector, ids).await.map_err(|_| Cause::VaultDown)?;
    let mut strangers = Vec::new();
    for (member, fingerprint) in members.iter().zip(names) {
        if member.status == AccountStatus::Deactivated {
            checked.deactivated.extend(known.people.get(&fingerprint));
        }
        if let Some(held) = held.get_mut(&fingerprint) {
            // Pages shift while people come and go, and may name somebody twice.
            checked.members += u32::from(!std::mem::replace(&mut held.seen, true));
            continue;
        }
        checked.members += 1;
        held.insert(fingerprint.clone(), Held { seat: None, finding: None, seen: true });
        let (id, hint) = (member.id.as_str(), hint_of(member.id.as_str()));
        let account =
            Secret::new(id).map_err(|error| Failure::Defect(format!("an account's id: {error}")))?;
        strangers.push(Stranger { fingerprint, account, hint });
    }
    Ok(strangers)
}

/// What the whole list says of whoever was known before.
async fn settle_and_miss<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    group: &ProviderGroup,
    held: HashMap<Fingerprint, Held>,
    known: &Known,
    checked: &mut Checked,
) -> Result<(), Failure> {
    let (mut gone, mut missing): (Vec<(FindingId, bool)>, Vec<Fingerprint>) = (Vec::new(), Vec::new());
    let mut answered_for: HashMap<PersonId, Vec<FindingId>> = HashMap::new();
    for (fingerprint, Held { seat, finding, seen }) in held {
        let is_missing = |open: OpenFinding| open.kind == DriftKind::ApprovedButMissing;
        // Somebody may have been mapped to the account since, or nobody is any more.
        let is_same = |open: OpenFinding| match open.kind {
            DriftKind::Unmapped => !known.people.contains_key(&fingerprint),
            DriftKind::ObservedWithoutApproval => known.people.contains_key(&fingerprint),
            _ => true,
        };
        if let Some(Seat { basis: SeatBasis::Baseline { finding, owner, .. }, .. }) = &seat {
            answered_for.entry(*owner).or_default().push(*finding);
        }
        match (seat, finding) {
            (Some(_), None) if !seen => missing.push(fingerprint),
            (_, None) => {}
            // In the group, and may be.
            (Some(_), Some(open)) if seen => gone.push((open.finding, true)),
            // Still in the group without a seat, still missing with one.
            (None, Some(open)) if seen && !is_missing(open) && is_same(open) => checked.open += 1,
            (Some(_), Some(open)) if is_missing(open) => checked.open += 1,
            (seat, Some(open)) => {
                gone.push((open.finding, false));
                // It has become something else, which the next check looks at.
                checked.more |= seat.is_some() || seen;
            }
        }
    }
    let mut outcomes = stream::iter(gone)
        .map(|(finding, approved)| settle_gone(ports, finding, approved))
        .buffer_unordered(UNDER_WAY);
    while let Some(outcome) = outcomes.next().await {
        checked.settled = checked.settled.saturating_add(outcome?);
    }
    for (owner, findings) in answered_for {
        let owner = load::<Person>(ports.store(), &owner.to_string()).await?;
        if owner.is_some_and(|owner| owner.is_active()) {
            continue;
        }
        // Nobody answers for it any more: it becomes a finding again.
        for finding in findings {
            checked.more |= end_answer(ports, finding).await?;
        }
    }
    // Maps have no order; which of very many are asked about must not depend on that.
    missing.sort_unstable();
    checked.more |= missing.len() > ASKED_AT_ONCE;
    for fingerprint in missing.iter().take(ASKED_AT_ONCE) {
        checked.found += u32::from(miss(ports, scene, group, fingerprint).await?);
    }
    Ok(())
}

/// Looks again at somebody who should be in the group and was not named, and makes a finding if they are not there; whether it did.
async fn miss<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    group: &ProviderGroup,
    fingerprint: &Fingerprint,
) -> Result<bool, Failure> {
    let store = ports.store();
    let key = ProviderAccount::key_of(scene.connector.id, fingerprint);
    let Some(account) = load::<ProviderAccount>(store, &key).await? else { return Ok(false) };
    let Some(seat) = account.seats.get(&scene.tool) else { return Ok(false) };
    if account.findings.contains_key(&scene.tool) {
        return Ok(false);
    }
    let approved = match seat.basis {
        // What is being given or taken away is for its job to finish, what waits for somebody is shown there.
        SeatBasis::Grant { grant } => match load::<Grant>(store, &grant.to_string()).await? {
            Some(active)
                if matches!(active.state, GrantState::Active { .. })
                    && open_task(store, grant).await?.is_none() =>
            {
                Some(active)
            }
            _ => return Ok(false),
        },
        SeatBasis::Baseline { .. } => None,
    };
    if !is_absent(ports, scene, group, &account).await? {
        return Ok(false);
    }
    let moment = Moment::draw(ports.environment());
    let mut change = Change::new();
    let mut now = ProviderAccount::clone(&account);
    let found = if let Some(grant) = approved {
        let observed = Observed {
            fingerprint: fingerprint.clone(),
            hint: account.hint.clone(),
            person: Some(grant.person),
        };
        let finding =
            scene.finding(&moment, Difference::ApprovedButMissing { account: observed, grant: grant.id });
        let open = OpenFinding { finding: finding.id, kind: DriftKind::ApprovedButMissing };
        now.findings.insert(scene.tool, open);
        // What was decided about the grant meanwhile goes before.
        change.check(&grant);
        change.insert(&finding);
        entries::found(&mut change, moment.now, &finding);
        true
    } else {
        // Nobody approved it, and it has gone by itself: nobody has to answer for it any more.
        if let Some(seat) = now.seats.remove(&scene.tool)
            && let SeatBasis::Baseline { finding, .. } = seat.basis
        {
            seats::member_leaves(store, &mut change, scene.tool).await?;
            if let Some(finding) = load::<Finding>(store, &finding.to_string()).await? {
                let over = finding.over();
                change.update(&finding, &over);
                entries::lapsed(&mut change, moment.now, &over);
            }
        }
        false
    };
    ProviderAccount::write(&mut change, &account, &now, moment.now);
    let first = change.commit_if_first(store).await?;
    Ok(if first { found } else { false })
}

/// Whether the provider says, asked about this account alone, that it is not in the group.
async fn is_absent<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    group: &ProviderGroup,
    account: &ProviderAccount,
) -> Result<bool, Failure> {
    let Some(id) = ports.vault().secret(&account.account).await? else { return Ok(false) };
    let Ok(id) = id.expose().parse::<AccountId>() else { return Ok(false) };
    let operation = Operation::CheckMember { group: group.group.clone(), account: id };
    Ok(matches!(
        ask(ports, scene, operation).await,
        Ok(Outcome::NotMember {}) | Err(Cause::FollowUp(FollowUpReason::IdentityGone))
    ))
}
