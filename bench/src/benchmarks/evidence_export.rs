//! B10: a million records as an evidence pack with one range proof and a signed checkpoint, and the check of it by somebody else.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::Bench;
use crate::report::{Figure, Goal};
use crate::server::resident_mb;
use crate::site::Site;
use crate::stopwatch::Stopwatch;

/// Often enough to see the peak of a program that runs for a second.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const RUNS: usize = 3;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let entries = bench.cache.size().entries;
    measure(bench, Site::Log(entries), &format!("{entries} records"), Goal::AtMost(1.5))?;
    // The same many records of requests that people made: names, texts, policies and a report of them come with them.
    measure(bench, Site::Past, "a site's whole past", Goal::None)
}

fn measure(bench: &mut Bench, site: Site, name: &str, goal: Goal) -> anyhow::Result<()> {
    let data = bench.cache.copy(site)?;
    let pack = data.path().join("pack.zip");
    let mut keys = bench.program.command();
    let keys = keys.args(["evidence", "keys", "--data"]).arg(data.path()).output()?;
    ensure!(keys.status.success(), "{}", String::from_utf8_lossy(&keys.stderr));
    let key_file = data.path().join("keys");
    std::fs::write(&key_file, &keys.stdout)?;
    let (mut written, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut export = bench.program.command();
        export
            .args(["evidence", "export", "--from", "2025-01-01", "--to", "2027-01-01", "--output"])
            .arg(&pack);
        written.push(watch(export.arg("--data").arg(data.path()))?);
        let mut verify = bench.program.command();
        checked.push(watch(verify.args(["evidence", "verify"]).arg(&pack).arg("--key-file").arg(&key_file))?);
    }
    for (what, runs) in [("exported", written), ("verified", checked)] {
        let seconds = runs.iter().map(|(seconds, _)| *seconds).fold(f64::INFINITY, f64::min);
        let memory = runs.iter().map(|(_, memory)| *memory).fold(0.0, f64::max);
        bench.report.add(Figure::new("B10", format!("{name}, {what}, best of {RUNS}"), seconds, "s", goal));
        let what = format!("{name}, {what}: peak memory");
        bench.report.add(Figure::new("B10", what, memory, "MB", Goal::AtMost(64.0)));
    }
    must_fail(bench, &pack, &key_file)
}

/// Seconds and peak memory of a program that must succeed.
#[expect(clippy::disallowed_methods, reason = "nothing says that a program's memory has grown")]
fn watch(command: &mut Command) -> anyhow::Result<(f64, f64)> {
    let begun = Stopwatch::start();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut memory = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // It may end between the two.
        memory = resident_mb(child.id(), "VmHWM").unwrap_or(memory);
        std::thread::sleep(LOOK_EVERY);
    };
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok((seconds, memory))
}

/// A pack with one bit changed in the middle must not verify.
fn must_fail(bench: &mut Bench, pack: &Path, keys: &Path) -> anyhow::Result<()> {
    let mut bytes = std::fs::read(pack)?;
    let middle = bytes.len() / 2;
    let byte = bytes.get_mut(middle).context("an empty pack")?;
    *byte ^= 1;
    std::fs::write(pack, bytes)?;
    let mut verify = bench.program.command();
    let output = verify.args(["evidence", "verify"]).arg(pack).arg("--key-file").arg(keys).output()?;
    ensure!(!output.status.success(), "a pack with a changed bit verifies");
    bench.report.add(Figure::held("B10", "fails: one flipped bit"));
    Ok(())
}
