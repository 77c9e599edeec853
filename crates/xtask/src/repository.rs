//! Where things are.

use std::path::{Path, PathBuf};

/// The folder of the whole project.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A file or folder by its path from the root.
pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}
