//! The self-hosted host's adapters, bundled.

use clearance::ports::{Environment, Ports, Store, Vault, VaultError};

use crate::vault::{VaultKey, signing};

/// A store, an environment and a vault: what the rules need from a host.
#[derive(Debug, Clone)]
pub struct Host<S, E> {
    /// Documents and the log.
    pub store: S,
    /// Time and randomness.
    pub environment: E,
    /// Opens what the vault keeps in the store.
    pub vault: VaultKey,
}

impl<S: Store, E: Environment> Ports for Host<S, E> {
    type Store = S;
    type Environment = E;
    type Vault = Self;

    fn store(&self) -> &S {
        &self.store
    }

    fn environment(&self) -> &E {
        &self.environment
    }

    fn vault(&self) -> &Self {
        self
    }
}

impl<S: Store, E: Environment> Vault for Host<S, E> {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        signing::public_key(&self.store, &self.environment, &self.vault, key).await
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        signing::sign(&self.store, &self.environment, &self.vault, key, message).await
    }
}
