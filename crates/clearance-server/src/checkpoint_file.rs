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
