use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use clearance::audit::publish;
use serde_json::{Value, json};

use crate::anchor::follow_configuration;
use crate::cli::Common;
use crate::cli::console::{Console, told};

/// Print the newest signed checkpoint of the log
///
/// Signs one first if the log has grown since the last and a minute is over. What it prints on standard output is the checkpoint alone, as a
/// file for `clearance audit verify --checkpoint` and for other C2SP tools; what is not anchored outside is said on standard error.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance audit checkpoint > /mnt/elsewhere/clearance.checkpoint")]
pub(in crate::cli) struct Latest {}

/// Keep the cosignatures that witnesses gave a checkpoint
///
/// The witnesses must be configured in clearance.toml (`[anchor] witnesses`).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance audit cosign checkpoint.cosigned")]
pub(in crate::cli) struct Cosign {
    /// The checkpoint with the lines that witnesses added
    file: PathBuf,
}

/// Sign checkpoints with a new key from now on; the old one stays listed
///
/// The change is logged. Give the new verifier key to those who verify: the first checkpoint after it is signed by both keys.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance audit rotate-key")]
pub(in crate::cli) struct RotateKey {}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl Latest {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let console = Console::open(common).await?;
        publish(&console.host).await.map_err(told)?;
        let answer = console.call("audit.checkpoint", &json!({})).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
            return Ok(ExitCode::SUCCESS);
        }
        write!(stdout(), "{}", text(&answer, "/checkpoint/note"))?;
        let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
        eprintln!("{}", anchoring(number("anchored_size"), number("log_size")));
        for key in answer.get("verifier_keys").and_then(Value::as_array).into_iter().flatten() {
            eprintln!("verifier key: {}", text(key, "/verifier"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// How much of the log is anchored, in plain words.
pub(super) fn anchoring(anchored: u64, size: u64) -> String {
    let rest = size.saturating_sub(anchored);
    match (anchored, rest) {
        (0, _) => format!(
            "No checkpoint has left this site: whoever operates it could still rewrite all {size} entries unnoticed."
        ),
        (_, 0) => format!("All {size} entries are covered by a checkpoint that left this site."),
        _ => format!(
            "The first {anchored} entries are covered by a checkpoint that left this site. Whoever operates it could still rewrite the {rest} after them unnoticed."
        ),
    }
}

impl Cosign {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let note = std::fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let config = common.config()?;
        let console = Console::open(common).await?;
        follow_configuration(&console.host, &config.anchor).await.map_err(told)?;
        let answer = console.call("audit.add_cosignatures", &json!({ "note": note })).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
        } else {
            write!(stdout(), "{}", text(&answer, "/checkpoint/note"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl RotateKey {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let console = Console::open(common).await?;
        let answer = console.call("audit.rotate_key", &json!({})).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
            return Ok(ExitCode::SUCCESS);
        }
        let keys = answer.get("verifier_keys").and_then(Value::as_array);
        writeln!(stdout(), "{}", keys.and_then(|keys| keys.last()).map_or("", |key| text(key, "/verifier")))?;
        Ok(ExitCode::SUCCESS)
    }
}
