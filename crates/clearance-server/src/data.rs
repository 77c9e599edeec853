//! The data directory: database, vault key, configuration.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clearance::ports::{Absent, Environment as _, Kind, Store as _};
use clearance_store::SqliteStore;

use crate::config::Config;
use crate::core::{CoreClient, Whereabouts};
use crate::environment::System;
use crate::host::Host;
use crate::vault::{self, KEY_VARIABLE, KeySource, OLD_KEY_VARIABLE, Resealed, VaultEntry, VaultKey};

/// The program's own host: SQLite and the operating system.
pub type LocalHost = Host<Arc<SqliteStore>, System, CoreClient<Arc<SqliteStore>, System>>;

/// A data directory.
#[derive(Debug, Clone)]
pub struct DataDirectory {
    path: PathBuf,
    core: Whereabouts,
    vault_key: KeySource,
}

/// A data directory in use: whoever wants to replace its database waits.
#[derive(Debug)]
pub struct Opened {
    /// The host over its database.
    pub host: LocalHost,
    /// Held until this is dropped.
    pub lock: File,
}

/// Every kind of document that this host stores.
pub fn kinds() -> &'static [&'static Kind] {
    static KINDS: std::sync::OnceLock<Vec<&'static Kind>> = std::sync::OnceLock::new();
    KINDS.get_or_init(|| {
        let own = <VaultEntry as clearance::documents::Document>::KIND;
        clearance::KINDS.iter().copied().chain([own]).collect()
    })
}

impl DataDirectory {
    /// The directory of the Core inside; none when another program is configured.
    pub fn core_inside(&self) -> Option<&Path> {
        match &self.core {
            Whereabouts::Inside(directory) => Some(directory),
            Whereabouts::At(_) => None,
        }
    }

    /// A directory that may not exist yet, with what is so without a configuration.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let core = Whereabouts::Inside(path.join("core"));
        let vault_key = KeySource::own(&path);
        Self { path, core, vault_key }
    }

    /// The same, as the configuration says.
    #[must_use]
    pub fn configured(mut self, config: &Config) -> Self {
        if let Some(address) = &config.core {
            self.core = Whereabouts::At(address.clone());
        }
        if let Some(path) = &config.vault_key_file {
            self.vault_key = KeySource::elsewhere(path.clone());
        }
        self
    }

    /// The same, with the vault's key from somewhere else.
    #[must_use]
    pub fn with_vault_key(self, vault_key: KeySource) -> Self {
        Self { vault_key, ..self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.path.join("clearance.db")
    }

    /// Makes the directory, for its owner only, when there is none.
    pub fn make(&self) -> anyhow::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
            .create(&self.path)
            .with_context(|| format!("cannot make the data directory {}", self.path.display()))
    }

    /// Opens the database, making directory and site on first use.
    ///
    /// # Errors
    /// When the directory or database cannot be made, read or written, or the vault's key cannot be used or is another database's.
    pub async fn open(&self) -> anyhow::Result<Opened> {
        self.make()?;
        let lock = self.lock_file()?;
        lock.lock_shared().context("cannot lock the data directory")?;
        let path = self.database();
        let store =
            SqliteStore::open(&path, kinds()).with_context(|| format!("cannot open {}", path.display()))?;
        let (store, vault) = (Arc::new(store), self.vault_key()?);
        let core = CoreClient::new(store.clone(), System, vault.clone(), self.core.clone());
        let host = Host { store, environment: System, vault, core };
        vault::check_key(&host, &host.vault).await?;
        clearance::site::initialize(&host).await.context("cannot initialize the site")?;
        Ok(Opened { host, lock })
    }

    /// Fills an empty data directory with a small company. A site that has entries already stays as it is.
    ///
    /// # Errors
    /// When the directory or database cannot be made, read or written.
    pub async fn fill_demo(&self) -> anyhow::Result<()> {
        self.make()?;
        let Some(_lock) = self.try_lock_alone()? else {
            bail!("{} is in use: stop the server first", self.path.display())
        };
        let store = SqliteStore::open(self.database(), kinds())?;
        if store.log_head().await?.size == 0 {
            crate::demo::fill(&store, &self.vault_key()?, System.now())
                .await
                .context("cannot fill in the demonstration")?;
        }
        Ok(store.close()?)
    }

    /// Holds the data directory so that nobody else uses it meanwhile; none when a server or another command uses it.
    ///
    /// # Errors
    /// When the lock file cannot be made or locked.
    pub fn try_lock_alone(&self) -> anyhow::Result<Option<File>> {
        let lock = self.lock_file()?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the data directory"),
        }
    }

    /// Seals every secret under a new key, and forgets the one from before.
    ///
    /// # Errors
    /// When a server or another command uses the directory, the key is not this database's or cannot be written, or the database cannot be
    /// written. Then both keys are there, and the next call goes on.
    pub async fn rotate_vault_key(&self) -> anyhow::Result<Resealed> {
        if !self.database().exists() {
            bail!("there is no database in {}", self.path.display());
        }
        let Some(_lock) = self.try_lock_alone()? else {
            bail!("{} is in use: stop the server first", self.path.display())
        };
        let store = SqliteStore::open(self.database(), kinds())?;
        let host = Host { store, environment: System, vault: self.vault_key()?, core: Absent };
        // Before anything is written: a key that opens nothing must not take a place in the file.
        vault::check_key(&host, &host.vault).await?;
        let done = match &self.vault_key {
            KeySource::Own(file) | KeySource::Elsewhere(file) => {
                let key = file.begin_rotation(|| System.entropy())?;
                let done = vault::rotate(&host.store, &System, &key).await?;
                file.end_rotation()?;
                done
            }
            KeySource::Given(key) if key.is_rotating() => vault::rotate(&host.store, &System, key).await?,
            KeySource::Given(_) => {
                bail!("put the new key into {KEY_VARIABLE} and the one from before into {OLD_KEY_VARIABLE}")
            }
        };
        host.store.close()?;
        Ok(done)
    }

    fn lock_file(&self) -> anyhow::Result<File> {
        let path = self.path.join("lock");
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))
    }

    /// The vault's key, made on first use.
    fn vault_key(&self) -> anyhow::Result<VaultKey> {
        Ok(self.vault_key.open(|| System.entropy())?)
    }
}
