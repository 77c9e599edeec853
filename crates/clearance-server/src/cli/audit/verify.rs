use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use audit_log::note::{CosignerKey, VerifierKey};
use audit_log::trust::TrustedCheckpoint;
use audit_log::{Strictness, TrustPolicy, Verified};
use clap::Args;
use clearance::audit::Publication;
use clearance::documents::Document as _;
use clearance::ports::LogHead;
use clearance_store::{Departure, Problem, SqliteFile};
use serde_json::{Value, json};

use super::checkpoint::anchoring;
use super::threads;
use crate::checkpoint_file::{self, CheckpointFileError};
use crate::cli::Common;

/// Read the whole log again, hash every entry, and compare with the root kept
///
/// Names the first entry that is wrong when there is one, and fails. Reads only, and may run beside the server. That the log agrees with
/// itself does not say that nobody rewrote all of it: compare it with a checkpoint that was kept elsewhere.
///
/// Exit code 0: the log is what it should be. 1: it is not, or could not be checked; --json tells which by a `code`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  clearance audit verify --data /var/lib/clearance --checkpoint /mnt/elsewhere/clearance.checkpoint"
)]
pub(in crate::cli) struct Verify {
    /// Also parse every entry, check that its bytes are canonical, and compare the stored tiles
    #[arg(long)]
    strict: bool,
    /// A file with signed checkpoints, kept elsewhere: prove that today's log continues each of them
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The log's verifier key as you were given it; repeatable [default: those that the database lists, which prove less]
    #[arg(long, value_name = "VKEY", requires = "checkpoint")]
    key: Vec<VerifierKey>,
    /// A witness's verifier key; repeatable
    #[arg(long, value_name = "VKEY", requires = "checkpoint")]
    witness: Vec<CosignerKey>,
    /// How many of the witnesses must have cosigned each checkpoint
    #[arg(long, value_name = "NUMBER", requires = "checkpoint", default_value_t = 0)]
    quorum: usize,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
enum Unsound {
    #[error(transparent)]
    Log(#[from] Problem),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFileError),
    #[error(
        "the log ends after {size} entries, but a checkpoint of {} was signed: the last {} are missing",
        .known.size, .known.size - .size
    )]
    Behind { known: LogHead, size: u64 },
    #[error(
        "history was rewritten: the first {} entries do not give the root that was signed for them. The first {agrees_until} agree with the checkpoint before, so the first entry that deviates is one of {agrees_until} to {}; roots cannot tell which",
        .known.size, .known.size - 1
    )]
    Rewritten { known: LogHead, agrees_until: u64 },
}

impl Unsound {
    /// A stable word for programs.
    fn code(&self) -> &'static str {
        match self {
            Self::Log(Problem::Deviation(deviation)) => deviation.code(),
            Self::Log(Problem::Stray { .. }) => "stray",
            Self::Log(Problem::Exchanged { .. }) => "exchanged",
            Self::Log(Problem::Replaced { .. }) => "replaced",
            Self::Log(Problem::Tile { .. }) => "wrong_tile",
            Self::Log(Problem::Unreadable { .. } | Problem::Database(_)) => "unreadable",
            Self::Checkpoint(error) => error.code(),
            Self::Behind { .. } => "behind_checkpoint",
            Self::Rewritten { .. } => "rewritten",
        }
    }

    /// The entries among which the first deviation lies: the first, and the one after the last.
    fn between(&self) -> Option<(u64, u64)> {
        match self {
            Self::Log(Problem::Deviation(deviation)) => deviation.index().map(|index| (index, index + 1)),
            Self::Log(Problem::Exchanged { first, second }) => Some((*first, second + 1)),
            Self::Log(Problem::Replaced { index }) => Some((*index, index + 1)),
            Self::Behind { known, size } => Some((*size, known.size)),
            Self::Rewritten { known, agrees_until } => Some((*agrees_until, known.size)),
            Self::Log(_) | Self::Checkpoint(_) => None,
        }
    }

    fn to_json(&self) -> Value {
        let between = self.between();
        json!({
            "ok": false,
            "code": self.code(),
            "problem": self.to_string(),
            "from": between.map(|(from, _)| from),
            "until": between.map(|(_, until)| until),
        })
    }
}

