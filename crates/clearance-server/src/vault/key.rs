use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize as _, Zeroizing};

use super::sealed::{NONCE_BYTES, Sealed, SealedOpen};

/// The file's name in the data directory.
const FILE: &str = "vault.key";

/// The key under which secrets are sealed. It cannot be printed.
#[derive(Clone)]
pub struct VaultKey(XChaCha20Poly1305);

impl std::fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultKey(…)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("the vault's key file {}: {error}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Others than its owner may read the file.
    #[error("the vault's key file {} may be read by others (mode {mode:03o}); run `chmod 600` on it", .path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file does not hold 32 bytes.
    #[error("the vault's key file {} does not hold a key; put back the file that belongs to this data directory", .path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
}

impl VaultKey {
    /// A key from 32 random bytes.
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let key = Self(XChaCha20Poly1305::new(&bytes.into()));
        bytes.zeroize();
        key
    }

    /// The key of a data directory; made from `entropy` when there is none yet.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read or made, is readable by others, or holds no key.
    pub fn open(data: &Path, entropy: impl FnOnce() -> [u8; 32]) -> Result<Self, KeyFileError> {
        let path = data.join(FILE);
        match File::open(&path) {
            Ok(file) => read(file, path),
            Err(error) if error.kind() == ErrorKind::NotFound => match make(data, &path, entropy()) {
                Ok(key) => Ok(key),
                // Another process was first: its key is the key.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => match File::open(&path) {
                    Ok(file) => read(file, path),
                    Err(error) => Err(KeyFileError::Io { path, error }),
                },
                Err(error) => Err(KeyFileError::Io { path, error }),
            },
            Err(error) => Err(KeyFileError::Io { path, error }),
        }
    }

    /// Seals a secret for one place.
    ///
    /// `nonce` must be random and used once: 24 random bytes never meet again in practice.
    ///
    /// # Errors
    /// [`SealedOpen`] when the secret is longer than the cipher takes (256 GiB).
    pub fn seal(&self, place: &str, secret: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<Sealed, SealedOpen> {
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let ciphertext = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealedOpen)?;
        Ok(Sealed::new(nonce, ciphertext))
    }

    /// Opens a secret that was sealed for this place.
    ///
    /// # Errors
    /// [`SealedOpen`] when the key is another, the place is another, or a bit was changed. The cipher does not tell which.
    pub fn open_sealed(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealedOpen> {
        let payload = Payload { msg: sealed.ciphertext(), aad: place.as_bytes() };
        self.0.decrypt(&XNonce::from(sealed.nonce()), payload).map(Zeroizing::new).map_err(|_| SealedOpen)
    }
}

fn read(file: File, path: PathBuf) -> Result<VaultKey, KeyFileError> {
    let io = |error| KeyFileError::Io { path: path.clone(), error };
    let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path, mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    file.take(33).read_to_end(&mut bytes).map_err(io)?;
    match <[u8; 32]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ok(VaultKey::new(bytes)),
        Err(_) => Err(KeyFileError::NotAKey { path }),
    }
}

/// Makes the file under a name of its own first, so that nobody ever finds half a key under the real one.
fn make(data: &Path, path: &Path, bytes: [u8; 32]) -> std::io::Result<VaultKey> {
    let bytes = Zeroizing::new(bytes);
    let temporary = data.join(format!("{FILE}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes.as_slice())?;
    file.sync_all()?;
    // Unlike a rename, a link fails when the name is taken.
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    linked?;
    File::open(data)?.sync_all()?;
    Ok(VaultKey::new(*bytes))
}
