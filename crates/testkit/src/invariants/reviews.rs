//! Reviews, the guards of their grants, and what the log says of each.

use std::collections::{BTreeMap, BTreeSet};

use clearance::grant::Grant;
use clearance::ids::{GrantId, RequestId};
use clearance::ports::Store;
use clearance::request::{Request, RequestState, Source};
use clearance::review::{Renewal, Review, ReviewDecision, ReviewOfGrant, ReviewState};
use clearance::text::CommittedText;

use super::log::Log;
use super::people::hidden;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let reviews: Vec<Review> = every(store).await;
    let grants: BTreeMap<GrantId, Grant> =
        every(store).await.into_iter().map(|grant: Grant| (grant.id, grant)).collect();
    let requests: BTreeMap<RequestId, Request> =
        every(store).await.into_iter().map(|request: Request| (request.id, request)).collect();
    for review in &reviews {
        in_the_log(review, log, broken);
        of_a_grant(review, &grants, &requests, broken);
    }
    guards(&reviews, every(store).await, broken);
    // What a review asked for is named by that review, as long as it is kept, and by one alone.
    let renewals: Vec<RequestId> = reviews.iter().filter_map(renewal).filter_map(Renewal::request).collect();
    let named: BTreeSet<_> = renewals.iter().copied().collect();
    let made: BTreeSet<_> = requests
        .values()
        .filter(|request| request.source == Source::Review)
        .map(|request| request.id)
        .collect();
    require(broken, named.len() == renewals.len() && named.is_subset(&made), || {
        format!("reviews name {named:?}; requests made by reviews are {made:?}")
    });
}

fn renewal(review: &Review) -> Option<Renewal> {
    match review.state {
        ReviewState::Decided { decision: ReviewDecision::Renew { renewal, .. }, .. } => Some(renewal),
        _ => None,
    }
}

fn in_the_log(review: &Review, log: &Log, broken: &mut Vec<String>) {
    let decided = matches!(review.state, ReviewState::Decided { .. });
    let closed = matches!(review.state, ReviewState::Undecided { .. } | ReviewState::Void { .. });
    for (kind, expected) in [
        ("review.opened", 1),
        ("review.postponed", review.postponements.len()),
        ("review.decided", usize::from(decided)),
        ("review.closed", usize::from(closed)),
    ] {
        let logged = log.count(kind, review.id);
        require(broken, logged == expected, || {
            format!("{} is {}: {logged} × {kind}", review.id, review.state_name())
        });
    }
    for (by, text) in review.texts() {
        require(broken, by != review.person, || format!("{}: its holder had a say", review.id));
        if let Some(text) = text.text() {
            hidden(log, text.as_str(), broken);
        }
        if let Some(commitment) = CommittedText::commitment(text) {
            require(broken, log.says(commitment), || format!("{}: a reason is not committed to", review.id));
        }
    }
}

fn of_a_grant(
    review: &Review,
    grants: &BTreeMap<GrantId, Grant>,
    requests: &BTreeMap<RequestId, Request>,
    broken: &mut Vec<String>,
) {
    let grant = grants.get(&review.grant);
    let right = grant.is_some_and(|grant| grant.person == review.person && grant.tool == review.tool);
    require(broken, right, || format!("{} is of {}, which is not so", review.id, review.grant));
    if let ReviewState::Decided { by, .. } = review.state {
        require(broken, by != review.person, || format!("{}: its holder decided it", review.id));
    }
    let Some(renewal) = renewal(review) else { return };
    let state = renewal.request().and_then(|request| requests.get(&request)).map(|request| &request.state);
    let fits = match renewal {
        Renewal::Extended { .. } => {
            matches!(state, Some(RequestState::Approved { grant, .. }) if *grant == review.grant)
        }
        Renewal::Denied { .. } => matches!(state, Some(RequestState::Denied { .. })),
        Renewal::Asked { .. } => state.is_some(),
        Renewal::AwaitsAcceptance => true,
    };
    require(broken, fits, || format!("{}: {renewal:?} names {state:?}", review.id));
}

/// One review of a grant is open at a time, and the guard names it, or the last one.
fn guards(reviews: &[Review], guards: Vec<ReviewOfGrant>, broken: &mut Vec<String>) {
    let mut open = BTreeSet::new();
    for review in reviews.iter().filter(|review| review.is_open()) {
        require(broken, open.insert((review.grant, review.id)), || format!("{} is open twice", review.grant));
    }
    let of: BTreeSet<_> = open.iter().map(|(grant, _)| *grant).collect();
    require(broken, of.len() == open.len(), || format!("two reviews of a grant are open: {open:?}"));
    let named: BTreeSet<_> =
        guards.iter().filter(|guard| guard.open).map(|guard| (guard.grant, guard.review)).collect();
    require(broken, named == open, || format!("open reviews {open:?}, guards {named:?}"));
    let reviewed: BTreeSet<_> = reviews.iter().map(|review| review.grant).collect();
    let guarded: BTreeSet<_> = guards.iter().map(|guard| guard.grant).collect();
    // Guards stay when a review is not kept any more.
    require(broken, reviewed.is_subset(&guarded), || {
        format!("reviews of {reviewed:?}, guards of {guarded:?}")
    });
}
