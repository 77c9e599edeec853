//! Each kind of tampering has its own name, whether or not whoever tampered could sign the manifest anew.

use audit_log::{Checkpoint, Hash, leaf_hash};
use evidence_pack::lines::{Document, RecordLine, write_record};
use evidence_pack::verify::{CheckName, Note, Outcome};
use evidence_pack::{Scope, layout};

use crate::sample::{Site, grant, other_key, period, text_of, verify};

type Files = Vec<(&'static str, Vec<u8>)>;

fn file<'a>(files: &'a mut Files, name: &str) -> &'a mut Vec<u8> {
    &mut files.iter_mut().find(|(other, _)| *other == name).unwrap().1
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// What the first failure is called after the files were changed, with the manifest signed anew.
fn code(scope: &Scope, tamper: impl FnOnce(&mut Files)) -> (CheckName, &'static str) {
    let site = Site::new(300);
    let mut files = site.files(scope);
    tamper(&mut files);
    let report = site.verify(&site.pack_of(scope.clone(), &files));
    assert!(!report.ok());
    let (check, deviation) = report.first_failure().unwrap();
    assert!(!deviation.to_string().is_empty());
    (check, deviation.code())
}

/// Changes the record of the line, with its hash or without.
fn forge(line: &[u8], hash_too: bool) -> Vec<u8> {
    let record = RecordLine::parse(line.strip_suffix(b"\n").unwrap()).unwrap();
    let forged = String::from_utf8(record.record.to_vec()).unwrap().replace("2026-11-23", "2026-11-24");
    let hash: Hash = if hash_too { leaf_hash(forged.as_bytes()) } else { record.leaf_hash };
    let mut out = Vec::new();
    write_record(&mut out, record.index, &hash, forged.as_bytes());
    out
}

fn renumber(line: &[u8], index: u64) -> Vec<u8> {
    let record = RecordLine::parse(line.strip_suffix(b"\n").unwrap()).unwrap();
    let mut out = Vec::new();
    write_record(&mut out, index, &record.leaf_hash, record.record);
    out
}

#[test]
fn a_good_pack_passes_every_check() {
    for size in [1, 2, 3, 255, 256, 300] {
        let site = Site::new(size);
        let size = size as u64;
        for scope in
            [grant(), period(0, size), period(size / 2, size), period(size / 3, size / 2), period(size, size)]
        {
            let report = site.verify(&site.pack(&scope));
            assert!(report.ok(), "{scope:?}: {report:?}");
            // The publication of the policy is the first entry, and may lie before the period.
            let bound = !matches!(scope, Scope::Period { start, end, .. } if start > 0 || end == 0);
            assert_eq!(report.notes.contains(&Note::PolicyUnbound { version: 1 }), !bound);
            assert_eq!(report.notes.contains(&Note::Completeness), scope == grant());
        }
    }
}

#[test]
fn a_pack_verifies_without_its_identities() {
    let site = Site::new(50);
    let files = site.files(&grant());
    let whole = site.pack_of(grant(), &files);
    // Packed anew without the file, by another program: see `container::packed_anew`.
    let without = crate::container::packed_anew(&whole, |name| name != layout::IDENTITIES, false);
    let report = site.verify(&without);
    assert!(report.ok(), "{report:?}");
    assert!(report.notes.contains(&Note::WithoutIdentities));
    let without = crate::container::packed_anew(&whole, |name| name != layout::REPORT, false);
    let report = site.verify(&without);
    assert_eq!(report.first_failure().unwrap().1.code(), "file_missing");
}

