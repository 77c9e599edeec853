use schemars::JsonSchema;
use serde::Serialize;

use super::{Census, SeatCap, Seats};
use crate::catalog::{Tool, ToolRef};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::request::Request;
use crate::time::Timestamp;

/// Most waiting people that one answer names; the whole number is beside them.
const MAX_NAMED: usize = 100;

/// Somebody who waits for a seat, or for whom one is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatSeekerView {
    /// The approved request.
    pub request: RequestId,
    /// Whose.
    pub person: PersonRef,
    /// Their place in the waiting list, from 1; none when a seat is kept for them.
    pub place: Option<u32>,
    /// Since when they wait; none when a seat is kept for them.
    pub since: Option<Timestamp>,
    /// Until when a seat is kept for them.
    pub offered_until: Option<Timestamp>,
}

/// The seats of one tool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatsView {
    /// The tool.
    pub tool: ToolRef,
    /// How many may have it at once; none when any number may.
    pub cap: Option<SeatCap>,
    /// Seats of grants that have not ended. Without a cap only those made while there was one are counted.
    pub grants: u32,
    /// Seats of members of the tool's group who have no grant and for whom somebody answers.
    pub members: u32,
    /// Seats that are kept for somebody who has not accepted yet.
    pub offered: u32,
    /// Seats that are left; none without a cap.
    pub free: Option<u32>,
    /// How many wait.
    pub waiting: u32,
    /// Whether grants made before the cap are still being counted: nobody gets a seat until then.
    pub counting: bool,
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// The seats of a tool as administrators and its owners see them.
pub(super) fn seats_view(tool: &Tool, seats: Option<&Seats>) -> SeatsView {
    let none = Seats::none(tool.id);
    let seats = seats.unwrap_or(&none);
    SeatsView {
        tool: ToolRef { id: tool.id, name: tool.name.as_str().to_owned() },
        cap: tool.seat_cap,
        grants: seats.grants,
        members: seats.members,
        offered: number(seats.offers.len()),
        free: tool.seat_cap.map(|_| seats.free(tool.seat_cap)),
        waiting: number(seats.waiting.len()),
        counting: tool.seat_cap.is_some() && seats.census != Census::Complete,
    }
}

/// For whom a seat is kept, and who waits, in their order.
pub(super) async fn seekers<S: Store>(
    names: &mut Names<'_, S>,
    store: &S,
    seats: &Seats,
) -> Result<Vec<SeatSeekerView>, Failure> {
    let mut seekers = Vec::new();
    let offered = seats.offers.iter().map(|offer| (offer.request, None, None, Some(offer.until)));
    let waiting = seats
        .waiting
        .iter()
        .zip(1_u32..)
        .map(|(place, number)| (place.request, Some(number), Some(place.since), None));
    for (request, place, since, offered_until) in offered.chain(waiting).take(MAX_NAMED) {
        let Some(of) = load::<Request>(store, &request.to_string()).await? else { continue };
        let person = names.person(of.requester).await?;
        seekers.push(SeatSeekerView { request, person, place, since, offered_until });
    }
    Ok(seekers)
}
