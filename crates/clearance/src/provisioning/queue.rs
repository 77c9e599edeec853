//! Jobs come and go with an entry in the log, in the commit of the change that needs them.

use audit_log::Value;

use super::job::{Job, JobState, Lane, Subject, Task, Work, open_task};
use super::resume::retry;
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded};
use crate::failure::Failure;
use crate::grant::{Grant, Means};
use crate::identity::Fingerprint;
use crate::ids::{ConnectorId, JobId, ToolId};
use crate::ports::{Moment, Store};
use crate::refusal::Refusal;

/// Queues what is to be done for a grant. `grant` is as it will be stored in the same change, with [`Grant::fence`] of the job.
///
/// A provisioning of an active grant brings its seat in line with the person's present mapping.
pub fn queue(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    task: Task,
    grant: &mut Grant,
    tool: &Tool,
) -> Job {
    let job = Job::queue(moment, actor, task, grant, tool);
    grant.fence = job.fence;
    insert(change, moment, actor, &job);
    job
}

/// Brings the seat of a grant in line with its holder's present account: puts them into the group again, or takes the account that they had
/// before out of it and puts the new one in. A job that waits for somebody is tried again; none when the access is ending.
///
/// # Errors
/// The store's.
pub async fn queue_provision_again(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    tool: &Tool,
) -> Result<Option<JobId>, Failure> {
    if !grant.is_live() || grant.means != Means::Connected {
        return Ok(None);
    }
    if let Some(job) = open_task(store, grant.id).await? {
        if matches!(job.state, JobState::NeedsFollowUp { .. } | JobState::WaitingRetry { .. }) {
            retry(store, change, moment, actor, &job).await?;
        }
        return Ok(Some(job.id));
    }
    let mut with = Grant::clone(grant);
    let job = queue(change, moment, actor, Task::Provision, &mut with, tool);
    change.update(grant, &with);
    Ok(Some(job.id))
}

/// Queues the removal of an account from a tool's group, where no grant waits for it: an account that a finding is about. What somebody
/// asked for goes first; what is of many, or due by itself, waits behind that and is counted by the brake.
pub fn queue_removal_of_account(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    lane: Lane,
    (tool, connector, fingerprint): (ToolId, ConnectorId, Fingerprint),
) -> Job {
    let subject = Subject::Account { fingerprint };
    let work = (tool, Work::Connected { connector });
    let job = Job { lane, ..Job::new(moment, Task::Deprovision, subject, work, moment.now) };
    insert(change, moment, actor, &job);
    job
}

fn insert(change: &mut Change, moment: &Moment, actor: &Actor, job: &Job) {
    change.insert(job);
    change.record(moment.now, actor, EventKind::JobQueued, facts(job));
}

/// Cancels a job that is not needed any more.
///
/// # Errors
/// [`crate::refusal::Code::JobState`] unless it is open.
pub fn cancel(change: &mut Change, moment: &Moment, actor: &Actor, job: &Loaded<Job>) -> Result<(), Refusal> {
    let cancelled = job.cancel(moment.now)?;
    change.update(job, &cancelled);
    change.record(moment.now, actor, EventKind::JobCancelled, facts(&cancelled));
    Ok(())
}

/// Which job, for which grant, to bring about what: what every entry about a job holds.
pub(crate) fn facts(job: &Job) -> Value {
    facts_because(job, None)
}

/// [`facts`], and a reason's code.
pub(crate) fn facts_because(job: &Job, reason: Option<&str>) -> Value {
    facts_with(job, reason.map(|reason| ("reason", Value::from(reason))))
}

/// [`facts`], and more.
pub(super) fn facts_with(job: &Job, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut facts = vec![
        ("job", Value::from(job.id.to_string())),
        ("task", Value::from(job.task.as_str())),
        ("tool", Value::from(job.tool.to_string())),
    ];
    facts.extend(job.grant().map(|grant| ("grant", Value::from(grant.to_string()))));
    facts.extend(more);
    Value::object(facts)
}
