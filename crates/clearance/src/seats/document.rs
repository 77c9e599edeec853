use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::{RequestId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// How many may have a tool at once: 1 to 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32", into = "u32")]
pub struct SeatCap(#[schemars(range(min = 1, max = 100_000))] u32);

impl SeatCap {
    /// The number of seats.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// The number is not one of seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100000 seats")]
pub struct InvalidSeatCap;

impl TryFrom<u32> for SeatCap {
    type Error = InvalidSeatCap;
    fn try_from(seats: u32) -> Result<Self, InvalidSeatCap> {
        if (1..=100_000).contains(&seats) { Ok(Self(seats)) } else { Err(InvalidSeatCap) }
    }
}

impl From<SeatCap> for u32 {
    fn from(cap: SeatCap) -> Self {
        cap.0
    }
}

/// A place in a tool's waiting list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The approved request.
    pub request: RequestId,
    /// Since when it waits.
    pub since: Timestamp,
}

/// A seat that is kept for somebody until they accept it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The approved request.
    pub request: RequestId,
    /// Until when it is kept.
    pub until: Timestamp,
}

/// Whether every grant that has a seat is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Census {
    /// Each is.
    Complete,
    /// The tool got its cap while there was access already: grants approved before `until` are being counted.
    Due {
        /// When the cap came.
        until: Timestamp,
        /// How far the clockwork has counted: a cursor.
        after: Option<String>,
    },
}

/// Guard: who has a seat of one tool, and who waits for one.
///
/// Every commit that gives or frees a seat of a tool with a cap revises it, so that of many approvals at once no more get one than there
/// are seats. A tool that never had a cap, and no members who are answered for, has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// The tool.
    pub tool: ToolId,
    /// Grants that are counted and have not ended, whatever their stage: what is being taken away has its seat until it is gone.
    pub grants: u32,
    /// Accounts in the tool's group without a grant for which somebody answers. They are counted with and without a cap.
    pub members: u32,
    /// Seats that are kept for somebody.
    pub offers: Vec<Offer>,
    /// Who waits: first approved, first served.
    pub waiting: Vec<Place>,
    /// Whether every grant is counted.
    pub census: Census,
}

impl Seats {
    /// Longest waiting list of one tool.
    pub const MAX_WAITING: usize = 500;

    /// Tools for which the clockwork has something to do: somebody waits, or grants are to be counted.
    pub const BY_WORK: Index = Index { name: "by_work", partition: &["work"], range: "tool_id" };

    /// Nobody has a seat, nobody waits.
    pub fn none(tool: ToolId) -> Self {
        let census = Census::Complete;
        Self { tool, grants: 0, members: 0, offers: Vec::new(), waiting: Vec::new(), census }
    }

    /// Seats that nobody can have now: taken, or kept for somebody.
    pub fn occupied(&self) -> u32 {
        let offers = u32::try_from(self.offers.len()).unwrap_or(u32::MAX);
        self.grants.saturating_add(self.members).saturating_add(offers)
    }

    /// Seats left under a cap; a tool without one always has another.
    pub fn free(&self, cap: Option<SeatCap>) -> u32 {
        cap.map_or(u32::MAX, |cap| cap.get().saturating_sub(self.occupied()))
    }

    /// Whether more seats are taken or kept than a cap allows, as far as that is known.
    pub fn is_beyond(&self, cap: SeatCap) -> bool {
        self.census == Census::Complete && self.occupied() > cap.get()
    }

    /// Takes a seat for somebody who was just approved; none when they have to wait: no seat is left, somebody waits already, or it is
    /// not known yet how many are taken.
    pub fn take(&self, cap: SeatCap) -> Option<Self> {
        let known = self.census == Census::Complete;
        let free = known && self.waiting.is_empty() && self.free(Some(cap)) > 0;
        free.then(|| Self { grants: self.grants.saturating_add(1), ..self.clone() })
    }

