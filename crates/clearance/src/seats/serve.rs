//! How seats are given, kept, passed on and counted: each in the commit of what it is about.

use audit_log::Value;

use super::{Census, Seats};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::grant::{self, AskedBy, Grant};
use crate::ids::ToolId;
use crate::notices;
use crate::ports::{Moment, Store};
use crate::refusal::{Code, Refusal, not_found};
use crate::request::operations::close;
use crate::request::{Forgoing, Holding, Request, RequestState};
use crate::settings;
use crate::time::{Days, Timestamp};

/// Gives an approved request access if there is a seat for it; none when there is not, and it is in the waiting list.
///
/// # Errors
/// [`WaitingListFull`](crate::refusal::Code::WaitingListFull); the store's.
pub(crate) async fn start(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    asked_by: AskedBy,
    tool: &Tool,
    days: Days,
) -> Result<Option<Grant>, Failure> {
    if let Some(cap) = tool.seat_cap {
        let stored = load::<Seats>(store, &tool.id.to_string()).await?;
        let before = stored.as_deref().cloned().unwrap_or_else(|| Seats::none(tool.id));
        let Some(taken) = before.take(cap) else {
            change.upsert(stored.as_ref(), &before.wait(asked_by.request, moment.now)?);
            return Ok(None);
        };
        change.upsert(stored.as_ref(), &taken);
    }
    Ok(Some(grant::start(change, moment, actor, asked_by, tool, days)))
}

/// Gives access at once, past whoever waits.
///
/// # Errors
/// [`NoSeat`](Code::NoSeat) when no seat is free; the store's.
pub(crate) async fn start_now(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    asked_by: AskedBy,
    tool: &Tool,
    days: Days,
) -> Result<Grant, Failure> {
    if let Some(cap) = tool.seat_cap {
        let stored = load::<Seats>(store, &tool.id.to_string()).await?;
        let before = stored.as_deref().cloned().unwrap_or_else(|| Seats::none(tool.id));
        let taken = before.take_now(cap).ok_or_else(|| {
            Refusal::new(Code::NoSeat, "every seat of this tool is taken, or kept for somebody")
        })?;
        change.upsert(stored.as_ref(), &taken);
    }
    Ok(grant::start(change, moment, actor, asked_by, tool, days))
}

/// A tool got its cap: grants that it has already are to be counted, and nobody gets a seat before that.
///
/// # Errors
/// The store's.
pub(crate) async fn begin_census(
    store: &impl Store,
    change: &mut Change,
    tool: ToolId,
    now: Timestamp,
) -> Result<(), Failure> {
    let stored = load::<Seats>(store, &tool.to_string()).await?;
    let before = stored.as_deref().cloned().unwrap_or_else(|| Seats::none(tool));
    let census = Census::Due { until: now, after: None };
    change.upsert(stored.as_ref(), &Seats { census, ..before });
    change.record(now, &Actor::System, EventKind::SeatCensusBegun, tool_facts(tool));
    Ok(())
}

/// Whether a tool's cap fell below the seats that are taken or kept; the commit fails when that changes meanwhile.
///
/// Where grants are still to be counted nobody knows: the clockwork looks again once they are.
///
/// # Errors
/// The store's.
pub(crate) async fn cap_fell_below(
    store: &impl Store,
    change: &mut Change,
    before: &Tool,
    tool: &Tool,
) -> Result<bool, Failure> {
    let (Some(old), Some(cap)) = (before.seat_cap, tool.seat_cap) else { return Ok(false) };
    if old <= cap {
        return Ok(false);
    }
    let Some(seats) = load::<Seats>(store, &tool.id.to_string()).await? else { return Ok(false) };
    change.check(&seats);
    Ok(seats.is_beyond(cap))
}

/// Somebody answers from now on for an account in the tool's group that has no grant.
///
/// # Errors
/// The store's.
pub(crate) async fn member_joins(
    store: &impl Store,
    change: &mut Change,
    tool: ToolId,
) -> Result<(), Failure> {
    let stored = load::<Seats>(store, &tool.to_string()).await?;
    let before = stored.as_deref().cloned().unwrap_or_else(|| Seats::none(tool));
    change.upsert(stored.as_ref(), &Seats { members: before.members.saturating_add(1), ..before });
    Ok(())
}

/// Nobody answers any more for an account in the tool's group that has no grant, or it has one now.
///
/// # Errors
/// The store's; a defect when it was not counted.
pub(crate) async fn member_leaves(
    store: &impl Store,
    change: &mut Change,
    tool: ToolId,
) -> Result<(), Failure> {
    let stored = load::<Seats>(store, &tool.to_string()).await?;
    let stored = stored.ok_or_else(|| Failure::Defect(format!("a member of {tool} is counted nowhere")))?;
    let members = stored.members.saturating_sub(1);
    change.update(&stored, &Seats { members, ..Seats::clone(&stored) });
    Ok(())
}

/// The count of which a grant's end frees a seat, if it is counted.
///
/// # Errors
/// The store's; a defect when it is counted nowhere.
pub(crate) async fn count_of(store: &impl Store, grant: &Grant) -> Result<Option<Loaded<Seats>>, Failure> {
    if !grant.counted {
        return Ok(None);
    }
    let seats = load::<Seats>(store, &grant.tool.to_string()).await?;
    seats.map(Some).ok_or_else(|| Failure::Defect(format!("{} is counted nowhere", grant.id)))
}

