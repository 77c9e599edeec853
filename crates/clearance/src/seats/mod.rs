//! Seats: how many may have a tool at once, who has a seat, who waits for one, and for whom one is kept.
//!
//! One guard document for each tool, [`Seats`], is revised by every commit that gives or frees a seat of a tool with a cap. What is being
//! taken away has its seat until it is confirmed gone; members of the tool's group for whom somebody answers have one each. Seats of a
//! tool without a cap are not counted, and nothing is written for them.

mod document;
pub mod operations;
mod serve;
mod view;

pub use document::{Census, InvalidSeatCap, Offer, Place, SeatCap, Seats};
pub(crate) use serve::{
    begin_census, cap_fell_below, count_of, decline, member_joins, member_leaves, miss, offer, start,
    start_now,
};
