//! Measures the product against the goals set for it: `cargo xtask bench [-- --only B1,B2] [--quick] [--long-log] [--json FILE]`.
//!
//! What this program is **not**: a test. It fails when a correctness guard does not hold, never because a figure is poor.
//!
//! Everything is measured on a seeded site, with the release program as a process of its own on the same machine, and beside the limits
//! of that machine measured in the same run. See `README.md`.

mod benchmarks;
mod client;
mod command_line;
mod cycles;
mod guards;
mod latencies;
mod machine;
mod report;
mod server;
mod site;
mod stopwatch;
mod tokens;

use std::path::Path;

use anyhow::Context as _;
use benchmarks::Bench;
use command_line::Chore;
use report::Report;
use serde::Serialize;
use site::{Cache, Size};

// The server's: what runs in this process is what the server runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where seeded sites are kept; deleted with every other build output.
const DATA: &str = "target/bench-data";

fn main() -> anyhow::Result<()> {
    match command_line::read(lexopt::Parser::from_env())? {
        Chore::VerifyChild { database, strictness } => benchmarks::verify_child(&database, &strictness),
        Chore::Help => {
            println!("{}", command_line::HELP);
            Ok(())
        }
        Chore::Measure(options) => measure(options),
    }
}

fn measure(options: command_line::Options) -> anyhow::Result<()> {
    let size = if options.quick { Size::QUICK } else { Size::FULL };
    let cache = Cache::new(Path::new(DATA), size)?;
    let program = match options.program {
        Some(path) => server::Program::at(path),
        None => server::Program::build()?,
    };
    let machine = machine::measure(cache.directory())?;
    machine.print();
    // One thread: the clients must leave the machine to the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut bench = Bench {
        cache,
        program,
        machine,
        runtime,
        quick: options.quick,
        long_log: options.long_log,
        report: Report::default(),
    };
    if options.quick {
        bench.report.note("--quick: a small site and short measurements; figures are no evidence");
    }
    bench.run(|name| options.only.is_empty() || options.only.iter().any(|only| only == name))?;
    bench.report.print();
    println!("\n{} of the goals were missed", bench.report.missed());
    if let Some(path) = &options.json {
        let result = Result { machine: &bench.machine, report: &bench.report };
        std::fs::write(path, serde_json::to_string_pretty(&result)?)
            .with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Result<'r> {
    machine: &'r machine::Machine,
    #[serde(flatten)]
    report: &'r Report,
}
