//! Prepares the call of a job that was claimed: what the call may bring about is written down before it is made.

use std::sync::Arc;

use core_protocol::message::{AccountId, Operation};

use super::JobOutcome;
use super::batch::At;
use super::known::Known;
use super::read::Read;
use super::step::Step;
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Loaded};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState, settle_removal};
use crate::identity::ProviderAccount;
use crate::ports::{Moment, Ports, Store as _};
use crate::provisioning::attempt::{Attempt, AttemptOutcome};
use crate::provisioning::follow_up::FollowUpReason;
use crate::provisioning::job::{Job, Subject, Task};
use crate::provisioning::resume::follow_up;
use crate::provisioning::second_look::{self, NoLook};
use crate::provisioning::{queue, seats};
use crate::seats::count_of;

/// What is to become of a job.
pub(super) enum Prepared {
    /// A call.
    Call(Box<Call>),
    /// It is settled without one.
    Settled(JobOutcome),
}

/// A call that can be made.
pub(super) struct Call {
    /// Where it is made.
    pub(super) at: Arc<At>,
    /// What it rests on.
    pub(super) known: Known,
    /// Number of the attempt.
    pub(super) number: u32,
    /// What the call is to bring about.
    pub(super) step: Step,
    /// What Core is asked for.
    pub(super) operation: Operation,
}

/// What a job needs next.
enum Need {
    Call(Step, Box<Loaded<ProviderAccount>>),
    /// Nothing is left to be removed.
    Done,
    /// Somebody must act first.
    FollowUp(FollowUpReason),
    /// It is not needed any more.
    Cancel,
    /// The second look is not.
    NoLook,
    /// Somebody else's access through the same account must end first.
    Later,
    /// The account to which the person is mapped is not there: they were mapped anew meanwhile.
    Remapped,
}

/// Prepares the call of a job that was claimed.
///
/// # Errors
/// A conflict when somebody else changed what it rests on; refusals when it is not due any more.
pub(super) async fn prepare<P: Ports>(ports: &P, at: Arc<At>, read: Read) -> Result<Prepared, Failure> {
    let (store, connector) = (ports.store(), &at.connector);
    let moment = Moment::draw(ports.environment());
    let Read { job, grant, mapping, step, account, id } = read;
    let (step, account) = match need(&job, grant.as_deref(), step, account) {
        Need::Call(step, account) => (step, *account),
        Need::Done => return done(ports, &moment, &job, grant.as_ref()).await,
        Need::FollowUp(reason) => return stop(ports, &moment, &job, reason).await,
        Need::Cancel => {
            let mut change = Change::new();
            queue::cancel(&mut change, &moment, &Actor::System, &job)?;
            store.commit(change.into_commit()?).await?;
            return Ok(Prepared::Settled(JobOutcome::Cancelled));
        }
        Need::NoLook => {
            let mut change = Change::new();
            second_look::leave(&mut change, moment.now, &job, NoLook::NotNeeded);
            store.commit(change.into_commit()?).await?;
            return Ok(Prepared::Settled(JobOutcome::Cancelled));
        }
        Need::Later => {
            let mut change = Change::new();
            change.update(&job, &job.put_off(moment.now.plus_minutes(1))?);
            store.commit(change.into_commit()?).await?;
            return Ok(Prepared::Settled(JobOutcome::Lost));
        }
        Need::Remapped => {
            let Some(mapping) = mapping else { return Ok(Prepared::Settled(JobOutcome::Lost)) };
            return Err(mapping.contradicted(store, "a mapping names an account that is not there").await);
        }
    };
    let Some(group) = at.groups.get(&job.tool) else {
        return stop(ports, &moment, &job, FollowUpReason::GroupNotBound).await;
    };
    if group.connector != connector.id || step.seat().connector != connector.id {
        return stop(ports, &moment, &job, FollowUpReason::GroupNotBound).await;
    }
    let Some(id) = id.and_then(|id| id.expose().parse::<AccountId>().ok()) else {
        return stop(ports, &moment, &job, FollowUpReason::NoIdentity).await;
    };
    let operation = step.operation(group.group.clone(), id, job.fence);
    let mut change = Change::new();
    let account = match (&step, &grant) {
        (Step::Add(_), Some(grant)) => {
            change.check(grant);
            change.check(&job);
            seats::take(store, &mut change, &moment, account, grant).await?
        }
        // A seat that is written down already: whoever ends or changes the grant meanwhile takes it away as well, with a higher number.
        (_, Some(_)) | (Step::Look(_), None) => account,
        (_, None) => {
            change.check(&job);
            change.check(&account);
            account
        }
    };
    if !change.is_empty() {
        store.commit(change.into_commit()?).await?;
    }
    let number = job.next_attempt();
    let known = Known { job, grant, account: Some(account), mapping };
    Ok(Prepared::Call(Box::new(Call { at, known, number, step, operation })))
}

