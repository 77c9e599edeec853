//! The canonical form against RFC 8785's own examples and two independent writers.

use audit_log::canonical::{Flaw, Integer, MAX_DEPTH, Value, check_canonical, parse_canonical};
use proptest::prelude::*;

/// Characters where the forms differ: escapes, controls, DEL, surrogate-adjacent, private use, astral.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        any::<char>(),
        (0_u8..=0x80).prop_map(char::from),
        proptest::sample::select(vec![
            '"',
            '\\',
            '/',
            '\u{7f}',
            '\u{2028}',
            '\u{d7ff}',
            '\u{e000}',
            '\u{fb33}',
            '\u{ffff}',
            '\u{10000}',
            '😀',
            '\u{10ffff}',
        ]),
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(character(), 0..8).prop_map(|characters| characters.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (Integer::MIN.get()..=Integer::MAX.get()).prop_map(|n| Integer::try_from(n).unwrap().into()),
        proptest::sample::select(vec![Integer::MIN, Integer::MAX]).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::btree_map(text(), inner, 0..6).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_two_other_writers(value in value()) {
        let ours = value.to_canonical();
        prop_assert_eq!(&ours, &serde_json_canonicalizer::to_vec(&value).unwrap());
        prop_assert_eq!(&ours, &serde_jcs::to_vec(&value).unwrap());
    }

    #[test]
    fn reads_back_what_it_wrote(value in value()) {
        let bytes = value.to_canonical();
        prop_assert_eq!(parse_canonical(&bytes), Ok(value.clone()));
        prop_assert_eq!(check_canonical(&bytes), Ok(()));
        prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
    }

    /// Whatever a change of bytes makes of a canonical text, the strict reader accepts exactly what another writer would have written.
    #[test]
    fn accepts_canonical_bytes_only(
        value in value(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), change()), 1..3),
    ) {
        let mut bytes = value.to_canonical();
        for (at, change) in changes {
            change.apply(&mut bytes, at);
        }
        let rewritten = serde_json::from_slice::<Value>(&bytes)
            .ok()
            .map(|value| serde_json_canonicalizer::to_vec(&value).unwrap());
        let expected = rewritten.as_ref() == Some(&bytes);
        prop_assert_eq!(parse_canonical(&bytes).is_ok(), expected, "{}", String::from_utf8_lossy(&bytes));
        prop_assert_eq!(check_canonical(&bytes), parse_canonical(&bytes).map(|_| ()));
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse_canonical(&bytes);
    }
}

#[derive(Debug, Clone)]
enum Change {
    Replace(u8),
    Insert(Vec<u8>),
    Remove,
}

fn change() -> impl Strategy<Value = Change> {
    let pieces: Vec<&[u8]> = vec![
        b" ",
        b"\n",
        b"0",
        b"-",
        b".5",
        b"e1",
        b"\\/",
        b"\\u0041",
        b"\\u001F",
        b"\\u001f",
        b"\\n",
        b"\\ud83d\\ude00",
        b",",
        b"\"a\":1,",
        b"[",
        b"]",
        b"\x01",
    ];
    prop_oneof![
        any::<u8>().prop_map(Change::Replace),
        proptest::sample::select(pieces).prop_map(|piece| Change::Insert(piece.to_vec())),
        Just(Change::Remove),
    ]
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>, at: proptest::sample::Index) {
        let place = at.index(bytes.len() + 1);
        match self {
            Self::Insert(piece) => drop(bytes.splice(place..place, piece)),
            Self::Replace(byte) => bytes.iter_mut().skip(place).take(1).for_each(|old| *old = byte),
            Self::Remove => drop(bytes.drain(place..bytes.len().min(place + 1))),
        }
    }
}

/// RFC 8785 §3.2.3: the example for the order of members.
#[test]
fn sorts_members_as_the_rfc_shows() {
    let value = Value::object([
        ("\u{20ac}", "Euro Sign".into()),
        ("\r", "Carriage Return".into()),
        ("\u{fb33}", "Hebrew Letter Dalet With Dagesh".into()),
        ("1", "One".into()),
        ("😀", "Emoji: Grinning Face".into()),
        ("\u{80}", "Control".into()),
        ("ö", Value::from("Latin Small Letter O With Diaeresis")),
    ]);
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(String::from_utf8(value.to_canonical()).unwrap(), expected);
    assert_eq!(parse_canonical(expected.as_bytes()), Ok(value));
}

