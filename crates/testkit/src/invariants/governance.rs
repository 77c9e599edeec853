//! Emergency access and proposed tools: each with what it names, its guards, and its entries in the log.

use std::collections::{BTreeMap, BTreeSet};

use clearance::emergency::{Emergency, EmergencyBudget, EmergencyState};
use clearance::ports::Store;
use clearance::request::{Decider, Request, RequestState};
use clearance::tool_proposal::{OpenToolProposal, ToolProposal, ToolProposalState};

use super::log::Log;
use super::people::hidden;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    emergencies(store, log, broken).await;
    proposals(store, log, broken).await;
}

/// Every request that nobody approved is an emergency's, and every emergency's is one.
async fn emergencies(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let taken: BTreeSet<_> = every::<Request>(store)
        .await
        .into_iter()
        .filter(|request| matches!(request.state, RequestState::Approved { by: Decider::Emergency, .. }))
        .map(|request| request.id)
        .collect();
    let all = every::<Emergency>(store).await;
    let named: BTreeSet<_> = all.iter().map(|emergency| emergency.request).collect();
    require(broken, taken == named && named.len() == all.len(), || {
        format!("taken in an emergency: {taken:?}; emergencies name {named:?}")
    });
    let owed: BTreeSet<_> =
        every::<EmergencyBudget>(store).await.into_iter().filter_map(|budget| budget.owed).collect();
    for emergency in all {
        let id = emergency.id;
        let open = matches!(emergency.state, EmergencyState::Open);
        require(broken, open == owed.contains(&id), || format!("{id}: the budget does not know its note"));
        for (kind, wanted) in [
            ("emergency.noted", emergency.note().is_some()),
            ("emergency.reviewed", emergency.review().is_some()),
        ] {
            let found = log.count(kind, id);
            require(broken, found == usize::from(wanted), || format!("{id}: {found} × {kind}"));
        }
        if let Some(review) = emergency.review() {
            require(broken, review.by != emergency.person, || format!("{id}: reviewed by its holder"));
        }
        for text in [Some(&emergency.incident), emergency.note().map(|note| &note.text)].into_iter().flatten()
        {
            if let Some(text) = text.text() {
                hidden(log, text.as_str(), broken);
            }
        }
    }
}

/// Guards name exactly the open proposals, and nothing that a proposer wrote is in the log.
async fn proposals(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let all = every::<ToolProposal>(store).await;
    let open: BTreeMap<_, _> = all
        .iter()
        .filter(|proposal| proposal.is_open())
        .map(|proposal| (proposal.guard.clone(), proposal.id))
        .collect();
    let guards: BTreeMap<_, _> = every::<OpenToolProposal>(store)
        .await
        .into_iter()
        .map(|guard| (guard.digest, guard.proposal))
        .collect();
    require(broken, open == guards, || format!("open proposals are {open:?}; guards name {guards:?}"));
    for proposal in all {
        let id = proposal.id;
        let state = &proposal.state;
        for (kind, wanted) in [
            ("tool_proposal.submitted", true),
            ("tool_proposal.accepted", matches!(state, ToolProposalState::Accepted { .. })),
            ("tool_proposal.declined", matches!(state, ToolProposalState::Declined { .. })),
            ("tool_proposal.withdrawn", matches!(state, ToolProposalState::Withdrawn { .. })),
        ] {
            let found = log.count(kind, id);
            require(broken, found == usize::from(wanted), || format!("{id}: {found} × {kind}"));
        }
        if let Some(assessment) = proposal.assessment() {
            require(broken, assessment.by != proposal.proposer, || format!("{id}: assessed by its proposer"));
        }
        for text in [&proposal.name, &proposal.url, &proposal.purpose] {
            if let Some(text) = text.text() {
                hidden(log, text.as_str(), broken);
            }
        }
    }
}
