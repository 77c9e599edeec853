use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::ZeroizeOnDrop;

use super::ConfigError;

/// A configured secret. It cannot be printed or serialised, and is wiped from memory when dropped.
#[derive(Clone, Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret, for whoever it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secret itself, or the content of the file that its twin names (without the line's end), not both.
pub(super) fn choose(
    key: &'static str,
    inline: Option<Secret>,
    file: Option<PathBuf>,
    directory: &Path,
) -> Result<Option<Secret>, ConfigError> {
    let secret = match (inline, file) {
        (Some(_), Some(_)) => {
            return Err(ConfigError::value(key, "is given twice: here and by its `_file` twin"));
        }
        (inline, None) => inline,
        (None, Some(file)) => {
            let path = directory.join(file);
            let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Read { path, error })?;
            Some(Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
    };
    match secret {
        Some(secret) if secret.0.is_empty() => Err(ConfigError::value(key, "must not be empty")),
        secret => Ok(secret),
    }
}
