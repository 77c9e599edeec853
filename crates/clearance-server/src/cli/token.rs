use std::io::{Write as _, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::Common;
use super::console::Console;
use crate::serve::link;

/// API tokens
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    Create(Create),
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// Queries only
    Read,
    /// Whatever the person may do
    Act,
    /// The audit log only
    Log,
}

/// Make a token for a person; its last line of output is the token alone
///
/// It never allows more than the person may do.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance token create --person ada@example.com --scope read --days 30")]
pub(super) struct Create {
    /// Address of the person for whom it acts
    #[arg(long, value_name = "EMAIL")]
    person: String,
    /// What it may be used for
    #[arg(long, value_enum, default_value_t = Scope::Act)]
    scope: Scope,
    /// Days for which it works, 1 to 365
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
}

impl Token {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Self::Create(Create { person, scope, days }) = self;
        let console = Console::open(common).await?;
        let person = console.person(&person).await?;
        let scope = match scope {
            Scope::Read => "read",
            Scope::Act => "act",
            Scope::Log => "log",
        };
        let input = json!({ "person": person.id, "scope": scope, "days": days });
        let answer = console.call("tokens.create", &input).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
            return Ok(ExitCode::SUCCESS);
        }
        let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        writeln!(
            stdout(),
            "Token {} for {}, scope {scope}, until {}.",
            text("/token/id"),
            person.name,
            text("/token/expires_at")
        )?;
        writeln!(stdout(), "Send it as `Authorization: Bearer …`. It is shown this once:")?;
        writeln!(stdout(), "{}", text("/secret"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Make a one-time link by which a person sets a password; replaces an earlier one
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance set-up-link --person ada@example.com")]
pub(super) struct SetUpLink {
    /// Address of the person
    #[arg(long, value_name = "EMAIL")]
    person: String,
}

impl SetUpLink {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.config()?;
        let console = Console::open(common).await?;
        let person = console.person(&self.person).await?;
        let answer = console.call("set_up_links.create", &json!({ "person": person.id })).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
            return Ok(ExitCode::SUCCESS);
        }
        let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let public = config.listen.public_url(config.listen.address);
        writeln!(stdout(), "{} can set a password until {}, once, at:", person.name, text("/expires_at"))?;
        writeln!(stdout(), "{}", link(public.as_str(), text("/path")))?;
        Ok(ExitCode::SUCCESS)
    }
}
