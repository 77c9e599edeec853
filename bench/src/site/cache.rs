//! Sites once made are kept and copied.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clearance_store::SqliteStore;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::{Due, Size, grants, log, moment, organization, person, requests};
use crate::stopwatch::Stopwatch;

/// What a site holds beyond its people, tools and policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Nothing.
    Fresh,
    /// A long past of requests and log entries.
    Past,
    /// Requests that wait for one approver.
    Pending,
    /// Active grants.
    Grants(Due),
    /// A log of so many entries, and not even people.
    Log(u32),
}

impl Site {
    fn name(self) -> String {
        match self {
            Self::Fresh => "fresh".to_owned(),
            Self::Past => "past".to_owned(),
            Self::Pending => "pending".to_owned(),
            Self::Grants(due) => format!("grants-{due:?}").to_lowercase(),
            Self::Log(entries) => format!("log-{entries}"),
        }
    }
}

/// Where sites are kept.
#[derive(Debug)]
pub(crate) struct Cache {
    directory: PathBuf,
    size: Size,
    fingerprint: String,
}

impl Cache {
    pub(crate) fn new(directory: &Path, size: Size) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self { directory: directory.to_owned(), size, fingerprint: fingerprint(directory, size)? })
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    /// Where it works.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// A data directory of its own with this site, deleted when it is dropped.
    pub(crate) fn copy(&self, site: Site) -> anyhow::Result<DataDirectory> {
        let kept = self.kept(site)?;
        let path = self.directory.join(format!("run-{}-{}", std::process::id(), site.name()));
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        let copy = DataDirectory { path };
        std::fs::copy(&kept, copy.database()).context("copying a seeded site")?;
        // What is measured next must not wait for this copy to reach the disk.
        std::fs::File::open(copy.database())?.sync_all()?;
        Ok(copy)
    }

    /// The kept database of a site, made when there is none.
    pub(crate) fn kept(&self, site: Site) -> anyhow::Result<PathBuf> {
        let path = self.directory.join(format!("{}-{}.db", site.name(), self.fingerprint));
        if path.exists() {
            return Ok(path);
        }
        let begun = Stopwatch::start();
        let unfinished = self.directory.join(format!("{}-unfinished.db", site.name()));
        remove_database(&unfinished);
        if !matches!(site, Site::Fresh | Site::Log(_)) {
            std::fs::copy(self.kept(Site::Fresh)?, &unfinished)?;
        }
        let store = SqliteStore::open(&unfinished, clearance::KINDS)?;
        match site {
            Site::Fresh => organization::make(&store, self.size)?,
            Site::Past => requests::make_past(&store, self.size)?,
            Site::Pending => requests::make_pending(&store, self.size)?,
            Site::Grants(due) => grants::make(&store, self.size, due)?,
            Site::Log(entries) => log::make(&store, entries)?,
        }
        store.close()?;
        std::fs::rename(&unfinished, &path)?;
        eprintln!("seeded `{}` in {:.1} s", site.name(), begun.elapsed().as_secs_f64());
        Ok(path)
    }
}

/// A data directory that goes when it is dropped.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// An empty one.
    pub(crate) fn empty(cache: &Cache, name: &str) -> anyhow::Result<Self> {
        let path = cache.directory.join(format!("run-{}-{name}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("clearance.db")
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Changes when a site would be written otherwise: sizes, tables and indexes, or how the documents look.
fn fingerprint(directory: &Path, size: Size) -> anyhow::Result<String> {
    let mut text = format!("{size:?} {} {:?}", tables(directory)?, organization::limits());
    let moment = moment("fingerprint", 0, 1);
    for sample in [
        serde_json::to_string(&organization::person_document(0)?)?,
        serde_json::to_string(&organization::tool_document(0)?)?,
        serde_json::to_string(&organization::rules_of(0)?)?,
        serde_json::to_string(&requests::request(&moment, person(0), 0)?)?,
        serde_json::to_string(&grants::grant(0, size, Due::Some))?,
    ] {
        writeln!(text, "{sample}")?;
    }
    let digest = Sha256::digest(text);
    let mut name = String::new();
    for byte in digest.iter().take(6) {
        write!(name, "{byte:02x}")?;
    }
    Ok(name)
}

/// The tables and indexes of a new database.
fn tables(directory: &Path) -> anyhow::Result<String> {
    let path = directory.join(format!("tables-{}.db", std::process::id()));
    remove_database(&path);
    SqliteStore::open(&path, clearance::KINDS)?.close()?;
    let connection = Connection::open(&path)?;
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    drop(statement);
    connection.close().map_err(|(_, error)| error)?;
    remove_database(&path);
    Ok(texts.join("\n"))
}

/// Removes what may be left of a database.
fn remove_database(path: &Path) {
    for beside in ["", "-wal", "-shm"] {
        let mut name = path.to_owned().into_os_string();
        name.push(beside);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}
