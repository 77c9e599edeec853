//! RSA keys that are made here and never leave: PKCS#8 ([RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)), sealed like every secret and
//! opened for one signature at a time.

use clearance::ports::{Environment, Place, RsaPublicKey, RsaScheme, Store, VaultError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use zeroize::Zeroizing;

use super::{VaultKey, get_or_insert};
use crate::vault::VaultEntry;

/// Bits of a modulus.
const BITS: usize = 2048;

/// Where in the store the key at a place of the port is.
pub(super) fn entry_at(place: &Place) -> String {
    format!("rsa/{}", place.as_str())
}

fn failed(error: impl ToString) -> VaultError {
    VaultError(error.to_string())
}

/// The public half of the key at a place; the key is made when there is none.
pub(super) async fn public_key(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    place: &Place,
) -> Result<RsaPublicKey, VaultError> {
    let key = open(store, environment, vault, place).await?;
    let PublicKeyComponents { n: modulus, e: exponent } = PublicKeyComponents::<Vec<u8>>::from(key.public());
    Ok(RsaPublicKey { modulus, exponent })
}

/// A signature with the key at a place; the key is made when there is none.
pub(super) async fn sign(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    (place, scheme): (&Place, RsaScheme),
    message: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let key = open(store, environment, vault, place).await?;
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    // The salt of RSASSA-PSS is drawn from the operating system; nothing depends on which it is.
    let signed = match scheme {
        RsaScheme::Rs256 => key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature),
        RsaScheme::Ps256 => key.sign(&RSA_PSS_SHA256, &random, message, &mut signature),
    };
    signed.map_err(|_| failed("an RSA signature failed"))?;
    Ok(signature)
}

async fn open(
    store: &impl Store,
    environment: &impl Environment,
    vault: &VaultKey,
    place: &Place,
) -> Result<KeyPair, VaultError> {
    let at = entry_at(place);
    let known = clearance::documents::load::<VaultEntry>(store, &at).await.map_err(failed)?;
    let encoded = if let Some(entry) = known {
        vault.open_sealed(&at, &entry.sealed).map_err(failed)?
    } else {
        let seed = Zeroizing::new(environment.entropy());
        // Tenths of a second of arithmetic: not on a thread that answers.
        let fresh = tokio::task::spawn_blocking(move || make(*seed)).await.map_err(failed)??;
        // Whoever is first settles which key it is.
        get_or_insert(store, environment, vault, &at, &fresh).await?
    };
    KeyPair::from_pkcs8(&encoded).map_err(failed)
}

/// A new key, from 32 random bytes.
fn make(seed: [u8; 32]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let key = RsaPrivateKey::new(&mut ChaCha20Rng::from_seed(seed), BITS).map_err(failed)?;
    let encoded = key.to_pkcs8_der().map_err(failed)?;
    Ok(Zeroizing::new(encoded.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use clearance::documents::Document as _;
    use clearance::ports::Vault as _;
    use clearance::time::Timestamp;
    use clearance_store::MemoryStore;
    use rsa::sha2::{Digest as _, Sha256};
    use rsa::{BigUint, Pkcs1v15Sign, Pss};

    use super::*;
    use crate::vault::SealedVault;

    /// Draws other bytes each time.
    struct Counting(std::sync::atomic::AtomicU8);

    impl Environment for Counting {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(0)
        }

        fn entropy(&self) -> [u8; 32] {
            [self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst); 32]
        }
    }

    // Signed by ring; verified by another implementation.
    #[tokio::test]
    async fn signatures_verify_elsewhere_and_the_key_stays_until_it_is_destroyed() {
        let store = MemoryStore::new(&[VaultEntry::KIND]);
        let (environment, key) = (Counting(1.into()), VaultKey::new([1; 32]));
        let vault = SealedVault { store: &store, environment: &environment, key: &key };
        let place = Place::try_from("connector-key:1".to_owned()).unwrap();
        let public = vault.rsa_public_key(&place).await.unwrap();
        assert_eq!((public.modulus.len(), public.exponent.as_slice()), (256, [1, 0, 1].as_slice()));
        let [n, e] = [&public.modulus, &public.exponent].map(|number| BigUint::from_bytes_be(number));
        let verifier = rsa::RsaPublicKey::new(n, e).unwrap();
        let digest = Sha256::digest(b"header.claims");
        let signature = vault.sign_rsa(&place, RsaScheme::Rs256, b"header.claims").await.unwrap();
        verifier.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).unwrap();
        let signature = vault.sign_rsa(&place, RsaScheme::Ps256, b"header.claims").await.unwrap();
        verifier.verify(Pss::new_with_salt::<Sha256>(32), &digest, &signature).unwrap();
        assert!(verifier.verify(Pss::new::<Sha256>(), &Sha256::digest(b"other"), &signature).is_err());
        vault.destroy(&place).await.unwrap();
        assert_ne!(vault.rsa_public_key(&place).await.unwrap(), public, "the destroyed key is gone");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_asks_first_together_gets_one_key() {
        let store = MemoryStore::new(&[VaultEntry::KIND]);
        let (environment, key) = (Counting(1.into()), VaultKey::new([1; 32]));
        let vault = SealedVault { store: &store, environment: &environment, key: &key };
        let place = Place::try_from("connector-key:1".to_owned()).unwrap();
        let [one, two, three] = [(); 3].map(|()| vault.rsa_public_key(&place));
        let (one, two, three) = tokio::join!(one, two, three);
        let one = one.unwrap();
        assert_eq!((&one, &one), (&two.unwrap(), &three.unwrap()));
        assert_eq!(one, vault.rsa_public_key(&place).await.unwrap());
    }
}
