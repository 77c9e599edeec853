//! What is seen without running anything.

use anyhow::Result;

use crate::process::Program;
use crate::{dependency_tree, set_up};

pub(crate) fn format() -> Result<()> {
    Program::new("cargo").args(["fmt", "--all", "--check"]).run()
}

pub(crate) fn clippy() -> Result<()> {
    set_up::c_compiler()?;
    Program::new("cargo").args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]).run()
}

/// All of it, cheapest first.
pub(crate) fn all() -> Result<()> {
    format()?;
    dependency_tree::check()?;
    clippy()
}
