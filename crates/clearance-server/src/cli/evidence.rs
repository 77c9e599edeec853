//! `clearance evidence …`

use std::fs::File;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use audit_log::Strictness;
use audit_log::note::VerifierKey;
use clap::{Args, Subcommand};
use clearance::audit::publish_now;
use clearance::evidence::ExportContent;
use clearance::ids::PersonId;
use clearance::time::Timestamp;
use evidence_pack::verify::{Outcome, Report};
use serde_json::{Value, json};

use super::Common;
use super::audit::threads;
use super::console::{Console, told};
use super::progress::Progress;
use crate::evidence::verify_file;

/// Evidence packs for auditors
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    Export(Export),
    Requests(Requests),
    Keys(Keys),
    Verify(Verify),
}

/// Print the site's verifier keys, one per line, oldest first
///
/// Give them to auditors by another way than the packs: with them a pack proves that it is of this site.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance evidence keys > clearance.keys")]
pub(super) struct Keys {}

/// Make an evidence pack of one grant, one person, one tool or a period
///
/// It is logged, and whom it names is registered. A checkpoint of the log is signed first if the newest one is older than the log.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  clearance evidence export --from 2026-01-01 --to 2026-04-01 --output first-quarter.zip"
)]
pub(super) struct Export {
    #[command(flatten)]
    scope: Scope,
    /// Where to write the pack
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Scope {
    /// One grant, by id
    #[arg(long, value_name = "ID", conflicts_with_all = ["person", "tool", "from", "to"])]
    grant: Option<String>,
    /// One person, by address or id
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["tool", "from", "to"])]
    person: Option<String>,
    /// One tool, by id
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to"])]
    tool: Option<String>,
    /// The period from this day or instant on, UTC
    #[arg(long, value_name = "DATE", requires = "to")]
    from: Option<String>,
    /// The period until before this day or instant, UTC
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<String>,
}

/// Write a table of all requests for spreadsheets
///
/// It is logged, and whom it names is registered.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance evidence requests --output requests.csv")]
pub(super) struct Requests {
    /// Where to write the table
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Check an evidence pack with nothing but the pack and the site's verifier key
///
/// Needs no data directory, no server and no network. Says of each check whether it holds, names the first thing that is wrong, and fails
/// if there is one. Take the key from the site itself or from somebody who kept it, never from the pack.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  clearance evidence verify grant.zip --key clearance.example.com+1a2b3c4d+AQ…"
)]
pub(super) struct Verify {
    /// The pack
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// The site's verifier key, `name+id+base64`; give it again for each further key, as after a rotation
    #[arg(long, value_name = "VERIFIER", required_unless_present = "key_file")]
    key: Vec<String>,
    /// A file with verifier keys, one per line
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Also check that every record is in canonical form
    #[arg(long)]
    strict: bool,
}

