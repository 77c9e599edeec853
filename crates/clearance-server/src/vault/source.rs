use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::key::{KeyFile, KeyFileError, VaultKey};

/// The environment variable with the key.
pub const KEY_VARIABLE: &str = "CLEARANCE_VAULT_KEY";
/// The environment variable with the key from before, while secrets are still sealed under it.
pub const OLD_KEY_VARIABLE: &str = "CLEARANCE_VAULT_KEY_OLD";

/// The key's name in the data directory.
const FILE: &str = "vault.key";

/// Where the vault's key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The file in the data directory, made on first use.
    Own(KeyFile),
    /// A file elsewhere, which must be there: one that is missing may be a share that is not mounted, and no reason for a new key.
    Elsewhere(KeyFile),
    /// The program's environment.
    Given(VaultKey),
}

/// A variable holds no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} must be 32 bytes in hexadecimal or base64")]
pub struct InvalidVariable(pub &'static str);

impl KeySource {
    /// The file in a data directory.
    pub fn own(data: &Path) -> Self {
        Self::Own(KeyFile::at(data.join(FILE)))
    }

    /// A file elsewhere.
    pub fn elsewhere(path: PathBuf) -> Self {
        Self::Elsewhere(KeyFile::at(path))
    }

    /// What the variables say; none when they are not set.
    ///
    /// # Errors
    /// [`InvalidVariable`].
    pub fn given(key: Option<&OsStr>, old: Option<&OsStr>) -> Result<Option<Self>, InvalidVariable> {
        let Some(key) = key else {
            return if old.is_some() { Err(InvalidVariable(KEY_VARIABLE)) } else { Ok(None) };
        };
        let key = bytes(key).ok_or(InvalidVariable(KEY_VARIABLE))?;
        let old = match old {
            Some(old) => Some(bytes(old).ok_or(InvalidVariable(OLD_KEY_VARIABLE))?),
            None => None,
        };
        Ok(Some(Self::Given(VaultKey::rotating(&key, old.as_deref()))))
    }

    /// The key.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn open(&self, entropy: impl FnOnce() -> [u8; 32]) -> Result<VaultKey, KeyFileError> {
        match self {
            Self::Own(file) => file.open_or_make(entropy),
            Self::Elsewhere(file) => file.open(),
            Self::Given(key) => Ok(key.clone()),
        }
    }
}

fn bytes(text: &OsStr) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.to_str()?.trim();
    let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = if hexadecimal {
        let pairs = (0..32).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok());
        Zeroizing::new(pairs.collect::<Option<Vec<_>>>()?)
    } else {
        let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD];
        Zeroizing::new(engines.iter().find_map(|engine| engine.decode(text).ok())?)
    };
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(key: &str, old: Option<&str>) -> Result<Option<KeySource>, InvalidVariable> {
        KeySource::given(Some(OsStr::new(key)), old.map(OsStr::new))
    }

    #[test]
    fn the_environment_gives_the_same_key_in_either_form_and_nothing_half() {
        let hexadecimal = "07".repeat(32);
        let sealed = VaultKey::new([7; 32]).seal("x", b"y", [0; 24]).unwrap();
        for form in [hexadecimal.clone(), STANDARD.encode([7; 32]), URL_SAFE_NO_PAD.encode([7; 32])] {
            let source = given(&format!("{form}\n"), None).unwrap().unwrap();
            let key = source.open(|| panic!("no key is made")).unwrap();
            assert!(key.open_sealed("x", &sealed).is_ok());
            assert!(!format!("{source:?}").contains("07"));
        }
        for wrong in ["", "07", &"07".repeat(31), &"07".repeat(33), &"zz".repeat(32)] {
            assert_eq!(given(wrong, None).err(), Some(InvalidVariable(KEY_VARIABLE)), "{wrong}");
            assert_eq!(given(&hexadecimal, Some(wrong)).err(), Some(InvalidVariable(OLD_KEY_VARIABLE)));
        }
        assert!(KeySource::given(None, None).unwrap().is_none());
        assert!(
            KeySource::given(None, Some(OsStr::new(&hexadecimal))).is_err(),
            "an old key alone is a slip"
        );
        let rotating =
            given(&"08".repeat(32), Some(&hexadecimal)).unwrap().unwrap().open(|| [0; 32]).unwrap();
        assert!(rotating.open_sealed("x", &sealed).is_ok());
    }
}
