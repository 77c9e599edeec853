//! The server as its callers see it: the real router over a store in memory, with a clock that tests move.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod anchoring;
mod connectors;
mod mail;
mod openid;
mod operations;
mod pages;
mod sessions;
mod support;
mod tokens;