impl Evidence {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        match self {
            Self::Export(Export { scope, output }) => {
                let console = Console::open(common).await?;
                let input = json!({ "scope": scope.input(&console).await? });
                write(common, &console, "evidence.export", &input, &output).await
            }
            Self::Requests(Requests { output }) => {
                let console = Console::open(common).await?;
                write(common, &console, "requests.export", &json!({}), &output).await
            }
            Self::Keys(Keys {}) => {
                let console = Console::open(common).await?;
                publish_now(&console.host).await.map_err(told)?;
                let answer = console.call("audit.checkpoint", &json!({})).await?;
                let keys = answer.get("verifier_keys").and_then(Value::as_array).into_iter().flatten();
                for key in keys.filter_map(|key| key.get("verifier").and_then(Value::as_str)) {
                    writeln!(stdout(), "{key}")?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Verify(verify) => verify.run(common),
        }
    }
}

impl Scope {
    async fn input(self, console: &Console) -> anyhow::Result<Value> {
        Ok(match self {
            Self { grant: Some(grant), .. } => json!({ "grant": grant }),
            Self { tool: Some(tool), .. } => json!({ "tool": tool }),
            Self { person: Some(person), .. } if person.parse::<PersonId>().is_ok() => {
                json!({ "person": person })
            }
            Self { person: Some(email), .. } => json!({ "person": console.person(&email).await?.id }),
            Self { from: Some(from), to: Some(to), .. } => {
                json!({ "period": { "from": instant(&from)?, "to": instant(&to)? } })
            }
            _ => bail!("name a grant, a person, a tool, or a period"),
        })
    }
}

/// A day is its first instant, in UTC.
fn instant(text: &str) -> anyhow::Result<Timestamp> {
    let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    whole.parse().with_context(|| format!("`{text}` is neither a day like 2026-11-23 nor an instant"))
}

/// Makes an export and writes it to a file, which is there only when it is whole.
async fn write(
    common: &Common,
    console: &Console,
    operation: &str,
    input: &Value,
    output: &Path,
) -> anyhow::Result<ExitCode> {
    let answer = console.call(operation, input).await?;
    let id = answer.pointer("/export/id").and_then(Value::as_str).unwrap_or_default();
    let mut content = ExportContent::open(&console.host, id.parse()?).await.map_err(told)?;
    let mut partial = output.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let whole = write_content(console, &mut content, &partial).await;
    if whole.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&partial);
    }
    whole.with_context(|| format!("cannot write {}", output.display()))?;
    std::fs::rename(&partial, output).with_context(|| format!("cannot write {}", output.display()))?;
    if common.json {
        writeln!(stdout(), "{answer}")?;
    } else {
        let records = answer.pointer("/export/records").and_then(Value::as_u64).unwrap_or_default();
        writeln!(stdout(), "{id} written to {}: {records} records.", output.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn write_content(console: &Console, content: &mut ExportContent, path: &Path) -> anyhow::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    // Names and texts are for whoever exported them.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut progress = Progress::new("written");
    while let Some(bytes) = content.next(&console.host).await.map_err(told)? {
        file.write_all(&bytes)?;
        if let Some((done, all)) = content.progress() {
            progress.show(done, all);
        }
    }
    progress.end();
    file.sync_all()?;
    Ok(())
}

impl Verify {
    fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let keys = self.keys()?;
        let strictness = if self.strict { Strictness::Canonical } else { Strictness::StoredBytes };
        let mut progress = Progress::new("checked");
        let report =
            verify_file(&self.pack, keys, threads(), strictness, |done, all| progress.show(done, all))
                .with_context(|| format!("cannot read {}", self.pack.display()))?;
        progress.end();
        if common.json {
            writeln!(stdout(), "{}", serde_json::to_string(&report)?)?;
        } else {
            write!(stdout(), "{}", in_words(&report))?;
        }
        Ok(if report.ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn keys(&self) -> anyhow::Result<Vec<VerifierKey>> {
        let mut texts = self.key.clone();
        if let Some(path) = &self.key_file {
            let file =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            texts.extend(file.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        if texts.is_empty() {
            bail!("there is no key in the file given");
        }
        texts.iter().map(|text| text.parse().with_context(|| format!("`{text}`"))).collect()
    }
}

/// The report in words.
fn in_words(report: &Report) -> String {
    let mut lines = Vec::new();
    if let (Some(origin), Some(scope), Some(size)) = (&report.origin, &report.scope, report.tree_size) {
        lines.push(format!(
            "Evidence of {origin}: {}; {} records, log of {size} entries.",
            scope.title(),
            report.records
        ));
    }
    for check in &report.checks {
        lines.push(match &check.outcome {
            Outcome::Passed => format!("  passed       {}", check.name.title()),
            Outcome::NotChecked => format!("  not checked  {}", check.name.title()),
            Outcome::Failed(why) => format!("  FAILED       {}: {why} ({})", check.name.title(), why.code()),
        });
    }
    for note in &report.notes {
        lines.push(format!("  note         {}", note.text()));
    }
    lines.push(match report.first_failure() {
        None if report.ok() => "The pack is sound.".to_owned(),
        None => "The pack was NOT checked to its end.".to_owned(),
        Some((_, why)) => format!("The pack is NOT sound: {why}."),
    });
    lines.join("\n") + "\n"
}
