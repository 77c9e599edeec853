//! Effects as the glue sees them, and what it answers: the JSON shapes of this host.
//!
//! Names of kinds, attributes and indexes are those that [`clearance`] declares. Revisions and log indices are JSON numbers.

use std::collections::BTreeMap;

use audit_log::{Entry, Hash};
use clearance::ports::{
    Commit, Cursor, Expected, Kind, LogEntry, Order, PageQuery, Place, Revision, Row, Secret, StoreError,
    Write,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Something that the glue shall do, with the number under which it answers.
#[derive(Debug, Serialize)]
pub struct Effect {
    /// Unique within the invocation.
    pub id: u64,
    /// What to do.
    #[serde(flatten)]
    pub request: Request,
}

/// What to do; `kind` names it.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// Read one document, strictly consistent. Answer: [`Found`].
    Get {
        /// Its kind.
        entity: &'static str,
        /// Its key.
        key: String,
    },
    /// Read one page of documents. Answer: [`PageAnswer`].
    Page {
        /// Which kind.
        entity: &'static str,
        /// By which index; `null` pages the whole kind by key.
        index: Option<IndexQuery>,
        /// Smallest range value (or key) taken, inclusive.
        from: Option<String>,
        /// First range value (or key) not taken any more.
        until: Option<String>,
        /// `ascending` or `descending` by range value and then key.
        order: &'static str,
        /// Start behind this row.
        after: Option<Position>,
        /// At most this many rows, 1 to 100.
        limit: u16,
    },
    /// Write all of this and append the entries to the log, or nothing. Answer: [`CommitAnswer`].
    Commit {
        /// Documents written, removed and checked; each key at most once.
        writes: Vec<WriteRequest>,
        /// Log entries in their order. The glue gives them indices and moves the log's head in the same transaction.
        entries: Vec<EntryRequest>,
    },
    /// Read the log's size and root. Answer: [`LogHeadAnswer`].
    LogHead,
    /// Read entries of the log. Answer: [`LogEntriesAnswer`].
    LogEntries {
        /// Index of the first.
        from: u64,
        /// At most this many.
        limit: u16,
    },
    /// Read the hashes that a tile of the log has now. Answer: [`LogTileAnswer`].
    LogTile {
        /// Its level: 0 for leaf hashes, each one above for the roots of 256 of the one below.
        level: u8,
        /// Its place within the level.
        index: u64,
    },
    /// Give the public half of an Ed25519 key, which is made when it is asked for the first time. Answer: [`PublicKeyAnswer`].
    PublicKey {
        /// Its name in the platform's secret storage.
        key: String,
    },
    /// Sign with an Ed25519 key, which is made when there is none. Answer: [`SignAnswer`].
    Sign {
        /// Its name in the platform's secret storage.
        key: String,
        /// The message, lower-case hexadecimal.
        message: String,
    },
    /// Give the public half of an RSA key of 2,048 bits, which is made when it is asked for the first time. Answer: [`RsaPublicKeyAnswer`].
    RsaPublicKey {
        /// Its place in the platform's secret storage.
        place: Place,
    },
    /// Sign with an RSA key, which is made when there is none. Answer: [`SignatureAnswer`].
    SignRsa {
        /// Its place in the platform's secret storage.
        place: Place,
        /// `RS256` or `PS256`.
        scheme: &'static str,
        /// The message, lower-case hexadecimal.
        message: String,
    },
    /// HMAC-SHA256 of texts under a random key, which is made when there is none. Answer: [`FingerprintsAnswer`].
    Fingerprints {
        /// The key's name in the platform's secret storage.
        key: String,
        /// The texts.
        messages: Vec<String>,
    },
    /// Keep a secret. Answer: `{}`.
    Keep {
        /// Its place in the platform's secret storage.
        place: Place,
        /// The secret.
        secret: Exposed,
    },
    /// Give a secret. Answer: [`SecretAnswer`].
    Secret {
        /// Its place in the platform's secret storage.
        place: Place,
    },
    /// Destroy whatever is at a place. Answer: `{}`.
    Destroy {
        /// The place in the platform's secret storage.
        place: Place,
    },
}

/// A secret on its way to the platform's secret storage.
#[derive(Clone)]
pub struct Exposed(pub(crate) Secret);

