//! Checkpoints kept outside, and whether they are to be believed.

use std::path::Path;

use audit_log::checkpoint::CheckpointRefused;
use audit_log::note::{InvalidNote, NotVerified, SignedNote};
use audit_log::trust::TrustedCheckpoint;
use audit_log::{Checkpoint, TrustPolicy, trust::NotTrusted};

/// What a signature line begins with, [C2SP signed-note](https://c2sp.org/signed-note#format).
const SIGNATURE: &str = "\u{2014} ";

/// Why a file with checkpoints proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointFileError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// There is no signed note in it.
    #[error("the file holds no signed checkpoint")]
    NoCheckpoint,
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log, `{found}`, and not of `{expected}`")]
    OtherLog {
        /// The origin that was expected.
        expected: String,
        /// The origin it names, shortened.
        found: String,
    },
    /// Signed by none of the keys that are trusted.
    #[error("the checkpoint is not signed by any of the keys that are trusted for this log")]
    UnknownKey,
    /// Its text or signature was changed.
    #[error("the checkpoint's signature does not match its text: one of the two was changed")]
    WrongSignature,
    /// Anything else that is wrong with it: not well-formed, or too few or wrong cosignatures.
    #[error(transparent)]
    NotTrusted(NotTrusted),
}

impl CheckpointFileError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "checkpoint_unreadable",
            Self::NoCheckpoint => "no_checkpoint",
            Self::OtherLog { .. } => "other_log",
            Self::UnknownKey => "unknown_key",
            Self::WrongSignature => "wrong_signature",
            Self::NotTrusted(NotTrusted::Checkpoint(_)) => "invalid_checkpoint",
            Self::NotTrusted(NotTrusted::Cosignature(_)) => "wrong_cosignature",
            Self::NotTrusted(NotTrusted::Unwitnessed { .. }) => "unwitnessed",
        }
    }
}

impl From<NotTrusted> for CheckpointFileError {
    fn from(error: NotTrusted) -> Self {
        match error {
            NotTrusted::Checkpoint(CheckpointRefused::NotVerified(NotVerified::UnknownKeys)) => {
                Self::UnknownKey
            }
            NotTrusted::Checkpoint(CheckpointRefused::NotVerified(NotVerified::WrongSignature)) => {
                Self::WrongSignature
            }
            other => Self::NotTrusted(other),
        }
    }
}

/// Every checkpoint of a file, believed by the policy: one as it was published, or several, each followed by an empty line.
///
/// # Errors
/// For the first that is not to be believed, or when there is none.
pub fn read(
    path: &Path,
    origin: &str,
    policy: &TrustPolicy,
) -> Result<Vec<TrustedCheckpoint>, CheckpointFileError> {
    let text = std::fs::read_to_string(path)?;
    let checkpoints: Vec<_> =
        notes(&text).map(|note| open(&note?, origin, policy)).collect::<Result<_, _>>()?;
    if checkpoints.is_empty() { Err(CheckpointFileError::NoCheckpoint) } else { Ok(checkpoints) }
}

fn open(
    (text, note): &(String, SignedNote),
    origin: &str,
    policy: &TrustPolicy,
) -> Result<TrustedCheckpoint, CheckpointFileError> {
    // Which log it claims to be of comes first: that its signer is unknown follows from that and says less.
    let found = Checkpoint::parse_text(text).map(|checkpoint| checkpoint.origin().to_owned());
    if let Ok(found) = found
        && found != origin
    {
        let found = found.chars().take(100).collect();
        return Err(CheckpointFileError::OtherLog { expected: origin.to_owned(), found });
    }
    Ok(policy.open_note(note)?)
}

/// The notes of a file, with their texts. A text that no signatures follow is what a write that broke off left behind.
fn notes(file: &str) -> impl Iterator<Item = Result<(String, SignedNote), CheckpointFileError>> {
    let blocks = file.split("\n\n").map(|block| block.trim_matches('\n'));
    let pairs = blocks.clone().zip(blocks.skip(1));
    pairs.filter(|(text, lines)| !text.starts_with(SIGNATURE) && lines.starts_with(SIGNATURE)).map(
        |(text, lines)| {
            let invalid =
                |error: InvalidNote| CheckpointFileError::NotTrusted(CheckpointRefused::from(error).into());
            let note = SignedNote::parse(format!("{text}\n\n{lines}\n").as_bytes()).map_err(invalid)?;
            Ok((format!("{text}\n"), note))
        },
    )
}

#[cfg(test)]
mod tests {
    use audit_log::note::{KeyName, NoteSignature, VerifierKey};
    use audit_log::{EMPTY_ROOT, leaf_hash};
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    const ORIGIN: &str = "log.example";

    fn key() -> (SigningKey, VerifierKey) {
        let key = SigningKey::from_bytes(&[5; 32]);
        let name: KeyName = ORIGIN.parse().unwrap();
        let verifier = VerifierKey::new(name, key.verifying_key().as_bytes()).unwrap();
        (key, verifier)
    }

    fn note(size: u64) -> String {
        let (key, verifier) = key();
        let root = if size == 0 { EMPTY_ROOT } else { leaf_hash(&size.to_be_bytes()) };
        let checkpoint = Checkpoint::new(ORIGIN, size, root).unwrap();
        let signature = key.sign(checkpoint.to_text().as_bytes()).to_bytes();
        checkpoint.to_note(NoteSignature::new(&verifier, signature)).unwrap().to_string()
    }

    fn sizes(file: &str) -> Result<Vec<u64>, CheckpointFileError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, file).unwrap();
        let policy = TrustPolicy::new(ORIGIN, vec![key().1]);
        let read = read(&path, ORIGIN, &policy)?;
        Ok(read.iter().map(|trusted| trusted.checkpoint.size()).collect())
    }

    #[test]
    fn one_or_several_checkpoints_are_read_and_what_broke_off_is_passed_over() {
        let (one, two) = (note(1), note(2));
        assert_eq!(sizes(&one).unwrap(), [1]);
        assert_eq!(sizes(&format!("{one}\n{two}\n")).unwrap(), [1, 2]);
        assert_eq!(sizes(&format!("\n\n{one}\n\n\n{two}")).unwrap(), [1, 2]);
        let torn = one.split_at(20).0;
        assert_eq!(sizes(&format!("{torn}\n\n{two}\n")).unwrap(), [2]);
        assert_eq!(sizes(&format!("{one}\n{torn}")).unwrap(), [1]);
        let (text, _) = one.split_once("\n\n").unwrap();
        assert_eq!(sizes(&format!("{text}\n\n{two}\n")).unwrap(), [2]);
    }

    #[test]
    fn one_that_is_not_to_be_believed_spoils_the_file() {
        let (one, two) = (note(1), note(2));
        let code = |file: &str| sizes(file).map(|_| ()).unwrap_err().code();
        assert_eq!(code(""), "no_checkpoint");
        assert_eq!(code(&format!("{one}\n{}", two.replace("\n2\n", "\n3\n"))), "wrong_signature");
        assert_eq!(code(&two.replace(ORIGIN, "other.example")), "other_log");
        assert_eq!(code(&two.replace(' ', "  ")), "invalid_checkpoint");
        assert_eq!(code(&two.replace("— log.example", "— other.example")), "unknown_key");
    }
}
