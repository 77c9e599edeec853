//! The bytes of an evidence pack, made a piece at a time.

mod explanations;
mod position;

use audit_log::Hash;
use evidence_pack::layout::{
    self, CHECKPOINT, DOCUMENTS, GRANTS_TABLE, IDENTITIES, MAX_EXPLAINED_RECORDS, PROOFS, RANGE_PROOF,
    RECORDS, RECORDS_TABLE, VERIFIER_KEYS,
};
use evidence_pack::lines::{Proof, write_record};
use evidence_pack::manifest::FORMAT;
use evidence_pack::{Manifest, PackWriter, Scope};
use serde::{Deserialize, Serialize};

use super::anchors::{self, Anchor};
use super::export::Export;
use super::named::register;
use super::register::ExportScope;
use super::selection::Selection;
use super::span::page;
use super::story::Story;
use super::survey::{fits, selection};
use super::tables::{self, Labels};
use crate::failure::Failure;
use crate::ports::{LogEntry, Ports, StoreError};

pub(super) use position::PackPosition;

/// Bytes that are given out at a time, or a little more.
const PIECE: usize = 256 * 1024;
/// Proofs made at a time: neighbours share tiles.
const PROOFS_AT_A_TIME: usize = 256;

/// How to check the pack.
const README: &str = include_str!("pack_readme.txt");

/// The bytes of an evidence pack. It holds one page of the log and what has to be told of it, and never the pack.
#[derive(Debug)]
pub struct Pack {
    export: Export,
    anchor: Anchor,
    selection: Selection,
    /// How many records it must have in the end, if that is known before.
    expected: Option<u64>,
    explained: bool,
    stage: Stage,
    writer: PackWriter,
    last: Vec<u8>,
    /// Places and hashes of the records, when each is proved by itself or explained.
    selected: Vec<(u64, Hash)>,
    records: u64,
    scanned: u64,
    /// Stretches made by this one.
    stretches: u64,
    story: Story,
    labels: Labels,
}

/// What is written next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Records { span: usize, at: u64 },
    Proofs(usize),
    Register,
    Documents(Option<String>),
    Policies(Option<u32>),
    Anchors,
    RecordsTable(usize),
    GrantsTable,
    Identities(usize),
    Report(Option<String>),
    Close,
    Done,
}

impl Pack {
    /// The pack of an export, from its first file on.
    ///
    /// # Errors
    /// [`crate::refusal::Code::NotFound`] when what it is of is gone.
    pub(super) async fn begin<P: Ports>(ports: &P, export: Export) -> Result<Self, Failure> {
        let mut writer = PackWriter::new();
        writer.file(RECORDS).map_err(too_large)?;
        Ok(Self {
            anchor: anchors::at(ports, export.tree_size).await?,
            selection: selection(ports.store(), &export.scope, export.made_at).await?,
            expected: export.expected_records(),
            explained: export.records <= MAX_EXPLAINED_RECORDS,
            stage: Stage::Records { span: 0, at: export.spans.first().map_or(0, |(start, _)| *start) },
            export,
            writer,
            last: Vec::new(),
            selected: Vec::new(),
            records: 0,
            scanned: 0,
            stretches: 0,
            story: Story::default(),
            labels: Labels::default(),
        })
    }

    /// How many entries of the log were read, and how many there are to read.
    pub fn progress(&self) -> (u64, u64) {
        (self.scanned, self.export.spans.iter().map(|(start, end)| end - start).sum())
    }

    /// Stretches made so far: each loads some 64 documents, or a page of the log.
    pub(super) fn stretches(&self) -> u64 {
        self.stretches
    }

