//! Typed documents over the rows of the [`Store`](crate::ports::Store) port.

mod change;
mod rewrite;

use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::ports::{
    Attributes, Cursor, Index, Kind, MAX_PAGE, Order, PageQuery, Revision, Row, Store, StoreError,
};

pub use change::Change;
pub(crate) use rewrite::{rewrite, rewrite_all};

/// A type that is stored as one kind of document.
pub trait Document: Serialize + DeserializeOwned + Send + Sync {
    /// The declaration: name, attributes, indexes.
    const KIND: &'static Kind;

    /// The key under which it is stored.
    fn key(&self) -> String;

    /// Values of the attributes that `KIND` declares, in its order.
    fn attributes(&self) -> Attributes;
}

/// A document with the revision it had when it was read.
#[derive(Debug, Clone)]
pub struct Loaded<D> {
    document: D,
    revision: Revision,
}

impl<D> Loaded<D> {
    /// The document, without its revision.
    pub fn into_inner(self) -> D {
        self.document
    }

    /// The revision it had when it was read.
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

impl<D: Document> Loaded<D> {
    /// The document that took this one's place in a commit that succeeded.
    #[must_use]
    pub fn replaced_by(&self, document: D) -> Self {
        Self { document, revision: Revision(self.revision.0.saturating_add(1)) }
    }

    /// Why another document, read after this one, is not as this one says. Two reads are no snapshot: it is a lost race if this document has
    /// changed since, and otherwise a defect, told in these words.
    pub async fn contradicted(&self, store: &impl Store, defect: impl Into<String>) -> Failure {
        match store.get(D::KIND, &self.document.key()).await {
            Ok(Some(row)) if row.revision == self.revision => Failure::Defect(defect.into()),
            Ok(_) => StoreError::Conflict.into(),
            Err(error) => error.into(),
        }
    }
}

impl<D> Deref for Loaded<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.document
    }
}

fn read<D: Document>(row: &Row) -> Result<Loaded<D>, Failure> {
    match serde_json::from_str(&row.body) {
        Ok(document) => Ok(Loaded { document, revision: row.revision }),
        Err(error) => {
            Err(Failure::Store(StoreError::Damaged(format!("{} `{}`: {error}", D::KIND.name, row.key))))
        }
    }
}

/// The document under a key, if there is one.
pub async fn load<D: Document>(store: &impl Store, key: &str) -> Result<Option<Loaded<D>>, Failure> {
    match store.get(D::KIND, key).await? {
        Some(row) => read(&row).map(Some),
        None => Ok(None),
    }
}

/// The documents under several keys, in the order of the keys. What is wrong with one of them is nothing to the others.
///
/// # Errors
/// The store's.
pub async fn load_all<D: Document>(
    store: &impl Store,
    keys: &[String],
) -> Result<Vec<Result<Option<Loaded<D>>, Failure>>, Failure> {
    let rows = store.get_all(D::KIND, keys).await?;
    Ok(rows.iter().map(|row| row.as_ref().map(read).transpose()).collect())
}

/// A list as every list operation answers it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct List<T> {
    /// The items of this page, in order.
    pub items: Vec<T>,
    /// Give this as `after` to get the next page; `null` when this was the last.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// The same list with every item turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

/// Where a list starts and how long a page is: the part that every list operation's input has.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
pub struct Paging {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100; 50 when not given.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Paging {
    /// Items per page: what was asked for, brought into 1 to 100.
    pub fn limit(&self) -> u16 {
        self.limit.unwrap_or(50).clamp(1, MAX_PAGE)
    }
}

/// A question for documents of one kind.
#[derive(Debug, Clone)]
pub struct Select {
    index: Option<(&'static Index, Vec<String>)>,
    order: Order,
    from: Option<String>,
    until: Option<String>,
}

impl Select {
    /// All documents of the kind, by key.
    pub fn all() -> Self {
        Self { index: None, order: Order::Ascending, from: None, until: None }
    }

    /// Documents in one partition of an index.
    pub fn by(index: &'static Index, partition: impl IntoIterator<Item = impl ToString>) -> Self {
        let partition = partition.into_iter().map(|value| value.to_string()).collect();
        Self { index: Some((index, partition)), order: Order::Ascending, from: None, until: None }
    }

    /// Largest range value first.
    #[must_use]
    pub fn descending(self) -> Self {
        Self { order: Order::Descending, ..self }
    }

    /// Only range values (or keys) from this one on.
    #[must_use]
    pub fn from(self, bound: impl ToString) -> Self {
        Self { from: Some(bound.to_string()), ..self }
    }

    /// Only range values (or keys) below this one.
    #[must_use]
    pub fn until(self, bound: impl ToString) -> Self {
        Self { until: Some(bound.to_string()), ..self }
    }
}

/// One page of documents. Never decide a rule by it: on some hosts it lags.
pub async fn list<D: Document>(
    store: &impl Store,
    select: Select,
    paging: &Paging,
) -> Result<List<Loaded<D>>, Failure> {
    list_without(store, select, paging, |_| false).await
}

/// [`list`] without those under some keys, which are not even read: a page may be shorter for it, or empty, while there is a next one.
pub async fn list_without<D: Document>(
    store: &impl Store,
    select: Select,
    paging: &Paging,
    unwanted: impl Fn(&str) -> bool,
) -> Result<List<Loaded<D>>, Failure> {
    let after = paging.after.as_deref().map(parse_cursor).transpose()?;
    let query = PageQuery {
        kind: D::KIND,
        index: select.index,
        from: select.from,
        until: select.until,
        order: select.order,
        after,
        limit: paging.limit(),
    };
    let page = store.page(query).await?;
    let wanted = page.rows.iter().filter(|row| !unwanted(&row.key));
    let items = wanted.map(read).collect::<Result<_, _>>()?;
    Ok(List { items, next: page.next.map(|cursor| write_cursor(&cursor)) })
}

/// Every document of a selection, page by page. Never decide a rule by it: on some hosts it lags.
pub async fn all<D: Document>(store: &impl Store, select: Select) -> Result<Vec<Loaded<D>>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = list::<D>(store, select.clone(), &paging).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// One page of those documents that are wanted: shorter than its limit when few are, but never empty while there is a next one.
pub async fn list_where<D: Document>(
    store: &impl Store,
    select: Select,
    mut paging: Paging,
    wanted: impl Fn(&D) -> bool,
) -> Result<List<Loaded<D>>, Failure> {
    loop {
        let mut page = list::<D>(store, select.clone(), &paging).await?;
        page.items.retain(|document| wanted(document));
        if page.next.is_none() || !page.items.is_empty() {
            return Ok(page);
        }
        paging.after = page.next;
    }
}

/// The `next` of a page of an index that ends with a document; none when the index does not hold it.
pub fn cursor_behind<D: Document>(index: &Index, document: &D) -> Option<String> {
    let place = D::KIND.attributes.iter().position(|attribute| *attribute == index.range)?;
    let range = document.attributes().into_iter().nth(place)??;
    Some(write_cursor(&Cursor { range, key: document.key() }))
}

/// Keys hold no `~`, so the first one ends the key; the range value may hold anything.
fn write_cursor(cursor: &Cursor) -> String {
    format!("{}~{}", cursor.key, cursor.range)
}

fn parse_cursor(text: &str) -> Result<Cursor, Failure> {
    match text.split_once('~') {
        Some((key, range)) => Ok(Cursor { range: range.to_owned(), key: key.to_owned() }),
        None => Err(crate::refusal::malformed("after", "is not the `next` of an earlier page").into()),
    }
}
