use std::io::{Read as _, Write as _, stdin, stdout};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use core_protocol::pairing::PairingCode;
use serde_json::json;
use zeroize::Zeroizing;

use super::Common;
use super::console::Console;
use crate::core::{Standing, Whereabouts};

/// Bytes read in search of a pairing code, at most.
const LONGEST_CODE: u64 = 256;

/// `ArdSaor` Core, the program that talks to identity providers
#[derive(Debug, Subcommand)]
pub(super) enum Core {
    Pair(Pair),
    Status(Status),
}

/// Exchange a pairing code, read from standard input, for this site's key at the Core that is configured
///
/// `ardsaor-core installation add` and `rotate-key` print such codes. A running server uses the new key at once.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance core pair < code")]
pub(super) struct Pair {}

/// Show where Core is, and whether it knows this site; fails when it does not
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance core status")]
pub(super) struct Status {}

impl Core {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let console = Console::open(common).await?;
        match self {
            Self::Pair(Pair {}) => pair(common, &console).await,
            Self::Status(Status {}) => status(common, &console).await,
        }
    }
}

async fn pair(common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
    if let Whereabouts::Inside(_) = console.host.core.whereabouts() {
        bail!(
            "Core runs inside the server, which pairs with it by itself; set `core.url` to use another one"
        );
    }
    let mut text = Zeroizing::new(String::new());
    stdin().take(LONGEST_CODE).read_to_string(&mut text).context("cannot read the code")?;
    let code = PairingCode::parse(&text).context("standard input")?;
    let installation = console.host.core.pair(&code).await?;
    if common.json {
        writeln!(stdout(), "{}", json!({ "installation": installation }))?;
    } else {
        writeln!(stdout(), "Paired as {installation}.")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
    let place = match console.host.core.whereabouts() {
        Whereabouts::Inside(_) => "inside the server".to_owned(),
        Whereabouts::At(address) => address.to_string(),
    };
    let (code, sentence) = match console.host.core.standing().await {
        Ok(Standing::Paired) => ("paired".to_owned(), "It knows this site.".to_owned()),
        Ok(Standing::NotPaired) => {
            ("not_paired".to_owned(), "This site has no key for it: `clearance core pair`.".to_owned())
        }
        Ok(Standing::Unknown) => {
            ("unknown_key".to_owned(), "It does not know this site's key: `clearance core pair`.".to_owned())
        }
        Ok(Standing::Refused(code)) => {
            let sentence = format!("It refuses this site's calls: {code}.");
            (code, sentence)
        }
        Err(error) => ("unreachable".to_owned(), format!("{error}.")),
    };
    if common.json {
        writeln!(stdout(), "{}", json!({ "core": place, "status": code }))?;
    } else {
        writeln!(stdout(), "Core at     {place}\n{sentence}")?;
    }
    Ok(if code == "paired" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
