//! Documents, and the commit that also appends to the log.

use std::collections::BTreeMap;

use clearance::ports::{
    Commit, Cursor, Expected, Kind, Order, Page, PageQuery, Revision, Row, StoreError, Write,
};
use serde::{Deserialize, Serialize};

use super::log::EntryRequest;

/// What to do with documents.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DocumentRequest {
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

impl DocumentRequest {
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

impl From<PageAnswer> for Page {
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
