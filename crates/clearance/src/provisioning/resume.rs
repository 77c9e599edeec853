//! What needs somebody, and how it goes on: the job and its grant change in one commit.

use super::follow_up::FollowUpReason;
use super::job::{Job, Subject, Task, Work};
use super::queue::{facts, facts_because};
use super::seats::Recipient;
use crate::audit::{Actor, EventKind};
use crate::catalog::{Fulfilment, Tool};
use crate::documents::{Change, Loaded, Paging, Select, list, load};
use crate::failure::Failure;
use crate::grant::{self, Grant};
use crate::ids::ToolId;
use crate::ports::{Moment, Store};
use crate::time::Timestamp;

/// The grant that waits for a job.
pub(super) async fn waiting_grant(store: &impl Store, job: &Job) -> Result<Option<Loaded<Grant>>, Failure> {
    match job.subject {
        Subject::Grant { grant, .. } => load::<Grant>(store, &grant.to_string()).await,
        Subject::Account { .. } => Ok(None),
    }
}

/// Somebody must look after a job before it is tried, or tried again.
///
/// # Errors
/// [`JobState`](crate::refusal::Code::JobState) unless it waits.
pub(crate) async fn follow_up(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    job: &Loaded<Job>,
    reason: FollowUpReason,
) -> Result<(), Failure> {
    let interrupted = job.interrupt(reason, moment.now)?;
    change.update(job, &interrupted);
    let facts = facts_because(&interrupted, Some(reason.as_str()));
    change.record(moment.now, &Actor::System, EventKind::JobFollowUp, facts);
    if let Some(grant) = waiting_grant(store, job).await? {
        grant::interrupt(change, moment, (&grant, &grant), reason)?;
    }
    Ok(())
}

/// Jobs of a tool that have waited since before a time for a reason that lies with its group.
pub(crate) fn waiting_for_the_group(tool: ToolId, before: Timestamp) -> impl Iterator<Item = Select> {
    let partitions =
        FollowUpReason::OF_THE_GROUP.into_iter().map(move |reason| Job::group_trouble_of(tool, reason));
    partitions.map(move |partition| Select::by(&Job::BY_TROUBLE, [partition]).until(before))
}

/// Whether jobs of a tool wait for a reason that lies with its group.
pub(crate) async fn waits_for_the_group(store: &impl Store, tool: ToolId) -> Result<bool, Failure> {
    for reason in FollowUpReason::OF_THE_GROUP {
        if waits(store, Select::by(&Job::BY_TROUBLE, [Job::group_trouble_of(tool, reason)])).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether jobs of a tool wait because the group is gone that it has had since a time.
pub(crate) async fn found_gone(
    store: &impl Store,
    tool: ToolId,
    bound_at: Timestamp,
) -> Result<bool, Failure> {
    let partition = Job::group_trouble_of(tool, FollowUpReason::GroupGone);
    // What waited for the group before goes on with this one.
    let from = Timestamp::from_millisecond(bound_at.as_millisecond().saturating_add(1));
    waits(store, Select::by(&Job::BY_TROUBLE, [partition]).from(from)).await
}

async fn waits(store: &impl Store, select: Select) -> Result<bool, Failure> {
    let page = list::<Job>(store, select, &Paging { after: None, limit: Some(1) }).await?;
    Ok(!page.items.is_empty())
}

/// A job that needs somebody, or waits, is tried again at once: by whom and through which connector the tool says now.
///
/// # Errors
/// [`JobState`](crate::refusal::Code::JobState) unless it waits for a retry or for somebody.
pub(crate) async fn retry(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    job: &Loaded<Job>,
) -> Result<Job, Failure> {
    let mut retried = job.retry(moment.now)?;
    if let Some(tool) = load::<Tool>(store, &job.tool.to_string()).await? {
        retried.work = match (job.work, tool.fulfilment, tool.connector) {
            (Work::Manual { .. }, Fulfilment::Manual { assignee }, _) => Work::Manual { assignee },
            (Work::Manual { .. }, ..) => Work::Manual { assignee: None },
            (Work::Connected { .. }, _, Some(connector)) => Work::Connected { connector },
            (work, _, None) => work,
        };
    }
    change.update(job, &retried);
    change.record(moment.now, actor, EventKind::JobRetried, facts(&retried));
    let Some(grant) = waiting_grant(store, job).await? else { return Ok(retried) };
    let mut with = Grant::clone(&grant);
    // The seat was looked for where the job puts the account; from now on that is elsewhere.
    if retried.work != job.work
        && job.task == Task::Provision
        && let Some(connector) = job.connector()
        && let Some(recipient) = Recipient::of(store, &grant, connector).await?
    {
        recipient.name_seat(change, &mut with);
    }
    if grant.state_name() == "needs_follow_up" {
        grant::resume(change, moment, actor, (&grant, &with))?;
    } else if with != *grant {
        change.update(&grant, &with);
    }
    Ok(retried)
}
