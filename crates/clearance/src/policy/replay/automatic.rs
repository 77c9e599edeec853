//! What the program decided by itself besides requests: proposals of tools that policy denies, access in emergencies, what came of renewals.

use super::Differs;
use crate::emergency::{Emergency, check_offered};
use crate::policy::evaluate::{Evaluation, Outcome, evaluate};
use crate::policy::{ByTool, Snapshot};
use crate::request::{Decider, Request, RequestState, Source};
use crate::review::{Renewal, Review, ReviewDecision, ReviewState};
use crate::tool_proposal::{Declination, ToolProposal, ToolProposalState};

/// What policy says again, if it says the same.
fn again(stored: &Evaluation, snapshot: &Snapshot, rules: &ByTool<'_>) -> Result<Outcome, Differs> {
    let again = evaluate(stored.policy_version, rules.of(snapshot.tool), snapshot);
    if again == *stored { Ok(again.outcome) } else { Err(Differs::Evaluation) }
}

/// What of a proposed tool differs when it is computed again: policy declines exactly what it denies.
pub fn replayed_proposal(proposal: &ToolProposal, rules: &ByTool<'_>) -> Option<Differs> {
    let outcome = match again(&proposal.evaluation, &proposal.snapshot, rules) {
        Ok(outcome) => outcome,
        Err(differs) => return Some(differs),
    };
    let follows = match (&outcome, &proposal.state) {
        (
            Outcome::Denied { reasons },
            ToolProposalState::Declined { why: Declination::Policy { reasons: told }, .. },
        ) => told == reasons,
        (Outcome::Denied { .. }, _) => false,
        (_, state) => !matches!(state, ToolProposalState::Declined { why: Declination::Policy { .. }, .. }),
    };
    (!follows).then_some(Differs::AutomaticDecision)
}

/// What of emergency access differs when it is computed again: it was to be had by what its tool allowed, for as long as was asked for, and
/// extended nothing. Whether the person was of the emergency group and within the budget was decided in the same commit, and is kept nowhere.
pub fn replayed_emergency(emergency: &Emergency, request: &Request, rules: &ByTool<'_>) -> Option<Differs> {
    let outcome = match again(&request.evaluation, &request.snapshot, rules) {
        Ok(outcome) => outcome,
        Err(differs) => return Some(differs),
    };
    let offered = check_offered(emergency.allowed, request.snapshot.risk, &outcome).is_ok();
    let as_asked = match &request.state {
        RequestState::Approved { at, by: Decider::Emergency, days, grant, stages, .. } => {
            *at == emergency.at && *days == request.days && *grant == emergency.grant && stages.is_empty()
        }
        _ => false,
    };
    let whose = (request.requester, request.tool) == (emergency.person, emergency.tool);
    (!(offered && as_asked && whose && request.extends.is_none())).then_some(Differs::AutomaticDecision)
}

/// The request that a review's renewal made, and what came of it at once.
pub fn renewal_of(review: &Review) -> Option<Renewal> {
    match review.state {
        ReviewState::Decided { decision: ReviewDecision::Renew { renewal, .. }, .. } => {
            renewal.request().map(|_| renewal)
        }
        _ => None,
    }
}

/// What of a renewal differs when it is computed again: it gave what policy gives at once, and nothing else.
pub fn replayed_renewal(
    review: &Review,
    renewal: Renewal,
    request: &Request,
    rules: &ByTool<'_>,
) -> Option<Differs> {
    let outcome = match again(&request.evaluation, &request.snapshot, rules) {
        Ok(outcome) => outcome,
        Err(differs) => return Some(differs),
    };
    let follows = matches!(
        (&outcome, request.exception, renewal),
        (Outcome::AutoApproved { .. }, _, Renewal::Extended { .. })
            | (Outcome::Denied { .. }, None, Renewal::Denied { .. })
            | (Outcome::Denied { .. }, Some(_), Renewal::Asked { .. })
            | (Outcome::Stages { .. }, _, Renewal::Asked { .. })
    );
    let ReviewState::Decided { decision: ReviewDecision::Renew { days, .. }, at, .. } = &review.state else {
        return Some(Differs::AutomaticDecision);
    };
    let of_review = request.source == Source::Review && request.submitted_at == *at && request.days == *days;
    let whose = (request.requester, request.tool) == (review.person, review.tool);
    (!(follows && of_review && whose)).then_some(Differs::AutomaticDecision)
}