    /// How many records it has so far.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// The next bytes; none when the pack is whole.
    ///
    /// # Errors
    /// The store's and the vault's; [`crate::refusal::Code::TooLarge`] for a pack beyond 4 GiB.
    pub async fn next<P: Ports>(&mut self, ports: &P) -> Result<Option<Vec<u8>>, Failure> {
        let bytes = self.some(ports, u32::MAX).await?;
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// The bytes of the next stretches, at most so many of them; there may be none.
    pub(super) async fn some<P: Ports>(&mut self, ports: &P, stretches: u32) -> Result<Vec<u8>, Failure> {
        for _ in 0..stretches {
            if self.stage == Stage::Done || self.writer.ready() >= PIECE {
                break;
            }
            let stage = self.stage.clone();
            self.stage = self.step(ports, stage).await?;
            self.stretches += 1;
        }
        Ok(if self.stage == Stage::Done { std::mem::take(&mut self.last) } else { self.writer.take() })
    }

    async fn step<P: Ports>(&mut self, ports: &P, stage: Stage) -> Result<Stage, Failure> {
        match stage {
            Stage::Records { span, at } => self.read_records(ports, span, at).await,
            Stage::Proofs(from) => self.proofs(ports, from).await,
            Stage::Register => {
                // Before a name or text is given out.
                register(ports, &self.export, self.story.people.iter().copied()).await?;
                self.labels = Labels::of(&self.story);
                self.file(DOCUMENTS)?;
                Ok(Stage::Documents(None))
            }
            Stage::Documents(after) => self.documents(ports, after).await,
            Stage::Policies(after) => self.policies(ports, after).await,
            Stage::Anchors => {
                self.file(CHECKPOINT)?;
                self.writer.write(self.anchor.note.as_bytes());
                self.file(VERIFIER_KEYS)?;
                self.writer.write(self.anchor.keys.as_bytes());
                self.file(layout::README)?;
                self.writer.write(README.as_bytes());
                if !self.explained {
                    return Ok(Stage::Close);
                }
                self.file(RECORDS_TABLE)?;
                self.writer.write_with(tables::records_head);
                Ok(Stage::RecordsTable(0))
            }
            Stage::RecordsTable(from) => self.records_table(ports, from).await,
            Stage::GrantsTable => {
                self.file(GRANTS_TABLE)?;
                let Self { writer, story, labels, .. } = self;
                writer.write_with(|out| {
                    tables::grants_head(out);
                    for (id, grant) in &story.grants {
                        tables::grants_row(out, id, grant, story, labels);
                    }
                });
                self.file(IDENTITIES)?;
                self.writer.write(b"{\"people\":[");
                Ok(Stage::Identities(0))
            }
            Stage::Identities(from) => self.identities(ports, from).await,
            Stage::Report(after) => self.report(ports, after).await,
            Stage::Close => self.close(ports).await,
            Stage::Done => Ok(Stage::Done),
        }
    }

    fn file(&mut self, name: &'static str) -> Result<(), Failure> {
        self.writer.file(name).map_err(too_large)
    }

    async fn read_records<P: Ports>(&mut self, ports: &P, span: usize, at: u64) -> Result<Stage, Failure> {
        let Some((_, end)) = self.export.spans.get(span).copied() else {
            // Counted, if it was not known before.
            self.export.records = self.records;
            self.file(if self.export.is_period() { RANGE_PROOF } else { PROOFS })?;
            return Ok(Stage::Proofs(0));
        };
        if at >= end {
            let start = self.export.spans.get(span + 1).map_or(0, |(start, _)| *start);
            return Ok(Stage::Records { span: span + 1, at: start });
        }
        let entries = page(ports.store(), at, end).await?;
        let next = entries.last().map_or(end, |last| last.index + 1);
        self.scanned += next - at;
        let Self { writer, selection, story, selected, records, explained, .. } = self;
        writer.write_with(|out| {
            for LogEntry { index, bytes, leaf_hash } in &entries {
                if !selection.takes(bytes)? {
                    continue;
                }
                write_record(out, *index, leaf_hash, bytes);
                *records += 1;
                if *explained {
                    story.add(*index, bytes)?;
                    selected.push((*index, *leaf_hash));
                }
            }
            Ok::<(), Failure>(())
        })?;
        if self.expected.is_none() {
            fits(self.records)?;
        }
        Ok(Stage::Records { span, at: next })
    }

    async fn proofs<P: Ports>(&mut self, ports: &P, from: usize) -> Result<Stage, Failure> {
        let size = self.export.tree_size;
        if self.export.is_period() {
            let span = self.export.spans.first().copied().unwrap_or_default();
            let proof = anchors::range_proof(ports.store(), span, size).await?;
            let json = serde_json::to_vec(&proof).map_err(|error| Failure::Defect(error.to_string()))?;
            self.writer.write(&json);
        } else {
            let some: Vec<_> = self.selected.iter().skip(from).take(PROOFS_AT_A_TIME).copied().collect();
            if !some.is_empty() {
                let indices: Vec<u64> = some.iter().map(|(index, _)| *index).collect();
                let proofs = anchors::inclusion_proofs(ports.store(), &indices, size).await?;
                self.writer.write_with(|out| {
                    for ((index, leaf_hash), hashes) in some.iter().zip(proofs) {
                        Proof { hashes, index: *index, leaf_hash: *leaf_hash }.write(out);
                    }
                });
                return Ok(Stage::Proofs(from + some.len()));
            }
        }
        Ok(if self.explained { Stage::Register } else { self.begin_policies(ports).await? })
    }

    async fn close<P: Ports>(&mut self, ports: &P) -> Result<Stage, Failure> {
        if let Some(expected) = self.expected.filter(|expected| *expected != self.records) {
            let what = format!("{} has {} records instead of {expected}", self.export.id, self.records);
            return Err(StoreError::Damaged(what).into());
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            origin: self.anchor.origin.clone(),
            tree_size: self.export.tree_size,
            export: self.export.id.to_string(),
            made_at: self.export.made_at.to_string(),
            scope: self.scope(),
            records: self.records,
            files: Vec::new(),
        };
        let writer = std::mem::take(&mut self.writer);
        let (closing, text) = writer.close(manifest).map_err(|error| Failure::Defect(error.to_string()))?;
        let note = anchors::sign(ports, &text).await?;
        self.last = closing.finish(&note).map_err(too_large)?;
        Ok(Stage::Done)
    }

    fn scope(&self) -> Scope {
        match self.export.scope {
            ExportScope::Grant { grant } => Scope::Grant(grant.to_string()),
            ExportScope::Person { person } => Scope::Person(person.to_string()),
            ExportScope::Tool { tool } => Scope::Tool(tool.to_string()),
            ExportScope::Period { from, until } => {
                let (start, end) = self.export.spans.first().copied().unwrap_or_default();
                Scope::Period { from: from.to_string(), to: until.to_string(), start, end }
            }
            ExportScope::Requests => Scope::Grant(String::new()),
        }
    }
}

fn too_large(error: evidence_pack::container::TooLarge) -> Failure {
    crate::refusal::Refusal::new(crate::refusal::Code::TooLarge, error.to_string()).into()
}
