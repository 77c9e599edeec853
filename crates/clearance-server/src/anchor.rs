//! Checkpoints that leave the site: into a file outside, which only grows.
//!
//! How far outside it is, is for whoever configures it: a file on the same disk guards against mistakes, one on a share that takes new lines
//! and keeps old ones guards against the operator.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clearance::audit::anchor::{not_filed, note_anchored};
use clearance::audit::{AnchoredTo, Publication};
use clearance::failure::Failure;
use clearance::ports::{Ports, StoreError};
use serde_json::json;

use crate::config::Anchor;
use crate::first_administrator::call;

/// A file to which checkpoints are appended, each followed by an empty line.
#[derive(Debug, Clone)]
pub struct AnchorFile(PathBuf);

impl AnchorFile {
    /// The file at a path; made with the first checkpoint.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Appends a checkpoint, and answers once it is on disk.
    ///
    /// # Errors
    /// When the file cannot be written. Part of the checkpoint may stand in it then; what follows is kept apart from it.
    pub fn append(&self, note: &str) -> std::io::Result<()> {
        let mut file =
            std::fs::OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(&self.0)?;
        let separator = if ends_well(&mut file)? { "" } else { "\n\n" };
        file.write_all(format!("{separator}{note}\n").as_bytes())?;
        file.sync_all()
    }
}

/// Whether the file is empty or ends with an empty line, as it does unless a write broke off.
fn ends_well(file: &mut std::fs::File) -> std::io::Result<bool> {
    match file.metadata()?.len() {
        0 => Ok(true),
        1 => Ok(false),
        _ => {
            let mut end = [0; 2];
            file.seek(SeekFrom::End(-2)).and_then(|_| file.read_exact(&mut end))?;
            Ok(end == *b"\n\n")
        }
    }
}

/// Appends every checkpoint that the file does not hold yet.
///
/// # Errors
/// When the file cannot be written or the store does not answer: the rest is appended with the next pass.
pub async fn pass<P: Ports>(ports: &P, file: &AnchorFile) -> Result<(), Failure> {
    loop {
        let waiting = not_filed(ports).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for checkpoint in waiting {
            file.append(&checkpoint.note)
                .map_err(|error| StoreError::Unavailable(format!("the anchor file: {error}")))?;
            note_anchored(ports, checkpoint.size, AnchoredTo::File).await?;
        }
    }
}

/// Lets the site know what the configuration says of anchoring, when it says something new.
///
/// # Errors
/// When a witness's key cannot be used, or the store does not answer.
pub async fn follow_configuration<P: Ports>(ports: &P, anchor: &Anchor) -> Result<(), Failure> {
    let stored = Publication::load(ports.store()).await?;
    let (email, witnesses) =
        stored.as_ref().map_or((false, &[][..]), |stored| (stored.email, stored.witnesses.as_slice()));
    if (email, witnesses) == (anchor.email, anchor.witnesses.as_slice()) {
        return Ok(());
    }
    let input = json!({ "email": anchor.email, "witnesses": anchor.witnesses });
    call(ports, "audit.put_anchoring", &input).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_write_left_behind_does_not_touch_what_follows() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("anchors");
        let file = AnchorFile::at(&path);
        file.append("one\n\n— sig\n").unwrap();
        file.append("two\n\n— sig\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n\n— sig\n\ntwo\n\n— sig\n\n");
        for torn in ["t", "three\n\n— s"] {
            std::fs::write(&path, torn).unwrap();
            file.append("four\n\n— sig\n").unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text, format!("{torn}\n\nfour\n\n— sig\n\n"));
        }
    }
}
