//! Cosignatures of witnesses, and policies that ask for them.

use audit_log::checkpoint::{Checkpoint, CheckpointRefused};
use audit_log::note::{
    CosignatureRefused, CosignedAt, CosignerKey, InvalidKey, NotVerified, NoteSignature, SignedNote,
    VerifierKey, cosigned_message,
};
use audit_log::trust::{InvalidPolicy, NotTrusted};
use audit_log::{TrustPolicy, leaf_hash};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use crate::checkpoint::{ORIGIN, key, signature};
use crate::known::splice;

const WITNESS: &str = "witness.example/w";

fn at(seconds: u64) -> CosignedAt {
    CosignedAt::from_seconds(seconds).unwrap()
}

/// The witness whose secret is this byte 32 times.
pub(crate) fn witness(secret: u8) -> (SigningKey, CosignerKey) {
    let name = format!("{WITNESS}{secret}");
    let secret = SigningKey::from_bytes(&[secret; 32]);
    let public = CosignerKey::new(name.parse().unwrap(), secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

pub(crate) fn cosignature(text: &str, secret: u8, seconds: u64) -> NoteSignature {
    let (secret, public) = witness(secret);
    let signature = secret.sign(cosigned_message(text, at(seconds)).as_bytes()).to_bytes();
    NoteSignature::cosignature(&public, at(seconds), signature)
}

fn text() -> String {
    Checkpoint::new(ORIGIN, 42, leaf_hash(b"root")).unwrap().to_text()
}

/// Signed by the log and these witnesses.
fn note(lines: impl IntoIterator<Item = NoteSignature>) -> SignedNote {
    let mut note = SignedNote::new(&text(), signature(&text(), 1)).unwrap();
    for line in lines {
        note.add_signature(line);
    }
    note
}

fn policy(quorum: usize, witnesses: &[u8]) -> TrustPolicy {
    let witnesses = witnesses.iter().map(|secret| witness(*secret).1).collect();
    TrustPolicy::new(ORIGIN, vec![key(1).1]).with_witnesses(quorum, witnesses).unwrap()
}

/// Which witnesses a policy finds in a note as published, and when they signed.
fn found(policy: &TrustPolicy, note: &SignedNote) -> Result<Vec<(String, u64)>, NotTrusted> {
    let trusted = policy.open(note.to_string().as_bytes())?;
    assert_eq!(trusted.checkpoint.to_text(), text());
    let found = trusted.cosignatures.iter();
    Ok(found.map(|found| (found.witness.to_string(), found.at.seconds())).collect())
}

#[test]
fn the_signed_message_is_that_of_the_specification() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let message = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(cosigned_message(text, at(1_679_315_147)), message);
}

/// The example of C2SP tlog-cosignature. Its keys are not published, so it is only carried.
#[test]
fn the_example_of_the_specification_is_carried() {
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n
— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let parsed = SignedNote::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.to_string(), note);
    assert_eq!(parsed.signatures()[1].key_id(), [0x8d, 0x66, 0xcf, 0x3f]);
    assert_eq!(parsed.cosignatures(&[witness(7).1]), Ok(vec![]));
}

#[test]
fn witness_keys_have_one_text() {
    // The published key of a public witness.
    let remora = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    let parsed: CosignerKey = remora.parse().unwrap();
    assert_eq!((parsed.name().as_str(), parsed.id()), ("remora.n621.de", [0xda, 0x77, 0xad, 0xe7]));
    assert_eq!(parsed.to_string(), remora);
    // Kinds of keys do not mix, even with the same name and bytes.
    assert_eq!(remora.parse::<VerifierKey>(), Err(InvalidKey::Kind));
    assert_eq!(key(1).1.to_string().parse::<CosignerKey>(), Err(InvalidKey::Kind));
    assert_eq!("w+00000000+".parse::<CosignerKey>(), Err(InvalidKey::Kind));
    assert_eq!(remora.replacen("da", "db", 1).parse::<CosignerKey>(), Err(InvalidKey::Id));
    assert_ne!(
        CosignerKey::new(ORIGIN.parse().unwrap(), &key(1).1.public_key()).unwrap().id(),
        key(1).1.id()
    );
}

