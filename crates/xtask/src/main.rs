//! Every chore of the project behind one command: `cargo xtask help`.
//!
//! Each chore does its own set-up, so that a fresh clone needs nothing but Rust, Node and a C compiler. What is up to date is not done
//! again: npm packages and the UI's build are remembered by a fingerprint of what they were made from.

mod command_line;
mod dependency_tree;
mod forge;
mod lint;
mod process;
mod repository;
mod serve;
mod set_up;
mod stamp;
mod test;
mod types;
mod ui;
mod verifier;

use std::process::ExitCode;

use command_line::{Chore, ForgeWork, HELP};
use process::Program;

fn main() -> ExitCode {
    let outcome = command_line::parse(lexopt::Parser::from_env()).and_then(|chore| perform(&chore));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(chore: &Chore) -> anyhow::Result<()> {
    match chore {
        Chore::Run { demo, release, serve } => serve::run(*demo, *release, serve),
        Chore::Test { only } => test::run(*only),
        Chore::Bench { arguments } => {
            set_up::c_compiler()?;
            Program::new("cargo").args(["run", "--release", "--package", "bench", "--"]).args(arguments).run()
        }
        Chore::Types { check: false } => types::write(),
        Chore::Types { check: true } => types::check(),
        Chore::Check => lint::all(),
        Chore::Forge { work, deployment, port } => match work {
            ForgeWork::Module => forge::module(),
            ForgeWork::Build => forge::build(deployment),
            ForgeWork::Local => forge::local(deployment, *port),
            ForgeWork::Check => forge::check(),
            ForgeWork::Measure => forge::measure(),
            ForgeWork::Package => forge::package(deployment),
        },
        Chore::Verifier => verifier::build(),
        Chore::Help => {
            print!("{HELP}");
            Ok(())
        }
    }
}
