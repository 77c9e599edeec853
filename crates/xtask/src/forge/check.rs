//! What can be said of the app without deploying it.

use anyhow::Result;

use super::build::{FUNCTION, build, declarations};
use super::{APP, Deployment, tool};
use crate::process::Program;
use crate::repository;

/// Types, Atlassian's own validators with zero findings, our own checks of what those miss, and the functions' exports.
pub(crate) fn check() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    declarations()?;
    let module = super::module::path().to_string_lossy().into_owned();
    let made = ["../target/forge/declarations.json", &format!("../{FUNCTION}"), &module];
    tool("check.js")?.args(made).run()
}

/// Runs the contract of every store, from Rust, against the glue on the local platform.
pub(crate) fn contract() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    glue()?;
    let cases = ["test", "--package", "clearance-forge", "--lib", "contract::platform", "--", "--ignored"];
    Program::new("cargo").args(cases).setting(super::NODE, super::node()).run()
}

/// Compiles the glue file by file into `forge/out`, for tests that call its parts.
pub(super) fn glue() -> Result<()> {
    let app = repository::at(APP);
    Program::new("node").within(&app).args(["node_modules/typescript/bin/tsc", "--outDir", "out"]).run()
}
