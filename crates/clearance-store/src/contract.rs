//! What every store must do: small cases, run on each store by [`contract_suite!`](crate::contract_suite).
//!
//! A case gets a fresh store and panics, or answers an error, when the store does not keep the port's promises. To run the suite on
//! another store, implement [`Fixture`] and name it in the macro, in a test file of its own.

#![expect(
    clippy::missing_panics_doc,
    reason = "every case panics when the store breaks a promise; that is its use"
)]

pub mod bytes;
pub mod concurrency;
pub mod guards;
pub mod limits;
pub mod log;
pub mod paging;
pub mod reopening;

use audit_log::{Entry, Value};
use clearance::ports::{Commit, Expected, Index, Kind, Revision, Store, StoreError, Write};

/// Makes stores of one sort.
pub trait Fixture {
    /// The sort.
    type Store: Store;

    /// A place for a store that holds nothing yet.
    fn new() -> Self;

    /// Opens the store for [`KINDS`]; after an earlier one was dropped, with all that was committed.
    fn open(&self) -> Self::Store;
}

/// Runs every case as a test of its own.
#[macro_export]
macro_rules! contract_suite {
    (@group $attributes:tt $fixture:ty, $group:ident: $($case:ident),*) => {
        mod $group {
            $($crate::contract_suite!(@case $attributes $fixture, $group: $case);)*
        }
    };
    (@case [$(#[$attribute:meta])*] $fixture:ty, $group:ident: $case:ident) => {
        #[test]
        $(#[$attribute])*
        fn $case() {
            let fixture = <$fixture as $crate::contract::Fixture>::new();
            let done = $crate::contract::run($crate::contract::$group::$case(&fixture));
            assert!(done.is_ok(), "{done:?}");
        }
    };
    ($fixture:ty) => {
        $crate::contract_suite!(@common [] $fixture);
        $crate::contract_suite!(@group [] $fixture, bytes: one_byte_more_is_refused);
    };
    // For a store whose documents have a limit of their own, far below that of a commit.
    (@common $attributes:tt $fixture:ty) => {
        $crate::contract_suite!(@group $attributes $fixture, guards:
            absent_document_is_none, made_document_is_read, several_are_read_in_order, made_twice_conflicts,
            revised_document_counts_up, stale_revision_conflicts, revising_what_is_absent_conflicts, removed_document_is_gone,
            removing_a_stale_revision_conflicts, made_again_after_removal_starts_anew, checks_hold_or_conflict,
            conflict_takes_everything_back, kinds_keep_apart, revisions_beyond_any_number_conflict,
            texts_survive_unchanged);
        $crate::contract_suite!(@group $attributes $fixture, log:
            empty_log_has_the_empty_root, entries_keep_their_order, root_is_that_of_an_independent_tree,
            conflict_leaves_no_entry, entries_are_read_in_pages, commit_without_entries_names_the_next,
            tiles_are_those_of_an_independent_tree, conflict_leaves_no_hash_in_a_tile, tile_levels_end);
        $crate::contract_suite!(@group $attributes $fixture, limits:
            largest_commit_is_taken, one_item_more_is_refused, document_named_twice_is_refused,
            wrong_number_of_attributes_is_refused, page_limits_are_kept, log_page_limit_is_kept,
            undeclared_kind_is_refused);
        $crate::contract_suite!(@group $attributes $fixture, paging:
            whole_kind_pages_by_key, index_orders_by_range_then_key, partitions_keep_apart,
            documents_without_an_attribute_are_not_in_the_index, bounds_are_inclusive_and_exclusive,
            key_bounds_are_inclusive_and_exclusive, text_is_ordered_by_its_bytes, cursor_outlives_its_row,
            rows_inserted_while_paging_disturb_nothing, made_up_cursor_stays_within_the_bounds,
            revised_document_moves_in_its_indexes, last_page_has_no_next, partition_values_must_fit);
        $crate::contract_suite!(@group $attributes $fixture, concurrency:
            one_of_many_makes_the_document, one_of_many_revises_the_document, entries_of_a_commit_stay_together,
            commits_of_a_batch_see_each_other);
        $crate::contract_suite!(@group $attributes $fixture, reopening:
            reopened_store_holds_everything, reopened_store_goes_on);
    };
}

/// Runs a case to its end.
pub fn run<T>(case: impl Future<Output = T>) -> T {
    futures::executor::block_on(case)
}

/// A kind without indexes.
pub const NOTE: &Kind = &Kind { name: "note", attributes: &[], indexes: &[] };

/// A kind whose names are words of SQL, with indexes of one and two partition attributes.
pub const ORDER: &Kind = &Kind {
    name: "order",
    attributes: &["group", "limit", "select"],
    indexes: &[BY_GROUP, BY_GROUP_AND_LIMIT],
};

/// Orders of a group, by `select`.
pub const BY_GROUP: Index = Index { name: "by_group", partition: &["group"], range: "select" };

/// Orders of a group and limit, by `select`.
pub const BY_GROUP_AND_LIMIT: Index =
    Index { name: "by_group_and_limit", partition: &["group", "limit"], range: "select" };

/// A kind that stores are not opened with.
pub const UNDECLARED: &Kind = &Kind { name: "undeclared", attributes: &[], indexes: &[] };

/// What stores under test are opened with.
pub const KINDS: &[&Kind] = &[NOTE, ORDER];

/// A document without attributes.
pub fn note(key: &str, expected: Expected, body: &str) -> Write {
    Write::Put { kind: NOTE, key: key.into(), expected, body: body.into(), attributes: Vec::new() }
}

/// A new document with attributes.
pub fn order(key: &str, group: Option<&str>, limit: Option<&str>, select: Option<&str>) -> Write {
    let attributes = [group, limit, select].map(|value| value.map(str::to_owned)).to_vec();
    Write::Put { kind: ORDER, key: key.into(), expected: Expected::Absent, body: "{}".into(), attributes }
}

/// A log entry that can be told from others.
pub fn entry(number: usize) -> Entry {
    let value = Value::object([("number", Value::from(number.to_string()))]);
    match Entry::prepare(&value) {
        Ok(entry) => entry,
        Err(error) => unprepared(&error),
    }
}

#[expect(clippy::panic, reason = "a case cannot go on without its entry")]
fn unprepared(error: &audit_log::EntryTooLarge) -> Entry {
    panic!("{error}")
}

/// A commit of writes alone.
pub fn writes(writes: impl IntoIterator<Item = Write>) -> Commit {
    Commit { writes: writes.into_iter().collect(), entries: Vec::new() }
}

/// The revision after so many writes.
pub fn at(revision: u64) -> Expected {
    Expected::At(Revision(revision))
}

/// Whether a commit lost its race.
pub fn is_conflict<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Conflict))
}

/// Whether a limit was kept.
pub fn is_too_large<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::TooLarge(_)))
}