/// A log that is what it should be, and what that was compared with.
struct Sound {
    verified: Verified,
    publication: Option<Publication>,
    continued: Vec<TrustedCheckpoint>,
}

impl Verify {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let file = SqliteFile::at(common.data()?.database());
        let trust = match &self.checkpoint {
            Some(path) => Some((path, self.trust(&file)?)),
            None => None,
        };
        match self.check(&file, trust) {
            Ok(sound) => {
                self.report(&sound, common.json)?;
                Ok(ExitCode::SUCCESS)
            }
            Err(unsound) => {
                if common.json {
                    writeln!(stdout(), "{}", unsound.to_json())?;
                } else {
                    eprintln!("The log is NOT sound: {unsound}.");
                }
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn check(
        &self,
        file: &SqliteFile,
        trust: Option<(&PathBuf, (String, TrustPolicy))>,
    ) -> Result<Sound, Unsound> {
        let strictness = if self.strict { Strictness::Canonical } else { Strictness::StoredBytes };
        let continued = match trust {
            Some((path, (origin, policy))) => checkpoint_file::read(path, &origin, &policy)?,
            None => Vec::new(),
        };
        let verified = file.verify(threads(), strictness, |_| {})?;
        let heads: Vec<_> = continued
            .iter()
            .map(|known| LogHead { size: known.checkpoint.size(), root: *known.checkpoint.root() })
            .collect();
        match file.first_departure(&heads).map_err(Problem::from)? {
            Some(Departure::Behind { known, size }) => return Err(Unsound::Behind { known, size }),
            Some(Departure::Rewritten { known, agrees_until }) => {
                return Err(Unsound::Rewritten { known, agrees_until });
            }
            None => {}
        }
        // What a sound log says of its publication is for information: one that cannot be read is none.
        let publication = publication(file).ok().flatten();
        Ok(Sound { verified, publication, continued })
    }

    /// Which checkpoints to believe: of the keys given, or of those that the database lists.
    fn trust(&self, file: &SqliteFile) -> anyhow::Result<(String, TrustPolicy)> {
        let (origin, keys) = if let Some(first) = self.key.first() {
            if self.key.iter().any(|key| key.name() != first.name()) {
                bail!("the keys given are of different logs");
            }
            (first.name().to_string(), self.key.clone())
        } else {
            let publication = publication(file)?.context("the database lists no key: give one with --key")?;
            let keys = publication.verifiers()?;
            (publication.origin, keys)
        };
        let policy = TrustPolicy::new(&origin, keys).with_witnesses(self.quorum, self.witness.clone())?;
        Ok((origin, policy))
    }

    fn report(&self, sound: &Sound, as_json: bool) -> std::io::Result<()> {
        let Sound { verified: Verified { size, root }, publication, continued } = sound;
        let largest = continued.iter().map(|known| known.checkpoint.size()).max();
        let stated = publication.as_ref().map_or(0, |publication| publication.anchored);
        // What was just compared lies outside, whatever the database says.
        let anchored = stated.max(largest.unwrap_or_default()).min(*size);
        if as_json {
            let answer = json!({
                "ok": true, "size": size, "root": root, "checkpoints": continued.len(), "continues": largest,
                "anchored_size": anchored, "rewritable": size - anchored,
            });
            return writeln!(stdout(), "{answer}");
        }
        writeln!(stdout(), "The log is sound: {size} entries, root {root}.")?;
        if let Some(largest) = largest {
            let count = continued.len();
            writeln!(
                stdout(),
                "It continues every checkpoint of the file ({count}; the largest is of {largest} entries)."
            )?;
            for cosignature in continued.iter().flat_map(|known| &known.cosignatures) {
                writeln!(stdout(), "cosigned by {}", cosignature.witness)?;
            }
            if self.key.is_empty() {
                writeln!(
                    stdout(),
                    "The key was taken from the database itself: give yours with --key to rely on nobody."
                )?;
            }
        }
        writeln!(stdout(), "{}", anchoring(anchored, *size))
    }
}

fn publication(file: &SqliteFile) -> anyhow::Result<Option<Publication>> {
    let body = file.document(Publication::KIND, Publication::KEY)?;
    Ok(body.as_deref().map(serde_json::from_str).transpose()?)
}
