//! How access ends: expiry, revocation, giving back, and the confirmation that it is gone.

use audit_log::Value;

use super::start::record_resumed;
use super::state::{EndReason, Grant, GrantState, Interrupted, Means};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded};
use crate::failure::Failure;
use crate::notices;
use crate::ports::{Moment, Store};
use crate::provisioning::{self, FollowUpReason, Job, Recipient, Task, open_task};
use crate::refusal::Refusal;
use crate::seats::{Seats, count_of};
use crate::time::Timestamp;

/// Everything that ending a grant needs to have loaded.
#[derive(Debug)]
pub struct Ending<'a> {
    /// The grant.
    pub grant: &'a Loaded<Grant>,
    /// Its tool: says who takes the seat away.
    pub tool: &'a Tool,
    /// The count that is revised with it when it ends at once, if it is counted.
    pub count: Option<Loaded<Seats>>,
    /// The job that gives the access, or gives it anew, if one is open.
    pub open_task: Option<Loaded<Job>>,
    /// The account that access goes to, unless the grant names it already.
    pub recipient: Option<Recipient>,
}

impl<'a> Ending<'a> {
    /// What ending a grant needs, as it is stored now.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(store: &impl Store, grant: &'a Loaded<Grant>, tool: &'a Tool) -> Result<Self, Failure> {
        let open_task = if grant.may_have_job() { open_task(store, grant.id).await? } else { None };
        Self::with_task(store, grant, tool, open_task).await
    }

    /// [`load`](Self::load) by whoever knows the open job. That somebody is being added must not rest on the query that finds it: without the
    /// job, the tool says where.
    ///
    /// # Errors
    /// The store's.
    pub async fn with_task(
        store: &impl Store,
        grant: &'a Loaded<Grant>,
        tool: &'a Tool,
        open_task: Option<Loaded<Job>>,
    ) -> Result<Self, Failure> {
        let count = count_of(store, grant).await?;
        let connector = open_task.as_ref().and_then(|job| job.connector()).or(tool.connector);
        let recipient = match connector {
            Some(connector) if grant.is_live() && grant.means == Means::Connected => {
                Recipient::of(store, grant, connector).await?
            }
            _ => None,
        };
        Ok(Self { grant, tool, count, open_task, recipient })
    }
}

/// Ends access, or begins to: record-only access is gone at once, and so is what nobody began to give; the rest is taken away by a job.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless the grant is active or waits for provisioning.
pub fn begin_end(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    ending: &Ending<'_>,
    reason: EndReason,
) -> Result<Grant, Refusal> {
    let grant = ending.grant;
    // What is being taken away is gone when that is confirmed, not when somebody asks again.
    if !grant.is_live() {
        return Err(grant.wrong_state("is active or waits for access to work"));
    }
    if let Some(task) = &ending.open_task {
        provisioning::cancel(change, moment, actor, task)?;
    }
    let mut with = Grant::clone(grant);
    if let Some(recipient) = &ending.recipient {
        recipient.name_seat(change, &mut with);
    }
    if let Ok(ended) = with.end(reason, moment.now) {
        finish(change, moment, actor, grant, &ended, ending.count.as_ref());
        return Ok(ended);
    }
    let mut removing = with.remove(reason, moment.now)?;
    provisioning::queue(change, moment, actor, Task::Deprovision, &mut removing, ending.tool);
    change.update(grant, &removing);
    notices::grant_changed(change, moment, &removing);
    record(change, moment, actor, EventKind::GrantRemoving, &removing, reason, []);
    Ok(removing)
}

/// Access is gone, as somebody attests or the provider confirmed. `with` is the grant as it was loaded, without the seats that are gone.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless it is being taken away and no seat is left.
pub fn settle_removal(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    (grant, with): (&Loaded<Grant>, &Grant),
    count: Option<&Loaded<Seats>>,
) -> Result<Grant, Refusal> {
    let (GrantState::Removing { reason, .. }
    | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { reason, .. }, .. }) = with.state
    else {
        return Err(with.wrong_state("is being removed"));
    };
    let ended = with.end(reason, moment.now)?;
    finish(change, moment, actor, grant, &ended, count);
    Ok(ended)
}

/// Somebody must look after a grant. `with` is the grant as it was loaded, with what else of it changes.
pub(crate) fn interrupt(
    change: &mut Change,
    moment: &Moment,
    (grant, with): (&Loaded<Grant>, &Grant),
    reason: FollowUpReason,
) -> Result<Grant, Refusal> {
    let interrupted = with.interrupt(reason, moment.now)?;
    change.update(grant, &interrupted);
    notices::grant_changed(change, moment, &interrupted);
    let facts = Value::object([
        ("grant", Value::from(grant.id.to_string())),
        ("person", Value::from(grant.person.to_string())),
        ("tool", Value::from(grant.tool.to_string())),
        ("reason", Value::from(reason.as_str())),
    ]);
    change.record(moment.now, &Actor::System, EventKind::GrantFollowUp, facts);
    Ok(interrupted)
}

/// A grant goes on that needed somebody. `with` is the grant as it was loaded, with what else of it changes.
pub(crate) fn resume(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    (grant, with): (&Loaded<Grant>, &Grant),
) -> Result<Grant, Refusal> {
    let resumed = with.resume()?;
    change.update(grant, &resumed);
    notices::grant_changed(change, moment, &resumed);
    record_resumed(change, moment, actor, &resumed);
    Ok(resumed)
}

fn finish(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    ended: &Grant,
    count: Option<&Loaded<Seats>>,
) {
    change.update(grant, ended);
    notices::grant_changed(change, moment, ended);
    if let Some(seats) = count {
        change.update(seats, &seats.free_one());
    }
    if let GrantState::Ended { reason, activated_at, .. } = ended.state {
        let at = |at: Option<Timestamp>| at.map_or(Value::Null, |at| Value::from(at.to_string()));
        let times =
            [("activated_at", at(activated_at)), ("due_at", at(grant.due_to_be_gone(reason, moment.now)))];
        record(change, moment, actor, EventKind::GrantEnded, ended, reason, times);
    }
}

fn record(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    event: EventKind,
    grant: &Grant,
    reason: EndReason,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) {
    let facts = [
        ("grant", Value::from(grant.id.to_string())),
        ("person", Value::from(grant.person.to_string())),
        ("tool", Value::from(grant.tool.to_string())),
        ("reason", Value::from(reason.as_str())),
    ];
    change.record(moment.now, actor, event, Value::object(facts.into_iter().chain(more)));
}
