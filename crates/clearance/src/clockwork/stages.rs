//! What time makes of open stages: they time out, are escalated, and people are reminded of them.

use audit_log::Value;

use crate::approval::WaitingRequest;
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Loaded, Select};
use crate::failure::Failure;
use crate::notices;
use crate::ports::{Moment, Ports, Store};
use crate::request::{Course, Due, OpenStage, Request};
use crate::time::Timestamp;

use super::{lapse, sweep};

/// Does what is due of open stages; of how many.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    // What is due this very millisecond is due.
    let select = |now: Timestamp| {
        let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(1));
        Select::by(&Request::BY_DUE, ["timed"]).until(until)
    };
    sweep(ports, select, |request: Loaded<Request>, moment| step(ports, request, moment)).await
}

async fn step<P: Ports>(ports: &P, request: Loaded<Request>, moment: Moment) -> Result<(), Failure> {
    let store = ports.store();
    let open = request.pending_review()?.open.clone();
    let Some(due) = open.due(moment.now) else { return Ok(()) };
    if due == Due::Lapse {
        let mut change = Change::new();
        record(&mut change, &moment, &request, EventKind::ApprovalTimedOut, ("to", Value::from("lapse")));
        change.extend(lapse::lapsing(store, &request, &moment).await?);
        store.commit(change.into_commit()?).await?;
        return Ok(());
    }
    let waiting = WaitingRequest::load(store, request, moment.now).await?;
    let mut change = Change::new();
    // Whoever is told is settled with what is written: those who are new, or all of them.
    let (passed, told) = match due {
        Due::FallBack => {
            let open = waiting.fall_back(store, moment.now).await?;
            let to = match open.course {
                Course::Administrators { .. } => "administrators",
                _ => "fallback",
            };
            let told = open.approvers();
            record(
                &mut change,
                &moment,
                &waiting.request,
                EventKind::ApprovalTimedOut,
                ("to", Value::from(to)),
            );
            (waiting.pass_to(&mut change, open)?, told)
        }
        Due::Escalate => {
            let told = open.plan.escalation.iter().flat_map(|escalation| escalation.approvers.clone());
            let told = told.collect();
            let open = OpenStage { course: Course::Escalated { at: moment.now }, ..open };
            let since = ("since", Value::from(open.opened_at.to_string()));
            record(&mut change, &moment, &waiting.request, EventKind::ApprovalEscalated, since);
            (waiting.pass_to(&mut change, open)?, told)
        }
        Due::Remind | Due::Lapse => {
            let told = open.approvers();
            let since = ("since", Value::from(open.opened_at.to_string()));
            let open = OpenStage { reminded_at: Some(moment.now), ..open };
            record(&mut change, &moment, &waiting.request, EventKind::ApprovalReminded, since);
            (waiting.pass_to(&mut change, open)?, told)
        }
    };
    notices::stage_waits(&mut change, waiting.circle(), &moment, &passed, &told);
    change.check(&waiting.tool);
    store.commit(change.into_commit()?).await?;
    Ok(())
}

fn record(
    change: &mut Change,
    moment: &Moment,
    request: &Request,
    event: EventKind,
    more: (&'static str, Value),
) {
    let stage = request.review().map_or(0, |review| review.open.number);
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("stage", Value::from(stage)),
        more,
    ]);
    change.record(moment.now, &Actor::System, event, facts);
}
