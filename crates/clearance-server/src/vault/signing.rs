//! Ed25519 keys that are made here and never leave: 32 random bytes each ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)),
//! sealed like every secret and opened for one signature at a time.

use clearance::ports::{Environment, Store, VaultError};
use ed25519_dalek::{Signer as _, SigningKey};

use super::{VaultKey, random_secret_in};

/// The public half of the key of this name; the key is made when there is none.
///
/// # Errors
/// When the key of the vault is another one, or the store does not answer.
pub async fn public_key(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    name: &str,
) -> Result<[u8; 32], VaultError> {
    Ok(open(store, environment, vault, name).await?.verifying_key().to_bytes())
}

/// A signature with the key of this name; the key is made when there is none.
///
/// # Errors
/// As [`public_key`].
pub async fn sign(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    name: &str,
    message: &[u8],
) -> Result<[u8; 64], VaultError> {
    Ok(open(store, environment, vault, name).await?.sign(message).to_bytes())
}

async fn open(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    name: &str,
) -> Result<SigningKey, VaultError> {
    let seed = random_secret_in(store, environment, vault, &format!("signing/{name}")).await;
    // The bytes and the key over them are wiped when they go out of scope.
    Ok(SigningKey::from_bytes(&*seed.map_err(|error| VaultError(error.to_string()))?))
}
