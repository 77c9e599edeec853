//! Checkpoints and signed notes: the specification's examples, and every way of tampering.

use audit_log::checkpoint::{Checkpoint, CheckpointRefused, InvalidCheckpoint};
use audit_log::note::{InvalidKey, InvalidNote, NotVerified, NoteSignature, SignedNote, VerifierKey};
use audit_log::{EMPTY_ROOT, Hash, leaf_hash};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use crate::known::splice;

pub(crate) const ORIGIN: &str = "clearance.example/log";

/// The key whose secret is this byte 32 times.
pub(crate) fn key(secret: u8) -> (SigningKey, VerifierKey) {
    let secret = SigningKey::from_bytes(&[secret; 32]);
    let public = VerifierKey::new(ORIGIN.parse().unwrap(), secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

pub(crate) fn signature(text: &str, secret: u8) -> NoteSignature {
    let (secret, public) = key(secret);
    NoteSignature::new(&public, secret.sign(text.as_bytes()).to_bytes())
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new(ORIGIN, 42, leaf_hash(b"root")).unwrap()
}

fn published() -> String {
    checkpoint().to_note(signature(&checkpoint().to_text(), 1)).unwrap().to_string()
}

#[test]
fn a_published_checkpoint_opens() {
    assert_eq!(Checkpoint::open(published().as_bytes(), &[key(1).1], ORIGIN), Ok(checkpoint()));
    // During rotation the reader knows both keys, and the note may carry both signatures.
    let keys = [key(1).1, key(2).1];
    let mut note = SignedNote::parse(published().as_bytes()).unwrap();
    note.add_signature(signature(&checkpoint().to_text(), 2));
    assert_eq!(note.signatures().len(), 2);
    for keys in [&keys[..], &keys[..1], &keys[1..]] {
        assert_eq!(Checkpoint::open(note.to_string().as_bytes(), keys, ORIGIN), Ok(checkpoint()));
    }
}

/// The example of C2SP tlog-checkpoint. The key it was signed with is not published, so only the form is checked.
#[test]
fn the_example_of_the_specification() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let line = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let note = format!("{text}\n{line}");
    let parsed = SignedNote::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.to_string(), note);
    assert_eq!(parsed.signatures()[0].name().as_str(), "example.com/behind-the-sofa");
    assert_eq!(parsed.signatures()[0].key_id(), [0x03, 0x3d, 0xe0, 0xae]);
    assert_eq!(parsed.verify(&[key(1).1]), Err(NotVerified::UnknownKeys));
    let checkpoint = Checkpoint::parse_text(text).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_text(), text);
}

/// A head of the Go checksum database, a log in daily use, with its published key.
#[test]
fn a_checkpoint_of_the_go_checksum_database() {
    let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse().unwrap();
    let text = "go.sum database tree\n63096908\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n";
    let line = "— sum.golang.org Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=\n";
    let note = format!("{text}\n{line}");
    let opened = Checkpoint::open(note.as_bytes(), &[key], "go.sum database tree").unwrap();
    assert_eq!((opened.size(), opened.to_text().as_str()), (63_096_908, text));
}

#[test]
fn what_was_changed_is_refused() {
    let note = published();
    let refused = |note: &str| Checkpoint::open(note.as_bytes(), &[key(1).1], ORIGIN).unwrap_err();
    let wrong = CheckpointRefused::NotVerified(NotVerified::WrongSignature);
    assert_eq!(refused(&note.replacen("42", "43", 1)), wrong);
    assert_eq!(refused(&note.replacen("42\n", "42\n\n", 1)), wrong);
    assert_eq!(refused(&note.replacen("\n\n", "\nextension\n\n", 1)), wrong);
    // Our name and id, but the signature of somebody else over the same text.
    let (mallory, _) = key(2);
    let forged = NoteSignature::new(&key(1).1, mallory.sign(checkpoint().to_text().as_bytes()).to_bytes());
    let forged = checkpoint().to_note(forged).unwrap();
    assert_eq!(refused(&forged.to_string()), wrong);
    // A good signature does not make up for a wrong one of a known key.
    let mut both = forged;
    both.add_signature(signature(&checkpoint().to_text(), 1));
    assert_eq!(refused(&both.to_string()), wrong);

    let unknown = CheckpointRefused::NotVerified(NotVerified::UnknownKeys);
    assert_eq!(Checkpoint::open(note.as_bytes(), &[key(2).1], ORIGIN), Err(unknown));
    assert_eq!(Checkpoint::open(note.as_bytes(), &[], ORIGIN), Err(unknown));
    assert_eq!(Checkpoint::open(note.as_bytes(), &[key(1).1], "other"), Err(CheckpointRefused::OtherLog));
    let text = "no checkpoint\n";
    let note = SignedNote::new(text, signature(text, 1)).unwrap();
    assert_eq!(refused(&note.to_string()), CheckpointRefused::Invalid(InvalidCheckpoint::Size));
}

