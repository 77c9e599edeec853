//! The log's size and root as last seen, kept beside the database in `known-checkpoint`, so that a database put back from before is noticed.
//!
//! Whoever can write the data directory can write this file too: it guards against mistakes. Against the operator guard checkpoints that
//! others keep.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use clearance::ports::LogHead;

/// The file's name in the data directory.
const FILE: &str = "known-checkpoint";

/// The file.
#[derive(Debug)]
pub struct KnownCheckpoint {
    path: PathBuf,
    written: AtomicU64,
}

impl KnownCheckpoint {
    /// The file of a data directory.
    pub fn of(data: &Path) -> Self {
        Self { path: data.join(FILE), written: AtomicU64::new(0) }
    }

    /// What it says, if there is one.
    ///
    /// # Errors
    /// When it cannot be read or does not say what it should.
    pub fn read(&self) -> std::io::Result<Option<LogHead>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => match parse(&text) {
                Some(head) => Ok(Some(head)),
                None => Err(std::io::Error::other(format!("{} holds no size and root", self.path.display()))),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a head that is ahead of the one kept.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, head: &LogHead) -> std::io::Result<()> {
        if head.size <= self.written.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.read().is_ok_and(|kept| kept.is_none_or(|kept| kept.size < head.size)) {
            self.replace(head)?;
        }
        self.written.store(head.size, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps a head whatever was kept.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn replace(&self, head: &LogHead) -> std::io::Result<()> {
        let temporary = self.path.with_extension(std::process::id().to_string());
        let mut file = std::fs::File::create(&temporary)?;
        write!(file, "size {}\nroot {}\n", head.size, head.root)?;
        file.sync_all()?;
        std::fs::rename(&temporary, &self.path)
    }
}

fn parse(text: &str) -> Option<LogHead> {
    let mut lines = text.lines();
    let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
    let root = lines.next()?.strip_prefix("root ")?.parse().ok()?;
    Some(LogHead { size, root })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: u64, byte: u8) -> LogHead {
        LogHead { size, root: audit_log::Hash::from_bytes([byte; 32]) }
    }

    #[test]
    fn it_moves_forward_only_unless_replaced() {
        let data = tempfile::tempdir().unwrap();
        let known = KnownCheckpoint::of(data.path());
        assert_eq!(known.read().unwrap(), None);
        known.keep(&head(5, 1)).unwrap();
        known.keep(&head(3, 2)).unwrap();
        KnownCheckpoint::of(data.path()).keep(&head(4, 2)).unwrap();
        assert_eq!(known.read().unwrap(), Some(head(5, 1)));
        known.replace(&head(3, 2)).unwrap();
        assert_eq!(known.read().unwrap(), Some(head(3, 2)));
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
        std::fs::write(data.path().join(FILE), "size x").unwrap();
        assert!(known.read().is_err());
    }
}
