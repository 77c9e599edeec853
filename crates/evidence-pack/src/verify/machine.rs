//! The way through a pack, from one wanted part to the next.

use std::collections::BTreeMap;

use audit_log::note::VerifierKey;
use audit_log::proof::RangeProof;
use audit_log::{Checkpoint, Hash, Strictness};
use crc32fast::Hasher;
use sha2::{Digest as _, Sha256};

use super::anchors::{Proven, open_checkpoint, open_range_proof};
use super::explanations::Wanted;
use super::records::{Expected, check_piece};
use super::report::{Check, CheckName, Note, Outcome, Report};
use super::{Deviation, Workers};
use crate::container::{Content, Directory, Entry, Locator, Malformed, Method, Span};
use crate::layout::{
    CHECKPOINT, DOCUMENTS, FILES, IDENTITIES, MANIFEST, MAX_DOCUMENT_LINE, MAX_KEYS, MAX_PROOF_LINE,
    MAX_RECORD_LINE, MAX_RULE_LINE, MAX_WHOLE_BYTES, POLICIES, PROOFS, RANGE_PROOF, RECORDS, SIGNATURE,
    VERIFIER_KEYS, file_named,
};
use crate::lines::{Lines, TooLong, whole_lines};
use crate::manifest::{FileRecord, Manifest, Scope, check_signature};

/// Bytes of a stored file asked for at a time.
const READ: u64 = 1 << 20;
/// Bytes of a compressed file asked for at a time, which unpack to a thousand times as many at the worst.
const READ_PACKED: u64 = 16 * 1024;
/// Bytes of records checked at once.
const BATCH: usize = 4 << 20;
/// Bytes of records that one worker checks at a time.
const PIECE: usize = 512 << 10;

/// A verification under way.
#[derive(Debug)]
pub struct Verification<W> {
    length: u64,
    keys: Vec<VerifierKey>,
    strictness: Strictness,
    workers: W,
    stage: Stage,
    directory: Directory,
    /// Files still to be read, the next one last.
    ahead: Vec<&'static str>,
    passed_bytes: u64,
    outcomes: BTreeMap<CheckName, Outcome>,
    manifest: Option<Manifest>,
    manifest_hash: Option<Hash>,
    checkpoint: Option<Checkpoint>,
    range_proof: Option<RangeProof>,
    proven: Proven,
    wanted: Wanted,
    records: u64,
    notes: Vec<Note>,
}

#[derive(Debug)]
enum Stage {
    Locating(Locator),
    Reading(Box<Reading>),
    Done,
}

/// A file being read.
#[derive(Debug)]
struct Reading {
    name: &'static str,
    entry: Entry,
    /// Bytes of the container taken.
    at: u64,
    content: Content,
    taken: Taken,
    use_of_it: Use,
    /// What is wrong with what the file says. The rest is still hashed.
    wrong: Option<Deviation>,
}

/// What is counted of every file.
#[derive(Debug, Clone, Default)]
struct Taken {
    hash: Sha256,
    size: u64,
    checksum: Hasher,
}

impl Taken {
    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.checksum.update(bytes);
        self.size += bytes.len() as u64;
    }
}

/// What becomes of a file's bytes.
#[derive(Debug)]
enum Use {
    /// Kept until it is whole.
    Whole(Vec<u8>),
    /// Read line by line.
    Lines(Lines),
    /// Checked in batches.
    Records { expected: Expected, pending: Vec<u8>, lines: u64 },
    /// Hashed only.
    Opaque,
}

