use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::Common;
use crate::config::load;
use crate::{Core, System, log, provider::Endpoints};

/// Serve, until the process is asked to end
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ardsaor-core serve --data /var/lib/ardsaor-core")]
pub(super) struct Serve {}

impl Serve {
    #[expect(clippy::unused_self, reason = "the command takes no arguments of its own yet")]
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<()> {
        let settings = load(&common.data, common.config.as_deref())?;
        log::start();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate()).context("cannot listen to signals")?;
            let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
            let core = Core::start(settings, System, Endpoints::Public).await?;
            println!("ArdSaor Core listens on {}", core.address());
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            core.stop().await.context("serving ended")
        })
    }
}
