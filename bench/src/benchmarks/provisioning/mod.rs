//! B11: changes at a provider, and comparing what is there with what was approved.
//!
//! Jobs run in this process, on a site of their own (SQLite, every commit synced) with the provider and Core in memory behind the `Core`
//! port: what is measured is the runner, its documents and its log.

mod company;
mod drift;
mod paced;
mod unthrottled;

use super::Bench;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    unthrottled::run(bench)?;
    paced::run(bench)?;
    drift::run(bench)
}