impl std::fmt::Debug for Exposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Exposed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// Which index, with a value for each partition attribute.
#[derive(Debug, Serialize)]
pub struct IndexQuery {
    /// Its name.
    name: &'static str,
    /// Attributes and the values they must have.
    partition: BTreeMap<&'static str, String>,
    /// The attribute that orders.
    range: &'static str,
}

/// A position in an index.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The row's range value; empty when paging by key.
    range: String,
    /// The row's key.
    key: String,
}

/// One item of a commit; `kind` names what it does.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WriteRequest {
    /// Make or replace a document.
    Put {
        /// Its kind.
        entity: &'static str,
        /// Its key.
        key: String,
        /// The revision it must have; `null` when there must be none. A new document has revision 1, a replaced one the next.
        expected: Option<u64>,
        /// The document, JSON as text.
        body: String,
        /// The attributes that have a value; an index in which one is missing does not hold the document.
        attributes: BTreeMap<&'static str, String>,
    },
    /// Remove a document.
    Delete {
        /// Its kind.
        entity: &'static str,
        /// Its key.
        key: String,
        /// The revision it must have.
        expected: u64,
    },
    /// Write nothing, but refuse the commit unless this holds.
    Check {
        /// Its kind.
        entity: &'static str,
        /// Its key.
        key: String,
        /// The revision it must have; `null` when there must be none.
        expected: Option<u64>,
    },
}

/// A log entry to be appended.
#[derive(Debug, Serialize)]
pub struct EntryRequest {
    /// Canonical JSON; store exactly this.
    text: String,
    /// RFC 6962 leaf hash of it, 64 hexadecimal digits.
    leaf_hash: Hash,
}

impl Request {
    pub(crate) fn get(kind: &'static Kind, key: &str) -> Self {
        Self::Get { entity: kind.name, key: key.to_owned() }
    }

    pub(crate) fn page(query: PageQuery) -> Result<Self, StoreError> {
        let index = match query.index {
            None => None,
            Some((index, values)) if values.len() == index.partition.len() => Some(IndexQuery {
                name: index.name,
                partition: index.partition.iter().copied().zip(values).collect(),
                range: index.range,
            }),
            Some((index, values)) => {
                let counts = format!("{} partition values for index `{}`", values.len(), index.name);
                return Err(StoreError::TooLarge(counts));
            }
        };
        Ok(Self::Page {
            entity: query.kind.name,
            index,
            from: query.from,
            until: query.until,
            order: match query.order {
                Order::Ascending => "ascending",
                Order::Descending => "descending",
            },
            after: query.after.map(|Cursor { range, key }| Position { range, key }),
            limit: query.limit,
        })
    }

    pub(crate) fn commit(commit: Commit) -> Result<Self, StoreError> {
        Ok(Self::Commit {
            writes: commit.writes.into_iter().map(WriteRequest::try_from).collect::<Result<_, _>>()?,
            entries: commit.entries.into_iter().map(EntryRequest::try_from).collect::<Result<_, _>>()?,
        })
    }
}

fn revision(expected: Expected) -> Option<u64> {
    match expected {
        Expected::Absent => None,
        Expected::At(Revision(revision)) => Some(revision),
    }
}

impl TryFrom<Write> for WriteRequest {
    type Error = StoreError;

    fn try_from(write: Write) -> Result<Self, StoreError> {
        Ok(match write {
            Write::Put { kind, key, expected, body, attributes } => {
                if attributes.len() != kind.attributes.len() {
                    let counts = format!("{} attribute values for kind `{}`", attributes.len(), kind.name);
                    return Err(StoreError::TooLarge(counts));
                }
                let attributes = kind.attributes.iter().copied().zip(attributes);
                Self::Put {
                    entity: kind.name,
                    key,
                    expected: revision(expected),
                    body,
                    attributes: attributes.filter_map(|(name, value)| Some((name, value?))).collect(),
                }
            }
            Write::Delete { kind, key, expected: Revision(expected) } => {
                Self::Delete { entity: kind.name, key, expected }
            }
            Write::Check { kind, key, expected } => {
                Self::Check { entity: kind.name, key, expected: revision(expected) }
            }
        })
    }
}

impl TryFrom<Entry> for EntryRequest {
    type Error = StoreError;

    fn try_from(entry: Entry) -> Result<Self, StoreError> {
        let leaf_hash = entry.leaf_hash();
        match String::from_utf8(entry.into_bytes()) {
            Ok(text) => Ok(Self { text, leaf_hash }),
            Err(_) => Err(StoreError::Damaged("a log entry is not text".to_owned())),
        }
    }
}

