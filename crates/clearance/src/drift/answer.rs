//! Somebody is to answer for findings until a day: one administrator proposes it, another one confirms it. Nobody does until then.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::remedy::is_under_way;
use super::settle::Concerned;
use super::view::possible;
use super::{Disposition, DispositionKind, Finding, Remedy};
use crate::audit::Actor;
use crate::authorization::CallerKinds;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::identity::{Seat, SeatBasis};
use crate::ids::{FindingId, PersonId, ProposalId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation, decide_part};
use crate::people::{AdministratorRoster, Person};
use crate::ports::{Moment, Ports, Store};
use crate::proposal::operations::Confirm;
use crate::proposal::{Proposal, Proposed, propose};
use crate::refusal::{Code, Refusal, not_found};
use crate::seats;
use crate::text::{CommittedText, Paragraph};
use crate::time::Timestamp;

/// What is proposed about findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedAnswer {
    /// Which findings; at most as many as one call names.
    pub findings: BTreeSet<FindingId>,
    /// In groups of which tools.
    pub tools: BTreeSet<ToolId>,
    /// Who is to answer for them.
    pub owner: PersonId,
    /// Until when.
    pub ends_at: Timestamp,
    /// Whether it was so when the group was bound.
    pub baseline: bool,
    /// Why; gone once the proposal is closed. Each finding keeps it then under a salt of its own.
    pub reason: Option<Paragraph>,
}

impl ProposedAnswer {
    /// The name of what is done.
    pub fn kind(&self) -> DispositionKind {
        if self.baseline { DispositionKind::Baseline } else { DispositionKind::Exception }
    }

    /// The only finding that it is about.
    pub fn only(&self) -> Option<FindingId> {
        let mut findings = self.findings.iter();
        findings.next().copied().filter(|_| findings.next().is_none())
    }

    fn remedy(&self) -> Remedy {
        let (owner, ends_at) = (self.owner, self.ends_at);
        if self.baseline {
            Remedy::Baseline { owner, ends_at, over: false }
        } else {
            Remedy::Exception { owner, ends_at, over: false }
        }
    }
}

/// Refuses what concerns oneself.
pub(super) fn not_own(finding: &Finding, actor: Actor) -> Result<(), Refusal> {
    if finding.person().is_some_and(|person| actor == Actor::Person(person)) {
        let message = "this is about your own account; somebody else has to decide it";
        return Err(Refusal::new(Code::OwnFinding, message).with("finding", finding.id));
    }
    Ok(())
}

/// Refuses that somebody answers for their own account.
fn not_by(finding: &Finding, owner: PersonId) -> Result<(), Refusal> {
    if finding.person() == Some(owner) {
        let message = "nobody answers for their own account; name somebody else";
        return Err(Refusal::new(Code::OwnFinding, message).with("finding", finding.id));
    }
    Ok(())
}

/// Whoever answers for something takes part.
async fn check_owner(store: &impl Store, change: &mut Change, owner: PersonId) -> Result<(), Failure> {
    let person = load::<Person>(store, &owner.to_string()).await?.filter(|person| person.is_active());
    let Some(person) = person else {
        let message = "whoever is to answer for it does not exist or is not active";
        return Err(Refusal::new(Code::UnknownReference, message).with("person", owner).into());
    };
    change.check(&person);
    Ok(())
}

/// What cannot be done about a finding now.
pub(super) fn wrong_state(finding: &Finding) -> Refusal {
    let message = "this cannot be done about the finding as it stands; look at it again";
    Refusal::new(Code::FindingState, message).with("state", finding.state_name())
}

/// A finding that somebody may be proposed to answer for.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::FindingState`]; [`Code::OwnFinding`] when it is about whoever proposes it, or whoever is to answer.
pub(super) async fn answerable(
    store: &impl Store,
    actor: Actor,
    finding: FindingId,
    (kind, owner): (DispositionKind, PersonId),
) -> Result<Finding, Failure> {
    let finding = load::<Finding>(store, &finding.to_string()).await?.ok_or_else(|| not_found("finding"))?;
    if !possible(&finding, is_under_way(store, &finding).await?).contains(&kind) {
        return Err(wrong_state(&finding).into());
    }
    not_own(&finding, actor)?;
    not_by(&finding, owner)?;
    Ok(finding.into_inner())
}

/// Proposes that somebody answers for findings; it waits for another administrator.
///
/// It brings at most three documents and one entry.
///
/// # Errors
/// [`Code::UnknownReference`] when nobody active is to answer; [`Code::ProposalOpen`] when something about the same findings waits.
pub(super) async fn propose_answer(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    answer: ProposedAnswer,
) -> Result<Proposal, Failure> {
    check_owner(store, change, answer.owner).await?;
    propose(store, change, moment, actor, Proposed::AnswerForFindings(answer)).await
}

