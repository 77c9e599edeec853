//! The module with the rules: compiled, made smaller, written as the text that the bundle carries, driven on Node.

use std::path::PathBuf;

use anyhow::Result;

use super::{APP, node, tool, tool_packages};
use crate::process::Program;
use crate::repository;
use crate::set_up::{self, WASM_TARGET};
use crate::stamp::{Fingerprint, Stamp};

/// The module as the app carries it.
const MODULE: &str = "target/forge/clearance_forge.wasm";

/// What the compiler uses of WebAssembly, and references to functions with their type, by which functions that differ only in what they call
/// become one. Node has had them since 22.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-gc",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// How it is made smaller. A process that begins pays for each byte and for each function of the module, called or not. So small functions go
/// where they are called, but no large one: the engine compiles a function as a whole when it is first called. Then those that differ only in
/// constants become one, and what that left behind is tidied.
const PASSES: &[&str] = &[
    "--duplicate-function-elimination",
    "--inlining",
    "--one-caller-inline-max-function-size=80",
    "--always-inline-max-function-size=4",
    "--merge-similar-functions",
    "--simplify-locals",
    "--coalesce-locals",
    "--reorder-locals",
    "--vacuum",
    "--remove-unused-module-elements",
    "--reorder-functions",
];

/// Builds `target/forge/clearance_forge.wasm` and from it `forge/src/generated/module.ts`.
pub(crate) fn module() -> Result<()> {
    set_up::wasm_target()?;
    let place = ["--target", WASM_TARGET, "--profile", "wasm", "--target-dir", "target"];
    Program::new("cargo").args(["build", "--package", "clearance-forge", "--lib"]).args(place).run()?;
    optimize()?;
    write_as_text()
}

/// Makes what was compiled smaller, unless that was done already.
fn optimize() -> Result<()> {
    tool_packages()?;
    let compiled = repository::at(&format!("target/{WASM_TARGET}/wasm/clearance_forge.wasm"));
    let sources = Fingerprint::default()
        .file(&compiled)?
        .file(&repository::at(APP).join("package-lock.json"))?
        .fact(&[FEATURES, PASSES].concat().join(" "));
    let (stamp, made) = (Stamp::new("forge-module", &sources), path());
    if !stamp.is_fresh() || !made.is_file() {
        std::fs::create_dir_all(made.parent().unwrap_or(&made))?;
        let optimizer = repository::at(APP).join("node_modules/binaryen/bin/wasm-opt");
        let files = [optimizer.as_path(), &compiled, "-o".as_ref(), &made];
        Program::new(&node()).args(files).args(FEATURES).args(PASSES).run()?;
        stamp.set()?;
    }
    Ok(())
}

/// Writes the module as text, unless that was done already.
fn write_as_text() -> Result<()> {
    let app = repository::at(APP);
    let (module, text) = (path(), app.join("src/generated/module.ts"));
    let sources = Fingerprint::default().file(&module)?.file(&app.join("tools/module.js"))?;
    let stamp = Stamp::new("forge-module-text", &sources);
    if !stamp.is_fresh() || !text.is_file() {
        std::fs::create_dir_all(text.parent().unwrap_or(&text))?;
        tool("module.js")?.args([&module, &text]).run()?;
        stamp.set()?;
    }
    Ok(())
}

/// Drives the module over documents in memory.
pub(crate) fn test_module() -> Result<()> {
    module()?;
    Program::new(&node()).args(["--test", "crates/clearance-forge/tests/module.test.mjs"]).run()
}

/// Where the module is built.
pub(super) fn path() -> PathBuf {
    repository::at(MODULE)
}
