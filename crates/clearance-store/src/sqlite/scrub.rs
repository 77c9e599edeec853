//! Leaving nothing readable of what was removed.
//!
//! `secure_delete` overwrites removed rows where they lie, but not every copy of them: the write-ahead log keeps earlier pages, and when
//! SQLite spreads a page's rows over its neighbours, what lay there can stay in the gap between the page's pointers and its rows. So the
//! database is written anew (`VACUUM`), and then moved out of the write-ahead log, which is cut to nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clearance::ports::StoreError;
use futures::channel::oneshot;
use rusqlite::Connection;

use super::connection::{WRITER_WAITS, open_writer};
use super::failure::failure;

/// How long cutting the write-ahead log waits for readers. Nobody can commit meanwhile, so it is tried again later instead.
const READERS_MAY_TAKE: Duration = Duration::from_secs(1);

/// Writes the database anew on a thread of its own. Readers go on; commits wait, as for any other process that writes.
pub(super) async fn scrub(path: PathBuf) -> Result<(), StoreError> {
    let (done, answer) = oneshot::channel();
    std::thread::Builder::new()
        .name("store-scrub".into())
        .spawn(move || {
            // Whoever asked may have gone away; the work is done all the same.
            let _ = done.send(rewrite(&path));
        })
        .map_err(|error| StoreError::Unavailable(format!("the scrubbing thread cannot start: {error}")))?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the scrubbing thread has stopped".into())))
}

fn rewrite(path: &Path) -> Result<(), StoreError> {
    let connection = open_writer(path)?;
    // Before the work: a reader that stays would make it vain.
    cut_log(&connection)?;
    // The copy may be larger than memory; its file has no name and is gone with this connection.
    connection.busy_timeout(WRITER_WAITS).map_err(failure)?;
    connection.execute_batch("PRAGMA temp_store = FILE; VACUUM").map_err(failure)?;
    cut_log(&connection)
}

/// Moves the whole write-ahead log into the database and cuts it to nothing.
fn cut_log(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(READERS_MAY_TAKE).map_err(failure)?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failure)?;
    if busy == 0 {
        Ok(())
    } else {
        Err(StoreError::Unavailable(
            "somebody reads for so long that the write-ahead log cannot be cut".into(),
        ))
    }
}
