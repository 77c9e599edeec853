//! The `Store` port: documents with revisions, and the log that every commit appends to.
//!
//! The shape is the narrowest that fits both Forge's custom entities and SQL tables: a document is a kind, a key, a revision, a
//! JSON body, and the attributes its declared indexes need. All attributes are strings (instants as fixed-width RFC 3339 UTC), because
//! Forge integers are 32-bit. A commit is all or nothing, guarded by revisions, and carries the log entries of the change it makes.

use std::future::Future;

use audit_log::{Entry, Hash};
use futures_util::future::try_join_all;

/// Writes, checks, entries, head, idempotency and rate rows of one commit together: Forge's `transact()` takes 25 operations.
pub const MAX_COMMIT_ITEMS: usize = 25;
/// Bytes of one commit: Forge's `transact()` takes 4 MB.
pub const MAX_COMMIT_BYTES: usize = 4 * 1024 * 1024;
/// Rows of one page: Forge's `entity.query` gives at most 100.
pub const MAX_PAGE: u16 = 100;
/// Log entries of one read: 1,024 entries of at most 4 KiB stay below Forge's 5 MB answers.
pub const MAX_LOG_PAGE: u16 = 1024;

/// A kind of document: one SQL table, or one Forge entity.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// `snake_case`, stable: it names the table.
    pub name: &'static str,
    /// Attributes that indexes use, in the order in which [`Write::Put`] gives their values.
    pub attributes: &'static [&'static str],
    /// Indexes by which the kind can be paged.
    pub indexes: &'static [Index],
}

/// An index: documents that share the partition attributes' values, ordered by the range attribute and then by key.
///
/// A document with `None` in any attribute of the index is not in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// `snake_case`, unique within the kind.
    pub name: &'static str,
    /// Attributes compared for equality; at least one.
    pub partition: &'static [&'static str],
    /// The attribute that orders.
    pub range: &'static str,
}

/// Attribute values in the order of [`Kind::attributes`].
pub type Attributes = Vec<Option<String>>;

/// How often a document was written: 1 when it is made, one more with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision of a document that was just made.
    pub const FIRST: Revision = Revision(1);
}

/// A stored document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key within its kind.
    pub key: String,
    /// The revision read.
    pub revision: Revision,
    /// The JSON body.
    pub body: String,
}

/// What a write or a check demands of the stored document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// There is none under this key.
    Absent,
    /// It has exactly this revision.
    At(Revision),
}

/// One item of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Make ([`Expected::Absent`]) or replace ([`Expected::At`]) a document.
    Put {
        /// Its kind.
        kind: &'static Kind,
        /// Its key.
        key: String,
        /// The guard.
        expected: Expected,
        /// The JSON body.
        body: String,
        /// The values its indexes need.
        attributes: Attributes,
    },
    /// Remove a document.
    Delete {
        /// Its kind.
        kind: &'static Kind,
        /// Its key.
        key: String,
        /// The revision it must have.
        expected: Revision,
    },
    /// Write nothing, but fail the commit unless the guard holds.
    Check {
        /// Its kind.
        kind: &'static Kind,
        /// Its key.
        key: String,
        /// The guard.
        expected: Expected,
    },
}

/// A unit of work: everything in it becomes visible and durable together, or none of it.
#[derive(Debug, Default)]
pub struct Commit {
    /// Documents written, removed and checked; each key at most once.
    pub writes: Vec<Write>,
    /// Log entries, appended in this order.
    pub entries: Vec<Entry>,
}

/// The answer to a commit that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Index in the log of the commit's first entry (of the next one, if it had none).
    pub first_entry: u64,
}

/// Which end a page starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest range value first.
    Ascending,
    /// Largest range value first.
    Descending,
}

/// A position in an index: the row after which the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's range value; empty when paging by key.
    pub range: String,
    /// The last row's key.
    pub key: String,
}

/// A question for one page of documents.
#[derive(Debug, Clone)]
pub struct PageQuery {
    /// Which kind.
    pub kind: &'static Kind,
    /// Which of its indexes, with a value for each partition attribute; `None` pages the whole kind by key.
    pub index: Option<(&'static Index, Vec<String>)>,
    /// Smallest range value (or key) taken, inclusive.
    pub from: Option<String>,
    /// First range value (or key) not taken any more.
    pub until: Option<String>,
    /// Direction.
    pub order: Order,
    /// Start behind this row.
    pub after: Option<Cursor>,
    /// At most this many rows; 1 to [`MAX_PAGE`].
    pub limit: u16,
}

/// One page of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Where the next page starts; `None` when this was the last.
    pub next: Option<Cursor>,
}

/// The log's size and root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Entries in the log.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Position, from 0.
    pub index: u64,
    /// Canonical bytes as they were hashed.
    pub bytes: Vec<u8>,
    /// Leaf hash as stored.
    pub leaf_hash: Hash,
}

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A guard did not hold: somebody else was first. Load again and decide anew.
    #[error("a document changed meanwhile")]
    Conflict,
    /// The commit breaks a limit of the port.
    #[error("the commit is too large: {0}")]
    TooLarge(String),
    /// What is stored cannot be read as what it should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The store cannot be reached or written now. Nothing of the commit is visible.
    #[error("the store is not available: {0}")]
    Unavailable(String),
}

/// Documents and the log.
pub trait Store: Send + Sync {
    /// The document under a key, strictly consistent with every commit answered before the call.
    fn get(
        &self,
        kind: &'static Kind,
        key: &str,
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send;

    /// The documents under several keys of a kind, in the order of the keys, each as [`get`](Self::get) finds it. Cheaper than one by one where a
    /// store can read them together.
    fn get_all(
        &self,
        kind: &'static Kind,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<Option<Row>>, StoreError>> + Send {
        try_join_all(keys.iter().map(|key| self.get(kind, key)))
    }

    /// One page of documents. May lag behind the newest commits on some hosts: never decide a rule by it.
    fn page(&self, query: PageQuery) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// Make a change durable, or refuse it whole. Answers only after the change is on disk.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// Makes what was removed and overwritten unreadable wherever the store keeps it: journals, free space, gaps between rows. Commits go on
    /// before and after, and wait meanwhile. A store that keeps no such thing has nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when somebody reads or writes for too long just now: try again later.
    fn scrub(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The log's size and root.
    fn log_head(&self) -> impl Future<Output = Result<LogHead, StoreError>> + Send;

    /// Entries from an index on, at most `limit` (≤ [`MAX_LOG_PAGE`]), in order. Empty past the end.
    fn log_entries(
        &self,
        from: u64,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<LogEntry>, StoreError>> + Send;

    /// The hashes that a tile of the log has now, from left to right: at most 256, fewer in the last tile of its level, none beyond it.
    ///
    /// Level 0 holds leaf hashes, each level above the roots of the full tiles below
    /// ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles#merkle-tree)), so every proof needs a few tiles and no scan. A tile only ever grows:
    /// its first n hashes are those of the tile in any older tree that had n.
    fn log_tile(&self, level: u8, index: u64) -> impl Future<Output = Result<Vec<Hash>, StoreError>> + Send;
}

/// A store that several owners share.
impl<S: Store> Store for std::sync::Arc<S> {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        S::get(self, kind, key).await
    }

    async fn get_all(&self, kind: &'static Kind, keys: &[String]) -> Result<Vec<Option<Row>>, StoreError> {
        S::get_all(self, kind, keys).await
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        S::page(self, query).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        S::commit(self, commit).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        S::scrub(self).await
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        S::log_head(self).await
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        S::log_entries(self, from, limit).await
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        S::log_tile(self, level, index).await
    }
}
