//! Seats: counts grants of tools that got a cap, and keeps free seats for whoever waits longest.

use crate::audit::Actor;
use crate::catalog::{Tool, ToolStatus};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports};
use crate::review::{ReviewCause, open_for_tool};
use crate::seats::{Census, Seats, offer};
use crate::time::Timestamp;

/// Grants counted in one commit, with the document that counts them.
const COUNTED_AT_ONCE: usize = 15;
/// Minutes by which the clocks of those who approve may differ: what is counted already is not counted twice.
const SLACK_MINUTES: i64 = 10;
/// Most seats kept in one pass for one tool.
const MOST_OFFERS: u32 = 200;

/// Does what is due about seats; how many were kept for somebody.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let mut offered = 0_u64;
    for seats in documents::all::<Seats>(ports.store(), Select::by(&Seats::BY_WORK, ["work"])).await? {
        let Some(tool) = load::<Tool>(ports.store(), &seats.tool.to_string()).await? else { continue };
        // Of a tool that cannot be requested no seat could be accepted: it is offered once that is over.
        if !counted(ports, &tool, seats).await? || tool.status != ToolStatus::Requestable {
            continue;
        }
        for _ in 0..MOST_OFFERS {
            // Whoever lost a race leaves it to the winner, and to the next pass.
            if !offer(ports.store(), &tool, &Moment::draw(ports.environment())).await? {
                break;
            }
            offered = offered.saturating_add(1);
        }
    }
    Ok(offered)
}

/// Counts grants that were made before the tool had a cap; whether all are.
async fn counted<P: Ports>(
    ports: &P,
    tool: &Loaded<Tool>,
    mut seats: Loaded<Seats>,
) -> Result<bool, Failure> {
    let store = ports.store();
    let Census::Due { until, mut after } = seats.census.clone() else { return Ok(true) };
    // Without a cap nobody asks how many there are; when it comes back, it is counted again.
    while tool.seat_cap.is_some() {
        let paging = Paging { after: after.clone(), limit: Some(MAX_PAGE) };
        // By the time of approval, which never changes: nothing moves past the walk.
        let select = Select::by(&Grant::BY_TIME, ["all"]).until(until.plus_minutes(SLACK_MINUTES));
        let page = documents::list::<Grant>(store, select, &paging).await?;
        let is_due = |grant: &&Loaded<Grant>| grant.tool == tool.id && !grant.counted && !grant.is_ended();
        let due: Vec<_> = page.items.iter().filter(is_due).collect();
        for some in due.chunks(COUNTED_AT_ONCE) {
            let mut change = Change::new();
            for grant in some {
                change.update(grant, &Grant { counted: true, ..Grant::clone(grant) });
            }
            change.update(&seats, &seats.count(u32::try_from(some.len()).unwrap_or(u32::MAX)));
            // Somebody changed one of them: the next pass goes on here.
            if !change.commit_if_first(store).await? {
                remember(ports, tool, until, after).await?;
                return Ok(false);
            }
            let Some(now) = load::<Seats>(store, &tool.id.to_string()).await? else { return Ok(false) };
            seats = now;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
        if ports.environment().is_time_up() {
            remember(ports, tool, until, after).await?;
            return Ok(false);
        }
    }
    let mut change = Change::new();
    let complete = Seats { census: Census::Complete, ..Seats::clone(&seats) };
    change.update(&seats, &complete);
    // Now it is known whether the cap came below what was there.
    if tool.seat_cap.is_some_and(|cap| complete.is_beyond(cap)) {
        change.check(tool);
        let by = (ports.environment().now(), &Actor::System);
        open_for_tool(store, &mut change, by, tool.id, ReviewCause::SeatCap).await?;
    }
    change.commit_if_first(store).await
}

/// Notes how far a census has come.
async fn remember<P: Ports>(
    ports: &P,
    tool: &Tool,
    until: Timestamp,
    after: Option<String>,
) -> Result<(), Failure> {
    let store = ports.store();
    let Some(seats) = load::<Seats>(store, &tool.id.to_string()).await? else { return Ok(()) };
    let mut change = Change::new();
    // The cap may have come anew meanwhile: then it begins anew.
    if matches!(&seats.census, Census::Due { until: of, .. } if *of == until) {
        change.update(&seats, &Seats { census: Census::Due { until, after }, ..Seats::clone(&seats) });
        change.commit_if_first(store).await?;
    }
    Ok(())
}
