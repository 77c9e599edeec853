//! `clearance evidence …`

use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use audit_log::Strictness;
use audit_log::note::VerifierKey;
use clap::{Args, Subcommand};
use evidence_pack::verify::{Outcome, Report};

use super::Common;
use super::audit::threads;
use super::progress::Progress;
use crate::evidence::verify_file;

/// Evidence packs for auditors
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    Verify(Verify),
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
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run(common),
        }
    }
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
            write!(stdout(), "{}", told(&report))?;
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
fn told(report: &Report) -> String {
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
