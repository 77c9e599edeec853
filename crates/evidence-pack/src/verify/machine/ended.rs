//! What a file says that was read to its end.

use audit_log::Hash;
use audit_log::note::VerifierKey;
use sha2::Digest as _;

use super::Verification;
use super::reading::{Reading, Use};
use crate::layout::{
    CHECKPOINT, DOCUMENTS, IDENTITIES, MANIFEST, MAX_KEYS, POLICIES, PROOFS, RANGE_PROOF, RECORDS, SIGNATURE,
    VERIFIER_KEYS, file_named,
};
use crate::lines::whole_lines;
use crate::manifest::{FileRecord, Manifest, Scope, check_signature};
use crate::verify::anchors::{open_checkpoint, open_range_proof};
use crate::verify::records::Expected;
use crate::verify::report::{CheckName, Note};
use crate::verify::{Deviation, Workers};

impl<W: Workers> Verification<W> {
    /// A file was read to its end.
    pub(super) fn end(&mut self, reading: Box<Reading>) {
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
pub(super) fn check_of(name: &str) -> CheckName {
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