#[test]
fn records_that_were_tampered_with_are_named() {
    for scope in [grant(), period(0, 300), period(17, 280)] {
        let expect = |code_found: (CheckName, &'static str), code: &str| {
            assert_eq!(code_found, (CheckName::Records, code), "{scope:?}");
        };
        let records = |change: fn(&mut Vec<Vec<u8>>)| {
            code(&scope, |files| {
                let records = file(files, layout::RECORDS);
                let mut all = lines(records);
                change(&mut all);
                *records = all.concat();
            })
        };
        let each = !matches!(scope, Scope::Period { .. });
        expect(records(|all| all[5] = forge(&all[5], false)), "record_forged");
        expect(
            records(|all| all[5] = forge(&all[5], true)),
            if each { "record_replaced" } else { "records_not_in_log" },
        );
        expect(records(|all| drop(all.remove(5))), "record_missing");
        expect(records(|all| all.swap(5, 6)), "record_missing");
        expect(records(|all| all.insert(6, all[5].clone())), "record_out_of_order");
        expect(records(|all| drop(all.pop())), "records_truncated");
        expect(
            records(|all| {
                let last = all.last().unwrap().clone();
                let index = RecordLine::parse(last.strip_suffix(b"\n").unwrap()).unwrap().index;
                all.push(renumber(&last, index + 1));
            }),
            "record_not_proven",
        );
        // Swapped with their numbers, each with its own hash.
        expect(
            records(|all| {
                let indices: Vec<u64> = [5, 6]
                    .map(|at| RecordLine::parse(all[at].strip_suffix(b"\n").unwrap()).unwrap().index)
                    .into();
                let (five, six) = (renumber(&all[6], indices[0]), renumber(&all[5], indices[1]));
                (all[5], all[6]) = (five, six);
            }),
            if each { "record_replaced" } else { "records_not_in_log" },
        );
        expect(records(|all| all[3].insert(1, b' ')), "line_form");
        expect(
            records(|all| {
                let last = all.last_mut().unwrap();
                last.truncate(last.len() - 1);
            }),
            "line_unfinished",
        );
        expect(records(|all| all[2] = [b"x".repeat(10_000), b"\n".to_vec()].concat()), "line_too_long");
    }
}

