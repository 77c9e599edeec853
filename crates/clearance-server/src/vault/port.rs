//! The `Vault` port over a store, an environment and the key.

use clearance::documents::{Change, load, load_all};
use clearance::ports::{
    Environment, Place, RsaPublicKey, RsaScheme, Secret, Store, StoreError, Vault, VaultError,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{VaultEntry, VaultKey, random_secret_in, rsa, signing};

/// The vault of a site: what it keeps lies sealed in the store.
#[derive(Debug, Clone, Copy)]
pub struct SealedVault<'a, S, E> {
    /// Where it lies.
    pub store: &'a S,
    /// Randomness.
    pub environment: &'a E,
    /// Under which it is sealed.
    pub key: &'a VaultKey,
}

impl<S, E> SealedVault<'_, S, E> {
    /// What was sealed for this place: something from another one does not open.
    fn opened(&self, at: &str, entry: &VaultEntry) -> Result<Secret, VaultError> {
        let text = self.key.open_sealed(at, &entry.sealed).map_err(failed)?;
        let text = std::str::from_utf8(&text).map_err(failed)?;
        Secret::new(text).map_err(failed)
    }
}

fn failed(error: impl ToString) -> VaultError {
    VaultError(error.to_string())
}

/// Where in the store something at a place of the port is; apart from what the server keeps for itself.
fn entry_at(place: &Place) -> String {
    format!("secret/{}", place.as_str())
}

impl<S: Store, E: Environment> Vault for SealedVault<'_, S, E> {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        signing::public_key(self.store, self.environment, self.key, key).await
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        signing::sign(self.store, self.environment, self.key, key, message).await
    }

    async fn rsa_public_key(&self, key: &Place) -> Result<RsaPublicKey, VaultError> {
        rsa::public_key(self.store, self.environment, self.key, key).await
    }

    async fn sign_rsa(&self, key: &Place, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, VaultError> {
        rsa::sign(self.store, self.environment, self.key, (key, scheme), message).await
    }

    async fn fingerprints(&self, key: &str, messages: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        let place = format!("fingerprint/{key}");
        let secret =
            random_secret_in(self.store, self.environment, self.key, &place).await.map_err(failed)?;
        let keyed = Hmac::<Sha256>::new_from_slice(secret.as_slice()).map_err(failed)?;
        let of = |message: &String| {
            let mut mac = keyed.clone();
            mac.update(message.as_bytes());
            mac.finalize().into_bytes().into()
        };
        Ok(messages.iter().map(of).collect())
    }

    async fn keep(&self, place: &Place, secret: &Secret) -> Result<(), VaultError> {
        let at = entry_at(place);
        let [nonce @ .., _, _, _, _, _, _, _, _] = self.environment.entropy();
        let sealed = self.key.seal(&at, secret.expose().as_bytes(), nonce).map_err(failed)?;
        let entry = VaultEntry { place: at.clone(), sealed };
        loop {
            let before = load::<VaultEntry>(self.store, &at).await.map_err(failed)?;
            let mut change = Change::new();
            change.upsert(before.as_ref(), &entry);
            match self.store.commit(change.into_commit().map_err(failed)?).await {
                Ok(_) => return Ok(()),
                // The last one stays.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    async fn secret(&self, place: &Place) -> Result<Option<Secret>, VaultError> {
        let at = entry_at(place);
        let entry = load::<VaultEntry>(self.store, &at).await.map_err(failed)?;
        entry.map(|entry| self.opened(&at, &entry)).transpose()
    }

    async fn secrets(&self, places: &[Place]) -> Vec<Result<Option<Secret>, VaultError>> {
        let places: Vec<_> = places.iter().map(entry_at).collect();
        match load_all::<VaultEntry>(self.store, &places).await {
            Ok(entries) => {
                let with_places = places.iter().zip(entries);
                let opened = with_places.map(|(at, entry)| {
                    entry.map_err(failed)?.map(|entry| self.opened(at, &entry)).transpose()
                });
                opened.collect()
            }
            Err(failure) => {
                let why = failure.to_string();
                places.iter().map(|_| Err(failed(&why))).collect()
            }
        }
    }

    async fn destroy(&self, place: &Place) -> Result<(), VaultError> {
        // A secret and a key of the same place lie apart.
        let [secret, key] = [entry_at(place), rsa::entry_at(place)];
        loop {
            let mut change = Change::new();
            for at in [&secret, &key] {
                if let Some(entry) = load::<VaultEntry>(self.store, at).await.map_err(failed)? {
                    change.remove(&entry);
                }
            }
            if change.is_empty() {
                return Ok(());
            }
            match self.store.commit(change.into_commit().map_err(failed)?).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
}

impl From<super::VaultError> for VaultError {
    fn from(error: super::VaultError) -> Self {
        failed(error)
    }
}

#[cfg(test)]
mod tests {
    use clearance_store::MemoryStore;

    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Environment for Counting {
        fn now(&self) -> clearance::time::Timestamp {
            clearance::time::Timestamp::from_millisecond(0)
        }
        fn entropy(&self) -> [u8; 32] {
            [self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst); 32]
        }
    }

    #[tokio::test]
    async fn secrets_come_back_from_their_place_only_and_are_gone_when_destroyed() {
        use clearance::documents::Document as _;
        let store = MemoryStore::new(&[VaultEntry::KIND]);
        let (environment, key) = (Counting(0.into()), VaultKey::new([1; 32]));
        let vault = SealedVault { store: &store, environment: &environment, key: &key };
        let place = |name: &str| Place::try_from(name.to_owned()).unwrap();
        assert_eq!(vault.secret(&place("a")).await.unwrap(), None);
        for text in ["one", "two"] {
            vault.keep(&place("a"), &Secret::new(text).unwrap()).await.unwrap();
            assert_eq!(vault.secret(&place("a")).await.unwrap().unwrap().expose(), text);
        }
        assert_eq!(vault.secret(&place("b")).await.unwrap(), None);
        vault.destroy(&place("a")).await.unwrap();
        vault.destroy(&place("a")).await.unwrap();
        assert_eq!(vault.secret(&place("a")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn fingerprints_are_hmac_under_a_key_that_stays() {
        use clearance::documents::Document as _;
        let store = MemoryStore::new(&[VaultEntry::KIND]);
        let key = VaultKey::new([1; 32]);
        // The first draw is the key: 32 bytes 0x0b are not RFC 4231's 20, so the expected value was computed apart:
        // printf 'Hi There' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b…0b (32 times)
        let environment = Counting(0x0b.into());
        let vault = SealedVault { store: &store, environment: &environment, key: &key };
        let one = vault.fingerprints("x", &["Hi There".to_owned(), "other".to_owned()]).await.unwrap();
        let two = vault.fingerprints("x", &["Hi There".to_owned()]).await.unwrap();
        assert_eq!(one[0], two[0]);
        assert_ne!(one[0], one[1]);
        assert_ne!(vault.fingerprints("y", &["Hi There".to_owned()]).await.unwrap(), two);
        assert_eq!(
            audit_log::Hash::from_bytes(one[0]).to_string(),
            "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
        );
    }
}