/// A share of a batch.
enum Part<'a> {
    Count(Box<Taken>, &'a [u8]),
    Check { piece: &'a [u8], before: u64 },
}

/// What came of a share.
enum Made {
    Counted(Box<Taken>),
    Checked(Result<super::records::Piece, Deviation>),
}

impl<W: Workers> Verification<W> {
    /// Begins with a pack of so many bytes. The keys are those that the auditor got from the site by another way.
    pub fn new(length: u64, keys: Vec<VerifierKey>, workers: W) -> Self {
        Self {
            length,
            keys,
            strictness: Strictness::StoredBytes,
            workers,
            stage: Stage::Locating(Locator::new(length)),
            directory: Locator::new(0).finish(),
            ahead: Vec::new(),
            passed_bytes: 0,
            outcomes: BTreeMap::new(),
            manifest: None,
            manifest_hash: None,
            checkpoint: None,
            range_proof: None,
            proven: Proven::default(),
            wanted: Wanted::default(),
            records: 0,
            notes: Vec::new(),
        }
    }

    /// Also checks that every record is in canonical form, so that nothing is hidden in white space, repeated members or escapes.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { strictness: Strictness::Canonical, ..self }
    }

    /// The part of the pack to be read next; none when there is nothing more to check.
    pub fn wants(&self) -> Option<Span> {
        match &self.stage {
            Stage::Locating(locator) => locator.wants(),
            Stage::Reading(reading) => {
                let data = reading.entry.data;
                let most = if reading.entry.method == Method::Stored { READ } else { READ_PACKED };
                let length = data.length.saturating_sub(reading.at).min(most);
                Some(Span { offset: data.offset + reading.at, length })
            }
            Stage::Done => None,
        }
    }

    /// How many of the pack's bytes were checked, and how many there are.
    pub fn progress(&self) -> (u64, u64) {
        let reading = if let Stage::Reading(reading) = &self.stage { reading.at } else { 0 };
        (self.passed_bytes + reading, self.length)
    }

    /// Takes the part that was asked for. Fewer bytes say that there are no more.
    pub fn give(&mut self, bytes: &[u8]) {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Locating(locator) => self.locate(locator, bytes),
            Stage::Reading(reading) => self.read(reading, bytes),
            Stage::Done => {}
        }
    }

    /// What came of it. When parts are still wanted, what they are for is not checked.
    pub fn finish(mut self) -> Report {
        let manifest = self.manifest;
        let checks: Vec<Check> = CheckName::ALL
            .into_iter()
            .map(|name| Check { name, outcome: self.outcomes.remove(&name).unwrap_or(Outcome::NotChecked) })
            .collect();
        if manifest.is_some() {
            self.notes.extend([Note::Statements, Note::Unanchored]);
        }
        Report {
            origin: manifest.as_ref().map(|manifest| manifest.origin.clone()),
            tree_size: manifest.as_ref().map(|manifest| manifest.tree_size),
            scope: manifest.map(|manifest| manifest.scope),
            records: self.records,
            checks,
            notes: self.notes,
        }
    }

    fn passed(&mut self, name: CheckName) {
        self.outcomes.entry(name).or_insert(Outcome::Passed);
    }

    /// Keeps the first thing that is wrong in each check.
    fn failed(&mut self, name: CheckName, why: Deviation) {
        if !matches!(self.outcomes.get(&name), Some(Outcome::Failed(_))) {
            self.outcomes.insert(name, Outcome::Failed(why));
        }
    }

    fn has_failed(&self, name: CheckName) -> bool {
        matches!(self.outcomes.get(&name), Some(Outcome::Failed(_)))
    }

    fn locate(&mut self, mut locator: Locator, bytes: &[u8]) {
        if let Err(malformed) = locator.give(bytes) {
            return self.failed(CheckName::Container, malformed.into());
        }
        if locator.wants().is_some() {
            self.stage = Stage::Locating(locator);
            return;
        }
        self.directory = locator.finish();
        self.passed(CheckName::Container);
        self.passed_bytes = self.length
            - self.directory.entries().iter().map(|entry| entry.data.length).sum::<u64>().min(self.length);
        let strange = self.directory.entries().iter().find(|entry| file_named(&entry.name).is_none());
        if let Some(strange) = strange {
            return self.failed(CheckName::Manifest, Deviation::UnknownFile { name: strange.name.clone() });
        }
        self.ahead = FILES.into_iter().rev().filter(|name| self.directory.get(name).is_some()).collect();
        if self.ahead.last() != Some(&MANIFEST) {
            return self.failed(CheckName::Manifest, Deviation::FileMissing { name: MANIFEST.to_owned() });
        }
        self.begin_next();
    }

    /// Goes on with the next file, or ends.
    fn begin_next(&mut self) {
        while let Some(name) = self.ahead.pop() {
            let Some(entry) = self.directory.get(name).cloned() else { continue };
            match self.use_of(name, &entry) {
                Ok(use_of_it) => {
                    let content = Content::of(&entry).skip_checksum();
                    let taken = Taken::default();
                    let reading = Reading { name, entry, at: 0, content, taken, use_of_it, wrong: None };
                    // An empty file has nothing to be asked for.
                    if reading.entry.data.length > 0 {
                        self.stage = Stage::Reading(Box::new(reading));
                        return;
                    }
                    self.end(Box::new(reading));
                }
                Err(why) => self.failed(check_of(name), why),
            }
            if self.stopped() {
                return;
            }
        }
        self.passed(CheckName::Files);
    }

    /// Whether what failed leaves nothing to be checked.
    fn stopped(&self) -> bool {
        [CheckName::Container, CheckName::Manifest, CheckName::Checkpoint]
            .into_iter()
            .any(|name| self.has_failed(name))
    }

    fn use_of(&mut self, name: &'static str, entry: &Entry) -> Result<Use, Deviation> {
        let whole = || {
            if entry.size > MAX_WHOLE_BYTES as u64 {
                Err(Deviation::FileTooLarge { name: name.to_owned() })
            } else {
                Ok(Use::Whole(Vec::new()))
            }
        };
        match name {
            MANIFEST | SIGNATURE | CHECKPOINT | VERIFIER_KEYS | RANGE_PROOF => whole(),
            PROOFS => Ok(Use::Lines(Lines::new(MAX_PROOF_LINE))),
            DOCUMENTS => Ok(Use::Lines(Lines::new(MAX_DOCUMENT_LINE))),
            POLICIES => Ok(Use::Lines(Lines::new(MAX_RULE_LINE))),
            RECORDS if self.has_failed(CheckName::Proofs) => Ok(Use::Opaque),
            RECORDS => {
                let expected = match self.range_proof.take() {
                    Some(proof) => Expected::range(proof)?,
                    None => Expected::each(std::mem::take(&mut self.proven)),
                };
                Ok(Use::Records { expected, pending: Vec::new(), lines: 0 })
            }
            _ => Ok(Use::Opaque),
        }
    }

    fn read(&mut self, mut reading: Box<Reading>, bytes: &[u8]) {
        let data = reading.entry.data;
        let asked = data.length.saturating_sub(reading.at).min(READ);
        if bytes.is_empty() || bytes.len() as u64 > asked {
            return self.failed(CheckName::Container, Malformed::Truncated.into());
        }
        reading.at += bytes.len() as u64;
        let Reading { content, taken, use_of_it, wrong, name, .. } = &mut *reading;
        let outcome = content.push(bytes, |piece| {
            self.take(name, piece, taken, use_of_it, wrong);
            Ok::<(), Malformed>(())
        });
        if let Err(malformed) = outcome {
            return self.failed(CheckName::Container, malformed.into());
        }
        if reading.at < data.length {
            self.stage = Stage::Reading(reading);
            return;
        }
        self.passed_bytes += reading.at;
        self.end(reading);
        if !self.stopped() {
            self.begin_next();
        }
    }

    /// Takes a piece of a file.
    fn take(
        &mut self,
        name: &'static str,
        piece: &[u8],
        taken: &mut Taken,
        use_of_it: &mut Use,
        wrong: &mut Option<Deviation>,
    ) {
        match use_of_it {
            Use::Whole(whole) => {
                taken.add(piece);
                whole.extend_from_slice(piece);
            }
            Use::Opaque => taken.add(piece),
            Use::Lines(lines) => {
                taken.add(piece);
                if wrong.is_none() {
                    let outcome = lines.push(piece, |number, line| {
                        self.line(name, number, line).map_err(LineFailure::Wrong)
                    });
                    *wrong = outcome.err().map(|failure| failure.into_deviation(name));
                }
            }
            Use::Records { expected, pending, lines } => {
                pending.extend_from_slice(piece);
                if pending.len() >= BATCH {
                    let (whole, rest) = whole_lines(pending);
                    if rest.len() > MAX_RECORD_LINE && wrong.is_none() {
                        *wrong = Some(Deviation::LineTooLong {
                            file: name,
                            line: *lines + 1,
                            limit: MAX_RECORD_LINE,
                        });
                    }
                    let keep = if wrong.is_some() { 0 } else { rest.len() };
                    let whole = if wrong.is_some() { pending.as_slice() } else { whole };
                    self.batch(whole, taken, expected, lines, wrong);
                    pending.drain(..pending.len() - keep);
                }
            }
        }
    }

    /// Counts and checks whole lines of records, on all workers.
    fn batch(
        &mut self,
        whole: &[u8],
        taken: &mut Taken,
        expected: &mut Expected,
        lines: &mut u64,
        wrong: &mut Option<Deviation>,
    ) {
        let mut parts = vec![Part::Count(Box::new(std::mem::take(taken)), whole)];
        let mut late = None;
        let mut rest = if wrong.is_some() { &[] } else { whole };
        let mut before = *lines;
        while !rest.is_empty() {
            let at = rest.len().min(PIECE);
            let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            let (mut piece, _) = whole_lines(head);
            if tail.is_empty() {
                piece = rest;
            } else if piece.is_empty() {
                late =
                    Some(Deviation::LineTooLong { file: RECORDS, line: before + 1, limit: MAX_RECORD_LINE });
                break;
            }
            parts.push(Part::Check { piece, before });
            before += memchr::memchr_iter(b'\n', piece).count() as u64;
            rest = rest.get(piece.len()..).unwrap_or_default();
        }
        let (manner, strictness, wanted) = (expected.manner(), self.strictness, &self.wanted);
        let made = self.workers.each(parts, |part| match part {
            Part::Count(mut taken, bytes) => {
                taken.add(bytes);
                Made::Counted(taken)
            }
            Part::Check { piece, before } => {
                Made::Checked(check_piece(piece, before, manner, strictness, wanted))
            }
        });
        for made in made {
            match made {
                Made::Counted(counted) => *taken = *counted,
                // What follows a piece that is wrong says nothing more.
                Made::Checked(_) if wrong.is_some() => {}
                Made::Checked(checked) => {
                    let joined = checked.and_then(|piece| {
                        expected.join(&piece.leaves)?;
                        *lines += piece.lines;
                        self.records += piece.lines;
                        self.wanted.note(piece.found);
                        Ok(())
                    });
                    *wrong = joined.err();
                }
            }
        }
        if wrong.is_none() {
            *wrong = late;
        }
    }

    fn line(&mut self, name: &'static str, number: u64, line: &[u8]) -> Result<(), Deviation> {
        match (name, &self.checkpoint) {
            (PROOFS, Some(checkpoint)) => self.proven.add(number, line, checkpoint),
            (DOCUMENTS, _) => self.wanted.add_text(number, line),
            (POLICIES, _) => self.wanted.add_rule(number, line),
            _ => Ok(()),
        }
    }

    /// A file was read to its end.
    fn end(&mut self, reading: Box<Reading>) {
        let Reading { name, content, mut taken, use_of_it, mut wrong, .. } = *reading;
        let mut whole = Vec::new();
        match use_of_it {
            Use::Whole(bytes) => whole = bytes,
            Use::Opaque => {}
            Use::Lines(lines) => {
                if wrong.is_none() && !lines.is_whole() {
                    wrong = Some(Deviation::LineUnfinished { file: name });
                }
            }
            Use::Records { mut expected, pending, mut lines } => {
                let (_, rest) = whole_lines(&pending);
                if wrong.is_none() && !rest.is_empty() {
                    wrong = Some(Deviation::LineUnfinished { file: name });
                }
                self.batch(&pending, &mut taken, &mut expected, &mut lines, &mut wrong);
                if wrong.is_none() {
                    wrong = self.end_records(expected).err();
                }
            }
        }
        let sha256 = Hash::from_bytes(taken.hash.finalize().into());
        if let Err(malformed) = content.finish(Some(taken.checksum.finalize())) {
            // What the damage did is told too, if it can be told.
            if let Some(wrong) = wrong {
                self.failed(check_of(name), wrong);
            }
            return self.failed(CheckName::Container, malformed.into());
        }
        if name == MANIFEST {
            return self.end_manifest(&whole, sha256);
        }
        let stated =
            self.manifest.as_ref().and_then(|manifest| manifest.files.iter().find(|file| file.name == name));
        if name != SIGNATURE
            && stated.is_none_or(|stated| (stated.size, stated.sha256) != (taken.size, sha256))
        {
            self.failed(CheckName::Files, Deviation::FileMismatch { name: name.to_owned() });
        }
        let outcome = match wrong {
            Some(wrong) => Err(wrong),
            None => self.end_file(name, &whole),
        };
        match outcome {
            Err(why) => self.failed(check_of(name), why),
            Ok(()) => match check_of(name) {
                // Texts and rules are compared with the records; files are all of them.
                CheckName::Texts | CheckName::Policies | CheckName::Files => {}
                CheckName::Records if self.has_failed(CheckName::Proofs) => {}
                check => self.passed(check),
            },
        }
    }

    fn end_file(&mut self, name: &'static str, whole: &[u8]) -> Result<(), Deviation> {
        let Some(manifest) = &self.manifest else { return Ok(()) };
        match name {
            SIGNATURE => {
                let Some(hash) = self.manifest_hash else { return Ok(()) };
                Ok(check_signature(whole, &self.keys, &manifest.origin, &hash)?)
            }
            CHECKPOINT => {
                self.checkpoint = Some(open_checkpoint(whole, &self.keys, manifest)?);
                Ok(())
            }
            RANGE_PROOF => {
                self.range_proof = Some(open_range_proof(whole, manifest)?);
                Ok(())
            }
            VERIFIER_KEYS => check_keys(whole),
            DOCUMENTS => {
                self.wanted.end_texts();
                Ok(())
            }
            POLICIES => {
                self.wanted.end_policies();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The records are read: they are all there, and so is what the explanations are of.
    fn end_records(&mut self, expected: Expected) -> Result<(), Deviation> {
        let (Some(checkpoint), Some(manifest)) = (&self.checkpoint, &self.manifest) else { return Ok(()) };
        expected.finish(checkpoint)?;
        if self.records != manifest.records {
            return Err(Deviation::RecordCount { expected: manifest.records, found: self.records });
        }
        match self.wanted.check_texts() {
            Ok(()) => self.passed(CheckName::Texts),
            Err(why) => self.failed(CheckName::Texts, why),
        }
        match self.wanted.check_policies() {
            Ok(notes) => {
                self.notes.extend(notes);
                self.passed(CheckName::Policies);
            }
            Err(why) => self.failed(CheckName::Policies, why),
        }
        Ok(())
    }

    fn end_manifest(&mut self, bytes: &[u8], hash: Hash) {
        let manifest = match Manifest::parse(bytes) {
            Ok(manifest) => manifest,
            Err(why) => return self.failed(CheckName::Manifest, why.into()),
        };
        if let Err(why) = self.check_files(&manifest) {
            return self.failed(CheckName::Manifest, why);
        }
        if !manifest.files.iter().any(|file| file.name == IDENTITIES)
            || self.directory.get(IDENTITIES).is_none()
        {
            self.notes.push(Note::WithoutIdentities);
        }
        if !matches!(manifest.scope, Scope::Period { .. }) {
            self.notes.push(Note::Completeness);
        }
        self.manifest = Some(manifest);
        self.manifest_hash = Some(hash);
        self.passed(CheckName::Manifest);
    }

    /// That the files are those that the manifest names, and those that every pack needs.
    fn check_files(&self, manifest: &Manifest) -> Result<(), Deviation> {
        let proof = match manifest.scope {
            Scope::Period { .. } => RANGE_PROOF,
            Scope::Grant(_) | Scope::Person(_) | Scope::Tool(_) => PROOFS,
        };
        let named = |name: &str| manifest.files.iter().any(|file| file.name == name);
        let there = |name: &str| self.directory.get(name).is_some();
        for name in [CHECKPOINT, RECORDS, proof, SIGNATURE] {
            if !there(name) || !(named(name) || name == SIGNATURE) {
                return Err(Deviation::FileMissing { name: name.to_owned() });
            }
        }
        for FileRecord { name, .. } in &manifest.files {
            if file_named(name).is_none() {
                return Err(Deviation::UnknownFile { name: name.chars().take(80).collect() });
            }
            if !there(name) && name != IDENTITIES {
                return Err(Deviation::FileMissing { name: name.clone() });
            }
        }
        let other_proof = if proof == PROOFS { RANGE_PROOF } else { PROOFS };
        for entry in self.directory.entries() {
            let besides = entry.name == MANIFEST || entry.name == SIGNATURE;
            if !(besides || named(&entry.name)) || entry.name == other_proof {
                return Err(Deviation::UnknownFile { name: entry.name.clone() });
            }
        }
        Ok(())
    }
}

/// The check that a file is of.
fn check_of(name: &str) -> CheckName {
    match name {
        MANIFEST => CheckName::Manifest,
        SIGNATURE => CheckName::Signature,
        CHECKPOINT => CheckName::Checkpoint,
        RANGE_PROOF | PROOFS => CheckName::Proofs,
        RECORDS => CheckName::Records,
        DOCUMENTS => CheckName::Texts,
        POLICIES => CheckName::Policies,
        _ => CheckName::Files,
    }
}

/// The keys are for convenience; but what is there must be keys.
fn check_keys(bytes: &[u8]) -> Result<(), Deviation> {
    let invalid = |line, why: &str| Deviation::Line { file: VERIFIER_KEYS, line, why: why.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| invalid(1, "it is no text"))?;
    for (line, key) in (1..).zip(text.lines()) {
        if line > MAX_KEYS as u64 {
            return Err(Deviation::TooMany { file: VERIFIER_KEYS, limit: MAX_KEYS as u64 });
        }
        key.parse::<VerifierKey>().map_err(|error| invalid(line, &error.to_string()))?;
    }
    Ok(())
}

/// Why lines are read no further.
enum LineFailure {
    Long(TooLong),
    Wrong(Deviation),
}

impl From<TooLong> for LineFailure {
    fn from(long: TooLong) -> Self {
        Self::Long(long)
    }
}

impl LineFailure {
    fn into_deviation(self, file: &'static str) -> Deviation {
        match self {
            Self::Long(long) => Deviation::too_long(file, long),
            Self::Wrong(deviation) => deviation,
        }
    }
}
