//! Proofs as files: one made elsewhere, and every way of writing or changing one wrongly.

use audit_log::checkpoint::{Checkpoint, CheckpointRefused};
use audit_log::note::{CosignerKey, InvalidNote, NotVerified, VerifierKey};
use audit_log::proof::InclusionError;
use audit_log::proof_text::{InvalidProof, MAX_EXTRA_BYTES, MAX_PROOF_BYTES, ProofRefused, TlogProof};
use audit_log::trust::NotTrusted;
use audit_log::{EMPTY_ROOT, Hash, TrustPolicy, leaf_hash, prove_inclusion};
use proptest::prelude::*;

use crate::checkpoint::{ORIGIN, key, signature};
use crate::cosignature::{cosignature, witness};
use crate::known::{head_of, splice};
use crate::proof::Nodes;

/// Made in Python with nothing but `hashlib` and `cryptography`, following the specifications: the log's secret key is the byte 1 32
/// times, the witness's the byte 7, and the entries are `entry 0`, `entry 1` and `entry 2`.
const FOREIGN: &str = "c2sp.org/tlog-proof@v1
extra ZW50cnkgMQ==
index 1
dziFphNIniTOLPdhmdakI/BC5LvxLX7s7pEu8nbGVwE=
V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=

log.example/audit
3
lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=

— log.example/audit XwL/bd9/TrdlMLyMCdjBf+Cm2GDW9MSAnUqLUN7/scCSlgyi8+FIdGkW/ziMdFSTdGhMfw8tviEh3A0TgXM3AjtVKgo=
— witness.example/w1 qkoJ0QAAAABlU/EAD/r3bfJiQlYr1xC0zh9ZVlMxWvqOZgInl4zuh0j2puLRJALBDD5t7gccjve41VC8tzN1OzNzzEF3LEnSr+h1BQ==
";
const FOREIGN_LOG: &str = "log.example/audit+5f02ff6d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const FOREIGN_WITNESS: &str = "witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

fn parse(text: &str) -> Result<TlogProof, InvalidProof> {
    TlogProof::parse(text.as_bytes())
}

fn foreign_policy() -> TrustPolicy {
    let log: VerifierKey = FOREIGN_LOG.parse().unwrap();
    let witness: CosignerKey = FOREIGN_WITNESS.parse().unwrap();
    assert_eq!((log.to_string(), witness.to_string()), (FOREIGN_LOG.into(), FOREIGN_WITNESS.into()));
    TrustPolicy::new("log.example/audit", vec![log]).with_witnesses(1, vec![witness]).unwrap()
}

#[test]
fn a_proof_made_elsewhere_verifies() {
    let proof = parse(FOREIGN).unwrap();
    let trusted = proof.verify(&leaf_hash(b"entry 1"), &foreign_policy()).unwrap();
    assert_eq!((proof.index(), trusted.checkpoint.size()), (1, 3));
    assert_eq!(trusted.cosignatures[0].at.seconds(), 1_700_000_000);
    assert_eq!(proof.unauthenticated_extra(), Some(&b"entry 1"[..]));
    assert_eq!(proof.to_string(), FOREIGN);
    // And ours is, byte for byte, what was made there.
    let entries = [b"entry 0", b"entry 1", b"entry 2"];
    let hashes = prove_inclusion(&Nodes::of(&entries), 1, 3).unwrap();
    let ours = TlogProof::new(1, hashes, proof.checkpoint().clone()).unwrap();
    assert_eq!(ours.with_extra(b"entry 1".to_vec()).unwrap().to_string(), FOREIGN);
}