fn need(
    job: &Job,
    grant: Option<&Grant>,
    step: Option<Step>,
    account: Option<Loaded<ProviderAccount>>,
) -> Need {
    if let Some(Step::Look(_)) = step {
        // Whoever has a seat by now may be in the group.
        return match (step, account) {
            (Some(step), Some(account)) if !account.seats.contains_key(&job.tool) => {
                Need::Call(step, Box::new(account))
            }
            _ => Need::NoLook,
        };
    }
    match (&job.subject, grant, step, account) {
        // Whoever has a seat by now may be in the group.
        (Subject::Account { .. }, _, Some(step), Some(account)) if !account.seats.contains_key(&job.tool) => {
            Need::Call(step, Box::new(account))
        }
        (Subject::Account { .. }, ..) | (Subject::Grant { .. }, None, ..) => Need::Cancel,
        (Subject::Grant { .. }, Some(_), None, _) if job.task != Task::Provision => Need::Done,
        (Subject::Grant { .. }, Some(_), Some(Step::Add(_)), None) => Need::Remapped,
        (Subject::Grant { .. }, Some(_), None, _) | (Subject::Grant { .. }, Some(_), _, None) => {
            Need::FollowUp(FollowUpReason::NoIdentity)
        }
        (Subject::Grant { .. }, Some(grant), Some(step), Some(account)) => {
            let other = matches!(step, Step::Add(_))
                && seats::holder(&account, grant).is_some_and(|holder| holder != grant.id);
            if other { Need::Later } else { Need::Call(step, Box::new(account)) }
        }
    }
}

/// Somebody must look after the job; nobody need for a second look.
pub(super) async fn stop<P: Ports>(
    ports: &P,
    moment: &Moment,
    job: &Loaded<Job>,
    reason: FollowUpReason,
) -> Result<Prepared, Failure> {
    let mut change = Change::new();
    let outcome = if job.looks_at().is_some() {
        second_look::leave(&mut change, moment.now, job, NoLook::Because(reason));
        JobOutcome::Cancelled
    } else {
        follow_up(ports.store(), &mut change, moment, job, reason).await?;
        JobOutcome::FollowUp
    };
    ports.store().commit(change.into_commit()?).await?;
    Ok(Prepared::Settled(outcome))
}

/// A removal of which nothing is left: nobody was ever put into the group, or each absence was confirmed.
async fn done<P: Ports>(
    ports: &P,
    moment: &Moment,
    job: &Loaded<Job>,
    grant: Option<&Loaded<Grant>>,
) -> Result<Prepared, Failure> {
    let store = ports.store();
    let Some(grant) = grant.filter(|grant| matches!(grant.state, GrantState::Removing { .. })) else {
        // Another runner was first, or the job is wrong.
        return Err(job.contradicted(store, format!("{} removes what is not being removed", job.id)).await);
    };
    let attempt = Attempt {
        started_at: moment.now,
        ended_at: moment.now,
        outcome: AttemptOutcome::Already,
        provider_request_ids: Vec::new(),
    };
    let succeeded = job.succeed(job.next_attempt(), attempt)?;
    let count = count_of(store, grant).await?;
    let mut change = Change::new();
    change.update(job, &succeeded);
    change.record(moment.now, &Actor::System, EventKind::JobSucceeded, queue::facts(job));
    settle_removal(&mut change, moment, &Actor::System, (grant, grant), count.as_ref())?;
    store.commit(change.into_commit()?).await?;
    Ok(Prepared::Settled(JobOutcome::Succeeded))
}
