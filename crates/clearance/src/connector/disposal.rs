use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ports::{Attributes, Index, Kind, Place};
use crate::time::Timestamp;

/// Something in the vault that is to be destroyed, unless it comes into use before.
///
/// The vault is no part of a commit on every host. So whoever keeps a secret first commits its disposal, due after an hour, and removes it
/// in the commit that names the secret's place; and whoever gives a secret up commits a disposal that is due at once. Wherever the
/// program ends, the clockwork destroys what nobody names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Disposal {
    /// What.
    pub place: Place,
    /// When.
    pub due_at: Timestamp,
}

impl Disposal {
    /// Disposals by the time when they are due.
    pub const BY_DUE: Index = Index { name: "by_due", partition: &["all"], range: "due_at" };
    /// Minutes in which what was kept must come into use.
    pub const GRACE_MINUTES: i64 = 60;
}

impl Document for Disposal {
    const KIND: &'static Kind =
        &Kind { name: "disposal", attributes: &["all", "due_at"], indexes: &[Self::BY_DUE] };

    fn key(&self) -> String {
        self.place.as_str().to_owned()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.due_at.to_string())]
    }
}
