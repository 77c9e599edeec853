use core_protocol::message::Answer;

use super::{Core, CoreCall, CoreError, Place, RsaPublicKey, RsaScheme, Secret, Vault, VaultError};

/// A vault or Core that is not there: for hosts that need none, such as whoever only fills a store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Absent;

fn absent<T>() -> Result<T, VaultError> {
    Err(VaultError("there is none here".to_owned()))
}

impl Vault for Absent {
    async fn public_key(&self, _: &str) -> Result<[u8; 32], VaultError> {
        absent()
    }

    async fn sign(&self, _: &str, _: &[u8]) -> Result<[u8; 64], VaultError> {
        absent()
    }

    async fn rsa_public_key(&self, _: &Place) -> Result<RsaPublicKey, VaultError> {
        absent()
    }

    async fn sign_rsa(&self, _: &Place, _: RsaScheme, _: &[u8]) -> Result<Vec<u8>, VaultError> {
        absent()
    }

    async fn fingerprints(&self, _: &str, _: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        absent()
    }

    async fn keep(&self, _: &Place, _: &Secret) -> Result<(), VaultError> {
        absent()
    }

    async fn secret(&self, _: &Place) -> Result<Option<Secret>, VaultError> {
        absent()
    }

    async fn destroy(&self, _: &Place) -> Result<(), VaultError> {
        absent()
    }
}

impl Core for Absent {
    async fn call(&self, _: CoreCall) -> Result<Answer, CoreError> {
        Err(CoreError::NotConfigured)
    }
}
