use audit_log::Hash;
use audit_log::note::SignedNote;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, Loaded, load};
use crate::failure::Failure;
use crate::ports::{Attributes, Index, Kind, Store, StoreError};
use crate::time::Timestamp;

/// A way by which a checkpoint left the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnchoredTo {
    /// Appended to the file that the host's configuration names.
    File,
    /// Taken by the mail server for at least one auditor.
    Email,
    /// Cosigned by this witness.
    Witness(String),
}

/// That a checkpoint left the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anchor {
    /// By which way.
    pub to: AnchoredTo,
    /// When it is known to have left; of a cosignature, when its witness says to have signed.
    pub at: Timestamp,
}

/// A signed head of the log, as it was published: kept for good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishedCheckpoint {
    /// Entries that it covers.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
    /// When it was signed.
    pub at: Timestamp,
    /// The signed note, [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint), with the cosignatures that came since.
    pub note: String,
    /// How it left the site. Empty: it never did.
    pub anchors: Vec<Anchor>,
}

impl PublishedCheckpoint {
    /// Checkpoints by size.
    pub const BY_SIZE: Index = Index { name: "by_size", partition: &["all"], range: "size" };

    /// The key of the checkpoint of this size; texts of sizes sort as the sizes do.
    pub fn key_of(size: u64) -> String {
        format!("{size:020}")
    }

    /// The checkpoint of this size, if there is one.
    pub async fn load(store: &impl Store, size: u64) -> Result<Option<Loaded<Self>>, Failure> {
        load(store, &Self::key_of(size)).await
    }

    /// The note as signatures are added to it or proofs carry it.
    pub fn signed_note(&self) -> Result<SignedNote, Failure> {
        SignedNote::parse(self.note.as_bytes()).map_err(|error| {
            Failure::Store(StoreError::Damaged(format!("checkpoint `{}`: {error}", self.size)))
        })
    }
}

impl Document for PublishedCheckpoint {
    const KIND: &'static Kind =
        &Kind { name: "checkpoint", attributes: &["all", "size"], indexes: &[Self::BY_SIZE] };

    fn key(&self) -> String {
        Self::key_of(self.size)
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.key())]
    }
}
