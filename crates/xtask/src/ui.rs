//! The pages.

use anyhow::Result;

use crate::process::Program;
use crate::repository;
use crate::set_up;
use crate::stamp::{Fingerprint, Stamp};

/// Folders in `ui/` that the build does not read.
const NOT_SOURCES: &[&str] = &["node_modules", "dist", "tests", "test-results"];

/// Checks types and builds `ui/dist`, unless it is up to date.
pub(crate) fn build() -> Result<()> {
    let folder = repository::at("ui");
    let stamp = Stamp::new("ui", &Fingerprint::default().folder(&folder, NOT_SOURCES)?);
    if stamp.is_fresh() && folder.join("dist/app.html").is_file() {
        return Ok(());
    }
    set_up::npm_packages("ui")?;
    Program::new("npm").args(["run", "build"]).within(&folder).run()?;
    stamp.set()
}

/// Walks the pages in a real browser, against a real server.
pub(crate) fn browser_tests() -> Result<()> {
    build()?;
    // One of the tests opens the offline verifier, one the pages as the Forge app shows them.
    crate::verifier::build()?;
    crate::forge::build(&crate::forge::Deployment::AS_WRITTEN)?;
    set_up::npm_packages("ui")?;
    set_up::c_compiler()?;
    // The tests start `clearance` and `browser-site`. Built with the whole workspace, they share what `cargo test` compiled.
    Program::new("cargo").args(["build", "--workspace", "--bins"]).run()?;
    Program::new("npm").args(["test"]).within(&repository::at("ui")).run()
}
