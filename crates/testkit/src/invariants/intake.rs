//! Issues: at most one request comes of each, and both know each other.

use std::collections::BTreeMap;

use clearance::ids::RequestId;
use clearance::intake::{IntakeState, IssueIntake, IssueOfRequest};
use clearance::ports::{IssueId, Store};
use clearance::request::Request;

use super::{every, require};

pub(super) async fn check(store: &impl Store, broken: &mut Vec<String>) {
    let intakes: Vec<IssueIntake> = every(store).await;
    let links: BTreeMap<RequestId, IssueId> =
        every::<IssueOfRequest>(store).await.into_iter().map(|link| (link.request, link.issue)).collect();
    let requests: Vec<Request> = every(store).await;
    for intake in &intakes {
        let IntakeState::Linked { request } = intake.state else { continue };
        let known = links.get(&request) == Some(&intake.issue);
        require(broken, known, || format!("{request} does not know the issue that asked for it"));
        let exists = requests.iter().any(|candidate| candidate.id == request);
        require(broken, exists, || format!("an issue asked for {request}, which does not exist"));
    }
    for (request, issue) in &links {
        let linked = intakes.iter().any(|intake| {
            intake.issue == *issue && intake.state == IntakeState::Linked { request: *request }
        });
        require(broken, linked, || format!("{request} names an issue that did not ask for it"));
    }
}
