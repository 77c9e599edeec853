//! How access ends: expiry, revocation, giving back, and the confirmation that it is gone.

use audit_log::Value;

use super::state::{EndReason, Grant, GrantState};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded};
use crate::ports::Moment;
use crate::provisioning::{self, Job, Task};
use crate::refusal::Refusal;
use crate::request::Holding;

/// Everything that ending a grant needs to have loaded.
#[derive(Debug)]
pub struct Ending<'a> {
    /// The grant.
    pub grant: &'a Loaded<Grant>,
    /// Its tool: says who takes the seat away.
    pub tool: &'a Tool,
    /// The guard that names the grant; needed when it ends at once.
    pub holding: Option<&'a Loaded<Holding>>,
    /// The task by which somebody was to give access, if it still waits.
    pub open_task: Option<&'a Loaded<Job>>,
}

/// Ends access, or begins to: record-only access is gone at once, access that somebody gave is taken away by somebody.
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
    match grant.state {
        GrantState::Active { .. } if grant.manual => {
            let removing = grant.remove(reason, moment.now)?;
            change.update(grant, &removing);
            provisioning::queue(change, moment, actor, Task::Deprovision, &removing, ending.tool);
            record(change, moment, actor, EventKind::GrantRemoving, &removing, reason);
            return Ok(removing);
        }
        GrantState::Active { .. } | GrantState::AwaitingProvisioning { .. } => {}
        // What is being taken away is gone when somebody attests it, not when somebody asks again.
        GrantState::Removing { .. } | GrantState::Ended { .. } | GrantState::NeedsFollowUp { .. } => {
            return Err(grant.wrong_state("is active or waits for access to work"));
        }
    }
    let ended = grant.end(reason, moment.now)?;
    if let Some(task) = ending.open_task {
        provisioning::cancel(change, moment, actor, task)?;
    }
    finish(change, moment, actor, grant, &ended, ending.holding);
    Ok(ended)
}

/// Somebody attests that access is gone.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless it is being taken away.
pub fn settle_removal(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    holding: Option<&Loaded<Holding>>,
) -> Result<Grant, Refusal> {
    let GrantState::Removing { reason, .. } = grant.state else {
        return Err(grant.wrong_state("is being removed"));
    };
    let ended = grant.end(reason, moment.now)?;
    finish(change, moment, actor, grant, &ended, holding);
    Ok(ended)
}

fn finish(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    ended: &Grant,
    holding: Option<&Loaded<Holding>>,
) {
    change.update(grant, ended);
    if let Some(holding) = holding
        && holding.grant == Some(grant.id)
    {
        change.update(holding, &Holding { grant: None, ..(**holding).clone() });
    }
    if let GrantState::Ended { reason, .. } = ended.state {
        record(change, moment, actor, EventKind::GrantEnded, ended, reason);
    }
}

fn record(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    event: EventKind,
    grant: &Grant,
    reason: EndReason,
) {
    let facts = Value::object([
        ("grant", Value::from(grant.id.to_string())),
        ("person", Value::from(grant.person.to_string())),
        ("tool", Value::from(grant.tool.to_string())),
        ("reason", Value::from(reason.as_str())),
    ]);
    change.record(moment.now, actor, event, facts);
}
