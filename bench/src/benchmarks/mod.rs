//! The benchmarks, one file for each question.

mod cold_start;
mod core_calls;
mod decision_queue;
mod durable_append;
mod evidence_export;
mod expiry_sweep;
mod footprint;
mod growth;
mod main_job;
mod policy_evaluation;
mod proofs;
mod provisioning;
mod verification;
mod wasm_verification;

use std::sync::Arc;
use std::time::Duration;

use crate::cycles::Load;
use crate::machine::Machine;
use crate::report::Report;
use crate::server::Program;
use crate::site::{Cache, DataDirectory, Site};
use crate::tokens::Tokens;

pub(crate) use verification::child as verify_child;

/// The benchmarks that can be chosen.
pub(crate) const NAMES: [&str; 14] =
    ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8w", "B9", "B10", "B11", "B12", "core"];

/// What every benchmark is given.
pub(crate) struct Bench {
    pub(crate) cache: Cache,
    pub(crate) program: Program,
    pub(crate) machine: Machine,
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) quick: bool,
    /// Entries of the long log of B8, beside the usual million.
    pub(crate) long_log: bool,
    pub(crate) report: Report,
}

impl Bench {
    /// How long one measurement takes.
    fn time(&self) -> Duration {
        Duration::from_secs(if self.quick { 2 } else { 10 })
    }

    /// A copy of a site, with tokens for whoever takes part.
    fn site(&self, site: Site) -> anyhow::Result<(DataDirectory, Arc<Load>)> {
        let data = self.cache.copy(site)?;
        let tokens = Tokens::make(&data.database(), self.cache.size())?;
        Ok((data, Load::new(tokens, self.cache.size())))
    }

    /// Runs those of the benchmarks that are wanted.
    pub(crate) fn run(&mut self, wanted: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        if wanted("B1") || wanted("B2") {
            main_job::run(self)?;
        }
        if wanted("B3") {
            growth::run(self)?;
        }
        if wanted("B4") {
            decision_queue::run(self)?;
        }
        if wanted("B5") {
            policy_evaluation::run(self)?;
        }
        if wanted("B6") {
            expiry_sweep::run(self)?;
        }
        if wanted("B7") {
            durable_append::run(self)?;
        }
        if wanted("B8") {
            verification::run(self)?;
        }
        if wanted("B8w") {
            wasm_verification::run(self)?;
        }
        if wanted("B9") {
            proofs::run(self)?;
        }
        if wanted("B10") {
            evidence_export::run(self)?;
        }
        if wanted("B11") {
            provisioning::run(self)?;
        }
        if wanted("B12") {
            footprint::run(self)?;
        }
        if wanted("core") {
            core_calls::run(self)?;
        }
        Ok(())
    }
}