    /// Takes a seat for somebody who cannot wait: past whoever waits, but none that is taken or kept.
    pub fn take_now(&self, cap: SeatCap) -> Option<Self> {
        let free = self.census == Census::Complete && self.free(Some(cap)) > 0;
        free.then(|| Self { grants: self.grants.saturating_add(1), ..self.clone() })
    }

    /// A counted grant has ended.
    #[must_use]
    pub fn free_one(&self) -> Self {
        Self { grants: self.grants.saturating_sub(1), ..self.clone() }
    }

    /// Grants that had no seat yet are counted.
    #[must_use]
    pub fn count(&self, grants: u32) -> Self {
        Self { grants: self.grants.saturating_add(grants), ..self.clone() }
    }

    /// Puts an approved request at the end of the waiting list.
    ///
    /// # Errors
    /// [`Code::WaitingListFull`].
    pub fn wait(&self, request: RequestId, since: Timestamp) -> Result<Self, Refusal> {
        if self.waiting.len() >= Self::MAX_WAITING {
            let message = "every seat of this tool is taken, and its waiting list is full";
            return Err(Refusal::new(Code::WaitingListFull, message).with("waiting", self.waiting.len()));
        }
        let mut seats = self.clone();
        seats.waiting.push(Place { request, since });
        Ok(seats)
    }

    /// Keeps a free seat for whoever waits longest; none when nobody waits or no seat is known to be free.
    pub fn offer(&self, cap: Option<SeatCap>, until: Timestamp) -> Option<(RequestId, Self)> {
        if self.census != Census::Complete || self.free(cap) == 0 {
            return None;
        }
        let mut seats = self.clone();
        let first = (!seats.waiting.is_empty()).then(|| seats.waiting.remove(0))?;
        seats.offers.push(Offer { request: first.request, until });
        Some((first.request, seats))
    }

    /// The seat that was kept for a request goes to its grant; a tool without a cap counts none.
    #[must_use]
    pub fn accept(&self, request: RequestId, cap: Option<SeatCap>) -> Self {
        let seats = self.without(request);
        Self { grants: seats.grants.saturating_add(u32::from(cap.is_some())), ..seats }
    }

    /// A request that neither waits nor has a seat kept for it.
    #[must_use]
    pub fn without(&self, request: RequestId) -> Self {
        let mut seats = self.clone();
        seats.waiting.retain(|place| place.request != request);
        seats.offers.retain(|offer| offer.request != request);
        seats
    }

