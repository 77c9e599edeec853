//! What the glue would be, for tests: it does what an effect's JSON says, on a store in memory.

use audit_log::{Entry, parse_canonical};
use clearance::ports::{
    Commit, Cursor, Expected, Index, Kind, LogEntry, Order, PageQuery, Revision, Row, Store, StoreError,
    Write,
};
use clearance_store::contract::KINDS;
use serde_json::{Value, json};

/// Performs an effect on documents or the log.
pub(crate) async fn perform(store: &impl Store, effect: &Value) -> Result<Value, StoreError> {
    Ok(match text(&effect["kind"]) {
        "get" => {
            let row = store.get(kind(&effect["entity"])?, text(&effect["key"])).await?;
            json!({ "row": row.map(|row| write_row(&row)) })
        }
        "page" => {
            let page = store.page(read_query(effect)?).await?;
            let next = page.next.map(|Cursor { range, key }| json!({ "range": range, "key": key }));
            json!({ "rows": page.rows.iter().map(write_row).collect::<Vec<_>>(), "next": next })
        }
        "commit" => {
            let writes = list(&effect["writes"]).iter().map(read_write).collect::<Result<_, _>>()?;
            let entries = list(&effect["entries"]).iter().map(read_entry).collect();
            json!({ "first_entry": store.commit(Commit { writes, entries }).await?.first_entry })
        }
        "log_head" => {
            let head = store.log_head().await?;
            json!({ "size": head.size, "root": head.root })
        }
        "log_entries" => {
            let limit = u16::try_from(effect["limit"].as_u64().unwrap()).unwrap();
            let entries = store.log_entries(effect["from"].as_u64().unwrap(), limit).await?;
            json!({ "entries": entries.iter().map(write_entry).collect::<Vec<_>>() })
        }
        "log_tile" => {
            let level = u8::try_from(effect["level"].as_u64().unwrap()).unwrap();
            json!({ "hashes": store.log_tile(level, effect["index"].as_u64().unwrap()).await? })
        }
        other => panic!("no effect is called {other}"),
    })
}

/// An error as the glue answers it.
pub(crate) fn describe(error: &StoreError) -> Value {
    let code = match error {
        StoreError::Conflict => "conflict",
        StoreError::TooLarge(_) => "too_large",
        StoreError::Damaged(_) => "damaged",
        StoreError::Unavailable(_) => "unavailable",
    };
    json!({ "code": code, "message": error.to_string() })
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn owned(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn kind(name: &Value) -> Result<&'static Kind, StoreError> {
    let mut all = KINDS.iter().chain(clearance::KINDS).chain(crate::KINDS).copied();
    let known = all.find(|kind| kind.name == text(name));
    known.ok_or_else(|| StoreError::Unavailable(format!("there is no entity {name}")))
}

fn expected(value: &Value) -> Expected {
    value.as_u64().map_or(Expected::Absent, |revision| Expected::At(Revision(revision)))
}

fn read_query(effect: &Value) -> Result<PageQuery, StoreError> {
    let kind = kind(&effect["entity"])?;
    let index = effect["index"].as_object().map(|asked| {
        let index: &'static Index =
            kind.indexes.iter().find(|index| index.name == text(&asked["name"])).unwrap();
        assert_eq!(index.range, text(&asked["range"]));
        let values = index.partition.iter().map(|name| text(&asked["partition"][name]).to_owned());
        (index, values.collect())
    });
    let after = &effect["after"];
    Ok(PageQuery {
        kind,
        index,
        from: owned(&effect["from"]),
        until: owned(&effect["until"]),
        order: match text(&effect["order"]) {
            "ascending" => Order::Ascending,
            "descending" => Order::Descending,
            other => panic!("no order is called {other}"),
        },
        after: after.as_object().map(|after| Cursor {
            range: text(&after["range"]).to_owned(),
            key: text(&after["key"]).to_owned(),
        }),
        limit: u16::try_from(effect["limit"].as_u64().unwrap()).unwrap(),
    })
}

fn read_write(write: &Value) -> Result<Write, StoreError> {
    let (kind, key) = (kind(&write["entity"])?, text(&write["key"]).to_owned());
    let expected = expected(&write["expected"]);
    Ok(match (text(&write["kind"]), expected) {
        ("put", _) => {
            let attributes = kind.attributes.iter().map(|name| owned(&write["attributes"][name])).collect();
            Write::Put { kind, key, expected, body: text(&write["body"]).to_owned(), attributes }
        }
        ("delete", Expected::At(expected)) => Write::Delete { kind, key, expected },
        ("check", _) => Write::Check { kind, key, expected },
        (other, _) => panic!("no write is called {other}"),
    })
}

fn read_entry(entry: &Value) -> Entry {
    let prepared = Entry::prepare(&parse_canonical(text(&entry["text"]).as_bytes()).unwrap()).unwrap();
    assert_eq!(prepared.leaf_hash().to_string(), text(&entry["leaf_hash"]));
    prepared
}

fn write_row(row: &Row) -> Value {
    json!({ "key": row.key, "revision": row.revision.0, "body": row.body })
}

fn write_entry(entry: &LogEntry) -> Value {
    let text = std::str::from_utf8(&entry.bytes).unwrap();
    json!({ "index": entry.index, "text": text, "leaf_hash": entry.leaf_hash })
}
