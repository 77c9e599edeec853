//! How proposals come and go, each in the commit of what it is about.

use std::collections::BTreeSet;

use audit_log::Value;

use super::{OpenProposal, Proposal, ProposalState, Proposed};
use crate::audit::{Actor, EventKind};
use crate::connector::Disposal;
use crate::documents::{self, Change, Loaded, Select, load};
use crate::exception;
use crate::failure::Failure;
use crate::ids::{FindingId, PersonId, ProposalId};
use crate::ports::{Moment, Store};
use crate::refusal::{Code, Refusal};

/// The proposal that this change makes, or the open one by the same person that would do the same.
///
/// # Errors
/// [`Code::ProposalOpen`] when another one about the same waits.
pub(crate) async fn propose(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    proposed: Proposed,
) -> Result<Proposal, Failure> {
    let about = proposed.about();
    let guard = load::<OpenProposal>(store, &about).await?;
    if let Some(guard) = &guard
        && let Some(open) = load::<Proposal>(store, &guard.proposal.to_string()).await?
        && open.require_open(moment.now).is_ok()
    {
        if open.proposed_by == actor && open.proposed.is_same_as(&proposed) {
            return Ok(open.into_inner());
        }
        let message = "a proposal about this waits already; have it confirmed, or withdraw it";
        return Err(Refusal::new(Code::ProposalOpen, message).with("proposal", open.id).into());
    }
    let proposal = Proposal {
        id: ProposalId::new(moment, "proposal", 0),
        proposed,
        proposed_by: actor,
        proposed_at: moment.now,
        state: ProposalState::Open,
    };
    change.upsert(guard.as_ref(), &OpenProposal { about, proposal: proposal.id });
    change.insert(&proposal);
    record(change, moment, actor, EventKind::ProposalMade, &proposal);
    Ok(proposal)
}

/// Closes an open proposal: nothing is left of it but ids, names of groups, and who decided. What it held in the vault is given up;
/// whoever confirms takes it into use at a place of its own.
pub(crate) async fn close(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    proposal: &Loaded<Proposal>,
    state: ProposalState,
) -> Result<Proposal, Failure> {
    let (proposed, place) = proposal.proposed.clone().closed();
    if let Some(place) = place {
        Disposal::give_up(change, &place, moment.now);
    }
    let closed = Proposal { proposed, state, ..Proposal::clone(proposal) };
    change.update(proposal, &closed);
    // A later proposal about the same has taken the guard if this one lapsed before it was swept.
    let guard = load::<OpenProposal>(store, &closed.proposed.about()).await?;
    if let Some(guard) = guard.filter(|guard| guard.proposal == proposal.id) {
        change.remove(&guard);
    }
    let event = match state {
        ProposalState::Open => {
            return Err(Failure::Defect("a proposal is not closed by opening it".to_owned()));
        }
        ProposalState::Confirmed { .. } => EventKind::ProposalConfirmed,
        ProposalState::Withdrawn { .. } => EventKind::ProposalWithdrawn,
        ProposalState::Lapsed { .. } => EventKind::ProposalLapsed,
    };
    if let Proposed::GrantException { exception, .. } = closed.proposed
        && !matches!(state, ProposalState::Confirmed { .. })
    {
        exception::refuse(store, change, moment.now, exception).await?;
    }
    record(change, moment, actor, event, &closed);
    Ok(closed)
}

/// Withdraws whatever waits about a thing that goes away.
pub(crate) async fn close_about(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    about: &str,
) -> Result<(), Failure> {
    if let Some(guard) = load::<OpenProposal>(store, about).await?
        && let Some(open) = load::<Proposal>(store, &guard.proposal.to_string()).await?
        && open.state == ProposalState::Open
    {
        let state = ProposalState::Withdrawn { by: actor, at: moment.now };
        close(store, change, moment, actor, &open, state).await?;
    }
    Ok(())
}

fn record(change: &mut Change, moment: &Moment, actor: Actor, event: EventKind, proposal: &Proposal) {
    let mut facts = vec![("proposal", Value::from(proposal.id.to_string()))];
    facts.extend(proposal.proposed.facts());
    change.record(moment.now, &actor, event, Value::object(facts));
}

/// Calls off what is proposed about findings that name somebody who is erased, each in a commit of its own: its reason may tell of them.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn withdraw_answers(
    store: &impl Store,
    findings: &BTreeSet<FindingId>,
    moment: &Moment,
) -> Result<(), Failure> {
    let open = documents::all::<Proposal>(store, Select::by(&Proposal::BY_STATE, ["open"])).await?;
    for (number, proposal) in (0_u32..).zip(&open) {
        let Proposed::AnswerForFindings(answer) = &proposal.proposed else { continue };
        if answer.findings.is_disjoint(findings) {
            continue;
        }
        let mut change = Change::new();
        let moment = moment.part(number);
        let state = ProposalState::Withdrawn { by: Actor::System, at: moment.now };
        close(store, &mut change, &moment, Actor::System, proposal, state).await?;
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}

/// Calls off what somebody who left has proposed, each in a commit of its own.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn withdraw_all(
    store: &impl Store,
    person: PersonId,
    moment: &Moment,
) -> Result<(), Failure> {
    let open = documents::all::<Proposal>(store, Select::by(&Proposal::BY_STATE, ["open"])).await?;
    for (number, proposal) in (0_u32..).zip(&open) {
        if proposal.proposed_by != Actor::Person(person) {
            continue;
        }
        let mut change = Change::new();
        let moment = moment.part(number);
        let state = ProposalState::Withdrawn { by: Actor::System, at: moment.now };
        close(store, &mut change, &moment, Actor::System, proposal, state).await?;
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}
