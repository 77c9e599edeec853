//! The [`Store`](clearance::ports::Store) port: documents with revisions and the log that each commit appends to, in memory and on
//! SQLite.
//!
//! What this crate is **not**: it knows no request, grant or policy, decides nothing, and holds no secret apart from what documents
//! hold. It has no clock and needs no runtime: its futures run on any executor.
//!
//! | module | gives |
//! |---|---|
//! | [`MemoryStore`] | the store of tests, and the model that the others are compared with |
//! | [`SqliteStore`] | the store of a self-hosted site, in one file |
//! | [`SqliteFile`] | its file apart from any store: verifying the log, backing up, comparing with a known checkpoint |
//! | [`contract`] | what every store must do, as tests |
//! | `statements` | every SQL text, built from the declarations of the kinds |
//! | `limits` | what every store refuses before it looks at anything |
//!
//! # Adding a kind of document
//! 1. Declare it beside its type in `clearance`: `const KIND: &'static Kind`, with the attributes and indexes that its pages need.
//! 2. Name it in the list of kinds that hosts open their store with.
//!
//! That is all: its table and indexes are made when a database is opened the next time, in a new database and in an old one. So are a
//! new index, and a new attribute of a kind that has no documents yet. A new attribute of a kind that has documents must be filled
//! from their bodies, by a numbered step in `sqlite/schema.rs`, where it is written how; until there is one, opening refuses.
//!
//! # How a commit becomes durable
//! The caller's task checks the port's limits and hands the commit to the writer thread. That takes whatever waits, up to 256 commits,
//! begins one transaction, runs each commit on its own inside it, appends their log entries, moves the log's head, and commits:
//! one `fdatasync` for all of them. Only then is anyone answered. Nobody waits for a timer: a commit that comes alone runs
//! alone, and while it is on its way to the disk the next batch gathers.
//!
//! The log's head is kept in memory between batches, and believed only while SQLite's `data_version` says, inside the write transaction,
//! that no other connection has changed the file. So a command line beside a running server, or two servers by accident, keep
//! one correct log.
//!
//! # Settings of SQLite, and why
//! | setting | why |
//! |---|---|
//! | `journal_mode = WAL` | readers and the writer do not wait for each other; a commit is one append and one sync |
//! | `synchronous = FULL` | the log is synced before a commit is answered; `NORMAL` would lose answered commits with the power |
//! | `secure_delete = ON` | erased names and texts are overwritten in the database, not only unlinked; in the write-ahead log they stay until later commits overwrite it, until the last process closes the database, or until `Store::scrub` |
//! | no `wal_autocheckpoint` | the writer would stop for each; `sqlite/checkpointer.rs` moves the log while commits go on, 64 MiB at a time |
//! | `journal_size_limit` = 128 MiB | a write-ahead log that grew behind a long read shrinks again |
//! | `cache_size` | 32 MiB for the writer, 4 MiB for each reader; no `mmap_size`, which would count the database as memory in use |
//! | `busy_timeout` = 10 s, 25 s to write | another process may be committing, backing up or scrubbing |
//! | `trusted_schema = OFF` | a database that somebody prepared runs no functions of theirs |
//! | `STRICT` tables | a column holds its type or the write fails |

pub mod contract;
mod limits;
mod memory;
mod sqlite;
mod statements;

pub use memory::MemoryStore;
pub use sqlite::{Departure, Problem, Relation, SqliteFile, SqliteStore};
