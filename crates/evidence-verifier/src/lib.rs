//! The verifier of evidence packs as a WebAssembly module without imports, and with it one HTML file for auditors who install nothing.
//!
//! What this crate is **not**: it checks nothing itself ([`evidence_pack`] does), reads no file, and has no way to reach a network: the
//! module imports nothing, and the page around it (`page/`) forbids itself every connection.
//!
//! `cargo xtask verifier` builds the page. The same module checks a whole log from its bundles, for whoever runs it in Node.

#[cfg(any(target_family = "wasm", test))]
mod boundary;
mod session;

pub use session::{Answer, Begin, Session};