#[test]
fn enough_witnesses_are_found() {
    let note = note([cosignature(&text(), 7, 1_700_000_000), cosignature(&text(), 8, 1_600_000_000)]);
    let (seven, eight) = ((format!("{WITNESS}7"), 1_700_000_000), (format!("{WITNESS}8"), 1_600_000_000));
    assert_eq!(found(&policy(2, &[7, 8]), &note), Ok(vec![seven.clone(), eight.clone()]));
    assert_eq!(found(&policy(2, &[9, 8, 7]), &note), Ok(vec![eight, seven.clone()]));
    assert_eq!(found(&policy(0, &[9, 7]), &note), Ok(vec![seven]));
    assert_eq!(found(&policy(0, &[]), &note), Ok(vec![]));
    assert_eq!(found(&policy(2, &[9, 7]), &note), Err(NotTrusted::Unwitnessed { required: 2, found: 1 }));
    assert_eq!(found(&policy(1, &[9]), &note), Err(NotTrusted::Unwitnessed { required: 1, found: 0 }));
}

#[test]
fn a_witness_counts_once() {
    let twice = note([cosignature(&text(), 7, 1_700_000_000), cosignature(&text(), 7, 1_600_000_000)]);
    assert_eq!(found(&policy(1, &[7]), &twice), Ok(vec![(format!("{WITNESS}7"), 1_700_000_000)]));
    assert_eq!(found(&policy(2, &[7, 8]), &twice), Err(NotTrusted::Unwitnessed { required: 2, found: 1 }));

    let witnesses =
        |keys: &[CosignerKey]| TrustPolicy::new(ORIGIN, vec![key(1).1]).with_witnesses(1, keys.to_vec());
    let alias = CosignerKey::new("alias".parse().unwrap(), &witness(7).1.public_key()).unwrap();
    assert_eq!(witnesses(&[witness(7).1, alias]), Err(InvalidPolicy::SameWitness));
    assert_eq!(witnesses(&[witness(7).1, witness(1).1]), Err(InvalidPolicy::LogAsWitness));
    assert_eq!(witnesses(&[]), Err(InvalidPolicy::Quorum { quorum: 1, witnesses: 0 }));
}

/// Witnesses do not make up for the log, nor the log for witnesses.
#[test]
fn the_log_must_have_signed_too() {
    let witnessed = SignedNote::new(&text(), cosignature(&text(), 7, 1)).unwrap();
    let unknown = NotTrusted::Checkpoint(CheckpointRefused::NotVerified(NotVerified::UnknownKeys));
    assert_eq!(found(&policy(1, &[7]), &witnessed), Err(unknown));
    let other = TrustPolicy::new("other", vec![key(1).1]);
    assert_eq!(other.open_note(&note([])), Err(NotTrusted::Checkpoint(CheckpointRefused::OtherLog)));
    assert_eq!(
        TrustPolicy::new(ORIGIN, vec![]).open_note(&note([])),
        Err(NotTrusted::Checkpoint(CheckpointRefused::NotVerified(NotVerified::UnknownKeys)))
    );
}

#[test]
fn wrong_cosignatures_of_known_witnesses_are_refused() {
    let (secret, public) = witness(7);
    let name = public.name().clone();
    let wrong = Err(NotTrusted::Cosignature(CosignatureRefused::WrongSignature { witness: name.clone() }));
    let signed = |message: &[u8], seconds| {
        note([NoteSignature::cosignature(&public, at(seconds), secret.sign(message).to_bytes())])
    };
    let message = cosigned_message(&text(), at(1_700_000_000));
    assert!(found(&policy(1, &[7]), &signed(message.as_bytes(), 1_700_000_000)).is_ok());
    // Another time, another text, a signature of another kind, somebody else's.
    for forged in [
        signed(message.as_bytes(), 1_700_000_001),
        signed(message.replacen("42", "43", 1).as_bytes(), 1_700_000_000),
        signed(message.trim_end().as_bytes(), 1_700_000_000),
        signed(text().as_bytes(), 1_700_000_000),
        note([NoteSignature::cosignature(
            &public,
            at(1_700_000_000),
            witness(8).0.sign(message.as_bytes()).to_bytes(),
        )]),
        // A good one does not make up for it.
        note([cosignature(&text(), 7, 5), NoteSignature::cosignature(&public, at(5), [0; 64])]),
    ] {
        assert_eq!(found(&policy(1, &[7]), &forged), wrong);
        assert_eq!(found(&policy(0, &[7]), &forged), wrong);
        // Whoever does not know the witness ignores it.
        assert_eq!(found(&policy(0, &[8]), &forged), Ok(vec![]));
    }
}

