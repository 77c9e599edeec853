//! The shipped server on a clock that a browser test moves.
//!
//! `browser-site --data DIR --ui DIR` serves on a free loopback port and prints `{"address": …}`. Then it takes one JSON object per line:
//! `{"operation": …, "input": …}` runs an operation as the command line would, `{"advance_days": N}` moves the clock and runs the
//! clockwork. Each is answered with one line. It ends when its input ends.

#![expect(clippy::print_stdout, reason = "its answers are for the test that started it")]

use std::io::BufRead as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Parser;
use clearance::authorization::Caller;
use clearance::clockwork::run_due;
use clearance::operations::{Call, perform};
use clearance::ports::{Absent, Environment as _};
use clearance::time::Days;
use clearance_server::config::{Config, Overrides};
use clearance_server::data::{DataDirectory, kinds};
use clearance_server::host::Host;
use clearance_server::known_checkpoint::KnownCheckpoint;
use clearance_server::serve::Server;
use clearance_server::vault::VaultKey;
use clearance_store::SqliteStore;
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::{Clock, Seeded};

#[derive(Parser)]
struct Arguments {
    /// Where the database lies
    #[arg(long)]
    data: PathBuf,
    /// The built pages
    #[arg(long)]
    ui: PathBuf,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Command {
    Operation { operation: String, input: Value },
    Advance { advance_days: Days },
}

type Ports = Host<SqliteStore, Seeded, Absent>;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(&arguments))
}

async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let data = DataDirectory::new(&arguments.data);
    data.make()?;
    let clock = Clock::default();
    let open = |seed| -> anyhow::Result<Ports> {
        let store = SqliteStore::open(data.database(), kinds())?;
        let environment = Seeded::new(clock.clone(), seed);
        let vault = VaultKey::open(data.path(), || environment.entropy())?;
        Ok(Host { store, environment, vault, core: Absent })
    };
    // Two hosts on one database, as a server and a command line beside it.
    let (served, console) = (open(1)?, open(2)?);
    clearance::site::initialize(&console).await.context("the site does not come into being")?;
    let listen = Some("127.0.0.1:0".parse()?);
    let overrides = Overrides { listen, ui: Some(arguments.ui.clone()), ..Overrides::default() };
    let config = Config::load(data.path(), None, &overrides)?;
    let vault = console.vault.clone();
    let server = Server::new(&config, served, &vault, KnownCheckpoint::of(data.path())).await?;
    println!("{}", json!({ "address": server.public_address() }));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let commands = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Handle::current();
        for line in std::io::stdin().lock().lines() {
            let answer = runtime.block_on(obey(&console, &clock, &line?))?;
            println!("{answer}");
        }
        drop(stop);
        anyhow::Ok(())
    });
    server.run(async { drop(stopped.await) }).await?;
    commands.await?
}

async fn obey(ports: &Ports, clock: &Clock, line: &str) -> anyhow::Result<Value> {
    match serde_json::from_str(line).with_context(|| format!("`{line}`"))? {
        Command::Operation { operation, input } => {
            let input = input.to_string();
            let call = Call {
                operation: &operation,
                caller: Caller::Console,
                input: input.as_bytes(),
                idempotency_key: None,
            };
            match perform(ports, call).await {
                Ok(answer) => Ok(serde_json::from_slice(&answer)?),
                Err(failure) => bail!("{operation}: {failure}"),
            }
        }
        Command::Advance { advance_days } => {
            clock.advance_days(advance_days);
            let pass = run_due(ports).await?;
            Ok(json!({ "now": clock.now(), "expired": pass.expired }))
        }
    }
}