/// Everything that can be wrong about a well-formed proof has its own refusal.
#[test]
fn wrong_proofs_are_refused() {
    let verify = |text: &str, leaf: &[u8]| {
        parse(text).unwrap().verify(&leaf_hash(leaf), &foreign_policy()).map(|_| ()).unwrap_err()
    };
    let mismatch = |refused| matches!(refused, ProofRefused::Inclusion(InclusionError::RootMismatch { .. }));
    assert!(mismatch(verify(FOREIGN, b"entry 2")));
    assert!(mismatch(verify(&FOREIGN.replacen("index 1", "index 0", 1), b"entry 1")));
    assert!(mismatch(verify(&FOREIGN.replacen("dziF", "dziG", 1), b"entry 1")));
    assert_eq!(
        verify(&FOREIGN.replacen("index 1", "index 3", 1), b"entry 1"),
        ProofRefused::Inclusion(InclusionError::OutOfRange { index: 3, size: 3 })
    );
    let hash = "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n";
    assert_eq!(
        verify(&FOREIGN.replacen(hash, "", 1), b"entry 1"),
        ProofRefused::Inclusion(InclusionError::TooShort)
    );
    assert_eq!(
        verify(&FOREIGN.replacen(hash, &hash.repeat(2), 1), b"entry 1"),
        ProofRefused::Inclusion(InclusionError::TooLong)
    );
    let checkpoint = |refused| ProofRefused::NotTrusted(NotTrusted::Checkpoint(refused));
    assert_eq!(
        verify(&FOREIGN.replacen("\n3\n", "\n4\n", 1), b"entry 1"),
        checkpoint(CheckpointRefused::NotVerified(NotVerified::WrongSignature))
    );
    let proof = parse(FOREIGN).unwrap();
    let log: VerifierKey = FOREIGN_LOG.parse().unwrap();
    for (policy, refused) in [
        (
            TrustPolicy::new("log.example/audit", vec![key(2).1]),
            checkpoint(CheckpointRefused::NotVerified(NotVerified::UnknownKeys)),
        ),
        (TrustPolicy::new("other", vec![log.clone()]), checkpoint(CheckpointRefused::OtherLog)),
        (
            TrustPolicy::new("log.example/audit", vec![log]).with_witnesses(1, vec![witness(9).1]).unwrap(),
            ProofRefused::NotTrusted(NotTrusted::Unwitnessed { required: 1, found: 0 }),
        ),
    ] {
        assert_eq!(proof.verify(&leaf_hash(b"entry 1"), &policy), Err(refused));
    }
    // The extra data is nobody's word: changing it changes nothing.
    let changed = parse(&FOREIGN.replacen("ZW50cnkgMQ==", "ZW50cnkgMg==", 1)).unwrap();
    assert!(changed.verify(&leaf_hash(b"entry 1"), &foreign_policy()).is_ok());
}

#[test]
fn malformed_proofs_are_refused() {
    let change = |from: &str, to: &str| {
        assert!(FOREIGN.contains(from));
        parse(&FOREIGN.replacen(from, to, 1)).map(|_| ())
    };
    let header = Err(InvalidProof::Header);
    for (from, to) in
        [("@v1", "@v2"), ("c2sp", " c2sp"), ("@v1\n", "@v1\r\n"), ("@v1\n", "@v1 \n"), (FOREIGN, "")]
    {
        assert_eq!(change(from, to), header, "{to:?}");
    }
    let extra = Err(InvalidProof::Extra);
    for to in
        ["extra ", "extra ZW50cnkgMQ", "extra ZW50cnkgMR==", "extra  ZW50cnkgMQ==", "extra ZW50cnkgMQ== "]
    {
        assert_eq!(change("extra ZW50cnkgMQ==", to), extra, "{to:?}");
    }
    let index = Err(InvalidProof::Index);
    for to in [
        "",
        "index",
        "index ",
        "index 01",
        "index +1",
        "index -1",
        "index 1 ",
        "index  1",
        "Index 1",
        "index 18446744073709551616",
        "extra AA==\nindex 1",
    ] {
        assert_eq!(change("index 1", to), index, "{to:?}");
    }
    assert_eq!(
        change("extra ZW50cnkgMQ==\nindex 1", "index 1\nextra ZW50cnkgMQ=="),
        Err(InvalidProof::Hash { number: 1 })
    );
    let hash = "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=";
    let longer = hash.repeat(3);
    for to in [
        "A",
        "AAAA",
        hash.trim_end_matches('='),
        &hash.replace("SkE=", "SkF="),
        &format!("{hash} "),
        &format!(" {hash}"),
        &format!("{hash}\r"),
        &longer,
    ] {
        assert_eq!(change(hash, to), Err(InvalidProof::Hash { number: 2 }), "{to:?}");
    }
    assert_eq!(parse(FOREIGN.split_once("\n\n").unwrap().0), Err(InvalidProof::NoCheckpoint));
    assert_eq!(change("\n\n—", "\n—"), Err(InvalidProof::Checkpoint(InvalidNote::NoSignature)));
    assert_eq!(parse(&format!("{FOREIGN}\n")), Err(InvalidProof::Checkpoint(InvalidNote::NoSignature)));
    assert_eq!(TlogProof::parse(b"c2sp.org/tlog-proof@v1\n\xff"), Err(InvalidProof::Text));
}