#[test]
fn malformed_notes_are_refused() {
    let note = published();
    let refused = |bytes: &[u8]| SignedNote::parse(bytes).unwrap_err();
    assert_eq!(refused(b""), InvalidNote::NoSignature);
    assert_eq!(refused(b"text\n"), InvalidNote::NoSignature);
    assert_eq!(refused(note.trim_end().as_bytes()), InvalidNote::NoSignature);
    assert_eq!(refused(b"text\n\n\n"), InvalidNote::NoSignature);
    assert_eq!(refused(b"text\n\nsignature\n"), InvalidNote::SignatureLine);
    assert_eq!(refused(note.replace('\u{2014}', "-").as_bytes()), InvalidNote::SignatureLine);
    assert_eq!(refused("text\n\n— name AAAAAA==\n".as_bytes()), InvalidNote::SignatureLine);
    assert_eq!(refused("text\n\n— na+me AAAAAAA=\n".as_bytes()), InvalidNote::SignatureLine);
    assert_eq!(refused("text\n\n—  AAAAAAA=\n".as_bytes()), InvalidNote::SignatureLine);
    assert_eq!(refused(note.replacen('\n', "\r\n", 1).as_bytes()), InvalidNote::Text);
    assert_eq!(refused(b"\xff"), InvalidNote::Text);
    assert_eq!(refused(&vec![b'a'; (1 << 20) + 1]), InvalidNote::TooLong);
    let lines = |count| format!("text\n\n{}", "— name AAAAAAA=\n".repeat(count));
    assert_eq!(SignedNote::parse(lines(128).as_bytes()).unwrap().signatures().len(), 128);
    assert_eq!(refused(lines(129).as_bytes()), InvalidNote::TooManySignatures);
    assert!(SignedNote::new("no line feed", signature("", 1)).is_err());
    assert!(SignedNote::parse("text\n\nmore\n\n— name AAAAAAA=\n".as_bytes()).is_ok());
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let parse = |text: String| Checkpoint::parse_text(&text);
    assert_eq!(parse(format!("log\n0\n{root}\n")).map(|found| *found.root()), Ok(EMPTY_ROOT));
    let extended = parse(format!("log\n7\n{root}\nmore\n")).unwrap();
    assert_eq!(
        (extended.extensions(), extended.to_text()),
        (&["more".to_string()][..], format!("log\n7\n{root}\nmore\n"))
    );
    assert_eq!(parse(format!("log\n0\n{root}")), Err(InvalidCheckpoint::Lines));
    assert_eq!(parse(format!("log\n0\n{root}\n\n")), Err(InvalidCheckpoint::Lines));
    assert_eq!(parse(format!("\n0\n{root}\n")), Err(InvalidCheckpoint::Origin));
    for size in ["", "00", "01", "+1", "-1", "1 ", "1.0", "18446744073709551616", "٣"] {
        assert_eq!(parse(format!("log\n{size}\n{root}\n")), Err(InvalidCheckpoint::Size), "{size}");
    }
    for root in ["", "AAAA", root.trim_start_matches('4'), root.trim_end_matches('='), &format!("{root}=")] {
        assert_eq!(parse(format!("log\n0\n{root}\n")), Err(InvalidCheckpoint::Root), "{root}");
    }
    assert_eq!(Checkpoint::new("", 0, EMPTY_ROOT), Err(InvalidCheckpoint::Origin));
    assert_eq!(Checkpoint::new("a\nb", 0, EMPTY_ROOT), Err(InvalidCheckpoint::Origin));
}

#[test]
fn verifier_keys_have_one_text() {
    let (_, public) = key(1);
    let text = public.to_string();
    assert_eq!(text.parse(), Ok(public));
    let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    assert_eq!(parse("name"), InvalidKey::Form);
    assert_eq!(parse("name+00000000"), InvalidKey::Form);
    assert_eq!(parse("name+00000000+A"), InvalidKey::Form);
    assert_eq!(parse("name+00000000+AgAA"), InvalidKey::Kind);
    assert_eq!(parse("name+00000000+AQAA"), InvalidKey::PublicKey);
    assert_eq!(parse(&text.replacen(ORIGIN, "", 1)), InvalidKey::Name);
    assert_eq!(parse(&text.replacen(ORIGIN, "other", 1)), InvalidKey::Id);
    // The neutral element is a valid point, but would accept signatures of anybody.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(VerifierKey::new(ORIGIN.parse().unwrap(), &neutral), Err(InvalidKey::PublicKey));
}

proptest! {
    #[test]
    fn checkpoints_survive_their_text(origin in "[!-~]{1,40}", size: u64, root: [u8; 32]) {
        let checkpoint = Checkpoint::new(&origin, size, Hash::from_bytes(root)).unwrap();
        prop_assert_eq!(Checkpoint::parse_text(&checkpoint.to_text()), Ok(checkpoint));
    }

    #[test]
    fn one_flipped_bit_never_opens_as_another_checkpoint(at: prop::sample::Index, bit in 0_u8..8) {
        let mut note = published().into_bytes();
        let at = at.index(note.len());
        note[at] ^= 1 << bit;
        prop_assert!(Checkpoint::open(&note, &[key(1).1], ORIGIN).is_err());
    }

    /// Whatever parses is written as it was read.
    #[test]
    fn arbitrary_checkpoints_are_refused_or_canonical(text in prop_oneof![
        any::<String>(),
        "[a-z \n]{0,9}\n[0-9]{0,3}\n[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\n([a-z\n]{0,9}\n)?",
    ]) {
        if let Ok(checkpoint) = Checkpoint::parse_text(&text) {
            prop_assert_eq!(checkpoint.to_text(), text);
        }
    }

    #[test]
    fn arbitrary_keys_are_refused_or_canonical(
        from: prop::sample::Index,
        length in 0_usize..9,
        replacement in prop_oneof![any::<String>(), "[a-zA-Z0-9+/=]{0,9}"],
    ) {
        for text in [splice(&key(1).1.to_string(), from, length, &replacement), replacement] {
            if let Ok(key) = text.parse::<VerifierKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