/// Keeps a free seat for whoever waits longest, in a commit of its own; whether it did.
///
/// # Errors
/// The store's.
pub(crate) async fn offer(store: &impl Store, tool: &Loaded<Tool>, moment: &Moment) -> Result<bool, Failure> {
    let Some(seats) = load::<Seats>(store, &tool.id.to_string()).await? else { return Ok(false) };
    let settings = settings::current(store).await?;
    let until = moment.now.plus_days(settings.seat_offer_days);
    let Some((request, offered)) = seats.offer(tool.seat_cap, until) else { return Ok(false) };
    let request = load::<Request>(store, &request.to_string()).await?;
    let request = request
        .ok_or_else(|| Failure::Defect(format!("{} has a request in its list that is not there", tool.id)))?;
    let kept = request.offer_seat(moment.now, until)?;
    let mut change = Change::new();
    change.update(&seats, &offered);
    change.update(&request, &kept);
    // The cap is as it was when the seat was found to be free.
    change.check(tool);
    let mut facts = facts_of(&kept);
    facts.push(("until", Value::from(until.to_string())));
    change.record(moment.now, &Actor::System, EventKind::SeatOffered, Value::object(facts));
    notices::request_closed(&mut change, moment, &kept);
    change.commit_if_first(store).await
}

/// Gives up a request's place in the waiting list, or the seat that is kept for it, in a change.
///
/// # Errors
/// [`RequestState`](crate::refusal::Code::RequestState) unless it waits for a seat; the store's.
pub(crate) async fn decline(
    store: &impl Store,
    change: &mut Change,
    request: &Loaded<Request>,
    actor: Actor,
    now: Timestamp,
) -> Result<Request, Failure> {
    let declined = request.decline_seat(actor, now)?;
    forgo(store, change, request, &declined).await?;
    Ok(declined)
}

/// Passes on a seat that was not accepted in time, in a commit of its own.
///
/// # Errors
/// [`RequestState`](crate::refusal::Code::RequestState) unless that is so; the store's, and a lost race.
pub(crate) async fn miss(
    store: &impl Store,
    request: &Loaded<Request>,
    moment: &Moment,
) -> Result<(), Failure> {
    let missed = request.miss_seat(moment.now)?;
    let mut change = Change::new();
    forgo(store, &mut change, request, &missed).await?;
    notices::request_closed(&mut change, moment, &missed);
    store.commit(change.into_commit()?).await?;
    Ok(())
}

async fn forgo(
    store: &impl Store,
    change: &mut Change,
    before: &Loaded<Request>,
    after: &Request,
) -> Result<(), Failure> {
    let RequestState::Forgone { at, why, .. } = after.state else { return Ok(()) };
    if let Some(seats) = load::<Seats>(store, &before.tool.to_string()).await? {
        change.update(&seats, &seats.without(before.id));
    }
    let holding = load::<Holding>(store, &Holding::key_of(before.requester, before.tool)).await?;
    close(change, before, after, holding.as_ref());
    let (actor, event) = match why {
        Forgoing::Declined { by } => (by, EventKind::SeatDeclined),
        Forgoing::NotAccepted => (Actor::System, EventKind::SeatLapsed),
    };
    change.record(at, &actor, event, Value::object(facts_of(after)));
    Ok(())
}

/// Turns the seat that is kept for a request into access, in a change.
///
/// # Errors
/// [`RequestState`](crate::refusal::Code::RequestState) when none is kept now; the store's.
pub(super) async fn accept(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    (request, tool): (&Loaded<Request>, &Loaded<Tool>),
) -> Result<(Request, Grant), Failure> {
    let days = request.offered(moment.now)?.days;
    let seats = load::<Seats>(store, &tool.id.to_string()).await?.ok_or_else(|| not_found("seat"))?;
    let holding = load::<Holding>(store, &Holding::key_of(request.requester, request.tool)).await?;
    let holding = holding.ok_or_else(|| Failure::Defect(format!("{} has no holding", request.id)))?;
    let mut granted = Change::new();
    let grant = grant::start(&mut granted, moment, actor, AskedBy::of(request), tool, days);
    let approved = request.accept_seat(grant.id, moment.now)?;
    change.update(&seats, &seats.accept(request.id, tool.seat_cap));
    change.update(&holding, &Holding { open_request: None, grant: Some(grant.id), ..(*holding).clone() });
    change.update(request, &approved);
    change.check(tool);
    let mut facts = facts_of(&approved);
    facts.push(("grant", Value::from(grant.id.to_string())));
    change.record(moment.now, actor, EventKind::SeatAccepted, Value::object(facts));
    change.extend(granted);
    Ok((approved, grant))
}

fn tool_facts(tool: ToolId) -> Value {
    Value::object([("tool", Value::from(tool.to_string()))])
}

fn facts_of(request: &Request) -> Vec<(&'static str, Value)> {
    vec![
        ("request", Value::from(request.id.to_string())),
        ("person", Value::from(request.requester.to_string())),
        ("tool", Value::from(request.tool.to_string())),
    ]
}
