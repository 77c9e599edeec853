//! What this machine can do at best, measured in the same run: disk syncs, hashing, bare SQLite.

use std::fs::File;
use std::hint::black_box;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::stopwatch::{Stopwatch, per_second};

/// Rates per second.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) load_at_start: String,
    /// 4 KiB written and synced, one thread.
    pub(crate) fdatasync: f64,
    /// The same, 16 threads with a file each.
    pub(crate) fdatasync_16: f64,
    /// SHA-256 of a long input on one core, bytes.
    pub(crate) sha256_bytes: f64,
    /// SHA-256 of 200 bytes on one core.
    pub(crate) sha256_200: f64,
    /// Transactions of five rows in SQLite: WAL, synchronous FULL, one thread.
    pub(crate) sqlite_five_rows: f64,
    /// The same, 64 units merged into each transaction; units.
    pub(crate) sqlite_five_rows_grouped: f64,
}

const TIME: Duration = Duration::from_secs(1);

/// Measures the limits with files in a directory.
pub(crate) fn measure(directory: &Path) -> anyhow::Result<Machine> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    Ok(Machine {
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        load_at_start: load.split(' ').take(3).collect::<Vec<_>>().join(" "),
        fdatasync: syncs(directory, 1)?,
        fdatasync_16: syncs(directory, 16)?,
        sha256_bytes: hashes(1 << 20) * f64::from(1 << 20),
        sha256_200: hashes(200),
        sqlite_five_rows: five_rows(directory, 1)?,
        sqlite_five_rows_grouped: five_rows(directory, 64)?,
    })
}

impl Machine {
    pub(crate) fn print(&self) {
        println!(
            "machine: {} cores, load {} before the run; limits measured now:",
            self.cores, self.load_at_start
        );
        println!(
            "  fdatasync of 4 KiB        {:>10.0}/s with 1 thread, {:.0}/s with 16",
            self.fdatasync, self.fdatasync_16
        );
        println!(
            "  SHA-256, one core         {:>10.2} GB/s, {:.2}M/s of 200 B",
            self.sha256_bytes / 1e9,
            self.sha256_200 / 1e6
        );
        println!(
            "  SQLite five-row commits   {:>10.0}/s alone, {:.0}/s in groups of 64\n",
            self.sqlite_five_rows, self.sqlite_five_rows_grouped
        );
    }
}

fn syncs(directory: &Path, threads: usize) -> anyhow::Result<f64> {
    let place = directory.join("syncs");
    std::fs::create_dir_all(&place)?;
    let block = [7_u8; 4096];
    let begun = Stopwatch::start();
    let counts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                let path = place.join(number.to_string());
                scope.spawn(move || -> std::io::Result<u64> {
                    let mut file = File::create(path)?;
                    let mut count = 0_u64;
                    while begun.elapsed() < TIME {
                        // A log of 4 MiB that starts anew, as SQLite's does: most syncs change no file size.
                        file.seek(SeekFrom::Start(count % 1024 * 4096))?;
                        file.write_all(&block)?;
                        file.sync_data()?;
                        count += 1;
                    }
                    Ok(count)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| {
                worker.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?.context("fdatasync")
            })
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    let time = begun.elapsed();
    std::fs::remove_dir_all(&place)?;
    Ok(per_second(counts.iter().sum(), time))
}

fn hashes(length: usize) -> f64 {
    let input = vec![7_u8; length];
    let begun = Stopwatch::start();
    let mut count = 0_u64;
    while begun.elapsed() < TIME / 2 {
        for _ in 0..64 {
            black_box(Sha256::digest(black_box(&input)));
        }
        count += 64;
    }
    per_second(count, begun.elapsed())
}

fn five_rows(directory: &Path, group: u64) -> anyhow::Result<f64> {
    let place = directory.join("five_rows");
    std::fs::create_dir_all(&place)?;
    let connection = Connection::open(place.join("limit.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16384;
         CREATE TABLE IF NOT EXISTS row (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;",
    )?;
    let body = "x".repeat(400);
    let mut units = 0_u64;
    let begun = Stopwatch::start();
    {
        let mut insert = connection.prepare("INSERT INTO row (key, body) VALUES ($1, $2)")?;
        while begun.elapsed() < TIME {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for unit in units..units + group {
                for row in 0..5 {
                    insert.execute((format!("{unit:012}:{row}"), &body))?;
                }
            }
            connection.execute_batch("COMMIT")?;
            units += group;
        }
    }
    let rate = per_second(units, begun.elapsed());
    drop(connection);
    std::fs::remove_dir_all(&place)?;
    Ok(rate)
}
