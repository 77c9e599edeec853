//! A small log and packs of it.

use std::convert::Infallible;

use audit_log::note::{KeyName, NoteSignature, SignedNote, VerifierKey};
use audit_log::{
    Checkpoint, CompactRange, Entry, Hash, HashReader, Record, Salt, Value, commit, node_hash,
    prove_inclusion, prove_range,
};
use ed25519_dalek::{Signer as _, SigningKey};
use evidence_pack::lines::{Document, PolicyDigest, Proof, RuleLine, write_record};
use evidence_pack::manifest::FORMAT;
use evidence_pack::verify::{OneByOne, Report, Verification};
use evidence_pack::{Manifest, PackWriter, Scope, layout};

pub(crate) const ORIGIN: &str = "clearance.example.com";

/// A site with its log.
pub(crate) struct Site {
    secret: SigningKey,
    pub(crate) key: VerifierKey,
    pub(crate) entries: Vec<Entry>,
}

struct Leaves<'a>(&'a [Entry]);

impl HashReader for Leaves<'_> {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        if level == 0 {
            return Ok(self.0[usize::try_from(index).unwrap()].leaf_hash());
        }
        Ok(node_hash(&self.node(level - 1, 2 * index)?, &self.node(level - 1, 2 * index + 1)?))
    }
}

/// Which text belongs to which entry: a purpose for each third one.
pub(crate) fn text_of(index: usize) -> Option<Document> {
    (index % 3 == 1).then(|| {
        let salt = Salt::from_bytes([u8::try_from(index % 251).unwrap(); 32]);
        let text = format!("=purpose {index} \"quoted\"\nand more");
        let object = format!("req_{index}");
        Document { commitment: commit(&salt, &text), kind: "purpose".into(), object, salt, text }
    })
}

fn rules() -> Vec<RuleLine> {
    let rule =
        |place| Value::object([("name", Value::from(format!("rule {place}"))), ("days", Value::from(place))]);
    (0..3).map(|place| RuleLine { version: 1, place, rule: rule(place) }).collect()
}

impl Site {
    pub(crate) fn new(size: usize) -> Self {
        let secret = SigningKey::from_bytes(&[7; 32]);
        let key = VerifierKey::new(ORIGIN.parse().unwrap(), &secret.verifying_key().to_bytes()).unwrap();
        let mut digest = PolicyDigest::new();
        for rule in rules() {
            digest.add(rule.place, &rule.rule);
        }
        let digest = digest.finish();
        let entries = (0..size).map(|index| {
            let (kind, facts) = match text_of(index) {
                _ if index == 0 => (
                    "policy.published",
                    Value::object([("policy_version", Value::from(1)), ("digest", digest.into())]),
                ),
                Some(text) => (
                    "request.submitted",
                    Value::object([("request", text.object.into()), ("purpose", text.commitment.into())]),
                ),
                None => ("grant.ended", Value::object([("grant", Value::from(format!("grant_{index}")))])),
            };
            let at = format!("2026-11-23T09:30:{:02}.{:03}Z", index / 1000 % 60, index % 1000);
            let actor = Value::from("system");
            Record { at, kind: kind.into(), actor, facts }.prepare().unwrap()
        });
        Self { entries: entries.collect(), key, secret }
    }

