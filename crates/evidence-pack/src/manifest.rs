//! What a pack says about itself, and the signature over it.

use audit_log::Hash;
use audit_log::note::{NotVerified, SignedNote, VerifierKey};
use serde::{Deserialize, Serialize};

/// The format that this program writes and reads.
pub const FORMAT: &str = "clearance.evidence-pack/1";

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// Which log the records are of: the first line of its checkpoints.
    pub origin: String,
    /// Entries in the tree of the checkpoint.
    pub tree_size: u64,
    /// Which export made the pack.
    pub export: String,
    /// When it was registered: RFC 3339, UTC.
    pub made_at: String,
    /// What the pack is about.
    pub scope: Scope,
    /// How many records it has.
    pub records: u64,
    /// Every other file but the signature, in the order in which they were written.
    pub files: Vec<FileRecord>,
}

/// What a pack is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// The records that tell one grant's story, by its id.
    Grant(String),
    /// The records that name one person, by pseudonym.
    Person(String),
    /// The records that concern one tool, by its id.
    Tool(String),
    /// All records of a period.
    Period {
        /// From this instant: RFC 3339, UTC.
        from: String,
        /// Until before this one.
        to: String,
        /// Index of the first record.
        start: u64,
        /// Index after the last record.
        end: u64,
    },
}

impl Scope {
    /// The scope in words, for people.
    pub fn title(&self) -> String {
        match self {
            Self::Grant(id) => format!("grant {id}"),
            Self::Person(id) => format!("person {id}"),
            Self::Tool(id) => format!("tool {id}"),
            Self::Period { from, to, .. } => format!("period from {from} until before {to}"),
        }
    }
}

/// A file of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
}

impl Manifest {
    /// The bytes of the file.
    ///
    /// # Errors
    /// Never: every value has a JSON form.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of the file.
    ///
    /// # Errors
    /// When they are no manifest of this [`FORMAT`].
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidManifest> {
        /// Read first, so that a later format is named as such.
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let invalid = |error: serde_json::Error| InvalidManifest::Form(error.to_string());
        let Format { format } = serde_json::from_slice(bytes).map_err(invalid)?;
        if format != FORMAT {
            return Err(InvalidManifest::Format { found: format.chars().take(80).collect() });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(invalid)?;
        for (at, file) in manifest.files.iter().enumerate() {
            if manifest.files.iter().take(at).any(|other| other.name == file.name) {
                return Err(InvalidManifest::Twice { name: file.name.chars().take(80).collect() });
            }
        }
        if let Scope::Period { start, end, .. } = manifest.scope
            && end.checked_sub(start) != Some(manifest.records)
        {
            return Err(InvalidManifest::Period);
        }
        Ok(manifest)
    }

    /// The text that the site signs: the format, the origin and the hash of the manifest's bytes, each in a line.
    ///
    /// It is signed with the key of the log. A checkpoint begins with the origin, so neither can be taken for the other.
    pub fn signed_text(origin: &str, sha256: &Hash) -> String {
        format!("{FORMAT}\n{origin}\n{sha256}\n")
    }
}

/// Checks the signature over a manifest with this origin and hash.
///
/// # Errors
/// When it is of another manifest or none of the keys made it.
pub fn check_signature(
    note: &[u8],
    keys: &[VerifierKey],
    origin: &str,
    sha256: &Hash,
) -> Result<(), SignatureRefused> {
    let note = SignedNote::parse(note).map_err(|_| SignatureRefused::Form)?;
    let text = note.verify(keys).map_err(|refused| match refused {
        NotVerified::WrongSignature => SignatureRefused::Wrong,
        NotVerified::UnknownKeys => SignatureRefused::UnknownKey,
    })?;
    if text == Manifest::signed_text(origin, sha256) { Ok(()) } else { Err(SignatureRefused::OtherManifest) }
}

/// Why a signature does not vouch for the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// No signed note.
    #[error("the signature of the manifest is not a signed note")]
    Form,
    /// Signed by nobody whose key was given.
    #[error("the manifest is not signed with any of the keys given")]
    UnknownKey,
    /// A known key's line that is not its signature.
    #[error("the signature of the manifest is wrong")]
    Wrong,
    /// A signature over something else.
    #[error("the manifest was changed after it was signed")]
    OtherManifest,
}

/// Bytes that are no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidManifest {
    /// Not the JSON that a manifest is.
    #[error("the manifest cannot be read: {0}")]
    Form(String),
    /// A format that this program does not know.
    #[error("the pack has the format {found:?}, and this program knows {FORMAT:?} only")]
    Format {
        /// What it says.
        found: String,
    },
    /// One name twice.
    #[error("the manifest names {name:?} twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A period whose bounds and number of records contradict one another.
    #[error("the manifest's period does not have as many records as it says")]
    Period,
}
