//! The Forge host: AI Clearance's operations as a WebAssembly module without imports.
//!
//! What this crate is **not**: it holds no rule, performs no input or output, and knows neither the clock nor any randomness. A port call
//! of an operation becomes an *effect*, a JSON object that the TypeScript glue performs with Forge's own packages.
//!
//! # How an operation runs
//! 1. The glue makes a fresh instance of the module, so that no tenant's data outlives an invocation.
//! 2. `start` takes an [`invocation::Start`]: operation, caller, input, the time and 32 random bytes. The operation runs until it must wait.
//! 3. The answer is an [`invocation::Progress`]: `{"effects": […]}`. The glue performs them, all at once if it can, and hands what came
//!    of each to `resume` by the effect's id.
//! 4. This goes on until the answer is `{"done": …}`, `{"refused": …}` or `{"failed": …}`. The glue drops the instance. Nothing was
//!    written unless a `commit` effect succeeded.
//!
//! A lost race is the answer `conflict` to a commit; the operation then runs again inside the module, with the same ids.
//!
//! # What an effect looks like
//! Declared in [`effect`]; `tests/` holds an interpreter of it over documents in memory.

// Natively there is no host that would look the exports up.
#[cfg(any(target_family = "wasm", test))]
mod boundary;
mod bus;
pub mod caller;
#[cfg(test)]
mod contract;
pub mod effect;
#[cfg(test)]
mod glue;
mod host;
pub mod invocation;
mod packing;
mod ports;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod tests;
mod verification;

/// Kinds of documents that only this host keeps, beside those of [`clearance::KINDS`].
pub const KINDS: &[&clearance::ports::Kind] = &[
    <packing::LogPacking as clearance::documents::Document>::KIND,
    <verification::LogVerification as clearance::documents::Document>::KIND,
];
