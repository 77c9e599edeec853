//! The self-hosted host's adapters, bundled.

use clearance::ports::{
    Absent, Core, Environment, Place, Ports, RsaPublicKey, RsaScheme, Secret, Store, Vault, VaultError,
};

use crate::vault::{SealedVault, VaultKey};

/// A store, an environment, a vault and Core: what the rules need from a host.
#[derive(Debug, Clone)]
pub struct Host<S, E, C> {
    /// Documents and the log.
    pub store: S,
    /// Time and randomness.
    pub environment: E,
    /// Opens what the vault keeps in the store.
    pub vault: VaultKey,
    /// The way to the directory providers.
    pub core: C,
}

impl<S, E, C> Host<S, E, C> {
    fn sealed(&self) -> SealedVault<'_, S, E> {
        SealedVault { store: &self.store, environment: &self.environment, key: &self.vault }
    }
}

impl<S: Store, E: Environment, C: Core> Ports for Host<S, E, C> {
    type Store = S;
    type Environment = E;
    type Vault = Self;
    type Core = C;
    type Jira = Absent;

    fn store(&self) -> &S {
        &self.store
    }

    fn environment(&self) -> &E {
        &self.environment
    }

    fn vault(&self) -> &Self {
        self
    }

    fn core(&self) -> &C {
        &self.core
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}

impl<S: Store, E: Environment, C: Core> Vault for Host<S, E, C> {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        self.sealed().public_key(key).await
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        self.sealed().sign(key, message).await
    }

    async fn rsa_public_key(&self, key: &Place) -> Result<RsaPublicKey, VaultError> {
        self.sealed().rsa_public_key(key).await
    }

    async fn sign_rsa(&self, key: &Place, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.sealed().sign_rsa(key, scheme, message).await
    }

    async fn fingerprints(&self, key: &str, messages: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        self.sealed().fingerprints(key, messages).await
    }

    async fn keep(&self, place: &Place, secret: &Secret) -> Result<(), VaultError> {
        self.sealed().keep(place, secret).await
    }

    async fn secret(&self, place: &Place) -> Result<Option<Secret>, VaultError> {
        self.sealed().secret(place).await
    }

    async fn secrets(&self, places: &[Place]) -> Vec<Result<Option<Secret>, VaultError>> {
        self.sealed().secrets(places).await
    }

    async fn destroy(&self, place: &Place) -> Result<(), VaultError> {
        self.sealed().destroy(place).await
    }
}
