//! What explains the records: texts and rules, both to be found again in the records.

use std::collections::BTreeMap;

use audit_log::{Hash, Value};

use super::{Deviation, Note};
use crate::layout::{DOCUMENTS, MAX_DOCUMENTS, MAX_POLICIES, POLICIES};
use crate::lines::{Document, PolicyDigest, RuleLine};

/// What the records must hold, because the pack explains it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Commitments of texts with the line that opens them, sorted.
    texts: Vec<(Hash, u32)>,
    /// Which of them were found.
    found: Vec<bool>,
    /// Digests of policy versions.
    policies: BTreeMap<u32, Policy>,
    open: Option<OpenPolicy>,
}

#[derive(Debug)]
struct Policy {
    digest: Hash,
    published: Option<Hash>,
}

#[derive(Debug)]
struct OpenPolicy {
    version: u32,
    last: u32,
    digest: PolicyDigest,
}

/// What a piece of the records holds of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) texts: Vec<usize>,
    pub(super) policies: Vec<(u32, Hash)>,
}

impl Wanted {
    /// Takes a text, if it opens its commitment.
    pub(super) fn add_text(&mut self, line: u64, bytes: &[u8]) -> Result<(), Deviation> {
        let document = Document::parse(bytes).map_err(|error| Deviation::Line {
            file: DOCUMENTS,
            line,
            why: error.to_string(),
        })?;
        if !document.opens() {
            return Err(Deviation::TextMismatch { line });
        }
        if self.texts.len() >= MAX_DOCUMENTS {
            return Err(Deviation::TooMany { file: DOCUMENTS, limit: MAX_DOCUMENTS as u64 });
        }
        self.texts.push((document.commitment, u32::try_from(line).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// All texts were taken.
    pub(super) fn end_texts(&mut self) {
        self.texts.sort_unstable();
        self.found = vec![false; self.texts.len()];
    }

    /// Takes a rule. Those of one version follow one another, by place.
    pub(super) fn add_rule(&mut self, line: u64, bytes: &[u8]) -> Result<(), Deviation> {
        let rule = RuleLine::parse(bytes).map_err(|error| Deviation::Line {
            file: POLICIES,
            line,
            why: error.to_string(),
        })?;
        let version = rule.version;
        match &mut self.open {
            Some(open) if open.version == version => {
                if open.last >= rule.place {
                    return Err(Deviation::PolicyOrder { version });
                }
                open.last = rule.place;
                open.digest.add(rule.place, &rule.rule);
            }
            _ => {
                self.end_policies();
                if self.policies.contains_key(&version) {
                    return Err(Deviation::PolicyOrder { version });
                }
                if self.policies.len() >= MAX_POLICIES {
                    return Err(Deviation::TooMany { file: POLICIES, limit: MAX_POLICIES as u64 });
                }
                let mut digest = PolicyDigest::new();
                digest.add(rule.place, &rule.rule);
                self.open = Some(OpenPolicy { version, last: rule.place, digest });
            }
        }
        Ok(())
    }

    /// All rules were taken.
    pub(super) fn end_policies(&mut self) {
        if let Some(open) = self.open.take() {
            self.policies.insert(open.version, Policy { digest: open.digest.finish(), published: None });
        }
    }

    /// What of it a record holds.
    pub(super) fn look_in(&self, record: &[u8], found: &mut Found) {
        if !self.texts.is_empty() {
            for hash in hashes_in(record) {
                if let Ok(at) = self.texts.binary_search_by(|(text, _)| text.cmp(&hash)) {
                    found.texts.push(at);
                    // One text may be there several times.
                    let same = |at: &usize| self.texts.get(*at).is_some_and(|(text, _)| *text == hash);
                    found.texts.extend((at + 1..self.texts.len()).take_while(same));
                    found.texts.extend((0..at).rev().take_while(same));
                }
            }
        }
        if !self.policies.is_empty()
            && memchr::memmem::find(record, br#""kind":"policy.published""#).is_some()
            && let Some(published) = published_policy(record)
        {
            found.policies.push(published);
        }
    }

    /// Takes what a piece of the records holds.
    pub(super) fn note(&mut self, found: Found) {
        for at in found.texts {
            if let Some(found) = self.found.get_mut(at) {
                *found = true;
            }
        }
        for (version, digest) in found.policies {
            if let Some(policy) = self.policies.get_mut(&version) {
                policy.published = Some(digest);
            }
        }
    }

    /// Whether a record commits to every text.
    pub(super) fn check_texts(&self) -> Result<(), Deviation> {
        let missing = self.texts.iter().zip(&self.found).filter(|(_, found)| !**found);
        match missing.map(|((_, line), _)| *line).min() {
            Some(line) => Err(Deviation::TextUnknown { line: u64::from(line) }),
            None => Ok(()),
        }
    }

    /// Whether the rules are those published, and notes on versions whose publication is not among the records.
    pub(super) fn check_policies(&self) -> Result<Vec<Note>, Deviation> {
        let mut notes = Vec::new();
        for (version, policy) in &self.policies {
            match policy.published {
                Some(published) if published == policy.digest => {}
                Some(_) => return Err(Deviation::PolicyMismatch { version: *version }),
                None => notes.push(Note::PolicyUnbound { version: *version }),
            }
        }
        Ok(notes)
    }
}

/// The texts of a record that are hashes.
fn hashes_in(record: &[u8]) -> impl Iterator<Item = Hash> {
    let mut quotes = memchr::memchr_iter(b'"', record);
    let mut last = quotes.next();
    std::iter::from_fn(move || {
        loop {
            let (start, end) = (last?, quotes.next()?);
            last = Some(end);
            if end - start == 65
                && let Some(digits) = record.get(start + 1..end).and_then(|digits| digits.as_array::<64>())
                && let Some(hash) = crate::lines::hash_of(digits)
            {
                return Some(hash);
            }
        }
    })
}

/// Number and digest of the policy version whose publication the record is, if it holds the digest.
fn published_policy(record: &[u8]) -> Option<(u32, Hash)> {
    let record = audit_log::Record::parse(record).ok().filter(|record| record.kind == "policy.published")?;
    let version = record.facts.get("policy_version").and_then(Value::as_i64)?;
    let digest = record.facts.get("digest").and_then(Value::as_str)?;
    Some((u32::try_from(version).ok()?, digest.parse().ok()?))
}