/// Puts in force what a second administrator confirms. Of one finding it comes in the change that closes the proposal; of many each is in a
/// commit of its own before that, so that whoever is interrupted confirms again, and comes to the rest.
///
/// # Errors
/// [`Code::OwnFinding`] when one is about whoever agrees or answers; [`Code::UnknownReference`] when whoever answers has left;
/// [`Code::FindingState`] when its end has come, or there is nothing to answer for any more.
pub(crate) async fn confirm<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    proposal: &Loaded<Proposal>,
    answer: &ProposedAnswer,
) -> Result<(), Failure> {
    let (store, actor) = (context.store(), context.admission.actor()?);
    if answer.ends_at <= context.moment.now {
        let message = "the time for which somebody was to answer is over; withdraw this and propose it again";
        return Err(Refusal::new(Code::FindingState, message).into());
    }
    let mut left = Vec::new();
    let mut answered = false;
    for id in &answer.findings {
        let Some(finding) = load::<Finding>(store, &id.to_string()).await? else { continue };
        not_own(&finding, actor)?;
        not_own(&finding, proposal.proposed_by)?;
        not_by(&finding, answer.owner)?;
        if possible(&finding, is_under_way(store, &finding).await?).contains(&answer.kind()) {
            left.push(*id);
        }
        let confirmed = |disposition: &Disposition| disposition.confirmed_by.is_some();
        answered |= finding.disposition().is_some_and(confirmed);
    }
    check_owner(store, change, answer.owner).await?;
    if let [only] = left.as_slice() {
        return settle(store, change, &context.moment, (proposal, answer), (*only, actor)).await;
    }
    if left.is_empty() && !answered {
        let message = "there is nothing left to answer for; withdraw this";
        return Err(Refusal::new(Code::FindingState, message).into());
    }
    for (number, finding) in (1_u32..).zip(left) {
        let part = AnswerPart { proposal: proposal.id, finding };
        match decide_part::<Answer, P>(context, number, &part).await {
            // Somebody decided otherwise about it meanwhile.
            Ok(_) | Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// Lets somebody answer for a finding in a change.
async fn settle(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    (proposal, answer): (&Proposal, &ProposedAnswer),
    (finding, confirmed_by): (FindingId, Actor),
) -> Result<(), Failure> {
    let concerned = Concerned::load(store, finding).await?.ok_or_else(|| not_found("finding"))?;
    let finding = &concerned.finding;
    if !possible(finding, is_under_way(store, finding).await?).contains(&answer.kind()) {
        return Err(wrong_state(finding).into());
    }
    for actor in [confirmed_by, proposal.proposed_by] {
        not_own(finding, actor)?;
    }
    not_by(finding, answer.owner)?;
    let disposition = Disposition {
        remedy: answer.remedy(),
        by: proposal.proposed_by,
        confirmed_by: Some(confirmed_by),
        at: moment.now,
        reason: answer.reason.clone().map(|reason| CommittedText::new(reason, moment, "reason")),
    };
    let (owner, ends_at) = (answer.owner, answer.ends_at);
    let basis = SeatBasis::Baseline { finding: finding.id, owner, ends_at };
    let seat = Seat { basis, since: moment.now };
    if concerned.account.is_some() {
        seats::member_joins(store, change, finding.tool).await?;
    }
    concerned.settle(change, moment, disposition, Some(seat));
    Ok(())
}

/// One of many findings of a proposal that is being confirmed.
#[derive(Debug)]
struct Answer;

#[derive(Debug, Deserialize, JsonSchema)]
struct AnswerPart {
    proposal: ProposalId,
    finding: FindingId,
}

impl Operation for Answer {
    const NAME: &'static str = Confirm::NAME;
    const SUMMARY: &'static str = Confirm::SUMMARY;
    const EFFECT: Effect = Confirm::EFFECT;
    const CALLERS: CallerKinds = Confirm::CALLERS;
    type Input = AnswerPart;
    type Output = ();

    async fn run<P: Ports>(context: &Context<'_, P>, input: &AnswerPart) -> Result<Decision<()>, Failure> {
        let (store, now, actor) = (context.store(), context.moment.now, context.admission.actor()?);
        let proposal = load::<Proposal>(store, &input.proposal.to_string()).await?;
        let proposal = proposal.ok_or_else(|| not_found("proposal"))?;
        let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
        let roster = roster.ok_or_else(|| not_found("proposal"))?;
        proposal.confirmability(&roster, actor, now).require()?;
        let Proposed::AnswerForFindings(answer) = &proposal.proposed else {
            return Err(Failure::Defect(format!("{} is about no finding", proposal.id)));
        };
        let mut change = Change::new();
        change.check(&proposal);
        change.check(&roster);
        check_owner(store, &mut change, answer.owner).await?;
        settle(store, &mut change, &context.moment, (&proposal, answer), (input.finding, actor)).await?;
        Ok(Decision::change((), change))
    }
}
