//! What a fresh machine still lacks: fetched when it can be, asked for in plain words when not.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{Program, environment};
use crate::repository;
use crate::stamp::{Fingerprint, Stamp};

/// The target of the Forge module.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node the UI's build runs on.
const NODE: (u32, u32) = (20, 19);

/// Adds the wasm target to the toolchain unless it is there.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = String::from_utf8(Program::new("rustc").args(["--print", "sysroot"]).output()?)?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    Program::new("rustup").args(["target", "add", WASM_TARGET]).run().with_context(|| {
        format!("the Rust target {WASM_TARGET} is missing; install Rust with rustup (https://rustup.rs), or add the target yourself")
    })
}

/// Fails when there is no C compiler: SQLite is built from source.
pub(crate) fn c_compiler() -> Result<()> {
    // Elsewhere the build script of the `cc` crate knows better where to look.
    let looked_for = cfg!(unix) && environment("CC").is_none();
    if looked_for
        && !["cc", "gcc", "clang"].iter().any(|name| Program::new(name).args(["--version"]).answers())
    {
        bail!(
            "a C compiler is needed to build SQLite; install gcc or clang (on Debian and Ubuntu: `apt install gcc`)"
        );
    }
    Ok(())
}

/// Fails unless Node is there and new enough. Returns its version.
fn node() -> Result<String> {
    let needed = format!("Node {}.{} or newer with npm is needed; see https://nodejs.org", NODE.0, NODE.1);
    let version = Program::new("node").args(["--version"]).output().with_context(|| needed.clone())?;
    let version = String::from_utf8_lossy(&version).trim().to_owned();
    if parse_version(&version).is_none_or(|version| version < NODE) {
        bail!("{needed} (this is Node {version})");
    }
    if !Program::new("npm").args(["--version"]).answers() {
        bail!("{needed} (npm is missing)");
    }
    Ok(version)
}

/// Major and minor number of `v20.19.2`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Node for a program that needs no packages.
pub(crate) fn node_only() -> Result<()> {
    node().map(drop)
}

/// Installs the npm packages of a folder as its lock file names them, unless they are there.
pub(crate) fn npm_packages(folder: &str) -> Result<()> {
    let version = node()?;
    let path = repository::at(folder);
    let lock = path.join("package-lock.json");
    let stamp = Stamp::new(&format!("npm-{folder}"), &Fingerprint::default().fact(&version).file(&lock)?);
    // npm writes this file last.
    if stamp.is_fresh() && path.join("node_modules/.package-lock.json").is_file() {
        return Ok(());
    }
    // None of them needs a script of its own, so none runs one.
    Program::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).within(&path).run()?;
    stamp.set()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(parse_version("v20.19.2"), Some((20, 19)));
        assert!(parse_version("v20.9.0").unwrap() < NODE);
        assert!(parse_version("v22.0.0").unwrap() > NODE);
        assert_eq!(parse_version("nonsense"), None);
    }
}
