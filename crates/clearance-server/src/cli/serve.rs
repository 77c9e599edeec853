use std::io::{Write as _, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use ardsaor_core::provider::Endpoints;
use clap::Args;
use clearance::ports::Store as _;
use rustix::process::{Resource, Rlimit, setrlimit};
use url::Url;

use super::Common;
use super::console::told;
use crate::config::{Config, Overrides};
use crate::core::{CoreWatch, Inside};
use crate::data::{DataDirectory, LocalHost, Opened};
use crate::first_administrator::{self, Invitation};
use crate::known_checkpoint::KnownCheckpoint;
use crate::log;
use crate::serve::{Server, asked_to_end, link};

/// Serve the pages and the HTTP interface
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  clearance serve --data /var/lib/clearance --listen 127.0.0.1:8780 --public-url https://clearance.example.com"
)]
pub(super) struct Serve {
    /// Interface and port; port 0 takes a free one [default: 127.0.0.1:8780]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The address under which people reach the server [default: where it listens]
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// The built pages [default: beside the program, or ui/dist]
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
    /// Fill an empty data directory with a small company that has lived for five months
    #[arg(long)]
    demo: bool,
    /// For tests: call programs on this machine in place of the providers, in the clear, whatever host a call names. Whoever listens there
    /// gets every credential
    #[arg(long, value_name = "okta=ADDR,entra=ADDR", hide = true)]
    dangerous_loopback_providers: Option<Endpoints>,
}

impl Serve {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let overrides = Overrides { listen: self.listen, public_url: self.public_url, ui: self.ui };
        let config = Config::load(&common.data, common.config.as_deref(), &overrides)?;
        let data = common.data_with(&config)?;
        let endpoints = self.dangerous_loopback_providers.unwrap_or(Endpoints::Public);
        if endpoints != Endpoints::Public && config.core.is_some() {
            anyhow::bail!(
                "`--dangerous-loopback-providers` is for the Core inside; there is none with `core.url`"
            );
        }
        log::start(config.log.level);
        // A dump of this process would hold keys and secrets.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core dumps cannot be forbidden");
        }
        if endpoints != Endpoints::Public {
            tracing::error!("DANGEROUS: credentials go to programs on this machine, and to no provider");
        }
        // The first provider installed stays; there is no other in this program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(&data, &config, self.demo, endpoints))?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve(
    data: &DataDirectory,
    config: &Config,
    demo: bool,
    endpoints: Endpoints,
) -> anyhow::Result<()> {
    if demo {
        data.fill_demo().await?;
    }
    let end = asked_to_end().context("cannot listen to signals")?;
    let Opened { host, lock: _lock } = data.open().await?;
    let known_checkpoint = KnownCheckpoint::of(data.path());
    check_not_behind(&host, &known_checkpoint).await?;
    let inside =
        Inside::start(host.core.clone(), endpoints).await.context("cannot start ArdSaor Core inside")?;
    let vault = host.vault.clone();
    let invitation = first_administrator::invite(&host).await.map_err(told)?;
    let (core, watch) = (host.core.clone(), CoreWatch::of(&host.core));
    let server = Server::new(config, host, &vault, known_checkpoint, watch.clone()).await?;
    let address = server.public_address().to_owned();
    writeln!(stdout(), "AI Clearance is at {address}")?;
    if let Some(Invitation { path, email }) = invitation {
        writeln!(
            stdout(),
            "Nobody can sign in yet. Set the first administrator's password, within 24 hours and once, at:"
        )?;
        writeln!(stdout(), "{}", link(&address, &path))?;
        if let Some(email) = email {
            writeln!(stdout(), "After that, sign in with the address {email}.")?;
        }
        if demo {
            writeln!(
                stdout(),
                "To see it as somebody else: clearance set-up-link --person chiara.rossi@northwind.example"
            )?;
        }
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), address = %server.address(), "serving");
    let watching = tokio::spawn(watch.run(core));
    let served = server.run(end).await.context("serving ended");
    watching.abort();
    // After whatever calls it.
    if let Some(inside) = inside {
        inside.stop().await;
    }
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// Refuses to go on from a database that lost entries: it would give their places in the log to others.
async fn check_not_behind(host: &LocalHost, known: &KnownCheckpoint) -> anyhow::Result<()> {
    let head = host.store.log_head().await?;
    if let Some(known) = known.read().context("cannot read known-checkpoint")?
        && head.size < known.size
    {
        anyhow::bail!(
            "the database is behind its known checkpoint: {} log entries of {} are missing; put the newer database back, or accept \
             the loss with `clearance restore --accept-loss`",
            known.size - head.size,
            known.size
        );
    }
    Ok(())
}
