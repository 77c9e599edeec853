//! The shipped server on a clock that a browser test moves, with a directory in memory in the place of Core and the providers.
//!
//! `browser-site --data DIR --ui DIR` serves on a free loopback port and prints `{"address": …}`. Then it takes one JSON object per line:
//! `{"operation": …, "input": …}` runs an operation as the command line would, `{"advance_days": N}` moves the clock and runs the
//! clockwork, `{"directory": …}` changes what is at the provider past this program, and answers with the members of the group it is about.
//! Each is answered with one line. It ends when its input ends.

#![expect(clippy::print_stdout, reason = "its answers are for the test that started it")]

use std::io::BufRead as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Parser;
use clearance::authorization::Caller;
use clearance::clockwork::run_due;
use clearance::operations::{Call, perform};
use clearance::ports::Environment as _;
use clearance::time::Days;
use clearance_server::config::{Config, Overrides};
use clearance_server::core::CoreWatch;
use clearance_server::data::{DataDirectory, kinds};
use clearance_server::environment::System;
use clearance_server::host::Host;
use clearance_server::known_checkpoint::KnownCheckpoint;
use clearance_server::serve::Server;
use clearance_server::vault::KeySource;
use clearance_store::SqliteStore;
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::{Clock, Directory, Seeded};

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
    Directory { directory: AtProvider },
}

/// What somebody does at the provider; `tenant` is the connector's host or tenant.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
enum AtProvider {
    Account { tenant: String, id: String, name: String },
    Group { tenant: String, id: String, name: String },
    Join { tenant: String, group: String, account: String },
    Leave { tenant: String, group: String, account: String },
    Members { tenant: String, group: String },
}

type Ports = Host<SqliteStore, Seeded, Directory>;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(&arguments))
}

async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let data = DataDirectory::new(&arguments.data);
    data.make()?;
    // The browser's, which goes by the machine's.
    let clock = Clock::at(System.now());
    let directory = Directory::default();
    let open = |seed| -> anyhow::Result<Ports> {
        let store = SqliteStore::open(data.database(), kinds())?;
        let environment = Seeded::new(clock.clone(), seed);
        let vault = KeySource::own(data.path()).open(|| environment.entropy())?;
        Ok(Host { store, environment, vault, core: directory.clone() })
    };
    // Two hosts on one database, as a server and a command line beside it.
    let (served, console) = (open(1)?, open(2)?);
    clearance::site::initialize(&console).await.context("the site does not come into being")?;
    let listen = Some("127.0.0.1:0".parse()?);
    let overrides = Overrides { listen, ui: Some(arguments.ui.clone()), ..Overrides::default() };
    let config = Config::load(data.path(), None, &overrides)?;
    let vault = console.vault.clone();
    let known = KnownCheckpoint::of(data.path());
    let server = Server::new(&config, served, &vault, known, CoreWatch::default()).await?;
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
        Command::Directory { directory } => Ok(json!(done(&ports.core, directory))),
    }
}

fn done(directory: &Directory, deed: AtProvider) -> Vec<String> {
    let (tenant, group) = match deed {
        AtProvider::Account { tenant, id, name } => {
            directory.account(&tenant, &id, &name);
            return Vec::new();
        }
        AtProvider::Group { tenant, id, name } => {
            directory.group(&tenant, &id, &name);
            (tenant, id)
        }
        AtProvider::Join { tenant, group, account } => {
            directory.join(&tenant, &group, &account);
            (tenant, group)
        }
        AtProvider::Leave { tenant, group, account } => {
            directory.leave(&tenant, &group, &account);
            (tenant, group)
        }
        AtProvider::Members { tenant, group } => (tenant, group),
    };
    directory.members(&tenant, &group)
}
