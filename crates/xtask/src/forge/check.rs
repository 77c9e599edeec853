//! What can be said of the app without deploying it.

use anyhow::Result;

use super::build::{FUNCTION, build, declarations};
use super::{Deployment, tool};

/// Types, Atlassian's own validators with zero findings, our own checks of what those miss, and the functions' exports.
pub(crate) fn check() -> Result<()> {
    build(&Deployment::AS_WRITTEN)?;
    declarations()?;
    tool("check.js")?.args(["../target/forge/declarations.json", &format!("../{FUNCTION}")]).run()
}
