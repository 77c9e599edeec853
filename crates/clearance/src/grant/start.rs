//! How access begins: the grant, its holding and its task, in the commit of the approval.

use audit_log::Value;

use super::state::{Extension, Grant, GrantState};
use crate::audit::{Actor, EventKind};
use crate::catalog::{Fulfilment, Tool};
use crate::documents::{Change, Loaded};
use crate::ids::{GrantId, PersonId, RequestId};
use crate::ports::Moment;
use crate::provisioning::{self, Task};
use crate::refusal::Refusal;
use crate::time::Days;

/// A new grant for an approved request.
///
/// Record-only access works at once. Manual access waits for somebody who attests the seat; so does connected access, for its provider.
pub fn start(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    (person, request): (PersonId, RequestId),
    tool: &Tool,
    days: Days,
) -> Grant {
    let grant = Grant {
        id: GrantId::new(moment, "grant", 0),
        person,
        tool: tool.id,
        request,
        approved_at: moment.now,
        manual: tool.fulfilment != Fulfilment::RecordOnly,
        extensions: Vec::new(),
        state: GrantState::AwaitingProvisioning { days },
    };
    match tool.fulfilment {
        Fulfilment::RecordOnly => {
            let state = GrantState::Active { activated_at: moment.now, ends_at: moment.now.plus_days(days) };
            let grant = Grant { state, ..grant };
            change.insert(&grant);
            record_activated(change, moment, actor, &grant);
            grant
        }
        Fulfilment::Manual { .. } | Fulfilment::Connected => {
            change.insert(&grant);
            let facts = Value::object([
                ("grant", Value::from(grant.id.to_string())),
                ("request", Value::from(grant.request.to_string())),
                ("days", Value::from(days.get())),
            ]);
            change.record(moment.now, actor, EventKind::GrantCreated, facts);
            provisioning::queue(change, moment, actor, Task::Provision, &grant, tool);
            grant
        }
    }
}

/// Somebody attests that the seat exists: access works, the clock starts.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless the grant waits for that.
pub fn attest_provisioned(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
) -> Result<Grant, Refusal> {
    let active = grant.activate(moment.now)?;
    change.update(grant, &active);
    record_activated(change, moment, actor, &active);
    Ok(active)
}

/// Moves the end of active access.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless it is active.
pub fn extend(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    request: RequestId,
    days: Days,
) -> Result<Grant, Refusal> {
    let extended = grant.extend(Extension { request, days, at: moment.now })?;
    change.update(grant, &extended);
    change.record(moment.now, actor, EventKind::GrantExtended, span_facts(&extended));
    Ok(extended)
}

fn record_activated(change: &mut Change, moment: &Moment, actor: &Actor, grant: &Grant) {
    change.record(moment.now, actor, EventKind::GrantActivated, span_facts(grant));
}

fn span_facts(grant: &Grant) -> Value {
    let ends_at = match grant.state {
        GrantState::Active { ends_at, .. } => Value::from(ends_at.to_string()),
        _ => Value::Null,
    };
    let request = grant.extensions.last().map_or(grant.request, |extension| extension.request);
    Value::object([
        ("grant", Value::from(grant.id.to_string())),
        ("person", Value::from(grant.person.to_string())),
        ("tool", Value::from(grant.tool.to_string())),
        ("request", Value::from(request.to_string())),
        ("ends_at", ends_at),
    ])
}
