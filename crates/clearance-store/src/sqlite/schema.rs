//! Making and migrating the tables.
//!
//! A new kind, a new or changed index, and a new attribute of a kind that has no documents yet come when the database is opened. Anything
//! else needs a numbered step: raise `SCHEMA_VERSION` in `statements.rs` and add the step to [`migrate`], inside the same transaction,
//! before the kinds are looked at. A step for a new attribute adds its column and fills it from the bodies, in one `UPDATE`
//! (`json_extract`). No content is ever dropped by opening: a column or table that this version does not declare is left alone.

use audit_log::CompactRange;
use clearance::ports::{Kind, StoreError};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::failure::failure;
use super::tiles;
use crate::statements::{self, SCHEMA_VERSION};

/// The version whose logs had no tiles.
const WITHOUT_TILES: i64 = 1;

/// Brings the tables to what these kinds need.
pub(super) fn migrate(connection: &mut Connection, kinds: &[&'static Kind]) -> Result<(), StoreError> {
    statements::check_names(kinds).map_err(StoreError::Unavailable)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    for text in statements::common_tables() {
        transaction.execute(&text, []).map_err(failure)?;
    }
    let made =
        transaction.execute(statements::INSERT_META, ("schema_version", SCHEMA_VERSION)).map_err(failure)?;
    let version: i64 = transaction
        .query_row(statements::READ_META, ["schema_version"], |row| row.get(0))
        .map_err(failure)?;
    if version == WITHOUT_TILES {
        tiles::fill(&transaction)?;
        transaction.execute(statements::UPDATE_META, ("schema_version", SCHEMA_VERSION)).map_err(failure)?;
    } else if version != SCHEMA_VERSION {
        return Err(StoreError::Unavailable(format!(
            "the database has schema version {version}, this program knows {SCHEMA_VERSION}"
        )));
    }
    // Only a new database gets a head: one that lost its head is damaged, not empty.
    if made == 1 {
        transaction.execute(statements::INSERT_HEAD, (0, CompactRange::new().to_bytes())).map_err(failure)?;
    }
    for kind in kinds {
        create(&transaction, kind)?;
    }
    transaction.commit().map_err(failure)
}

fn create(connection: &Connection, kind: &Kind) -> Result<(), StoreError> {
    connection.execute(&statements::create_table(kind), []).map_err(failure)?;
    for attribute in kind.attributes {
        if connection.column_exists(None, kind.name, attribute).map_err(failure)? {
            continue;
        }
        let any = connection.query_row(&statements::any_document(kind), [], |_| Ok(())).optional();
        if any.map_err(failure)?.is_some() {
            return Err(StoreError::Unavailable(format!(
                "kind `{}` has documents but no attribute `{attribute}`: this program needs a migration that fills it",
                kind.name
            )));
        }
        connection.execute(&statements::add_attribute(kind, attribute), []).map_err(failure)?;
    }
    for index in kind.indexes {
        let wanted = statements::create_index(kind, index);
        let found: Option<String> = connection
            .query_row(statements::READ_INDEX, [statements::index_name(kind, index)], |row| row.get(0))
            .optional()
            .map_err(failure)?;
        if found.as_deref() == Some(&wanted) {
            continue;
        }
        if found.is_some() {
            connection.execute(&statements::drop_index(kind, index), []).map_err(failure)?;
        }
        connection.execute(&wanted, []).map_err(failure)?;
    }
    Ok(())
}