#[test]
fn malformed_cosignatures_of_known_witnesses_are_refused() {
    let (_, public) = witness(7);
    let malformed =
        Err(NotTrusted::Cosignature(CosignatureRefused::Malformed { witness: public.name().clone() }));
    let good = note([cosignature(&text(), 7, 5)]).to_string();
    // The line of a key of the log with the same name and bytes has another id, and says nothing.
    let as_log = VerifierKey::new(public.name().clone(), &public.public_key()).unwrap();
    let plain = NoteSignature::new(&as_log, witness(7).0.sign(text().as_bytes()).to_bytes());
    assert_eq!(found(&policy(0, &[7]), &note([plain])), Ok(vec![]));

    let id = public.id();
    let max_time = (1_u64 << 63).to_be_bytes();
    for bytes in [&id[..], &[0; 1], &[0; 71], &[0; 73], &[0; 8 + 2420], &[&max_time[..], &[0; 64]].concat()] {
        let mut line = id.to_vec();
        line.extend(bytes);
        let line = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, line);
        let note = format!("{good}— {} {line}\n", public.name());
        let note = SignedNote::parse(note.as_bytes()).unwrap();
        assert_eq!(found(&policy(1, &[7]), &note), malformed);
    }
    assert_eq!(CosignedAt::from_seconds(1 << 63), None);
    assert_eq!(CosignedAt::from_seconds((1 << 63) - 1).map(CosignedAt::seconds), Some((1 << 63) - 1));
}

proptest! {
    #[test]
    fn cosignatures_survive_formatting(secrets in proptest::collection::btree_set(2_u8..40, 0..17), seconds in 0..=i64::MAX as u64) {
        let secrets: Vec<_> = secrets.into_iter().collect();
        let note = note(secrets.iter().map(|secret| cosignature(&text(), *secret, seconds)));
        let parsed = SignedNote::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&parsed, &note);
        let expected: Vec<_> = secrets.iter().map(|secret| (format!("{WITNESS}{secret}"), seconds)).collect();
        prop_assert_eq!(found(&policy(secrets.len(), &secrets), &note), Ok(expected));
    }

    /// A flipped bit takes away the witness at least, and never makes another time of it.
    #[test]
    fn one_flipped_bit_is_never_witnessed(at: prop::sample::Index, bit in 0_u8..8) {
        let mut note = note([cosignature(&text(), 7, 1_700_000_000)]).to_string().into_bytes();
        let at = at.index(note.len());
        note[at] ^= 1 << bit;
        prop_assert!(policy(1, &[7]).open(&note).is_err());
    }

    /// Whatever parses is written as it was read.
    #[test]
    fn arbitrary_notes_are_refused_or_canonical(
        from: prop::sample::Index,
        length in 0_usize..60,
        replacement in prop_oneof![any::<String>(), "[—A-Za-z0-9+/= \n]{0,60}"],
    ) {
        let note = note([cosignature(&text(), 7, 5)]).to_string();
        let changed = splice(&note, from, length, &replacement);
        for text in [&changed, &replacement] {
            if let Ok(parsed) = SignedNote::parse(text.as_bytes()) {
                prop_assert_eq!(&parsed.to_string(), text);
            }
        }
        prop_assert!(changed == note || policy(1, &[7]).open(changed.as_bytes()).is_err());
    }

    #[test]
    fn arbitrary_keys_are_refused_or_canonical(text in prop_oneof![any::<String>(), "[a-z]{1,4}\\+[0-9a-f]{8}\\+B[A-P][A-Za-z0-9+/]{42}"]) {
        if let Ok(key) = text.parse::<CosignerKey>() {
            prop_assert_eq!(key.to_string(), text);
        }
    }
}
