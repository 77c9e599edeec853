//! The `Vault` port: private keys that are made in the backend and never leave it.

use std::future::Future;

/// Private keys, by name. Nobody is given one: whoever needs a signature hands the message in.
pub trait Vault: Send + Sync {
    /// The public half of the Ed25519 key of this name ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)). A key
    /// that is asked for the first time is made, from randomness of the backend; from then on it stays the same.
    fn public_key(&self, key: &str) -> impl Future<Output = Result<[u8; 32], VaultError>> + Send;

    /// An Ed25519 signature over the message, with the key of this name; it is made as [`public_key`](Self::public_key) makes it.
    fn sign(&self, key: &str, message: &[u8]) -> impl Future<Output = Result<[u8; 64], VaultError>> + Send;
}

/// The vault does not give a key or signature now. What it says is for the host's log, and holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("the vault is not available: {0}")]
pub struct VaultError(pub String);
