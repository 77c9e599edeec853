//! What a decision wants written: documents and log entries, collected for one commit.

use audit_log::Value;

use super::{Document, Loaded};
use crate::audit::{Actor, EventKind};
use crate::failure::Failure;
use crate::ports::{
    Commit, Expected, MAX_COMMIT_BYTES, MAX_COMMIT_ITEMS, Revision, Store, StoreError, Write,
};
use crate::time::Timestamp;

/// Documents and log entries to be committed together.
#[derive(Debug, Default)]
pub struct Change {
    commit: Commit,
    // A document that cannot be written is a defect of this program; it fails the commit rather than panics.
    defect: Option<String>,
}

impl Change {
    /// Nothing to write yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is to be written, checked or logged.
    pub fn is_empty(&self) -> bool {
        self.commit.writes.is_empty() && self.commit.entries.is_empty() && self.defect.is_none()
    }

    /// Adds another change's writes and entries behind this one's.
    pub fn extend(&mut self, other: Change) {
        self.commit.writes.extend(other.commit.writes);
        self.commit.entries.extend(other.commit.entries);
        self.defect = self.defect.take().or(other.defect);
    }

    fn put<D: Document>(&mut self, document: &D, expected: Expected) {
        match serde_json::to_string(document) {
            Ok(body) => self.commit.writes.push(Write::Put {
                kind: D::KIND,
                key: document.key(),
                expected,
                body,
                attributes: document.attributes(),
            }),
            Err(error) => self.defect = Some(format!("{}: {error}", D::KIND.name)),
        }
    }

    /// Make a document; there must be none under its key.
    pub fn insert<D: Document>(&mut self, document: &D) {
        self.put(document, Expected::Absent);
    }

    /// Replace the document that was loaded.
    pub fn update<D: Document>(&mut self, loaded: &Loaded<D>, document: &D) {
        self.put(document, Expected::At(loaded.revision));
    }

    /// Make the document, or replace the one that was loaded.
    pub fn upsert<D: Document>(&mut self, loaded: Option<&Loaded<D>>, document: &D) {
        self.put(document, loaded.map_or(Expected::Absent, |loaded| Expected::At(loaded.revision)));
    }

    /// Remove the document that was loaded.
    pub fn remove<D: Document>(&mut self, loaded: &Loaded<D>) {
        let (kind, key) = (D::KIND, loaded.document.key());
        self.commit.writes.push(Write::Delete { kind, key, expected: loaded.revision });
    }

    /// Remove a document that is never revised after it was made, without loading it.
    pub fn remove_unrevised<D: Document>(&mut self, key: String) {
        self.remove_at::<D>(key, Revision::FIRST);
    }

    /// Remove a document whose revision follows from another one that was loaded.
    pub fn remove_at<D: Document>(&mut self, key: String, revision: Revision) {
        self.commit.writes.push(Write::Delete { kind: D::KIND, key, expected: revision });
    }

    /// Replace a document whose revision follows from another one that was loaded.
    pub fn replace_at<D: Document>(&mut self, document: &D, revision: Revision) {
        self.put(document, Expected::At(revision));
    }

    /// Fail unless the document is still as it was loaded.
    pub fn check<D: Document>(&mut self, loaded: &Loaded<D>) {
        let (kind, key) = (D::KIND, loaded.document.key());
        self.commit.writes.push(Write::Check { kind, key, expected: Expected::At(loaded.revision) });
    }

    /// Fail if there is a document under this key.
    pub fn check_absent<D: Document>(&mut self, key: String) {
        self.commit.writes.push(Write::Check { kind: D::KIND, key, expected: Expected::Absent });
    }

    /// Fail unless the document is still as it was loaded, or this change writes it.
    pub fn check_unless_written<D: Document>(&mut self, loaded: &Loaded<D>) {
        let (document, at) = (D::KIND.name, loaded.document.key());
        let written = self.commit.writes.iter().any(|write| match write {
            Write::Put { kind, key, .. }
            | Write::Delete { kind, key, .. }
            | Write::Check { kind, key, .. } => kind.name == document && *key == at,
        });
        if !written {
            self.check(loaded);
        }
    }

    /// Append an entry to the log. Facts hold ids, numbers and commitments only: no names, no free text.
    pub fn record(&mut self, at: Timestamp, actor: &Actor, event: EventKind, facts: Value) {
        let record = audit_log::Record {
            at: at.to_string(),
            kind: event.as_str().to_owned(),
            actor: actor.to_value(),
            facts,
        };
        match record.prepare() {
            Ok(entry) => self.commit.entries.push(entry),
            Err(error) => self.defect = Some(format!("entry `{}`: {error}", event.as_str())),
        }
    }

    /// Commits, unless somebody else was first; whether it was committed. Then what won stands, and nothing of this change does.
    ///
    /// # Errors
    /// As [`into_commit`](Self::into_commit), and the store's other than a lost race.
    pub async fn commit_if_first(self, store: &impl Store) -> Result<bool, Failure> {
        match store.commit(self.into_commit()?).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The commit, if it keeps the port's limits.
    ///
    /// # Errors
    /// [`Failure::Defect`] when something cannot be written or the change is larger than one commit may be.
    pub fn into_commit(self) -> Result<Commit, Failure> {
        if let Some(defect) = self.defect {
            return Err(Failure::Defect(defect));
        }
        // One item is kept for the log's head, which the store adds.
        let items = self.commit.writes.len() + self.commit.entries.len() + 1;
        let bytes: usize = self
            .commit
            .writes
            .iter()
            .map(|write| match write {
                Write::Put { body, .. } => body.len(),
                Write::Delete { .. } | Write::Check { .. } => 0,
            })
            .sum();
        if items > MAX_COMMIT_ITEMS || bytes > MAX_COMMIT_BYTES {
            return Err(Failure::Defect(format!("a commit of {items} items and {bytes} bytes")));
        }
        Ok(self.commit)
    }
}
