//! Insights: how things went and stand, from counters that the clockwork keeps by reading the log onward; and a forecast of what is coming.
//!
//! Nothing is counted when somebody asks. What the log does not hold is not counted, so the counters can be thrown away and counted anew at any
//! time, with the same result.

mod calendar;
mod counters;
mod event;
mod export;
pub mod forecast;
mod histogram;
pub mod operations;
mod reconcile;
mod series;

pub use calendar::{Day, InvalidDay};
pub use counters::{Counters, DriftCounts, GrantCounts, InsightDay, InsightTool, RequestCounts, Standing};
pub use histogram::Histogram;
pub use reconcile::InsightProgress;
pub(crate) use reconcile::run;
