use std::io::{Write as _, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Common;
use super::console::Console;

/// The catalogue of AI tools
#[derive(Debug, Subcommand)]
pub(super) enum Catalog {
    LoadStarter(LoadStarter),
}

/// Add the starter set of AI tools; those that are there already stay as they are
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance catalog load-starter")]
pub(super) struct LoadStarter {}

impl Catalog {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Self::LoadStarter(LoadStarter {}) = self;
        let console = Console::open(common).await?;
        let answer = console.call("catalog.load_starter", &json!({})).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
        } else {
            writeln!(
                stdout(),
                "{} tools added.",
                answer.get("added").and_then(Value::as_u64).unwrap_or_default()
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Print the OpenAPI 3.1 document of the HTTP interface
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance openapi > openapi.json")]
pub(super) struct Openapi {}

impl Openapi {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let document = clearance::operations::openapi();
        let text = if common.json { document.to_string() } else { serde_json::to_string_pretty(&document)? };
        match writeln!(std::io::stdout().lock(), "{text}") {
            // Whoever reads it through `head` has seen enough.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
        }
    }
}
