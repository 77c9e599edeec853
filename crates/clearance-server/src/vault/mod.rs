//! The vault: secrets that the server keeps, sealed under a key that never enters the database.
//!
//! The key is 32 random bytes in `vault.key` beside the database, made on first start and readable by its owner only, or elsewhere as the
//! configuration or environment says. A secret is sealed
//! with XChaCha20-Poly1305 under a random nonce; the associated data names its place, so that one sealed secret put in the place of
//! another does not open. Whoever has the database without the key has nothing; whoever copies both has everything: back them up apart.

mod key;
mod port;
mod rotation;
mod rsa;
mod sealed;
pub mod signing;
mod source;
#[cfg(test)]
mod tests;

use clearance::documents::{Change, Document, load};
use clearance::failure::Failure;
use clearance::ports::{Attributes, Environment, Kind, Ports, Store, StoreError};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use key::{KeyFile, KeyFileError, VaultKey};
pub use port::SealedVault;
pub use rotation::{Resealed, RotationError, rotate};
pub use sealed::{Sealed, SealedOpen};
pub use source::{InvalidVariable, KEY_VARIABLE, KeySource, OLD_KEY_VARIABLE};

/// Holds a known text, sealed on first start: opens only with the key that belongs to this database.
const CHECK: &str = "vault/check";
const CHECK_TEXT: &[u8] = b"AI Clearance";

/// A secret as stored: sealed, under the name of its place.
#[derive(Debug, Serialize, Deserialize)]
pub struct VaultEntry {
    place: String,
    sealed: Sealed,
}

impl Document for VaultEntry {
    const KIND: &'static Kind = &Kind { name: "vault_entry", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.place.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Why the vault does not give or take a secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key is not the one that this database's secrets were sealed under.
    #[error("the vault's key is not the key of this database: put back the one that belongs to it")]
    WrongKey,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] Failure),
}

impl From<SealedOpen> for VaultError {
    fn from(_: SealedOpen) -> Self {
        Self::WrongKey
    }
}

/// Makes sure that the key belongs to this database; the first start settles it.
///
/// # Errors
/// [`VaultError::WrongKey`] when it does not.
pub async fn check_key<P: Ports>(ports: &P, key: &VaultKey) -> Result<(), VaultError> {
    let text = get_or_insert(ports.store(), ports.environment(), key, CHECK, CHECK_TEXT).await?;
    if text.as_slice() == CHECK_TEXT { Ok(()) } else { Err(VaultError::WrongKey) }
}

/// The secret at a place; 32 random bytes are put there when there is none. Two servers that start together agree on one.
///
/// # Errors
/// [`VaultError`].
pub async fn random_secret<P: Ports>(
    ports: &P,
    key: &VaultKey,
    place: &str,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    random_secret_in(ports.store(), ports.environment(), key, place).await
}

async fn random_secret_in(
    store: &impl Store,
    environment: &impl Environment,
    key: &VaultKey,
    place: &str,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let fresh = Zeroizing::new(environment.entropy());
    let secret = get_or_insert(store, environment, key, place, fresh.as_slice()).await?;
    <[u8; 32]>::try_from(secret.as_slice()).map(Zeroizing::new).map_err(|_| VaultError::WrongKey)
}

async fn get_or_insert(
    store: &impl Store,
    environment: &impl Environment,
    key: &VaultKey,
    place: &str,
    fresh: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if let Some(entry) = load::<VaultEntry>(store, place).await? {
        return Ok(key.open_sealed(place, &entry.sealed)?);
    }
    let [nonce @ .., _, _, _, _, _, _, _, _] = environment.entropy();
    let mut change = Change::new();
    change.insert(&VaultEntry { place: place.to_owned(), sealed: key.seal(place, fresh, nonce)? });
    match store.commit(change.into_commit()?).await {
        Ok(_) => Ok(Zeroizing::new(fresh.to_vec())),
        Err(StoreError::Conflict) => {
            let entry = load::<VaultEntry>(store, place).await?;
            let entry =
                entry.ok_or_else(|| Failure::Defect(format!("nothing at {place} after a conflict there")))?;
            Ok(key.open_sealed(place, &entry.sealed)?)
        }
        Err(error) => Err(VaultError::Store(error.into())),
    }
}
