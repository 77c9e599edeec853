//! Making a pack, front to back.
//!
//! ```
//! use evidence_pack::{Manifest, PackWriter, Scope, layout};
//! let about = Manifest {
//!     format: evidence_pack::manifest::FORMAT.into(),
//!     origin: "clearance.example.com".into(),
//!     tree_size: 0,
//!     export: "export_1".into(),
//!     made_at: "2026-11-23T09:30:00.000Z".into(),
//!     scope: Scope::Grant("grant_1".into()),
//!     records: 0,
//!     files: Vec::new(),
//! };
//! let mut pack = PackWriter::new();
//! pack.file(layout::CHECKPOINT)?;
//! pack.write(b"...");
//! let sent = pack.take();
//! let (closing, to_sign) = pack.close(about)?;
//! // The site signs `to_sign`; the note becomes the last file.
//! let rest = closing.finish(b"...")?;
//! # let _ = (sent, to_sign, rest);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use audit_log::Hash;
use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::{SerializableState as _, SerializedState};
use sha2::{Digest as _, Sha256};

use crate::container::{Container, Standing, TooLarge};
use crate::layout;
use crate::manifest::{FileRecord, Manifest};

/// Writes the files of a pack one after another. Whoever calls takes what is ready whenever it likes; nothing else is kept.
#[derive(Debug, Default)]
pub struct PackWriter {
    container: Container,
    files: Vec<FileRecord>,
    open: Option<(&'static str, Sha256, u64)>,
    out: Vec<u8>,
}

/// Where a [`PackWriter`] stands, so that another goes on from there: everything but the bytes that were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    container: Standing,
    files: Vec<FileRecord>,
    open: Option<SuspendedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SuspendedFile {
    name: String,
    /// SHA-256 after so many bytes, as its crate writes it.
    hash: Vec<u8>,
    size: u64,
}

/// A pack of which only the signature is missing.
#[derive(Debug)]
pub struct Closing {
    container: Container,
    out: Vec<u8>,
}

/// Why no pack comes about.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// It would need the 64-bit form of zip.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The manifest cannot be written.
    #[error("the manifest cannot be written: {0}")]
    Manifest(#[from] serde_json::Error),
}

impl PackWriter {
    /// An empty pack.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where it stands. What is ready to be sent is no part of it: take it before.
    pub fn suspend(&self) -> Suspended {
        let open = self.open.as_ref().map(|(name, hash, size)| SuspendedFile {
            name: (*name).to_owned(),
            hash: hash.serialize().to_vec(),
            size: *size,
        });
        Suspended { container: self.container.standing(), files: self.files.clone(), open }
    }

    /// A writer that goes on from there; none when no writer ever stood so.
    pub fn resume(suspended: &Suspended) -> Option<Self> {
        let Suspended { container, files, open } = suspended;
        let open = match open {
            Some(SuspendedFile { name, hash, size }) => {
                let state = SerializedState::<Sha256>::try_from(hash.as_slice()).ok()?;
                Some((layout::file_named(name)?, Sha256::deserialize(&state).ok()?, *size))
            }
            None => None,
        };
        let container = Container::from_standing(container)?;
        Some(Self { container, files: files.clone(), open, out: Vec::new() })
    }

    /// Begins a file; the one before is ended. Each name is begun once.
    pub fn file(&mut self, name: &'static str) -> Result<(), TooLarge> {
        self.end_file();
        self.container.begin(name, &mut self.out)?;
        self.open = Some((name, Sha256::new(), 0));
        Ok(())
    }

    /// Adds bytes to the file.
    pub fn write(&mut self, bytes: &[u8]) {
        self.count(bytes);
        self.out.extend_from_slice(bytes);
    }

    /// Adds bytes that `make` appends to what is ready to be sent, without copying them.
    pub fn write_with<T>(&mut self, make: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut out = std::mem::take(&mut self.out);
        let before = out.len();
        let made = make(&mut out);
        self.count(out.get(before..).unwrap_or_default());
        self.out = out;
        made
    }

    fn count(&mut self, bytes: &[u8]) {
        self.container.data(bytes);
        if let Some((_, hash, size)) = &mut self.open {
            hash.update(bytes);
            *size += bytes.len() as u64;
        }
    }

    fn end_file(&mut self) {
        if let Some((name, hash, size)) = self.open.take() {
            let sha256 = Hash::from_bytes(hash.finalize().into());
            self.files.push(FileRecord { name: name.to_owned(), size, sha256 });
        }
    }

    /// Bytes that are ready to be sent.
    pub fn ready(&self) -> usize {
        self.out.len()
    }

    /// Takes what is ready to be sent.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends the last file and writes the manifest; its list of files is filled in here. Gives the text to be signed too.
    ///
    /// # Errors
    /// When the pack is larger than 4 GiB.
    pub fn close(mut self, about: Manifest) -> Result<(Closing, String), NotWritten> {
        self.end_file();
        let manifest = Manifest { files: std::mem::take(&mut self.files), ..about };
        let bytes = manifest.to_bytes()?;
        self.file(layout::MANIFEST)?;
        self.write(&bytes);
        let sha256 = Hash::from_bytes(Sha256::digest(&bytes).into());
        let text = Manifest::signed_text(&manifest.origin, &sha256);
        Ok((Closing { container: self.container, out: self.out }, text))
    }
}

impl Closing {
    /// Adds the signature and ends the pack. Gives what is still to be sent.
    ///
    /// # Errors
    /// When the pack is larger than 4 GiB.
    pub fn finish(mut self, note: &[u8]) -> Result<Vec<u8>, TooLarge> {
        self.container.begin(layout::SIGNATURE, &mut self.out)?;
        self.container.data(note);
        self.out.extend_from_slice(note);
        self.container.finish(&mut self.out)?;
        Ok(self.out)
    }
}