#[test]
fn proofs_that_were_tampered_with_are_named() {
    let proofs = |change: fn(&mut Vec<Vec<u8>>)| {
        code(&grant(), |files| {
            let proofs = file(files, layout::PROOFS);
            let mut all = lines(proofs);
            change(&mut all);
            *proofs = all.concat();
        })
    };
    let flipped = proofs(|all| {
        let at = all[4].iter().position(|byte| *byte == b'[').unwrap() + 5;
        all[4][at] = if all[4][at] == b'0' { b'1' } else { b'0' };
    });
    assert_eq!(flipped, (CheckName::Proofs, "proof_mismatch"));
    assert_eq!(proofs(|all| all.swap(4, 5)), (CheckName::Proofs, "proof_order"));
    assert_eq!(proofs(|all| drop(all.remove(4))), (CheckName::Records, "record_not_proven"));
    assert_eq!(proofs(|all| drop(all.pop())), (CheckName::Records, "record_not_proven"));

    let range = |from: &str, to: &str| {
        code(&period(17, 280), |files| {
            let proof = file(files, layout::RANGE_PROOF);
            let text = String::from_utf8(proof.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            *proof = text.replacen(from, to, 1).into_bytes();
        })
    };
    assert_eq!(range("\"start\":17", "\"start\":18"), (CheckName::Proofs, "range_proof_of_other_period"));
    assert_eq!(range("\"left\":[\"", "\"left\":[\"00\",\""), (CheckName::Proofs, "range_proof_form"));
    let hash = "0".repeat(64);
    let more = format!("\"left\":[\"{hash}\",\"");
    assert_eq!(range("\"left\":[\"", &more), (CheckName::Proofs, "range_proof_mismatch"));
    let (check, found) = code(&period(17, 280), |files| {
        let proof = file(files, layout::RANGE_PROOF);
        let at = proof.iter().rposition(|byte| *byte == b'[').unwrap() + 5;
        proof[at] = if proof[at] == b'0' { b'1' } else { b'0' };
    });
    assert_eq!((check, found), (CheckName::Records, "records_not_in_log"));
}

#[test]
fn checkpoints_and_keys_that_are_not_the_right_ones_are_named() {
    let site = Site::new(100);
    let pack = site.pack(&grant());
    let failure = |report: evidence_pack::Report| {
        let (check, deviation) = report.first_failure().unwrap();
        let mut rest = report
            .checks
            .iter()
            .filter(|one| one.name >= CheckName::Proofs && one.name < CheckName::Signature);
        assert!(check != CheckName::Checkpoint || rest.all(|one| one.outcome == Outcome::NotChecked));
        (check, deviation.code())
    };
    assert_eq!(failure(verify(&pack, vec![other_key()])), (CheckName::Checkpoint, "wrong_key"));
    assert_eq!(failure(verify(&pack, vec![])), (CheckName::Checkpoint, "other_site"));
    // A second key, as after a rotation, does no harm.
    assert!(verify(&pack, vec![other_key(), site.key.clone()]).ok());

    let with = |note: Vec<u8>| {
        let mut files = site.files(&grant());
        *file(&mut files, layout::CHECKPOINT) = note;
        failure(site.verify(&site.pack_of(grant(), &files)))
    };
    let note = |origin: &str, size: u64, root: Hash| {
        site.sign(&Checkpoint::new(origin, size, root).unwrap().to_text())
    };
    assert_eq!(with(Site::new(99).checkpoint()), (CheckName::Checkpoint, "checkpoint_swapped"));
    assert_eq!(
        with(note("other.example.com", 100, site.root())),
        (CheckName::Checkpoint, "checkpoint_of_other_log")
    );
    assert_eq!(with(b"clearance.example.com\n100\n".to_vec()), (CheckName::Checkpoint, "checkpoint_form"));
    let mut forged = site.checkpoint();
    let at = forged.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    forged[at] = b'2';
    assert_eq!(with(forged), (CheckName::Checkpoint, "checkpoint_forged"));
    // A rewritten history with a fresh tree, signed by the very site: the proofs are of another tree.
    assert_eq!(
        with(note(crate::sample::ORIGIN, 100, leaf_hash(b"other"))),
        (CheckName::Proofs, "proof_mismatch")
    );
}

#[test]
fn texts_and_rules_that_were_tampered_with_are_named() {
    let documents = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        code(&grant(), |files| {
            let documents = file(files, layout::DOCUMENTS);
            let mut all = lines(documents);
            change(&mut all);
            *documents = all.concat();
        })
    };
    let changed = |all: &mut Vec<Vec<u8>>| {
        let mut document = Document::parse(&all[3]).unwrap();
        document.text.push('!');
        all[3].clear();
        document.write(&mut all[3]).unwrap();
    };
    assert_eq!(documents(&changed), (CheckName::Texts, "text_mismatch"));
    let made_up = |all: &mut Vec<Vec<u8>>| {
        // The text of an entry that is not in the pack.
        all[3].clear();
        text_of(202).unwrap().write(&mut all[3]).unwrap();
    };
    assert_eq!(documents(&made_up), (CheckName::Texts, "text_unknown"));

    let policies = |from: &str, to: &str| {
        code(&grant(), |files| {
            let policies = file(files, layout::POLICIES);
            let text = String::from_utf8(policies.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            *policies = text.replacen(from, to, 1).into_bytes();
        })
    };
    assert_eq!(policies("\"days\":1", "\"days\":9"), (CheckName::Policies, "policy_mismatch"));
    assert_eq!(policies("\"place\":2", "\"place\":1"), (CheckName::Policies, "policy_order"));
    assert_eq!(policies("{\"place\":2", "{ \"place\":2"), (CheckName::Policies, "line_form"));
}

#[test]
fn whoever_cannot_sign_changes_nothing_unnoticed() {
    let site = Site::new(60);
    let pack = site.pack(&grant());
    // The report is proven by nothing but the manifest.
    let changed = crate::container::replaced(&pack, layout::REPORT, |bytes| bytes.push(b'!'));
    let failure = |pack: &[u8]| site.verify(pack).first_failure().map(|(check, why)| (check, why.code()));
    assert_eq!(failure(&changed), Some((CheckName::Files, "file_mismatch")));
    let changed = crate::container::replaced(&pack, layout::MANIFEST, |bytes| {
        *bytes = String::from_utf8(bytes.clone()).unwrap().replace("export_1", "export_2").into_bytes();
    });
    assert_eq!(failure(&changed), Some((CheckName::Signature, "manifest_changed")));
    let changed = crate::container::replaced(&pack, layout::MANIFEST, |bytes| {
        *bytes = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("evidence-pack/1", "evidence-pack/2")
            .into_bytes();
    });
    assert_eq!(failure(&changed), Some((CheckName::Manifest, "manifest_format")));
    let changed = crate::container::replaced(&pack, layout::SIGNATURE, |bytes| bytes.truncate(20));
    assert_eq!(failure(&changed), Some((CheckName::Signature, "signature_form")));
    for name in [
        layout::CHECKPOINT,
        layout::RECORDS,
        layout::PROOFS,
        layout::SIGNATURE,
        layout::MANIFEST,
        layout::DOCUMENTS,
    ] {
        let without = crate::container::packed_anew(&pack, |other| other != name, false);
        assert_eq!(failure(&without), Some((CheckName::Manifest, "file_missing")), "{name}");
    }
    let more = crate::container::with_file(&pack, "notes.txt", b"hello");
    assert_eq!(failure(&more), Some((CheckName::Manifest, "file_unknown")));
    let more = crate::container::with_file(&pack, layout::GRANTS_TABLE, b"hello");
    assert_eq!(failure(&more), Some((CheckName::Manifest, "file_unknown")));
}
