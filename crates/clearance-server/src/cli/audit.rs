use std::num::NonZeroUsize;
use std::process::ExitCode;

use audit_log::Strictness;
use clap::{Args, Subcommand};
use clearance_store::SqliteFile;
use serde_json::json;

use super::Common;

/// The audit log
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    Verify(Verify),
}

/// Read the whole log again, hash every entry, and compare with the root kept
///
/// Names the first entry that is wrong when there is one, and fails. Reads only, and may run beside the server. That the log agrees with
/// itself does not say that nobody rewrote all of it: compare the root with one that was known before.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance audit verify --data /var/lib/clearance")]
pub(super) struct Verify {
    /// Also parse every entry and check that its bytes are canonical
    #[arg(long)]
    strict: bool,
}

/// As many threads as there are cores.
pub(super) fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl Audit {
    pub(super) fn run(self, common: &Common) -> ExitCode {
        let Self::Verify(Verify { strict }) = self;
        let file = SqliteFile::at(common.data().database());
        let strictness = if strict { Strictness::Canonical } else { Strictness::StoredBytes };
        match file.verify(threads(), strictness, |_| {}) {
            Ok(sound) => {
                if common.json {
                    println!("{}", json!({ "ok": true, "size": sound.size, "root": sound.root }));
                } else {
                    println!("The log is sound: {} entries, root {}.", sound.size, sound.root);
                }
                ExitCode::SUCCESS
            }
            Err(problem) => {
                if common.json {
                    println!("{}", json!({ "ok": false, "problem": problem.to_string() }));
                } else {
                    eprintln!("The log is NOT sound: {problem}.");
                }
                ExitCode::FAILURE
            }
        }
    }
}
