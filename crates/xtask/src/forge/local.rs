//! The app on the local platform (`forge/host`): to try it, and to test it as it is bundled.

use anyhow::Result;

use super::build::{FUNCTION, build};
use super::{APP, Core, Deployment, tool_packages};
use crate::process::Program;
use crate::repository;

/// Keeps Node quiet about reading TypeScript.
const QUIET: &str = "--disable-warning=ExperimentalWarning";

/// Builds the app and serves its pages, until it is stopped.
pub(crate) fn local(deployment: &Deployment, port: u16) -> Result<()> {
    build(deployment)?;
    tool_packages()?;
    let mut host = Program::new(&super::node()).within(&repository::at(APP)).args([
        QUIET,
        "host/local.ts",
        "--bundle",
        &format!("../{FUNCTION}"),
        "--port",
        &port.to_string(),
    ]);
    if let Core::At(origin) = &deployment.core {
        host = host.args(["--core", origin]);
    }
    host.become_it()
}

/// Says what the bundled app asks of the platform.
pub(crate) fn measure() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    super::check::glue()?;
    Program::new(&super::node()).within(&repository::at(APP)).args([QUIET, "host/measure.ts"]).run()
}

/// Tests the platform itself, and what the bundled app does on it: crafted calls, tenants, faults, Jira.
pub(crate) fn test_app() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    let types = ["node_modules/typescript/bin/tsc", "--project", "host"];
    Program::new("node").within(&repository::at(APP)).args(types).run()?;
    let tests = ["host/tests/*.test.ts", "host/tests/app/*.test.ts"];
    Program::new(&super::node()).within(&repository::at(APP)).args([QUIET, "--test"]).args(tests).run()
}

/// Plays the scenarios of `testkit::life` on the bundled app, and compares its log with one on SQLite.
pub(crate) fn test_scenarios() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    super::check::glue()?;
    for cases in [
        ["--package", "testkit", "--test", "site", "life::forge"],
        ["--package", "clearance-forge", "--lib", "replay", "--quiet"],
    ] {
        let test = Program::new("cargo").args(["test"]).args(cases).args(["--", "--ignored"]);
        test.setting(super::NODE, super::node()).run()?;
    }
    Ok(())
}
