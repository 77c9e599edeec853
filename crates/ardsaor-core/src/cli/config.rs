use clap::Subcommand;

use super::Common;
use crate::config::load;

/// The configuration
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration can be used, without starting
    #[command(after_help = "Example:\n  ardsaor-core config check")]
    Check,
}

impl Command {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<()> {
        let Self::Check = self;
        let settings = load(&common.data, common.config.as_deref())?;
        println!("listens on {} ({:?})", settings.listen, settings.transport);
        println!(
            "installations of kind forge: {}",
            if settings.forge.is_some() { "accepted" } else { "refused" }
        );
        Ok(())
    }
}
