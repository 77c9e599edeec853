//! Every SQL text of this crate, built from the declarations of the kinds.
//!
//! The texts keep to what SQLite and PostgreSQL both know, so that one text serves both: `$n` placeholders, each first used in
//! ascending order (SQLite numbers them by first use), quoted names, `ON CONFLICT DO NOTHING`, row values. What differs between the
//! two is a named constant at the top.

use clearance::ports::{Index, Kind, Order};

/// The version of the tables that this program reads and writes.
pub(crate) const SCHEMA_VERSION: i64 = 2;

/// Type of text columns. On PostgreSQL this will be `TEXT COLLATE "C"`: ranges and keys are ordered by their bytes.
const TEXT: &str = "TEXT";
/// Type of integer columns.
const INTEGER: &str = "INTEGER";
/// Type of columns that hold bytes.
const BYTES: &str = "BLOB";
/// What follows a table's columns: values must have the column's type.
const TABLE: &str = " STRICT";

/// Between a table and its condition: which index to use. Without statistics SQLite may take another index that begins alike and filter;
/// PostgreSQL keeps statistics and has no such hint, so there this will be empty.
fn hint(index: &str) -> String {
    format!(" INDEXED BY {}", quoted(index))
}

/// Names that no kind may take.
const RESERVED_TABLES: [&str; 4] = ["log_entry", "log_head", "log_tile", "meta"];
/// Columns that every kind has.
const COMMON_COLUMNS: [&str; 3] = ["key", "revision", "body"];

/// The tables that do not depend on the kinds.
///
/// A later version appends its step to the migration in `sqlite/schema.rs` and raises [`SCHEMA_VERSION`]; this text stays what a
/// new database gets.
pub(crate) fn common_tables() -> [String; 4] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS meta (name {TEXT} NOT NULL PRIMARY KEY, value {INTEGER} NOT NULL){TABLE}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS log_entry (position {INTEGER} NOT NULL PRIMARY KEY, leaf_hash {BYTES} NOT NULL, body {BYTES} NOT NULL){TABLE}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS log_head (id {INTEGER} NOT NULL PRIMARY KEY CHECK (id = 1), size {INTEGER} NOT NULL, compact_range {BYTES} NOT NULL){TABLE}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS log_tile (level {INTEGER} NOT NULL, position {INTEGER} NOT NULL, hashes {BYTES} NOT NULL, PRIMARY KEY (level, position)){TABLE}"
        ),
    ]
}

pub(crate) const READ_META: &str = "SELECT value FROM meta WHERE name = $1";
pub(crate) const INSERT_META: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const UPDATE_META: &str = "UPDATE meta SET value = $2 WHERE name = $1";
pub(crate) const INSERT_HEAD: &str = "INSERT INTO log_head (id, size, compact_range) VALUES (1, $1, $2)";
pub(crate) const READ_HEAD: &str = "SELECT size, compact_range FROM log_head WHERE id = 1";
pub(crate) const UPDATE_HEAD: &str = "UPDATE log_head SET size = $1, compact_range = $2 WHERE id = 1";
pub(crate) const INSERT_ENTRY: &str = "INSERT INTO log_entry (position, leaf_hash, body) VALUES ($1, $2, $3)";
pub(crate) const READ_ENTRIES: &str =
    "SELECT position, leaf_hash, body FROM log_entry WHERE position >= $1 ORDER BY position LIMIT $2";
pub(crate) const READ_ENTRY_RANGE: &str = "SELECT position, leaf_hash, body FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position";
pub(crate) const NEXT_ENTRY: &str = "SELECT min(position) FROM log_entry WHERE position >= $1";
pub(crate) const FIRST_ENTRY: &str = "SELECT min(position) FROM log_entry";
pub(crate) const LAST_ENTRY: &str = "SELECT max(position) FROM log_entry";
pub(crate) const READ_LEAVES: &str =
    "SELECT position, leaf_hash FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position";
pub(crate) const READ_TILE: &str = "SELECT hashes FROM log_tile WHERE level = $1 AND position = $2";
pub(crate) const PUT_TILE: &str = "INSERT INTO log_tile (level, position, hashes) VALUES ($1, $2, $3) ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes";
pub(crate) const LAST_TILE: &str =
    "SELECT position, hashes FROM log_tile WHERE level = $1 ORDER BY position DESC LIMIT 1";

/// The texts for one kind, made once when a store is opened.
#[derive(Debug)]
pub(crate) struct KindStatements {
    /// Whose texts they are.
    pub(crate) kind: &'static Kind,
    /// key, body, attributes…
    pub(crate) insert: String,
    /// key → revision, attributes…
    pub(crate) current: String,
    /// key, revision
    pub(crate) delete: String,
    /// key → revision
    pub(crate) revision: String,
    /// key → revision, body
    pub(crate) get: String,
    /// Pages of the whole kind.
    by_key: Pages,
    /// Pages of each declared index, in order of declaration.
    by_index: Vec<Pages>,
}

