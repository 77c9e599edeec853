//! Seats: what the guard counts is what is there, and no more than the cap allows, unless the cap fell.

use std::collections::{BTreeMap, BTreeSet};

use clearance::catalog::Tool;
use clearance::grant::Grant;
use clearance::identity::{ProviderAccount, SeatBasis};
use clearance::ids::{RequestId, ToolId};
use clearance::ports::Store;
use clearance::request::{Request, RequestState, SeatWait};
use clearance::seats::{Census, Seats};

use super::{every, require};

#[derive(Default)]
struct Counted {
    grants: u32,
    uncounted: u32,
    members: u32,
    waiting: BTreeSet<RequestId>,
    offered: BTreeMap<RequestId, String>,
}

pub(super) async fn check(store: &impl Store, broken: &mut Vec<String>) {
    let mut counted: BTreeMap<ToolId, Counted> = BTreeMap::new();
    for grant in every::<Grant>(store).await.into_iter().filter(|grant| !grant.is_ended()) {
        let of = counted.entry(grant.tool).or_default();
        if grant.counted {
            of.grants += 1;
        } else {
            of.uncounted += 1;
        }
    }
    for account in every::<ProviderAccount>(store).await {
        for (tool, seat) in account.seats {
            let member = matches!(seat.basis, SeatBasis::Baseline { .. });
            counted.entry(tool).or_default().members += u32::from(member);
        }
    }
    for request in every::<Request>(store).await {
        let RequestState::AwaitingSeat { seat, .. } = request.state else { continue };
        let of = counted.entry(request.tool).or_default();
        match seat {
            SeatWait::Listed => drop(of.waiting.insert(request.id)),
            SeatWait::Offered { until, .. } => drop(of.offered.insert(request.id, until.to_string())),
        }
    }
    let tools: BTreeMap<_, _> = every::<Tool>(store).await.into_iter().map(|tool| (tool.id, tool)).collect();
    let mut guards: BTreeMap<_, _> =
        every::<Seats>(store).await.into_iter().map(|seats| (seats.tool, seats)).collect();
    for tool in counted.keys() {
        guards.entry(*tool).or_insert_with(|| Seats::none(*tool));
    }
    for (id, seats) in guards {
        let of = counted.remove(&id).unwrap_or_default();
        let agrees = seats.grants == of.grants && seats.members == of.members;
        require(broken, agrees, || {
            format!(
                "{id} counts {} grants and {} members; there are {} and {}",
                seats.grants, seats.members, of.grants, of.members
            )
        });
        let waiting: BTreeSet<_> = seats.waiting.iter().map(|place| place.request).collect();
        let offered: BTreeMap<_, _> =
            seats.offers.iter().map(|offer| (offer.request, offer.until.to_string())).collect();
        let agrees = waiting == of.waiting && waiting.len() == seats.waiting.len() && offered == of.offered;
        require(broken, agrees, || {
            format!("{id} lists {waiting:?} and {offered:?}; {:?} and {:?} wait", of.waiting, of.offered)
        });
        let in_order = seats.waiting.is_sorted_by_key(|place| place.since);
        require(broken, in_order, || format!("{id}: somebody was passed over"));
        let Some(tool) = tools.get(&id) else { continue };
        if tool.seat_cap.is_some() && seats.census == Census::Complete {
            require(broken, of.uncounted == 0, || format!("{id}: {} grants are not counted", of.uncounted));
        }
    }
}
