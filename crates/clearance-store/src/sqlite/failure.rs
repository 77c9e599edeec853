//! What SQLite says, in words for whoever runs the program. Values of documents never appear in them.

use clearance::ports::StoreError;
use rusqlite::{Error, ErrorCode};

/// Turns a failure of SQLite into the port's: damage is told apart from everything that may pass.
#[expect(clippy::needless_pass_by_value, reason = "used as map_err(failure)")]
pub(super) fn failure(error: Error) -> StoreError {
    match &error {
        Error::SqliteFailure(cause, _) => match cause.code {
            ErrorCode::DatabaseCorrupt => StoreError::Damaged("the database file is malformed".into()),
            ErrorCode::NotADatabase => StoreError::Damaged("the file is not a database".into()),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                StoreError::Unavailable("another process holds the database".into())
            }
            ErrorCode::DiskFull => StoreError::Unavailable("the disk is full".into()),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                StoreError::Unavailable("the database may not be written".into())
            }
            ErrorCode::CannotOpen => StoreError::Unavailable("the database file cannot be opened".into()),
            ErrorCode::SystemIoFailure => StoreError::Unavailable(format!(
                "reading or writing the database failed (SQLite code {})",
                cause.extended_code
            )),
            _ => StoreError::Unavailable(format!("SQLite code {}", cause.extended_code)),
        },
        Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::QueryReturnedNoRows => {
            StoreError::Damaged("a row does not hold what its table should".into())
        }
        // Texts and parameters are this program's own: the message of SQLite names no value.
        Error::SqlInputError { msg, .. } => {
            StoreError::Unavailable(format!("a statement was refused: {msg}"))
        }
        _ => StoreError::Unavailable("the database refused a statement".into()),
    }
}

/// The same failure for each of several waiters.
pub(super) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Conflict => StoreError::Conflict,
        StoreError::TooLarge(text) => StoreError::TooLarge(text.clone()),
        StoreError::Damaged(text) => StoreError::Damaged(text.clone()),
        StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
    }
}
