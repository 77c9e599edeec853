use std::io::{Write as _, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Common;
use crate::config::Transport;

/// The configuration
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    Check(Check),
}

/// Check the configuration without starting anything
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance config check --data /var/lib/clearance")]
pub(super) struct Check {}

impl ConfigCommand {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Self::Check(Check {}) = self;
        let config = common.config()?;
        let transport = match &config.listen.transport {
            Transport::Loopback => "plain, this host only",
            Transport::Tls { .. } => "TLS",
            Transport::Proxy { .. } => "behind a trusted proxy",
        };
        let public_url = config.listen.public_url(config.listen.address);
        let oidc = config.oidc.as_ref().map(|oidc| oidc.issuer.as_str());
        let smtp = config.smtp.as_ref().map(|smtp| smtp.host.as_str());
        let core = config.core.as_ref().map(ToString::to_string);
        if common.json {
            let report = json!({
                "ok": true,
                "listen": config.listen.address,
                "transport": transport,
                "public_url": public_url,
                "oidc": oidc,
                "smtp": smtp,
                "core": core,
                "tick_seconds": config.tick_seconds,
            });
            writeln!(stdout(), "{report}")?;
        } else {
            writeln!(stdout(), "listen      {} ({transport})", config.listen.address)?;
            writeln!(stdout(), "public url  {public_url}")?;
            writeln!(stdout(), "sign-in at  {}", oidc.unwrap_or("(local accounts only)"))?;
            writeln!(stdout(), "mail by     {}", smtp.unwrap_or("(no notices)"))?;
            writeln!(stdout(), "Core at     {}", core.as_deref().unwrap_or("(inside the server)"))?;
            writeln!(stdout(), "The configuration is good.")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
