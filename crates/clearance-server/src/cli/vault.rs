use std::io::{Write as _, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Common;

/// The vault, which keeps this site's secrets sealed
#[derive(Debug, Subcommand)]
pub(super) enum Vault {
    RotateKey(RotateKey),
}

/// Seal every secret under a new key, and forget the one from before; not while a server runs
///
/// Killed at any moment, it goes on where it was when it is run again. A key in a file is made anew there. One in `CLEARANCE_VAULT_KEY` is
/// yours to make: put it there, the one from before in `CLEARANCE_VAULT_KEY_OLD`, and drop that one after this command.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance vault rotate-key --data /var/lib/clearance")]
pub(super) struct RotateKey {}

impl Vault {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Self::RotateKey(RotateKey {}) = self;
        let done = common.data()?.rotate_vault_key().await?;
        if common.json {
            writeln!(stdout(), "{}", json!({ "secrets": done.secrets, "resealed": done.resealed }))?;
        } else {
            writeln!(stdout(), "{} secrets are sealed under the new key.", done.secrets)?;
            writeln!(
                stdout(),
                "Backups from before open with the key from before only: make a new backup, and a copy of the new key apart from it."
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
