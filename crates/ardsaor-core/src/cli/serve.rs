use anyhow::Context as _;
use clap::Args;
use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use super::Common;
use crate::config::load;
use crate::{Core, System, log, provider::Endpoints};

/// Serve, until the process is asked to end
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ardsaor-core serve --data /var/lib/ardsaor-core")]
pub(super) struct Serve {
    /// For tests: call programs on this machine in place of the providers, in the clear, whatever host a call names. Whoever listens there
    /// gets every credential
    #[arg(long, value_name = "okta=ADDR,entra=ADDR")]
    dangerous_loopback_providers: Option<Endpoints>,
}

impl Serve {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<()> {
        let settings = load(&common.data, common.config.as_deref())?;
        log::start();
        // A dump of this process would hold keys and secrets.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core dumps cannot be forbidden");
        }
        let endpoints = self.dangerous_loopback_providers.unwrap_or(Endpoints::Public);
        if endpoints != Endpoints::Public {
            tracing::error!("DANGEROUS: credentials go to programs on this machine, and to no provider");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate()).context("cannot listen to signals")?;
            let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
            let core = Core::start(settings, System, endpoints).await?;
            println!("ArdSaor Core listens on {}", core.address());
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            core.stop().await.context("serving ended")
        })
    }
}
