//! Checking a pack that is a file.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::num::NonZeroUsize;
use std::path::Path;

use audit_log::Strictness;
use audit_log::note::VerifierKey;
use evidence_pack::Report;
use evidence_pack::verify::Verification;

use super::Threads;

/// Checks a pack with these keys, on so many threads, in a few megabytes of memory.
///
/// `progress` is called after each part with the bytes checked and the bytes in all.
///
/// # Errors
/// When the file cannot be read. That the pack is not what it should be is no error but the report.
pub fn verify_file(
    path: &Path,
    keys: Vec<VerifierKey>,
    threads: NonZeroUsize,
    strictness: Strictness,
    mut progress: impl FnMut(u64, u64),
) -> io::Result<Report> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut verification = Verification::new(length, keys, Threads(threads));
    if strictness == Strictness::Canonical {
        verification = verification.strict();
    }
    let mut part = Vec::new();
    while let Some(span) = verification.wants() {
        file.seek(SeekFrom::Start(span.offset))?;
        part.clear();
        // A file that became shorter meanwhile gives less, which the verification names.
        file.by_ref().take(span.length).read_to_end(&mut part)?;
        verification.give(&part);
        let (done, all) = verification.progress();
        progress(done, all);
    }
    Ok(verification.finish())
}
