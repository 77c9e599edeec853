//! The way through a pack, from one wanted part to the next.

mod ended;
mod reading;

use std::collections::BTreeMap;

use audit_log::note::VerifierKey;
use audit_log::proof::RangeProof;
use audit_log::{Checkpoint, Hash, Strictness};

use self::ended::check_of;
use self::reading::Reading;
use super::anchors::Proven;
use super::explanations::Wanted;
use super::report::{Check, CheckName, Note, Outcome, Report};
use super::{Deviation, Workers};
use crate::container::{Directory, Locator, Span};
use crate::layout::{FILES, MANIFEST, file_named};
use crate::manifest::Manifest;

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
            Stage::Reading(reading) => Some(reading.wants()),
            Stage::Done => None,
        }
    }

    /// How many of the pack's bytes were checked, and how many there are.
    pub fn progress(&self) -> (u64, u64) {
        let reading = if let Stage::Reading(reading) = &self.stage { reading.progress() } else { 0 };
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
                    let reading = Box::new(Reading::new(name, entry, use_of_it));
                    // An empty file has nothing to be asked for.
                    if reading.wants().length > 0 {
                        self.stage = Stage::Reading(reading);
                        return;
                    }
                    self.end(reading);
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
}
