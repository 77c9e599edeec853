//! The first of the README's two commands.

use std::ffi::OsString;

use anyhow::Result;

use crate::process::Program;
use crate::{set_up, ui};

/// Builds what is stale and serves, from the root of the repository with the server's own defaults: data in `data`, pages from `ui/dist`,
/// 127.0.0.1:8780. The server prints its address and the one-time sign-in link.
///
/// Unoptimised unless asked for: a newcomer waits for the first page, and dependencies are optimised a little anyway.
pub(crate) fn run(demo: bool, release: bool, arguments: &[OsString]) -> Result<()> {
    set_up::c_compiler()?;
    ui::build()?;
    let mut cargo = vec!["run", "--package", "clearance-server", "--bin", "clearance"];
    if release {
        cargo.push("--release");
    }
    Program::new("cargo")
        .args(cargo)
        .args(["--", "serve"])
        .args(demo.then_some("--demo"))
        .args(arguments)
        .become_it()
}
