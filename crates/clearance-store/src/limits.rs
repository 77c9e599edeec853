//! What the port demands of a commit or a question, checked before anything is sent to a store.
//!
//! Every store refuses the same things, so that an operation that works in memory works on SQLite.

use std::collections::HashSet;

use clearance::ports::{
    Commit, Index, Kind, MAX_COMMIT_BYTES, MAX_COMMIT_ITEMS, MAX_LOG_PAGE, MAX_PAGE, PageQuery, StoreError,
    Write,
};

/// Writes, checks, entries and the log's head (one item) that one commit brings.
pub(crate) fn items(commit: &Commit) -> usize {
    commit.writes.len() + commit.entries.len() + 1
}

/// Keys, bodies, attributes and entries, in bytes.
pub(crate) fn bytes(commit: &Commit) -> usize {
    let writes = commit.writes.iter().map(|write| match write {
        Write::Put { key, body, attributes, .. } => {
            key.len() + body.len() + attributes.iter().flatten().map(String::len).sum::<usize>()
        }
        Write::Delete { key, .. } | Write::Check { key, .. } => key.len(),
    });
    writes.chain(commit.entries.iter().map(|entry| entry.bytes().len())).sum()
}

/// The kind and key that a write or a check is about.
pub(crate) fn target(write: &Write) -> (&'static Kind, &str) {
    match write {
        Write::Put { kind, key, .. } | Write::Delete { kind, key, .. } | Write::Check { kind, key, .. } => {
            (kind, key)
        }
    }
}

/// Refuses a commit that is too large, names a document twice, or gives other attributes than its kind declares.
pub(crate) fn check_commit(commit: &Commit) -> Result<(), StoreError> {
    let (items, bytes) = (items(commit), bytes(commit));
    if items > MAX_COMMIT_ITEMS {
        return Err(StoreError::TooLarge(format!("{items} items, at most {MAX_COMMIT_ITEMS}")));
    }
    if bytes > MAX_COMMIT_BYTES {
        return Err(StoreError::TooLarge(format!("{bytes} bytes, at most {MAX_COMMIT_BYTES}")));
    }
    let mut seen = HashSet::with_capacity(commit.writes.len());
    for write in &commit.writes {
        let (kind, key) = target(write);
        if !seen.insert((kind.name, key)) {
            return Err(StoreError::TooLarge(format!("it names a document of kind `{}` twice", kind.name)));
        }
        if let Write::Put { attributes, .. } = write
            && attributes.len() != kind.attributes.len()
        {
            return Err(StoreError::TooLarge(format!(
                "{} attribute values for kind `{}`, which declares {}",
                attributes.len(),
                kind.name,
                kind.attributes.len()
            )));
        }
    }
    Ok(())
}

/// Refuses a page that is empty or too long, or whose partition does not fit the index.
pub(crate) fn check_page(query: &PageQuery) -> Result<(), StoreError> {
    if query.limit == 0 || query.limit > MAX_PAGE {
        return Err(StoreError::TooLarge(format!("a page of {} rows, 1 to {MAX_PAGE}", query.limit)));
    }
    if let Some((index, values)) = &query.index
        && values.len() != index.partition.len()
    {
        return Err(StoreError::TooLarge(format!(
            "{} partition values for index `{}`, which has {}",
            values.len(),
            index.name,
            index.partition.len()
        )));
    }
    Ok(())
}

/// Refuses to read too many log entries at once.
pub(crate) fn check_log_page(limit: u16) -> Result<(), StoreError> {
    if limit > MAX_LOG_PAGE {
        return Err(StoreError::TooLarge(format!("{limit} log entries, at most {MAX_LOG_PAGE}")));
    }
    Ok(())
}

/// A kind that the store was not opened with.
pub(crate) fn undeclared(kind: &Kind) -> StoreError {
    StoreError::Unavailable(format!("kind `{}` was not declared when the store was opened", kind.name))
}

/// An index that its kind does not declare.
pub(crate) fn undeclared_index(kind: &Kind, index: &Index) -> StoreError {
    StoreError::Unavailable(format!("kind `{}` declares no index `{}`", kind.name, index.name))
}
