use clearance::ports::{Index, Kind};
use rusqlite::Connection;

use super::*;
use crate::contract::KINDS;

/// Two indexes that differ only in what they order by: the easiest to confuse for a planner.
const TWINS: &Kind = &Kind {
    name: "twin",
    attributes: &["state", "made_at", "ends_at"],
    indexes: &[
        Index { name: "by_made", partition: &["state"], range: "made_at" },
        Index { name: "by_end", partition: &["state"], range: "ends_at" },
    ],
};

fn database(kinds: &[&Kind]) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for text in common_tables() {
        connection.execute(&text, []).unwrap();
    }
    for kind in kinds {
        connection.execute(&create_table(kind), []).unwrap();
        for index in kind.indexes {
            connection.execute(&create_index(kind, index), []).unwrap();
        }
    }
    connection
}

/// Those of the contract, which are made to be difficult, and those of the product.
fn all_kinds() -> Vec<&'static Kind> {
    KINDS.iter().chain(clearance::KINDS).copied().chain([TWINS]).collect()
}

#[test]
fn product_kinds_can_be_tables() {
    assert_eq!(check_names(clearance::KINDS), Ok(()));
}

/// SQLite numbers `$n` by first use, PostgreSQL by `n`: only texts in which both agree may be bound by place.
#[test]
fn placeholders_are_numbered_alike_on_both_databases() {
    let connection = database(&all_kinds());
    let fixed = [
        READ_META,
        INSERT_META,
        INSERT_HEAD,
        UPDATE_HEAD,
        INSERT_ENTRY,
        READ_ENTRIES,
        READ_ENTRY_RANGE,
        NEXT_ENTRY,
    ];
    let statements: Vec<_> = all_kinds().into_iter().map(|kind| (kind, KindStatements::new(kind))).collect();
    let texts = statements.iter().flat_map(|(kind, texts)| texts.all(kind)).map(|(_, text)| text);
    for text in texts.chain(fixed.map(str::to_owned)) {
        let statement = connection.prepare(&text).unwrap();
        for place in 1..=statement.parameter_count() {
            assert_eq!(statement.parameter_name(place), Some(format!("${place}").as_str()), "{text}");
        }
    }
}

/// No page sorts, and none reads rows that are not in it.
#[test]
fn every_page_walks_its_own_index() {
    let connection = database(&all_kinds());
    for kind in all_kinds() {
        for (index, text) in KindStatements::new(kind).all(kind) {
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let mut rows = explain.raw_query();
            while let Some(step) = rows.next().unwrap() {
                let step: String = step.get(3).unwrap();
                assert!(!step.contains("TEMP B-TREE"), "{text}\n{step}");
                if index.is_empty() {
                    assert!(step.contains("autoindex"), "{text}\n{step}");
                } else {
                    assert!(step.contains(&format!("USING INDEX {index} ")), "{text}\n{step}");
                }
            }
        }
    }
}

#[test]
fn declarations_that_cannot_be_tables_are_refused() {
    const fn named(name: &'static str) -> Kind {
        Kind { name, attributes: &[], indexes: &[] }
    }
    static NAMES: [Kind; 7] = [
        named(""),
        named("Note"),
        named("no-te"),
        named("1note"),
        named("log_entry"),
        named("meta"),
        named("sqlite_x"),
    ];
    static SOUND: Kind = Kind { name: "note", attributes: &["a", "b"], indexes: &[] };
    static ATTRIBUTES: [Kind; 3] = [
        Kind { name: "note", attributes: &["a", "a"], indexes: &[] },
        Kind { name: "note", attributes: &["key"], indexes: &[] },
        Kind { name: "note", attributes: &["a\" TEXT; --"], indexes: &[] },
    ];
    static INDEXES: [Kind; 3] = [
        Kind { indexes: &[Index { name: "i", partition: &[], range: "a" }], ..SOUND },
        Kind { indexes: &[Index { name: "i", partition: &["a"], range: "c" }], ..SOUND },
        Kind { indexes: &[Index { name: "I", partition: &["a"], range: "b" }], ..SOUND },
    ];
    assert_eq!(check_names(&[&SOUND]), Ok(()));
    assert!(check_names(&[&SOUND, &SOUND]).is_err());
    for kind in NAMES.iter().chain(&ATTRIBUTES).chain(&INDEXES) {
        assert!(check_names(&[kind]).is_err(), "{kind:?}");
    }
}
