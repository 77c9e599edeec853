//! Everything that a site keeps, for telling whether something changed.

use std::collections::BTreeMap;

use clearance::documents::Document as _;
use clearance::limits::RateRow;
use clearance::ports::{Kind, MAX_PAGE, Order, PageQuery, Revision, Row, Store};

/// Everything that a site keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Entries of the log.
    pub entries: u64,
    /// Revision and body of each document, by kind and key.
    pub documents: BTreeMap<(&'static str, String), (Revision, String)>,
}

impl Snapshot {
    /// Reads everything.
    pub async fn take(store: &impl Store, kinds: &[&'static Kind]) -> Self {
        let entries = store.log_head().await.expect("the store answers").size;
        let mut documents = BTreeMap::new();
        for kind in kinds {
            for row in rows(store, kind).await {
                documents.insert((kind.name, row.key), (row.revision, row.body));
            }
        }
        Self { entries, documents }
    }

    /// Which documents differ, for people to read. Counts of limited calls are not compared: a query may be counted, and changes nothing
    /// all the same.
    pub fn difference(&self, other: &Self) -> Vec<String> {
        let keys = self.documents.keys().chain(other.documents.keys());
        let mut differing: Vec<_> = keys
            .filter(|key| {
                key.0 != RateRow::KIND.name && self.documents.get(*key) != other.documents.get(*key)
            })
            .map(|(kind, key)| format!("{kind} {key}"))
            .collect();
        differing.sort();
        differing.dedup();
        if self.entries != other.entries {
            differing.push(format!("log: {} entries, then {}", self.entries, other.entries));
        }
        differing
    }
}

/// All documents of a kind, by key.
pub(crate) async fn rows(store: &impl Store, kind: &'static Kind) -> Vec<Row> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let query = PageQuery {
            kind,
            index: None,
            from: None,
            until: None,
            order: Order::Ascending,
            after,
            limit: MAX_PAGE,
        };
        let page = store.page(query).await.expect("the store answers");
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}
