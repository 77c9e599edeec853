//! The command line of the host.
//!
//! Every command works on the data directory itself, whether or not a server runs on it. What it changes goes through the same operations
//! as any other caller's, and is logged as done by `console`.

mod audit;
mod backup;
mod catalog;
mod config;
mod console;
mod core;
mod evidence;
mod identities;
mod people;
mod policy;
mod progress;
mod serve;
mod token;
mod vault;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, Overrides};
use crate::data::DataDirectory;
use crate::vault::{KEY_VARIABLE, KeySource, OLD_KEY_VARIABLE};

/// Governs who may use which AI tool, for what, and until when
#[derive(Debug, Parser)]
#[command(name = "clearance", version, arg_required_else_help = true)]
struct Program {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// The data directory: database, vault key, clearance.toml
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// A configuration file other than clearance.toml in the data directory
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true)]
    json: bool,
}

impl Common {
    /// The configuration, without what a command says over it.
    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(&self.data, self.config.as_deref(), &Overrides::default())
    }

    /// The data directory as the configuration says.
    fn data(&self) -> anyhow::Result<DataDirectory> {
        self.data_with(&self.config()?)
    }

    /// The data directory as this configuration and the environment say.
    fn data_with(&self, config: &Config) -> anyhow::Result<DataDirectory> {
        let data = DataDirectory::new(&self.data).configured(config);
        let [key, old] = [KEY_VARIABLE, OLD_KEY_VARIABLE].map(std::env::var_os);
        Ok(match KeySource::given(key.as_deref(), old.as_deref())? {
            Some(given) => data.with_vault_key(given),
            None => data,
        })
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    #[command(subcommand)]
    People(people::People),
    #[command(subcommand)]
    Identities(identities::Identities),
    #[command(subcommand)]
    Token(token::Token),
    SetUpLink(token::SetUpLink),
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    #[command(subcommand)]
    Policy(policy::Policy),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    #[command(subcommand)]
    Core(core::Core),
    #[command(subcommand)]
    Vault(vault::Vault),
    Backup(backup::Backup),
    Restore(backup::Restore),
    #[command(subcommand)]
    Config(config::ConfigCommand),
    Openapi(catalog::Openapi),
}

/// What a shell reports of a program that wrote to a pipe which nobody reads any more.
const ENDED_BY_SIGPIPE: u8 = 128 + 13;

/// Whether whoever was to read the output has stopped: `clearance audit verify | head -1`.
fn stopped_reading(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Runs the program: parses the arguments, does what they say, and tells the operating system how it went.
pub fn main() -> ExitCode {
    let program = Program::parse();
    match run(program) {
        Ok(code) => code,
        Err(error) if stopped_reading(&error) => ExitCode::from(ENDED_BY_SIGPIPE),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(program: Program) -> anyhow::Result<ExitCode> {
    let Program { common, command } = program;
    if let Command::Serve(serve) = command {
        return serve.run(&common);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(_) => Ok(ExitCode::SUCCESS),
            Command::People(people) => people.run(&common).await,
            Command::Identities(identities) => identities.run(&common).await,
            Command::Token(token) => token.run(&common).await,
            Command::SetUpLink(link) => link.run(&common).await,
            Command::Catalog(catalog) => catalog.run(&common).await,
            Command::Policy(policy) => policy.run(&common).await,
            Command::Evidence(evidence) => evidence.run(&common).await,
            Command::Audit(audit) => audit.run(&common).await,
            Command::Core(core) => core.run(&common).await,
            Command::Vault(vault) => vault.run(&common).await,
            Command::Backup(backup) => backup.run(&common),
            Command::Restore(restore) => restore.run(&common),
            Command::Config(config) => config.run(&common),
            Command::Openapi(openapi) => openapi.run(&common),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Program::command().debug_assert();
    }

    #[test]
    fn every_command_s_help_has_an_example() {
        fn check(command: &mut clap::Command) {
            let leaf = command.get_subcommands().count() == 0;
            let help = command.render_long_help().to_string();
            assert!(!leaf || help.contains("Example:\n  clearance "), "{help}");
            command.get_subcommands_mut().filter(|it| it.get_name() != "help").for_each(check);
        }
        check(&mut Program::command());
    }
}
