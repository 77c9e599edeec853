//! What whoever comes second is told: who decided, what and when.

use super::eligibility::Circle;
use crate::delegation::Delegations;
use crate::documents::load;
use crate::failure::Failure;
use crate::people::{Names, Person};
use crate::policy::{Approvers, Outcome, PlannedStage};
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::request::{Approval, Consent, Denial, Request, RequestState};
use crate::time::Timestamp;

/// What happened to a request, for somebody who could have decided it, or stands in for somebody who could; none when there is nothing to
/// tell them.
pub(super) async fn overtaken(
    store: &impl Store,
    circle: Circle<'_>,
    request: &Request,
    person: &Person,
    now: Timestamp,
) -> Result<Option<Refusal>, Failure> {
    if request.requester == person.id || request.is_decided_by(person.id) {
        return Ok(None);
    }
    let Outcome::Stages { stages } = &request.evaluation.outcome else { return Ok(None) };
    let mut in_whose_right = vec![person.clone()];
    if let Some(own) = Delegations::load(store, person.id).await? {
        for delegator in own.delegators(now) {
            let delegator = load::<Person>(store, &delegator.to_string()).await?;
            in_whose_right.extend(delegator.map(crate::documents::Loaded::into_inner));
        }
    }
    let means =
        |approvers: &[Approvers]| in_whose_right.iter().any(|person| circle.means(approvers.iter(), person));
    let mut names = Names::new(store);
    let (what, decision, by, at) = match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            // The stage that was theirs is decided, and the request waits for others.
            let theirs = review.decided.iter().rev().find(|stage| {
                let approvers: Vec<Approvers> = stage.approvers().into_iter().collect();
                means(&approvers)
            });
            let Some(approval) = theirs.and_then(|stage| stage.approvals.last()) else { return Ok(None) };
            let who = who(&mut names, approval.by, approval.on_behalf_of).await?;
            (format!("{who} approved this stage"), "approve", Some(approval.by), approval.at)
        }
        closed => {
            // Any stage may have fallen to administrators.
            let approvers: Vec<Approvers> = stages
                .iter()
                .flat_map(PlannedStage::names)
                .copied()
                .chain([Approvers::Administrators])
                .collect();
            if !means(&approvers) {
                return Ok(None);
            }
            match closed {
                RequestState::Approved { at, stages, .. }
                | RequestState::AwaitingSeat { consent: Consent { at, stages, .. }, .. }
                | RequestState::Forgone { consent: Consent { at, stages, .. }, .. } => {
                    let last = stages.iter().flat_map(|stage| &stage.approvals).last();
                    let Some(Approval { by, on_behalf_of, .. }) = last else { return Ok(None) };
                    let who = who(&mut names, *by, *on_behalf_of).await?;
                    (format!("{who} approved it"), "approve", Some(*by), *at)
                }
                RequestState::Denied { at, denial, .. } => match denial {
                    Denial::Policy { .. } => return Ok(None),
                    Denial::Person { person, on_behalf_of, .. } => {
                        let who = who(&mut names, *person, *on_behalf_of).await?;
                        (format!("{who} denied it"), "deny", Some(*person), *at)
                    }
                },
                RequestState::Cancelled { at, .. } => ("it was withdrawn".to_owned(), "cancelled", None, *at),
                RequestState::Lapsed { at, .. } => ("it lapsed".to_owned(), "lapsed", None, *at),
                RequestState::Pending { .. } | RequestState::NeedsInformation { .. } => return Ok(None),
            }
        }
    };
    let refusal =
        Refusal::new(Code::DecidedMeanwhile, format!("{what} on {at}; nothing is left for you to decide"))
            .with("state", request.state_name())
            .with("decision", decision)
            .with("decided_at", at);
    Ok(Some(match by {
        Some(by) => refusal.with("decided_by", by),
        None => refusal,
    }))
}

async fn who<S: Store>(
    names: &mut Names<'_, S>,
    by: crate::ids::PersonId,
    on_behalf_of: Option<crate::ids::PersonId>,
) -> Result<String, Failure> {
    let by = names.person(by).await?.name;
    Ok(match names.person_if(on_behalf_of).await? {
        Some(delegator) => format!("{by} for {}", delegator.name),
        None => by,
    })
}
