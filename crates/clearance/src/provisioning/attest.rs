//! Somebody attests that a job is done: a task that is done by hand, or what the provider does not let the runner do.

use super::follow_up::FollowUpReason;
use super::job::{Job, JobState, Subject, Task, Work};
use super::queue::facts;
use super::seats;
use super::view::{may_attest, may_see};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::drift;
use crate::failure::Failure;
use crate::grant::{Grant, Means, settle_provisioned, settle_removal};
use crate::identity::ProviderAccount;
use crate::operations::Context;
use crate::ports::{Moment, Ports, Store};
use crate::refusal::{Code, Refusal, not_found};
use crate::seats::count_of;

/// Attests a job and moves its grant on; both as they stand then.
///
/// # Errors
/// [`Code::NotFound`] for whom it is not, [`Code::JobState`] unless it can be attested now.
pub(crate) async fn attest<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    job: &Loaded<Job>,
) -> Result<(Job, Option<Grant>), Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let tool = load::<Tool>(store, &job.tool.to_string()).await?;
    if !may_see(&context.admission, job, tool.as_deref()) {
        return Err(not_found("task").into());
    }
    let actor = context.admission.actor()?;
    let attested = job.attest(actor, moment.now)?;
    if !may_attest(&context.admission, job, tool.as_deref()) {
        return Err(refused(job).into());
    }
    change.update(job, &attested);
    change.record(moment.now, &actor, EventKind::JobAttested, facts(job));
    let grant = match &job.subject {
        Subject::Account { fingerprint } => {
            if let Some(connector) = job.connector()
                && let Some(before) = seats::account(store, connector, fingerprint).await?
            {
                let mut after = ProviderAccount::clone(&before);
                drift::confirmed::absent(store, change, moment, &mut after, job.tool).await?;
                ProviderAccount::write(change, &before, &after, moment.now);
            }
            None
        }
        Subject::Grant { grant, .. } => {
            let grant = load::<Grant>(store, &grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
            Some(settle(store, change, moment, &actor, (job, &grant)).await?)
        }
    };
    Ok((attested, grant))
}

async fn settle(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    (job, grant): (&Job, &Loaded<Grant>),
) -> Result<Grant, Failure> {
    let mut with = Grant::clone(grant);
    if job.task == Task::Provision {
        if let (Means::Connected, Some(connector)) = (grant.means, job.connector()) {
            // Whoever gave the access by hand gave it to the person's account: it is taken away from there again.
            let mapping =
                seats::mapping(store, connector, grant.person).await?.ok_or_else(|| refused(job))?;
            let account = seats::account(store, connector, &mapping.fingerprint).await?;
            let account = account.ok_or_else(|| refused(job))?;
            change.check(&mapping);
            let account = seats::take(store, change, moment, account, grant).await?;
            with = seats::named(grant, &account);
        }
        return Ok(settle_provisioned(change, moment, actor, grant, &with)?);
    }
    for seat in grant.seats.clone() {
        let account = seats::account(store, seat.connector, &seat.fingerprint).await?;
        seats::drop(store, change, moment, &mut with, (&seat, account.as_ref())).await?;
    }
    let count = count_of(store, grant).await?;
    Ok(settle_removal(change, moment, actor, (grant, &with), count.as_ref())?)
}

fn refused(job: &Job) -> Refusal {
    let message = match (job.work, job.state) {
        (_, JobState::NeedsFollowUp { reason: FollowUpReason::NoIdentity, .. }) => {
            "map the person to their account first: otherwise nobody could take the access away again"
        }
        (Work::Connected { .. }, _) => "only an administrator can mark this done, when it needs follow-up",
        (Work::Manual { .. }, _) => "this task cannot be marked done now",
    };
    Refusal::new(Code::JobState, message).with("state", job.state_name())
}