/// What has no limit in the specification has one here.
#[test]
fn large_proofs_are_refused() {
    let proof = parse(FOREIGN).unwrap();
    let note = proof.checkpoint();
    let most = TlogProof::new(u64::MAX, vec![EMPTY_ROOT; 63], note.clone()).unwrap();
    let most = most.with_extra(vec![0; MAX_EXTRA_BYTES]).unwrap();
    assert_eq!(parse(&most.to_string()), Ok(most.clone()));
    assert_eq!(TlogProof::new(0, vec![EMPTY_ROOT; 64], note.clone()), Err(InvalidProof::TooManyHashes));
    assert_eq!(proof.clone().with_extra(vec![]), Err(InvalidProof::Extra));
    assert_eq!(proof.clone().with_extra(vec![0; MAX_EXTRA_BYTES + 1]), Err(InvalidProof::Extra));
    let hash = "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n";
    assert_eq!(parse(&FOREIGN.replacen(hash, &hash.repeat(63), 1)), Err(InvalidProof::TooManyHashes));
    let extra = "A".repeat(MAX_EXTRA_BYTES / 3 * 4 + 8);
    assert_eq!(parse(&FOREIGN.replacen("ZW50cnkgMQ==", &extra, 1)), Err(InvalidProof::Extra));
    assert_eq!(TlogProof::parse(&vec![b'a'; MAX_PROOF_BYTES + 1]), Err(InvalidProof::TooLong));
}

/// A log with its checkpoint, and the policy that believes it.
fn published(size: usize, witnesses: &[u8]) -> (Vec<Vec<u8>>, audit_log::note::SignedNote, TrustPolicy) {
    let entries: Vec<_> = (0..size).map(|index| format!("entry {index}").into_bytes()).collect();
    let head = head_of(&entries);
    let checkpoint = Checkpoint::new(ORIGIN, head.size(), head.root()).unwrap();
    let text = checkpoint.to_text();
    let mut note = checkpoint.to_note(signature(&text, 1)).unwrap();
    for secret in witnesses {
        note.add_signature(cosignature(&text, *secret, 5));
    }
    let keys = witnesses.iter().map(|secret| witness(*secret).1).collect();
    let policy = TrustPolicy::new(ORIGIN, vec![key(1).1]).with_witnesses(witnesses.len(), keys).unwrap();
    (entries, note, policy)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_survive_their_text_and_verify(
        size in 1_usize..300,
        index: prop::sample::Index,
        witnesses in proptest::sample::subsequence(vec![7_u8, 8, 9], 0..=3),
        extra in proptest::collection::vec(any::<u8>(), 0..50),
        other: [u8; 32],
    ) {
        let (entries, note, policy) = published(size, &witnesses);
        let index = index.index(size);
        let hashes = prove_inclusion(&Nodes::of(&entries), index as u64, size as u64).unwrap();
        let mut proof = TlogProof::new(index as u64, hashes, note).unwrap();
        if !extra.is_empty() {
            proof = proof.with_extra(extra).unwrap();
        }
        let read = parse(&proof.to_string()).unwrap();
        prop_assert_eq!(&read, &proof);
        let trusted = read.verify(&leaf_hash(&entries[index]), &policy).unwrap();
        prop_assert_eq!(trusted.checkpoint.size(), size as u64);
        prop_assert_eq!(trusted.cosignatures.len(), witnesses.len());
        prop_assert!(read.verify(&Hash::from_bytes(other), &policy).is_err());
    }

    /// Whatever parses is written as it was read, and what was changed outside the extra data proves nothing.
    #[test]
    fn changed_texts_are_refused_or_canonical(
        from: prop::sample::Index,
        length in 0_usize..60,
        replacement in prop_oneof![any::<String>(), "[A-Za-z0-9+/= \n]{0,60}", "(index|extra) [A-Za-z0-9+/=]{0,9}\n?"],
    ) {
        let changed = splice(FOREIGN, from, length, &replacement);
        if let Ok(proof) = parse(&changed) {
            prop_assert_eq!(&proof.to_string(), &changed);
            let verified = proof.verify(&leaf_hash(b"entry 1"), &foreign_policy()).is_ok();
            prop_assert!(!verified || changed.split_once("index").unwrap().1 == FOREIGN.split_once("index").unwrap().1);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), headed: bool) {
        let header: &[u8] = if headed { b"c2sp.org/tlog-proof@v1\n" } else { b"" };
        prop_assert!(TlogProof::parse(&[header, &bytes].concat()).is_err());
    }
}
