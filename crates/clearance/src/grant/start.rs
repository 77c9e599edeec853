//! How access begins: the grant, its holding and its task, in the commit of the approval.

use audit_log::Value;

use super::state::{Extension, Grant, GrantState};
use crate::audit::{Actor, EventKind};
use crate::catalog::{Fulfilment, Tool};
use crate::documents::{Change, Loaded};
use crate::ids::{GrantId, PersonId, RequestId};
use crate::notices;
use crate::ports::Moment;
use crate::provisioning::{self, Task};
use crate::refusal::Refusal;
use crate::request::{Request, Source};
use crate::time::Days;

/// The request that a grant is made for.
#[derive(Debug, Clone, Copy)]
pub struct AskedBy {
    /// Who asked, and gets the access.
    pub person: PersonId,
    /// Which request.
    pub request: RequestId,
    /// Where it came from.
    pub source: Source,
}

impl AskedBy {
    /// The one that this request is.
    pub fn of(request: &Request) -> Self {
        Self { person: request.requester, request: request.id, source: request.source }
    }
}

/// A new grant for an approved request.
///
/// Whether there is a seat for it is for [`crate::seats`] to say, through which it is called. Record-only access works at once. Manual access waits for somebody who attests the seat; so does connected access, for its provider.
pub fn start(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    AskedBy { person, request, source }: AskedBy,
    tool: &Tool,
    days: Days,
) -> Grant {
    let mut grant = Grant {
        id: GrantId::new(moment, "grant", 0),
        person,
        tool: tool.id,
        request,
        approved_at: moment.now,
        means: tool.fulfilment.into(),
        seats: Vec::new(),
        fence: 0,
        extensions: Vec::new(),
        told_in_issue: source == Source::Portal,
        counted: tool.seat_cap.is_some(),
        state: GrantState::AwaitingProvisioning { days },
    };
    match tool.fulfilment {
        Fulfilment::RecordOnly => {
            let state = GrantState::Active { activated_at: moment.now, ends_at: moment.now.plus_days(days) };
            let grant = Grant { state, ..grant };
            change.insert(&grant);
            record_activated(change, moment, actor, &grant);
            notices::grant_changed(change, moment, &grant);
            grant
        }
        Fulfilment::Manual { .. } | Fulfilment::Connected => {
            let facts = Value::object([
                ("grant", Value::from(grant.id.to_string())),
                ("request", Value::from(grant.request.to_string())),
                ("days", Value::from(days.get())),
            ]);
            change.record(moment.now, actor, EventKind::GrantCreated, facts);
            provisioning::queue(change, moment, actor, Task::Provision, &mut grant, tool);
            change.insert(&grant);
            grant
        }
    }
}

/// The seat exists, as somebody attests or the provider confirmed: access works, the clock starts. Access that works goes on. `with` is the
/// grant as it was loaded, with what else of it changes.
///
/// # Errors
/// [`crate::refusal::Code::GrantState`] unless the grant waits for that.
pub fn settle_provisioned(
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: &Loaded<Grant>,
    with: &Grant,
) -> Result<Grant, Refusal> {
    if matches!(with.state, GrantState::Active { .. }) {
        change.update(grant, with);
        return Ok(with.clone());
    }
    let begins = with.activated_at().is_none();
    let active = with.activate(moment.now)?;
    change.update(grant, &active);
    if begins {
        record_activated(change, moment, actor, &active);
    } else {
        record_resumed(change, moment, actor, &active);
    }
    notices::grant_changed(change, moment, &active);
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
    (request, source): (RequestId, Source),
    days: Days,
) -> Result<Grant, Refusal> {
    let mut extended = grant.extend(Extension { request, days, at: moment.now })?;
    extended.told_in_issue |= source == Source::Portal;
    change.update(grant, &extended);
    change.record(moment.now, actor, EventKind::GrantExtended, span_facts(&extended));
    notices::grant_changed(change, moment, &extended);
    Ok(extended)
}

/// Notes that a grant goes on that needed somebody.
pub(super) fn record_resumed(change: &mut Change, moment: &Moment, actor: &Actor, grant: &Grant) {
    let facts = Value::object([
        ("grant", Value::from(grant.id.to_string())),
        ("person", Value::from(grant.person.to_string())),
        ("tool", Value::from(grant.tool.to_string())),
    ]);
    change.record(moment.now, actor, EventKind::GrantResumed, facts);
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
