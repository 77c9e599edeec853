//! Policy: evaluation, lint and the widening check, against independent oracles.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod changed;
mod evaluation;
mod generate;
mod lint;
mod small;
mod widening;
