//! Types for the UI, made from the Rust types: Rust → OpenAPI document → TypeScript. Both files are kept in the repository, so that
//! the pages build without Rust and a change of the API shows in review.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::Program;
use crate::{repository, set_up};

fn files() -> [PathBuf; 2] {
    [repository::at("ui/openapi.json"), repository::at("ui/src/api/schema.d.ts")]
}

/// Writes both files.
pub(crate) fn write() -> Result<()> {
    set_up::c_compiler()?;
    set_up::npm_packages("ui")?;
    let server = ["run", "--quiet", "--package", "clearance-server", "--bin", "clearance", "--", "openapi"];
    let document = Program::new("cargo").args(server).output()?;
    let [openapi, _] = files();
    std::fs::write(&openapi, document).with_context(|| format!("could not write {}", openapi.display()))?;
    Program::new("npm").args(["run", "types"]).within(&repository::at("ui")).run()
}

/// Fails when the files are not what [`write`] would make; leaves them as they were.
pub(crate) fn check() -> Result<()> {
    let read = || files().map(|path| std::fs::read(path).ok());
    let before = read();
    let written = write();
    let after = read();
    let mut stale = Vec::new();
    for ((path, before), after) in files().iter().zip(&before).zip(&after) {
        if before == after {
            continue;
        }
        stale.push(path.strip_prefix(repository::root()).unwrap_or(path).display().to_string());
        match before {
            Some(content) => std::fs::write(path, content)?,
            None => std::fs::remove_file(path)?,
        }
    }
    written?;
    if !stale.is_empty() {
        bail!("{} is stale; run `cargo xtask types` and commit what it writes", stale.join(" and "));
    }
    Ok(())
}
