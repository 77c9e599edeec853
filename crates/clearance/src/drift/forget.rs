//! What is not kept for good: findings about people who are erased, and findings that were settled long ago.

use super::{Finding, FindingState};
use crate::audit::Actor;
use crate::documents::{self, Select};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Environment as _, Moment, Ports};
use crate::proposal::withdraw_answers;
use crate::time::Timestamp;

/// Lets no finding say whom it was about when that person is erased; texts about them and by them go.
///
/// # Errors
/// When the store does not answer, or something changed meanwhile; it is safe to run again.
pub(crate) async fn forget_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let about = documents::all::<Finding>(store, Select::by(&Finding::BY_PERSON, [person])).await?;
    if !about.is_empty() {
        let findings = about.iter().map(|finding| finding.id).collect();
        withdraw_answers(store, &findings, &Moment::draw(ports.environment())).await?;
    }
    documents::rewrite_all(store, |finding: &Finding| without(finding, person, now)).await
}

/// The finding without anything about or by the person, when it has something.
fn without(finding: &Finding, person: PersonId, now: Timestamp) -> Option<Finding> {
    let about = finding.person() == Some(person);
    let text = finding.disposition().filter(|disposition| {
        (about || disposition.by == Actor::Person(person))
            && disposition.reason.as_ref().is_some_and(|reason| reason.text().is_some())
    });
    if !about && text.is_none() {
        return None;
    }
    let mut finding = finding.clone();
    if about && let Some(account) = finding.difference.account_mut() {
        account.person = None;
    }
    if let FindingState::Open { under_way: Some(disposition) } | FindingState::Settled { disposition, .. } =
        &mut finding.state
        && let Some(reason) = &mut disposition.reason
    {
        reason.destroy(now);
    }
    Some(finding)
}

/// Whether a finding was settled before a time, and nothing about it ends by time.
pub(crate) fn is_outdated(finding: &Finding, before: Timestamp) -> bool {
    finding.settled_at().is_some_and(|at| at < before) && finding.ends_at().is_none()
}
