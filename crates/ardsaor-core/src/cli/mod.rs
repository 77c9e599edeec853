//! The command line.

mod config;
mod installation;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Puts people into groups at Okta and Microsoft Entra, and takes them out, for AI Clearance
#[derive(Debug, Parser)]
#[command(name = "ardsaor-core", version, arg_required_else_help = true)]
struct Program {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// The data directory: database and core.toml
    #[arg(long, global = true, value_name = "DIR", default_value = "core-data")]
    data: PathBuf,
    /// A configuration file other than core.toml in the data directory
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    #[command(subcommand)]
    Installation(installation::Command),
    #[command(subcommand)]
    Config(config::Command),
}

/// Runs the program: parses the arguments, does what they say, and tells the operating system how it went.
pub fn main() -> ExitCode {
    let Program { common, command } = Program::parse();
    let done = match command {
        Command::Serve(serve) => serve.run(&common),
        Command::Installation(installation) => installation.run(&common),
        Command::Config(config) => config.run(&common),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_hold_together_and_every_help_has_an_example() {
        fn check(command: &mut clap::Command) {
            let leaf = command.get_subcommands().count() == 0;
            let help = command.render_long_help().to_string();
            assert!(!leaf || help.contains("Example:\n  ardsaor-core "), "{help}");
            command.get_subcommands_mut().filter(|it| it.get_name() != "help").for_each(check);
        }
        Program::command().debug_assert();
        check(&mut Program::command());
    }
}