/// RFC 8785 §3.2.2: the string of the serialisation example.
#[test]
fn escapes_as_the_rfc_shows() {
    let value = Value::from("€$\u{f}\nA'B\"\\\\\"/");
    assert_eq!(String::from_utf8(value.to_canonical()).unwrap(), r#""€$\u000f\nA'B\"\\\\\"/""#);
}

#[test]
fn names_the_flaw_and_its_place() {
    for (bytes, flaw, offset) in [
        (&b""[..], Flaw::UnexpectedEnd, 0),
        (b"[1", Flaw::UnexpectedEnd, 2),
        (b"\"a", Flaw::UnexpectedEnd, 2),
        (b"nul", Flaw::UnexpectedEnd, 3),
        (b"nulL", Flaw::UnexpectedByte, 3),
        (b"[1,]", Flaw::UnexpectedByte, 3),
        (b"\xff", Flaw::NotUtf8, 0),
        (b"\"\xed\xa0\x80\"", Flaw::NotUtf8, 1),
        (b"1 ", Flaw::WhiteSpace, 1),
        (b" 1", Flaw::WhiteSpace, 0),
        (b"{\"a\": 1}", Flaw::WhiteSpace, 5),
        (b"1,", Flaw::TrailingBytes, 1),
        (b"1.0", Flaw::NotAnInteger, 0),
        (b"[1e3]", Flaw::NotAnInteger, 1),
        (b"-0", Flaw::NumberForm, 0),
        (b"01", Flaw::NumberForm, 0),
        (b"-", Flaw::UnexpectedEnd, 1),
        (b"9007199254740992", Flaw::NumberRange, 0),
        (b"-9007199254740992", Flaw::NumberRange, 0),
        (b"99999999999999999999999", Flaw::NumberRange, 0),
        (b"\"\n\"", Flaw::ControlCharacter, 1),
        (b"\"\x1f\"", Flaw::ControlCharacter, 1),
        (b"\"\\/\"", Flaw::EscapeForm, 1),
        (b"\"\\u0041\"", Flaw::EscapeForm, 1),
        (b"\"\\u000A\"", Flaw::EscapeForm, 1),
        (b"\"\\u001F\"", Flaw::EscapeForm, 1),
        (b"\"\\u000a\"", Flaw::EscapeForm, 1),
        (b"\"\\ud800\"", Flaw::Surrogate, 1),
        (b"\"\\ud83d\\ude00\"", Flaw::Surrogate, 1),
        (b"\"\\x\"", Flaw::UnexpectedByte, 2),
        (b"{\"b\":1,\"a\":2}", Flaw::KeyOrder, 7),
        (b"{\"a\":1,\"a\":2}", Flaw::DuplicateKey, 7),
        ("{\"\u{fb33}\":1,\"😀\":2}".as_bytes(), Flaw::KeyOrder, 9),
    ] {
        let found = parse_canonical(bytes).expect_err(&String::from_utf8_lossy(bytes));
        assert_eq!((found.flaw, found.offset), (flaw, offset), "{}", String::from_utf8_lossy(bytes));
        assert_eq!(check_canonical(bytes), Err(found));
    }
}

#[test]
fn depth_is_limited_at_its_edge() {
    let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(parse_canonical(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(parse_canonical(&nested(MAX_DEPTH + 1)).unwrap_err().flaw, Flaw::TooDeep);
    assert_eq!(parse_canonical(&vec![b'['; 1_000_000]).unwrap_err().flaw, Flaw::TooDeep);
}

#[test]
fn integers_stay_in_the_exact_range() {
    assert_eq!(Integer::try_from((1_i64 << 53) - 1), Ok(Integer::MAX));
    assert!(Integer::try_from(1_i64 << 53).is_err());
    assert!(Integer::try_from(-(1_i64 << 53)).is_err());
    assert!(Integer::try_from(u64::MAX).is_err());
    assert!(serde_json::from_str::<Value>("1.5").is_err());
    assert!(serde_json::from_str::<Value>("{\"a\":1,\"a\":1}").is_err());
}