/// Where a page begins: at the end of the order, at the question's bound, or behind a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Edge,
    Bound,
    After,
}

/// The texts of one order of paging, one for each way a page can begin and end.
#[derive(Debug)]
struct Pages(Vec<(Order, Start, bool, String)>);

impl Pages {
    fn new(kind: &Kind, index: Option<&Index>) -> Self {
        let mut pages = Vec::with_capacity(12);
        for order in [Order::Ascending, Order::Descending] {
            for start in [Start::Edge, Start::Bound, Start::After] {
                for stop in [false, true] {
                    pages.push((order, start, stop, page(kind, index, order, start, stop)));
                }
            }
        }
        Self(pages)
    }

    fn text(&self, order: Order, start: Start, stop: bool) -> Option<&str> {
        let found = self.0.iter().find(|(o, s, t, _)| (*o, *s, *t) == (order, start, stop));
        found.map(|(.., text)| text.as_str())
    }
}

impl KindStatements {
    pub(crate) fn new(kind: &'static Kind) -> Self {
        let table = quoted(kind.name);
        let attributes = || kind.attributes.iter().map(|attribute| quoted(attribute));
        let columns = join("", attributes().map(|column| format!(", {column}")));
        let values = join("", (3..).take(kind.attributes.len()).map(|n| format!(", ${n}")));
        Self {
            kind,
            insert: format!("INSERT INTO {table} (key, body, revision{columns}) VALUES ($1, $2, 1{values})"),
            current: format!("SELECT revision{columns} FROM {table} WHERE key = $1"),
            delete: format!("DELETE FROM {table} WHERE key = $1 AND revision = $2"),
            revision: format!("SELECT revision FROM {table} WHERE key = $1"),
            get: format!("SELECT revision, body FROM {table} WHERE key = $1"),
            by_key: Pages::new(kind, None),
            by_index: kind.indexes.iter().map(|index| Pages::new(kind, Some(index))).collect(),
        }
    }

    /// Replaces a document whose attributes changed at some places: body, the changed attributes…, key, revision.
    ///
    /// SQLite takes a row out of every index that has a column named here and puts it in again, whether the value is another one or
    /// not. So what did not change is not named, and its indexes are left alone.
    pub(crate) fn update(&self, changed: &[bool]) -> String {
        let named = self.kind.attributes.iter().zip(changed).filter(|(_, changed)| **changed);
        let sets = (2..).zip(named).map(|(n, (attribute, _))| format!(", {} = ${n}", quoted(attribute)));
        let key = changed.iter().filter(|changed| **changed).count() + 2;
        format!(
            "UPDATE {} SET revision = revision + 1, body = $1{} WHERE key = ${key} AND revision = ${}",
            quoted(self.kind.name),
            join("", sets),
            key + 1
        )
    }

    /// The text for one page by key, or by the index at a place in the kind's declaration.
    ///
    /// Parameters: the partition's values; the start's bound, or its range value (by index only) and key; the stop; the limit. The
    /// start is the smallest value when ascending and the first one not taken when descending, the stop the other of the two.
    /// Columns: key, revision, body, range.
    pub(crate) fn page(&self, index: Option<usize>, order: Order, start: Start, stop: bool) -> Option<&str> {
        match index {
            None => self.by_key.text(order, start, stop),
            Some(place) => self.by_index.get(place)?.text(order, start, stop),
        }
    }

    /// Every text with the index it should use, to be prepared and explained by tests.
    #[cfg(test)]
    fn all(&self, kind: &Kind) -> Vec<(String, String)> {
        let fixed = [&self.insert, &self.current, &self.delete, &self.revision, &self.get];
        let mut all: Vec<(String, String)> = fixed.map(|text| (String::new(), text.clone())).to_vec();
        let first = kind.attributes.iter().zip(0..).map(|(_, place)| place == 0).collect();
        for changed in [vec![true; kind.attributes.len()], vec![false; kind.attributes.len()], first] {
            all.push((String::new(), self.update(&changed)));
        }
        for (place, pages) in std::iter::once(&self.by_key).chain(&self.by_index).enumerate() {
            let index = place.checked_sub(1).and_then(|place| kind.indexes.get(place));
            let name = index.map_or_else(String::new, |index| index_name(kind, index));
            all.extend(pages.0.iter().map(|(.., text)| (name.clone(), text.clone())));
        }
        all
    }
}

/// The table of one kind, and its indexes.
pub(crate) fn create_table(kind: &Kind) -> String {
    let attributes =
        join("", kind.attributes.iter().map(|attribute| format!(", {} {TEXT}", quoted(attribute))));
    format!(
        "CREATE TABLE IF NOT EXISTS {} (key {TEXT} NOT NULL PRIMARY KEY, revision {INTEGER} NOT NULL, body {TEXT} NOT NULL{attributes}){TABLE}",
        quoted(kind.name)
    )
}