    /// The place that the next one gets, from 1.
    pub fn next_place(&self) -> u32 {
        u32::try_from(self.waiting.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// A request's place in the waiting list, from 1.
    pub fn place_of(&self, request: RequestId) -> Option<u32> {
        let place = self.waiting.iter().position(|place| place.request == request)?;
        u32::try_from(place).ok().map(|place| place.saturating_add(1))
    }
}

impl Document for Seats {
    const KIND: &'static Kind =
        &Kind { name: "seats", attributes: &["work", "tool_id"], indexes: &[Self::BY_WORK] };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        let work = !self.waiting.is_empty() || self.census != Census::Complete;
        vec![work.then(|| "work".to_owned()), Some(self.tool.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn at(minute: u32) -> Timestamp {
        Timestamp::from_millisecond(0).plus_minutes(i64::from(minute))
    }

    fn request(number: u32) -> RequestId {
        RequestId::of_name(&number.to_string())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Approve,
        End,
        Offer,
        Accept(prop::sample::Index),
        Leave(prop::sample::Index),
        Cap(Option<u32>),
    }

    fn steps() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Approve),
            3 => Just(Step::End),
            3 => Just(Step::Offer),
            3 => any::<prop::sample::Index>().prop_map(Step::Accept),
            2 => any::<prop::sample::Index>().prop_map(Step::Leave),
            1 => prop::option::of(1_u32..6).prop_map(Step::Cap),
        ]
    }

    proptest! {
        /// Whatever happens, nobody gets a seat beyond the cap, nobody is passed over, and nobody is in two places.
        #[test]
        fn seats_go_in_order_and_never_beyond_the_cap(walk in prop::collection::vec(steps(), 1..80)) {
            let mut seats = Seats::none(ToolId::of_name("tool"));
            let mut cap = Some(SeatCap(3));
            let mut counted = 0_u32;
            let mut served: Vec<Timestamp> = Vec::new();
            for (number, step) in (0_u32..).zip(walk) {
                let before = seats.clone();
                match step {
                    Step::Approve => match cap.and_then(|cap| seats.take(cap)) {
                        Some(taken) => {
                            prop_assert!(before.waiting.is_empty(), "somebody was passed over");
                            prop_assert!(taken.occupied() <= cap.map_or(u32::MAX, SeatCap::get));
                            (seats, counted) = (taken, counted + 1);
                        }
                        None if cap.is_some() => seats = seats.wait(request(number), at(number)).unwrap(),
                        None => {}
                    },
                    Step::End if counted > 0 => (seats, counted) = (seats.free_one(), counted - 1),
                    Step::Offer => if let Some((first, offered)) = seats.offer(cap, at(number)) {
                        prop_assert!(offered.occupied() <= cap.map_or(u32::MAX, SeatCap::get));
                        prop_assert_eq!(Some(first), before.waiting.first().map(|place| place.request));
                        served.push(before.waiting[0].since);
                        seats = offered;
                    },
                    Step::Accept(pick) if !seats.offers.is_empty() => {
                        let accepted = pick.get(&seats.offers).request;
                        seats = seats.accept(accepted, cap);
                        counted += u32::from(cap.is_some());
                        prop_assert!(seats.occupied() <= before.occupied());
                    }
                    Step::Leave(pick) if !seats.waiting.is_empty() => {
                        let leaving = pick.get(&seats.waiting).request;
                        seats = seats.without(leaving);
                        prop_assert_eq!(seats.place_of(leaving), None);
                    }
                    Step::End | Step::Accept(_) | Step::Leave(_) => {}
                    Step::Cap(changed) => cap = changed.map(SeatCap),
                }
                prop_assert_eq!(seats.grants, counted);
                let named = seats.waiting.iter().map(|place| place.request);
                let all: Vec<_> = named.chain(seats.offers.iter().map(|offer| offer.request)).collect();
                prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
            }
            prop_assert!(served.is_sorted(), "first approved, first served: {:?}", served);
        }
    }

    #[test]
    fn nobody_gets_a_seat_while_grants_are_counted() {
        let census = Census::Due { until: at(1), after: None };
        let seats = Seats { census, ..Seats::none(ToolId::of_name("tool")) };
        assert_eq!(seats.take(SeatCap(9)), None);
        assert!(!Seats { grants: 10, ..seats.clone() }.is_beyond(SeatCap(9)), "it is not known yet");
        let waiting = seats.wait(request(1), at(2)).unwrap();
        assert_eq!(waiting.offer(Some(SeatCap(9)), at(3)), None);
        assert_eq!(waiting.offer(None, at(3)), None);
        assert_eq!(waiting.place_of(request(1)), Some(1));
    }

    #[test]
    fn a_waiting_list_has_an_end() {
        let mut seats = Seats::none(ToolId::of_name("tool"));
        for number in 0..500 {
            seats = seats.wait(request(number), at(number)).unwrap();
        }
        assert_eq!(seats.wait(request(500), at(500)).unwrap_err().code(), Code::WaitingListFull);
    }

    #[test]
    fn a_cap_is_one_to_a_hundred_thousand() {
        assert!(SeatCap::try_from(0).is_err() && SeatCap::try_from(100_001).is_err());
        assert_eq!(SeatCap::try_from(100_000).map(SeatCap::get), Ok(100_000));
    }
}
