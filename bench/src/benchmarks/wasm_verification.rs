//! B8w: the whole log anew in WebAssembly on Node, as Forge and the offline page do it: one thread.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use audit_log::Hash;
use clearance::ports::{MAX_LOG_PAGE, Store as _};
use clearance_store::SqliteStore;
use futures::executor::block_on;

use super::Bench;
use crate::report::{Figure, Goal};
use crate::site::Site;
use crate::stopwatch::per_second;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut build = Command::new("cargo");
    build.args(["xtask", "verifier"]).stdout(Stdio::null()).stderr(Stdio::null());
    ensure!(build.status()?.success(), "the module does not build: `cargo xtask verifier`");
    let entries = bench.cache.size().entries;
    let data = bench.cache.copy(Site::Log(entries))?;
    let bundles = data.path().join("bundles");
    let (size, root) = write_bundles(&data.database(), &bundles)?;
    ensure!(size == u64::from(entries), "{size} entries were seeded");
    let mut seconds = f64::INFINITY;
    for _ in 0..3 {
        seconds = seconds.min(verify(&bundles, size, &root)?);
    }
    let rate = per_second(size, std::time::Duration::from_secs_f64(seconds));
    let what = format!("{entries} entries, stored bytes, WebAssembly on Node, 1 thread");
    bench.report.add(
        Figure::new("B8w", what, rate, "/s", Goal::AtLeast(450_000.0))
            .over(bench.machine.sha256_200, "1-core SHA-256 of 200 B"),
    );
    bench.report.add(Figure::held("B8w", "fails: a dropped bundle"));
    Ok(())
}

/// Puts the log into a file as bundles; its size and root as the store knows them.
fn write_bundles(database: &Path, to: &Path) -> anyhow::Result<(u64, Hash)> {
    let store = SqliteStore::open(database, clearance::KINDS)?;
    let head = block_on(store.log_head())?;
    let mut file = BufWriter::new(File::create(to)?);
    let (mut from, mut bundle) = (0, Vec::new());
    while from < head.size {
        bundle.clear();
        for entry in block_on(store.log_entries(from, MAX_LOG_PAGE))? {
            bundle.extend(u16::try_from(entry.bytes.len())?.to_be_bytes());
            bundle.extend(&entry.bytes);
            from = entry.index + 1;
        }
        ensure!(!bundle.is_empty(), "the log ends before its head");
        file.write_all(&u32::try_from(bundle.len())?.to_be_bytes())?;
        file.write_all(&bundle)?;
    }
    file.flush()?;
    store.close()?;
    Ok((head.size, head.root))
}

/// Seconds, by a process of its own.
fn verify(bundles: &Path, size: u64, root: &Hash) -> anyhow::Result<f64> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the repository")?;
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/benchmarks/wasm_verification.mjs"))
        .arg(repository.join("crates/evidence-verifier/tests/module.mjs"))
        .arg(bundles)
        .args([size.to_string(), root.to_string()])
        .output()
        .context("node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
