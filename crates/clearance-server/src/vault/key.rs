use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize as _, Zeroizing};

use super::sealed::{NONCE_BYTES, Sealed, SealedOpen};

/// The key under which secrets are sealed; while it is being changed, also the one from before. It cannot be printed.
#[derive(Clone)]
pub struct VaultKey {
    current: XChaCha20Poly1305,
    old: Option<XChaCha20Poly1305>,
}

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
    /// The file does not hold 32 bytes, nor 64.
    #[error("the vault's key file {} does not hold a key; put back the file that belongs to this data directory", .path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
}

impl VaultKey {
    /// A key from 32 random bytes.
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let key = Self::rotating(&bytes, None);
        bytes.zeroize();
        key
    }

    /// A key that takes the place of another: it seals, and both open.
    pub(super) fn rotating(current: &[u8; 32], old: Option<&[u8; 32]>) -> Self {
        let cipher = |bytes: &[u8; 32]| XChaCha20Poly1305::new(bytes.into());
        Self { current: cipher(current), old: old.map(cipher) }
    }

    /// The same without the key from before.
    pub(super) fn current(&self) -> Self {
        Self { current: self.current.clone(), old: None }
    }

    /// Whether a key from before opens, too.
    pub(crate) fn is_rotating(&self) -> bool {
        self.old.is_some()
    }

    /// Seals a secret for one place.
    ///
    /// `nonce` must be random and used once: 24 random bytes never meet again in practice.
    ///
    /// # Errors
    /// [`SealedOpen`] when the secret is longer than the cipher takes (256 GiB).
    pub fn seal(&self, place: &str, secret: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<Sealed, SealedOpen> {
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let ciphertext = self.current.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealedOpen)?;
        Ok(Sealed::new(nonce, ciphertext))
    }

    /// Opens a secret that was sealed for this place.
    ///
    /// # Errors
    /// [`SealedOpen`] when the key is another, the place is another, or a bit was changed. The cipher does not tell which.
    pub fn open_sealed(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealedOpen> {
        let open = |cipher: &XChaCha20Poly1305| {
            let payload = Payload { msg: sealed.ciphertext(), aad: place.as_bytes() };
            cipher.decrypt(&XNonce::from(sealed.nonce()), payload).map(Zeroizing::new)
        };
        open(&self.current)
            .or_else(|error| self.old.as_ref().map_or(Err(error), open))
            .map_err(|_| SealedOpen)
    }
}

/// A file with the key: 32 bytes, or 64 while the key is being changed: the new one, then the one from before.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The key, made from `entropy` when there is none yet.
    pub(super) fn open_or_make(&self, entropy: impl FnOnce() -> [u8; 32]) -> Result<VaultKey, KeyFileError> {
        match self.bytes() {
            Err(KeyFileError::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {
                match self.make(&Zeroizing::new(entropy())) {
                    // Another process was first: its key is the key.
                    Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(self.failed(error)),
                    Ok(()) | Err(_) => self.open(),
                }
            }
            bytes => self.key(&bytes?),
        }
    }

    /// The key.
    pub(super) fn open(&self) -> Result<VaultKey, KeyFileError> {
        self.key(&self.bytes()?)
    }

    /// Puts a new key, from `entropy`, before the one in place; nothing when one is there already from an attempt before.
    pub(crate) fn begin_rotation(
        &self,
        entropy: impl FnOnce() -> [u8; 32],
    ) -> Result<VaultKey, KeyFileError> {
        let bytes = self.bytes()?;
        if self.key(&bytes)?.is_rotating() {
            return self.key(&bytes);
        }
        let (new, mut both) = (Zeroizing::new(entropy()), Zeroizing::new(Vec::with_capacity(64)));
        both.extend_from_slice(new.as_slice());
        both.extend_from_slice(&bytes);
        self.replace(&both).map_err(|error| self.failed(error))?;
        self.open()
    }

    /// Drops the key from before.
    pub(crate) fn end_rotation(&self) -> Result<(), KeyFileError> {
        let bytes = self.bytes()?;
        match bytes.split_first_chunk::<32>() {
            Some((new, old)) if !old.is_empty() => self.replace(new).map_err(|error| self.failed(error)),
            _ => Ok(()),
        }
    }

    fn key(&self, bytes: &[u8]) -> Result<VaultKey, KeyFileError> {
        let not_a_key = || KeyFileError::NotAKey { path: self.path.clone() };
        match bytes.split_first_chunk::<32>() {
            Some((key, [])) => Ok(VaultKey::rotating(key, None)),
            Some((key, old)) => Ok(VaultKey::rotating(key, Some(old.try_into().map_err(|_| not_a_key())?))),
            None => Err(not_a_key()),
        }
    }

    fn failed(&self, error: std::io::Error) -> KeyFileError {
        KeyFileError::Io { path: self.path.clone(), error }
    }

    fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        let file = File::open(&self.path).map_err(|error| self.failed(error))?;
        let mode = file.metadata().map_err(|error| self.failed(error))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed { path: self.path.clone(), mode });
        }
        // Room for one byte more than there may be, from the start: a vector that grew would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(65));
        file.take(65).read_to_end(&mut bytes).map_err(|error| self.failed(error))?;
        Ok(bytes)
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        }
    }

    /// Writes under a name of its own first, so that nobody ever finds half a key under the real one.
    fn write_beside(&self, bytes: &[u8]) -> std::io::Result<PathBuf> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let beside = PathBuf::from(name);
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(beside)
    }

    fn make(&self, bytes: &[u8; 32]) -> std::io::Result<()> {
        let beside = self.write_beside(bytes)?;
        // Unlike a rename, a link fails when the name is taken.
        let linked = std::fs::hard_link(&beside, &self.path);
        std::fs::remove_file(&beside)?;
        linked?;
        File::open(self.directory())?.sync_all()
    }

    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let beside = self.write_beside(bytes)?;
        std::fs::rename(&beside, &self.path)?;
        File::open(self.directory())?.sync_all()
    }
}
