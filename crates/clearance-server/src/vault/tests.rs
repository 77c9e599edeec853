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
    let first = VaultKey::open(data.path(), || [7; 32]).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "nothing else is left behind");
    let again = VaultKey::open(data.path(), || [8; 32]).unwrap();
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
        VaultKey::open(data.path(), || [0; 32]),
        Err(KeyFileError::Exposed { mode: 0o640, .. })
    ));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    for wrong in [vec![], vec![7; 31], vec![7; 33]] {
        std::fs::write(&path, wrong).unwrap();
        assert!(matches!(VaultKey::open(data.path(), || [0; 32]), Err(KeyFileError::NotAKey { .. })));
    }
}
