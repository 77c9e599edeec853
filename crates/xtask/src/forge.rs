//! The WebAssembly module of the Forge app.

use anyhow::Result;

use crate::process::Program;
use crate::set_up::{self, WASM_TARGET};

/// Builds `target/wasm32-unknown-unknown/wasm/clearance_forge.wasm`.
pub(crate) fn build() -> Result<()> {
    set_up::wasm_target()?;
    // The target folder is named so that the test on Node finds the module whatever the environment says.
    let place = ["--target", WASM_TARGET, "--profile", "wasm", "--target-dir", "target"];
    Program::new("cargo").args(["build", "--package", "clearance-forge"]).args(place).run()
}

/// Drives the module on Node over documents in memory.
pub(crate) fn test() -> Result<()> {
    set_up::node_only()?;
    build()?;
    Program::new("node").args(["--test", "crates/clearance-forge/tests/module.test.mjs"]).run()
}
