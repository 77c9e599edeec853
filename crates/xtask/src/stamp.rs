//! Not doing again what is up to date.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::repository;

/// A fingerprint of what something is made from. A changed file, name or fact gives another one.
///
/// It guards against staleness, not against malice, so the standard library's hasher will do; that its algorithm may change with the
/// compiler costs one needless rebuild.
#[derive(Default)]
pub(crate) struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// A fact, e.g. a version.
    pub(crate) fn fact(mut self, fact: &str) -> Self {
        fact.hash(&mut self.0);
        self
    }

    /// A file's path and content.
    pub(crate) fn file(mut self, path: &Path) -> Result<Self> {
        let content = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        path.hash(&mut self.0);
        content.hash(&mut self.0);
        Ok(self)
    }

    /// Every file in a folder but those in the folders named.
    pub(crate) fn folder(self, path: &Path, but: &[&str]) -> Result<Self> {
        files(path, but)?.iter().try_fold(self, |fingerprint, file| fingerprint.file(file))
    }
}

/// The files in a folder and below, in order.
fn files(folder: &Path, but: &[&str]) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let context = || format!("could not list {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let path = entry.path();
        if entry.file_type().with_context(context)?.is_dir() {
            if !but.iter().any(|name| entry.file_name() == *name) {
                found.append(&mut files(&path, but)?);
            }
        } else {
            found.insert(path);
        }
    }
    Ok(found)
}

/// The note of what `name` was last made from, kept in `target/xtask`.
pub(crate) struct Stamp {
    path: PathBuf,
    now: String,
}

impl Stamp {
    pub(crate) fn new(name: &str, fingerprint: &Fingerprint) -> Self {
        let path = repository::at("target/xtask").join(format!("{}.stamp", name.replace('/', "-")));
        Self { path, now: format!("{:016x}", fingerprint.0.finish()) }
    }

    /// Whether it was made from the same as it would be now.
    pub(crate) fn is_fresh(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|before| before == self.now)
    }

    /// Notes that it was made.
    pub(crate) fn set(&self) -> Result<()> {
        let write = || {
            std::fs::create_dir_all(self.path.parent().unwrap_or(&self.path))?;
            std::fs::write(&self.path, &self.now)
        };
        write().with_context(|| format!("could not write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(folder: &Path) -> u64 {
        Fingerprint::default().folder(folder, &["dist"]).unwrap().0.finish()
    }

    #[test]
    fn any_change_but_in_what_is_left_out_gives_another_fingerprint() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::create_dir_all(folder.join("dist")).unwrap();
        std::fs::write(folder.join("src/a.ts"), "1").unwrap();
        let first = print(&folder);

        std::fs::write(folder.join("dist/a.js"), "1").unwrap();
        assert_eq!(print(&folder), first);
        std::fs::write(folder.join("src/a.ts"), "2").unwrap();
        let changed = print(&folder);
        assert_ne!(changed, first);
        std::fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        assert_ne!(print(&folder), changed);

        std::fs::remove_dir_all(&folder).unwrap();
    }
}
