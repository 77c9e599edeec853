use clap::{Args, Subcommand, ValueEnum};
use core_protocol::message::InstallationId;
use core_protocol::pairing::PairingCode;

use super::Common;
use crate::database::Database;
use crate::environment::{Environment as _, System};
use crate::{InstallationKind, InstallationStatus, Installations};

/// Installations of AI Clearance that may call this Core
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Add(Add),
    /// List installations
    #[command(after_help = "Example:\n  ardsaor-core installation list")]
    List,
    /// Print a code for a new signing key; the old key works for 24 hours after the code was exchanged
    #[command(after_help = "Example:\n  ardsaor-core installation rotate-key inst_0123456789abcdef01234567")]
    RotateKey(Which),
    /// Refuse an installation's calls from now on
    #[command(after_help = "Example:\n  ardsaor-core installation disable inst_0123456789abcdef01234567")]
    Disable(Which),
    /// Carry out a disabled installation's calls again
    #[command(after_help = "Example:\n  ardsaor-core installation enable inst_0123456789abcdef01234567")]
    Enable(Which),
}

/// Add an installation, and print the code that its backend exchanges for a signing key
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ardsaor-core installation add \"Acme Jira\" --kind forge")]
pub(super) struct Add {
    /// What to call it
    name: String,
    /// What it runs on
    #[arg(long, value_enum)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// The server `clearance`
    SelfHosted,
    /// The app on Atlassian Forge
    Forge,
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// Its id
    installation: InstallationId,
}

impl Command {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<()> {
        let installations = Installations::of(Database::open(&common.data)?);
        match self {
            Self::Add(Add { name, kind }) => {
                let kind = match kind {
                    Kind::SelfHosted => InstallationKind::SelfHosted,
                    Kind::Forge => InstallationKind::Forge,
                };
                let (id, code) = installations.add(&System, &name, kind)?;
                println!("Added {id}.");
                print_code(&code);
            }
            Self::List => {
                for it in installations.list(System.now())? {
                    let kind = it.kind.name();
                    println!("{}\t{kind}\t{}\t{} keys\t{}", it.id, it.status.name(), it.keys, it.name);
                }
            }
            Self::RotateKey(Which { installation }) => {
                print_code(&installations.rotate_key(&System, &installation)?);
            }
            Self::Disable(Which { installation }) => {
                installations.set_status(&installation, InstallationStatus::Disabled)?;
                println!("Calls of {installation} are refused from now on.");
            }
            Self::Enable(Which { installation }) => {
                installations.set_status(&installation, InstallationStatus::Enabled)?;
                println!("Calls of {installation} are carried out again.");
            }
        }
        Ok(())
    }
}

/// The one place where a code is shown.
fn print_code(code: &PairingCode) {
    println!("Pairing code, for one use within ten minutes: {}", *code.to_text());
}