    pub(crate) fn root(&self) -> Hash {
        let mut head = CompactRange::new();
        self.entries.iter().for_each(|entry| head.append(entry.leaf_hash()));
        head.root()
    }

    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        let signature = NoteSignature::new(&self.key, self.secret.sign(text.as_bytes()).to_bytes());
        SignedNote::new(text, signature).unwrap().to_string().into_bytes()
    }

    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let checkpoint = Checkpoint::new(ORIGIN, self.entries.len() as u64, self.root()).unwrap();
        self.sign(&checkpoint.to_text())
    }

    /// The files of a pack but manifest and signature, in the order in which they are written.
    pub(crate) fn files(&self, scope: &Scope) -> Vec<(&'static str, Vec<u8>)> {
        let size = self.entries.len() as u64;
        let indices: Vec<u64> = match scope {
            Scope::Period { start, end, .. } => (*start..*end).collect(),
            _ => (0..size).filter(|index| index % 4 < 2).collect(),
        };
        let mut records = Vec::new();
        let (mut proofs, mut documents, mut policies) = (Vec::new(), Vec::new(), Vec::new());
        for index in &indices {
            let entry = &self.entries[usize::try_from(*index).unwrap()];
            write_record(&mut records, *index, &entry.leaf_hash(), entry.bytes());
            let hashes = prove_inclusion(&Leaves(&self.entries), *index, size).unwrap();
            Proof { hashes, index: *index, leaf_hash: entry.leaf_hash() }.write(&mut proofs);
            if let Some(text) = text_of(usize::try_from(*index).unwrap()) {
                text.write(&mut documents).unwrap();
            }
        }
        for rule in rules() {
            rule.write(&mut policies);
        }
        let proof = match scope {
            Scope::Period { start, end, .. } => {
                let proof = prove_range(&Leaves(&self.entries), *start, *end, size).unwrap();
                (layout::RANGE_PROOF, serde_json::to_vec(&proof).unwrap())
            }
            _ => (layout::PROOFS, proofs),
        };
        vec![
            (layout::RECORDS, records),
            proof,
            (layout::DOCUMENTS, documents),
            (layout::POLICIES, policies),
            (layout::CHECKPOINT, self.checkpoint()),
            (layout::VERIFIER_KEYS, format!("{}\n", self.key).into_bytes()),
            (layout::IDENTITIES, b"{}\n".to_vec()),
            (layout::REPORT, b"<!doctype html>\n".to_vec()),
        ]
    }

    pub(crate) fn about(&self, scope: Scope, records: u64) -> Manifest {
        Manifest {
            format: FORMAT.into(),
            origin: ORIGIN.into(),
            tree_size: self.entries.len() as u64,
            export: "export_1".into(),
            made_at: "2026-11-23T09:30:00.000Z".into(),
            scope,
            records,
            files: Vec::new(),
        }
    }

    /// A pack of these files, whatever they hold, under a manifest that is signed and says what it should.
    pub(crate) fn pack_of(&self, scope: Scope, files: &[(&'static str, Vec<u8>)]) -> Vec<u8> {
        let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        let records = match scope {
            Scope::Period { start, end, .. } => end - start,
            _ => files.iter().find(|(name, _)| *name == layout::RECORDS).map_or(0, |(_, bytes)| lines(bytes)),
        };
        let mut writer = PackWriter::new();
        for (name, bytes) in files {
            writer.file(name).unwrap();
            bytes.chunks(1000).for_each(|chunk| writer.write(chunk));
        }
        let (closing, to_sign) = writer.close(self.about(scope, records)).unwrap();
        closing.finish(&self.sign(&to_sign)).unwrap()
    }

    pub(crate) fn pack(&self, scope: &Scope) -> Vec<u8> {
        self.pack_of(scope.clone(), &self.files(scope))
    }

    pub(crate) fn verify(&self, pack: &[u8]) -> Report {
        verify(pack, vec![self.key.clone()])
    }
}

pub(crate) fn grant() -> Scope {
    Scope::Grant("grant_1".into())
}

pub(crate) fn period(start: u64, end: u64) -> Scope {
    Scope::Period {
        from: "2026-11-01T00:00:00.000Z".into(),
        to: "2026-12-01T00:00:00.000Z".into(),
        start,
        end,
    }
}

pub(crate) fn verify(pack: &[u8], keys: Vec<VerifierKey>) -> Report {
    let mut verification = Verification::new(pack.len() as u64, keys, OneByOne).strict();
    let mut steps = 0;
    while let Some(span) = verification.wants() {
        let from = usize::try_from(span.offset).unwrap().min(pack.len());
        let to = (from + usize::try_from(span.length).unwrap()).min(pack.len());
        verification.give(&pack[from..to]);
        steps += 1;
        assert!(steps < 100_000, "the verification comes to an end");
    }
    verification.finish()
}

/// Another site's key of the same name.
pub(crate) fn other_key() -> VerifierKey {
    let secret = SigningKey::from_bytes(&[9; 32]);
    let name: KeyName = ORIGIN.parse().unwrap();
    VerifierKey::new(name, &secret.verifying_key().to_bytes()).unwrap()
}