/// A column for an attribute that a later version declares.
pub(crate) fn add_attribute(kind: &Kind, attribute: &str) -> String {
    format!("ALTER TABLE {} ADD COLUMN {} {TEXT}", quoted(kind.name), quoted(attribute))
}

/// Whether a kind has no documents.
pub(crate) fn any_document(kind: &Kind) -> String {
    format!("SELECT 1 FROM {} LIMIT 1", quoted(kind.name))
}

/// How an index was made, as SQLite keeps the text.
pub(crate) const READ_INDEX: &str = "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = $1";

/// Drops an index that an earlier version declared otherwise.
pub(crate) fn drop_index(kind: &Kind, index: &Index) -> String {
    format!("DROP INDEX {}", quoted(&index_name(kind, index)))
}

/// An index holds only the documents that have all of its attributes.
pub(crate) fn create_index(kind: &Kind, index: &Index) -> String {
    let attributes = || index.partition.iter().chain(std::iter::once(&index.range));
    let columns = join("", attributes().map(|attribute| format!("{}, ", quoted(attribute))));
    let present = join(" AND ", attributes().map(|attribute| format!("{} IS NOT NULL", quoted(attribute))));
    format!(
        "CREATE INDEX {} ON {} ({columns}key) WHERE {present}",
        quoted(&index_name(kind, index)),
        quoted(kind.name)
    )
}

/// The SQL name of an index: two kinds may each have an index of the same name.
pub(crate) fn index_name(kind: &Kind, index: &Index) -> String {
    format!("{}__{}", kind.name, index.name)
}

fn page(kind: &Kind, index: Option<&Index>, order: Order, start: Start, stop: bool) -> String {
    let mut placeholders = (1..).map(|n: usize| format!("${n}"));
    let mut next = || placeholders.next().unwrap_or_default();
    let mut conditions: Vec<String> = Vec::new();
    let range = index.map(|index| quoted(index.range));
    if let Some(index) = index {
        for attribute in index.partition {
            conditions.push(format!("{} = {}", quoted(attribute), next()));
        }
        // Said outright, so that the partial index is known to hold every row wanted.
        conditions.push(format!("{} IS NOT NULL", quoted(index.range)));
    }
    let bounded = range.as_deref().unwrap_or("key");
    let (behind, from_start, to_stop, direction) = match order {
        Order::Ascending => (">", ">=", "<", "ASC"),
        Order::Descending => ("<", "<", ">=", "DESC"),
    };
    match (start, &range) {
        (Start::Edge, _) => {}
        (Start::Bound, _) => conditions.push(format!("{bounded} {from_start} {}", next())),
        (Start::After, Some(range)) => {
            conditions.push(format!("({range}, key) {behind} ({}, {})", next(), next()));
        }
        (Start::After, None) => conditions.push(format!("key {behind} {}", next())),
    }
    if stop {
        conditions.push(format!("{bounded} {to_stop} {}", next()));
    }
    let filter =
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let hint = index.map(|index| hint(&index_name(kind, index))).unwrap_or_default();
    let (selected, ordered) = match &range {
        Some(range) => (range.as_str(), format!("{range} {direction}, key {direction}")),
        None => ("''", format!("key {direction}")),
    };
    format!(
        "SELECT key, revision, body, {selected} FROM {}{hint}{filter} ORDER BY {ordered} LIMIT {}",
        quoted(kind.name),
        next()
    )
}

fn join(between: &str, parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// Names are checked by [`check_names`] before a text is built, so nothing in them needs escaping.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Refuses declarations whose names could not be tables and columns, or that contradict themselves.
pub(crate) fn check_names(kinds: &[&'static Kind]) -> Result<(), String> {
    for (place, kind) in kinds.iter().enumerate() {
        let name = kind.name;
        if !is_snake_case(name) || RESERVED_TABLES.contains(&name) || name.starts_with("sqlite_") {
            return Err(format!("`{name}` cannot be the name of a kind"));
        }
        if kinds.iter().take(place).any(|earlier| earlier.name == name) {
            return Err(format!("kind `{name}` is declared twice"));
        }
        for (place, attribute) in kind.attributes.iter().enumerate() {
            let taken = kind.attributes.iter().take(place).any(|earlier| earlier == attribute);
            if taken || !is_snake_case(attribute) || COMMON_COLUMNS.contains(attribute) {
                return Err(format!("`{attribute}` cannot be an attribute of kind `{name}`"));
            }
        }
        for (place, index) in kind.indexes.iter().enumerate() {
            let taken = kind.indexes.iter().take(place).any(|earlier| earlier.name == index.name);
            let known = |attribute: &&str| kind.attributes.contains(attribute);
            let whole =
                !index.partition.is_empty() && index.partition.iter().all(known) && known(&index.range);
            if taken || !whole || !is_snake_case(index.name) {
                return Err(format!("index `{}` of kind `{name}` is not well declared", index.name));
            }
        }
    }
    Ok(())
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests;
