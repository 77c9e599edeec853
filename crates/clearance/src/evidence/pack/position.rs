//! Where a pack stands between two pieces, and going on from there.
//!
//! What is kept of a position is small. What a pack knows beside it follows from the records that it has, and those lie in the pieces that
//! were made of it: they are read again, and never the log.

use std::collections::BTreeSet;

use audit_log::Hash;
use evidence_pack::container::header_bytes;
use evidence_pack::layout::RECORDS;
use evidence_pack::lines::RecordLine;
use evidence_pack::{PackWriter, Suspended};
use serde::{Deserialize, Serialize};

use super::{Pack, Stage};
use crate::evidence::export::Export;
use crate::evidence::making::read_piece;
use crate::evidence::tables::Labels;
use crate::failure::Failure;
use crate::ports::{Ports, Store, StoreError};

/// Where a pack stands behind what was given out of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::evidence) struct PackPosition {
    stage: Stage,
    writer: Suspended,
    records: u64,
    scanned: u64,
    /// Policy versions that were in force in a period, as they were found.
    versions: BTreeSet<u32>,
}

impl PackPosition {
    /// Entries of the log that were read.
    pub(in crate::evidence) fn read(&self) -> u64 {
        self.scanned
    }
}

impl Pack {
    /// Where it stands, once everything that was ready is taken; none when it is whole.
    pub(in crate::evidence) fn position(&self) -> Option<PackPosition> {
        if self.stage == Stage::Done {
            return None;
        }
        let is_period = self.export.is_period();
        Some(PackPosition {
            stage: self.stage.clone(),
            writer: self.writer.suspend(),
            records: self.records,
            scanned: self.scanned,
            versions: if is_period { self.story.versions.clone() } else { BTreeSet::new() },
        })
    }

    /// Goes on from a position of the same export.
    ///
    /// # Errors
    /// As [`begin`](Self::begin); the store's when pieces are missing.
    pub(in crate::evidence) async fn resume<P: Ports>(
        ports: &P,
        export: Export,
        position: PackPosition,
    ) -> Result<Self, Failure> {
        let damaged = || StoreError::Damaged(format!("the position of {} makes no sense", export.id));
        let writer = PackWriter::resume(&position.writer).ok_or_else(damaged)?;
        let mut pack = Self::begin(ports, export).await?;
        // A long period explains nothing and leaves nothing out, so that nothing follows from its records.
        if pack.explained {
            pack.take_again(ports.store(), position.records).await?;
        }
        pack.story.versions.extend(position.versions);
        pack.labels = Labels::of(&pack.story);
        (pack.stage, pack.writer) = (position.stage, writer);
        (pack.records, pack.scanned) = (position.records, position.scanned);
        Ok(pack)
    }

    /// Takes so many records out of the pieces, where they are the first file.
    async fn take_again(&mut self, store: &impl Store, records: u64) -> Result<(), Failure> {
        let (mut left, mut number, mut rest) = (records, 0, Vec::new());
        let mut before = header_bytes(RECORDS);
        while left > 0 {
            let piece = read_piece(store, self.export.id, number).await?;
            rest.extend_from_slice(piece.get(before..).unwrap_or_default());
            (number, before) = (number + 1, 0);
            let mut taken = 0;
            while left > 0
                && let Some((line, _)) = rest.get(taken..).and_then(|rest| split_line(rest))
            {
                let length = line.len() + 1;
                let RecordLine { index, leaf_hash, record } = RecordLine::parse(line)
                    .map_err(|error| StoreError::Damaged(format!("{}: {error}", self.export.id)))?;
                self.take(index, leaf_hash, record)?;
                (left, taken) = (left - 1, taken + length);
            }
            rest.drain(..taken);
        }
        Ok(())
    }

    /// What follows from a record that belongs.
    fn take(&mut self, index: u64, leaf_hash: Hash, record: &[u8]) -> Result<(), Failure> {
        self.selection.takes(record)?;
        self.story.add(index, record)?;
        self.selected.push((index, leaf_hash));
        Ok(())
    }
}

/// A line without its line feed, and what comes behind.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = bytes.split_at_checked(memchr::memchr(b'\n', bytes)?)?;
    Some((line, rest.get(1..)?))
}
