use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn a_secret_opens_at_its_place_with_its_key_and_unchanged_only() {
    let key = VaultKey::new([1; 32]);
    let sealed = key.seal("connector/token", b"hunter2", [3; 24]).unwrap();
    assert_eq!(key.open_sealed("connector/token", &sealed).unwrap().as_slice(), b"hunter2");
    assert_eq!(key.open_sealed("connector/secret", &sealed), Err(SealedOpen));
    assert_eq!(VaultKey::new([2; 32]).open_sealed("connector/token", &sealed), Err(SealedOpen));
    let text = String::from(sealed.clone());
    assert_eq!(Sealed::try_from(text.clone()).unwrap(), sealed);
    for position in 0..text.len() - 1 {
        let mut changed = text.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let opened = Sealed::try_from(String::from_utf8(changed).unwrap())
            .and_then(|sealed| key.open_sealed("connector/token", &sealed));
        assert_eq!(opened, Err(SealedOpen), "character {position} was changed");
    }
    assert_eq!(format!("{key:?}"), "VaultKey(…)");
}

#[test]
fn the_key_file_is_made_once_for_its_owner_only() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("vault.key");
    let first = KeySource::own(data.path()).open(|| [7; 32]).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "nothing else is left behind");
    let again = KeySource::own(data.path()).open(|| [8; 32]).unwrap();
    let sealed = first.seal("x", b"y", [0; 24]).unwrap();
    assert!(again.open_sealed("x", &sealed).is_ok(), "the second start reads the first one's key");
}

#[test]
fn a_key_file_that_others_may_read_or_that_holds_no_key_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("vault.key");
    std::fs::write(&path, [7; 32]).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        KeySource::own(data.path()).open(|| [0; 32]),
        Err(KeyFileError::Exposed { mode: 0o640, .. })
    ));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    for wrong in [vec![], vec![7; 31], vec![7; 33], vec![7; 63], vec![7; 65]] {
        std::fs::write(&path, wrong).unwrap();
        assert!(matches!(KeySource::own(data.path()).open(|| [0; 32]), Err(KeyFileError::NotAKey { .. })));
    }
}

/// Draws the same bytes each time.
struct Drawing([u8; 32]);

impl Environment for Drawing {
    fn now(&self) -> clearance::time::Timestamp {
        clearance::time::Timestamp::from_millisecond(0)
    }

    fn entropy(&self) -> [u8; 32] {
        self.0
    }
}

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let digits: Vec<u8> =
        hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().unwrap()
}

/// Secret key, public key, message and signature of RFC 8032 §7.1, tests 1 to 3.
const RFC_8032: [(&str, &str, &[u8], &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        &[],
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        &[0x72],
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        &[0xaf, 0x82],
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
];

#[tokio::test]
async fn keys_made_here_sign_as_rfc_8032_says() {
    for (secret, public, message, signature) in RFC_8032 {
        let store = clearance_store::MemoryStore::new(&[VaultEntry::KIND]);
        let (environment, vault) = (Drawing(bytes(secret)), VaultKey::new([1; 32]));
        let made = signing::public_key(&store, &environment, &vault, "log").await.unwrap();
        assert_eq!(made, bytes(public));
        // The key is kept: what is drawn later makes no other.
        let environment = Drawing([0; 32]);
        let signed = signing::sign(&store, &environment, &vault, "log", message).await.unwrap();
        assert_eq!(signed, bytes(signature));
    }
}