/// What came of one effect: `{"id": 1, "ok": …}` or `{"id": 1, "error": {"code": "conflict", "message": "…"}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The effect's id.
    pub id: u64,
    /// It was done. The form depends on the effect.
    #[serde(default)]
    pub ok: Option<Box<RawValue>>,
    /// It was not done, and nothing of it is visible.
    #[serde(default)]
    pub error: Option<EffectError>,
}

/// Why an effect was not done.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectError {
    /// What kind of failure.
    pub code: EffectErrorCode,
    /// For the host's log; nobody else sees it.
    pub message: String,
}

/// What kind of failure: the variants of [`StoreError`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectErrorCode {
    /// A guard of the commit did not hold.
    Conflict,
    /// The platform refuses so large a commit.
    TooLarge,
    /// What is stored cannot be read.
    Damaged,
    /// The platform does not answer now.
    Unavailable,
}

impl From<EffectError> for StoreError {
    fn from(error: EffectError) -> Self {
        match error.code {
            EffectErrorCode::Conflict => Self::Conflict,
            EffectErrorCode::TooLarge => Self::TooLarge(error.message),
            EffectErrorCode::Damaged => Self::Damaged(error.message),
            EffectErrorCode::Unavailable => Self::Unavailable(error.message),
        }
    }
}

/// Answer to `get`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The document; `null` when there is none.
    pub row: Option<RowAnswer>,
}

/// A stored document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowAnswer {
    key: String,
    revision: u64,
    body: String,
}

impl From<RowAnswer> for Row {
    fn from(RowAnswer { key, revision, body }: RowAnswer) -> Self {
        Self { key, revision: Revision(revision), body }
    }
}

/// Answer to `page`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageAnswer {
    /// The rows, in order.
    pub rows: Vec<RowAnswer>,
    /// Where the next page starts; `null` when this was the last.
    pub next: Option<Position>,
}

impl From<PageAnswer> for clearance::ports::Page {
    fn from(PageAnswer { rows, next }: PageAnswer) -> Self {
        Self {
            rows: rows.into_iter().map(Row::from).collect(),
            next: next.map(|Position { range, key }| Cursor { range, key }),
        }
    }
}

/// Answer to `commit`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitAnswer {
    /// Index in the log of the commit's first entry (of the next one, if it had none).
    pub first_entry: u64,
}

/// Answer to `log_head`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHeadAnswer {
    /// Entries in the log.
    pub size: u64,
    /// RFC 6962 root over them, 64 hexadecimal digits.
    pub root: Hash,
}

/// Answer to `log_entries`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntriesAnswer {
    /// The entries, in order.
    pub entries: Vec<EntryAnswer>,
}

/// Answer to `log_tile`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogTileAnswer {
    /// At most 256, each 64 hexadecimal digits; none beyond the log.
    pub hashes: Vec<Hash>,
}

/// Answer to `public_key`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeyAnswer {
    /// 32 bytes, 64 hexadecimal digits (the form of a [`Hash`]).
    pub public_key: Hash,
}

/// Answer to `sign`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignAnswer {
    /// 64 bytes in two halves, 64 hexadecimal digits each (the form of a [`Hash`]).
    pub signature: [Hash; 2],
}

/// Answer to `rsa_public_key`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RsaPublicKeyAnswer {
    /// The modulus, base64url without padding, as a JWK has it.
    pub n: String,
    /// The public exponent, likewise.
    pub e: String,
}

/// Answer to `sign_rsa`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureAnswer {
    /// The signature, base64url without padding.
    pub signature: String,
}

/// Answer to `fingerprints`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FingerprintsAnswer {
    /// One for each text, in order: 64 hexadecimal digits (the form of a [`Hash`]).
    pub fingerprints: Vec<Hash>,
}

/// Answer to `secret`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretAnswer {
    /// The secret; `null` when there is none.
    pub secret: Option<Secret>,
}

/// Answer to `keep` and `destroy`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A log entry as stored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryAnswer {
    index: u64,
    text: String,
    leaf_hash: Hash,
}

impl From<EntryAnswer> for LogEntry {
    fn from(EntryAnswer { index, text, leaf_hash }: EntryAnswer) -> Self {
        Self { index, bytes: text.into_bytes(), leaf_hash }
    }
}
