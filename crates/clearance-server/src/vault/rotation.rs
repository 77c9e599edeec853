//! A new key: every secret is opened with the one from before and sealed anew. Killed anywhere and begun again, it goes on where it was:
//! until the end both keys are there, and which of them opens a secret shows by itself.

use clearance::documents::{Change, List, Loaded, Paging, Select, list};
use clearance::failure::Failure;
use clearance::ports::{Environment, Store};

use super::{VaultEntry, VaultError, VaultKey};
use crate::core::random;

/// Secrets sealed anew in one commit.
const AT_ONCE: u16 = 16;

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Secrets that were sealed anew now.
    pub resealed: u64,
    /// Secrets that there are; all of them open with the new key.
    pub secrets: u64,
}

/// Why a rotation did not come to its end. Nothing is lost: both keys stay.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// A secret opens with neither key, or the database did not answer.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A secret opens with the key from before only, although all were sealed anew.
    #[error("somebody else kept secrets at the same time: run the command again")]
    Interfered,
}

impl From<Failure> for RotationError {
    fn from(failure: Failure) -> Self {
        Self::Vault(failure.into())
    }
}

/// Seals every secret under the current key of `key`, and makes what was sealed under the one from before unreadable in the database's files.
///
/// # Errors
/// [`RotationError`].
pub async fn rotate(
    store: &impl Store,
    environment: &impl Environment,
    key: &VaultKey,
) -> Result<Resealed, RotationError> {
    let (current, mut done) = (key.current(), Resealed::default());
    let mut after = None;
    loop {
        let page = page(store, after).await?;
        let mut change = Change::new();
        for entry in &page.items {
            let place = &entry.place;
            if current.open_sealed(place, &entry.sealed).is_err() {
                let secret = key.open_sealed(place, &entry.sealed).map_err(VaultError::from)?;
                let sealed = current.seal(place, &secret, random(environment)).map_err(VaultError::from)?;
                change.update(entry, &VaultEntry { place: place.clone(), sealed });
                done.resealed += 1;
            }
        }
        if !change.is_empty() {
            store.commit(change.into_commit()?).await.map_err(Failure::from)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    done.secrets = check(store, &current).await?;
    store.scrub().await.map_err(Failure::from)?;
    Ok(done)
}

/// How many secrets there are, when all of them open with the key alone.
async fn check(store: &impl Store, current: &VaultKey) -> Result<u64, RotationError> {
    let (mut secrets, mut after) = (0, None);
    loop {
        let page = page(store, after).await?;
        for entry in &page.items {
            current.open_sealed(&entry.place, &entry.sealed).map_err(|_| RotationError::Interfered)?;
            secrets += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok(secrets);
        }
    }
}

async fn page(store: &impl Store, after: Option<String>) -> Result<List<Loaded<VaultEntry>>, Failure> {
    list(store, Select::all(), &Paging { after, limit: Some(AT_ONCE) }).await
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use clearance::documents::Document as _;
    use clearance::ports::{
        Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Place, Row, Secret, StoreError,
        Vault as _,
    };
    use clearance::time::Timestamp;
    use clearance_store::MemoryStore;

    use super::*;
    use crate::vault::key::KeyFile;
    use crate::vault::{KeySource, SealedVault};

    struct Counting(AtomicU64);

    impl Environment for Counting {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(0)
        }

        fn entropy(&self) -> [u8; 32] {
            let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            std::array::from_fn(|at| number[at % 8])
        }
    }

    /// Ends, like a process that is killed, before one of its commits.
    struct Mortal<'a> {
        store: &'a MemoryStore,
        commits_left: AtomicI64,
    }

    impl Store for Mortal<'_> {
        async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
            self.store.get(kind, key).await
        }

        async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
            self.store.page(query).await
        }

        async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
            if self.commits_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
                return Err(StoreError::Unavailable("killed".to_owned()));
            }
            self.store.commit(commit).await
        }

        async fn scrub(&self) -> Result<(), StoreError> {
            self.store.scrub().await
        }

        async fn log_head(&self) -> Result<LogHead, StoreError> {
            self.store.log_head().await
        }

        async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
            self.store.log_entries(from, limit).await
        }

        async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<audit_log::Hash>, StoreError> {
            self.store.log_tile(level, index).await
        }
    }

    const SECRETS: usize = 50;

    fn place(number: usize) -> Place {
        Place::try_from(format!("secret-{number:02}")).unwrap()
    }

    async fn all_there(store: &MemoryStore, environment: &Counting, key: &VaultKey) {
        let vault = SealedVault { store, environment, key };
        for number in 0..SECRETS {
            let secret = vault.secret(&place(number)).await.unwrap().unwrap();
            assert_eq!(secret.expose(), format!("hunter{number}"));
        }
    }

    fn file(data: &Path) -> KeyFile {
        match KeySource::own(data) {
            KeySource::Own(file) => file,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn ended_before_any_of_its_commits_it_goes_on_and_every_secret_opens_all_the_while() {
        for commits in 0..=5 {
            let data = tempfile::tempdir().unwrap();
            let store = MemoryStore::new(&[VaultEntry::KIND]);
            let environment = Counting(1.into());
            let file = file(data.path());
            let first = file.open_or_make(|| environment.entropy()).unwrap();
            let vault = SealedVault { store: &store, environment: &environment, key: &first };
            for number in 0..SECRETS {
                let secret = Secret::new(format!("hunter{number}")).unwrap();
                vault.keep(&place(number), &secret).await.unwrap();
            }

            let key = file.begin_rotation(|| environment.entropy()).unwrap();
            all_there(&store, &environment, &key).await;
            let mortal = Mortal { store: &store, commits_left: commits.into() };
            let killed = rotate(&mortal, &environment, &key).await;
            assert_eq!(killed.is_err(), commits < 4, "{killed:?}");

            // Whoever starts in between has both keys, and so has the next attempt, which makes no third one.
            all_there(&store, &environment, &file.open().unwrap()).await;
            let key = file.begin_rotation(|| panic!("no other key is made")).unwrap();
            let done = rotate(&store, &environment, &key).await.unwrap();
            let already = u64::try_from(commits.min(4) * 16).unwrap().min(50);
            assert_eq!(done, Resealed { resealed: 50 - already, secrets: 50 });
            file.end_rotation().unwrap();
            file.end_rotation().unwrap();
            assert_eq!(std::fs::metadata(data.path().join("vault.key")).unwrap().len(), 32);
            assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "nothing else is left behind");

            all_there(&store, &environment, &file.open().unwrap()).await;
            let vault = SealedVault { store: &store, environment: &environment, key: &first };
            for number in 0..SECRETS {
                vault.secret(&place(number)).await.unwrap_err();
            }
        }
    }

    #[tokio::test]
    async fn what_opens_with_neither_key_stays_as_it_is() {
        let store = MemoryStore::new(&[VaultEntry::KIND]);
        let environment = Counting(1.into());
        let [mine, other] = [VaultKey::new([1; 32]), VaultKey::rotating(&[2; 32], Some(&[3; 32]))];
        let vault = SealedVault { store: &store, environment: &environment, key: &mine };
        vault.keep(&place(0), &Secret::new("hunter0").unwrap()).await.unwrap();
        let rotated = rotate(&store, &environment, &other).await;
        assert!(matches!(rotated, Err(RotationError::Vault(VaultError::WrongKey))), "{rotated:?}");
        assert!(vault.secret(&place(0)).await.unwrap().is_some());
    }
}
