//! The ports of [`clearance`] over the bus.

use std::sync::atomic::{AtomicU32, Ordering};

use audit_log::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clearance::ports::{
    Absent, Commit, Committed, Environment, Kind, LogEntry, LogHead, Moment, Page, PageQuery, Place, Ports,
    Row, RsaPublicKey, RsaScheme, Secret, Store, StoreError, Vault, VaultError,
};
use clearance::time::Timestamp;
use serde::de::DeserializeOwned;

use crate::bus::Bus;
use crate::effect::{
    CommitAnswer, Exposed, FingerprintsAnswer, Found, LogEntriesAnswer, LogHeadAnswer, LogTileAnswer,
    Nothing, PageAnswer, PublicKeyAnswer, Request, RsaPublicKeyAnswer, SecretAnswer, SignAnswer,
    SignatureAnswer,
};

/// Documents and the log, wherever the glue keeps them.
#[derive(Debug, Clone)]
pub(crate) struct EffectStore {
    bus: Bus,
}

impl EffectStore {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

impl Store for EffectStore {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let found: Found = self.bus.call(Request::get(kind, key)).await?;
        Ok(found.row.map(Row::from))
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        let page: PageAnswer = self.bus.call(Request::page(query)?).await?;
        Ok(page.into())
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let committed: CommitAnswer = self.bus.call(Request::commit(commit)?).await?;
        Ok(Committed { first_entry: committed.first_entry })
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // The platform shows nothing of what was deleted; there is no file to look into.
        Ok(())
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        let head: LogHeadAnswer = self.bus.call(Request::LogHead).await?;
        Ok(LogHead { size: head.size, root: head.root })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        let answer: LogEntriesAnswer = self.bus.call(Request::LogEntries { from, limit }).await?;
        Ok(answer.entries.into_iter().map(LogEntry::from).collect())
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let tile: LogTileAnswer = self.bus.call(Request::LogTile { level, index }).await?;
        Ok(tile.hashes)
    }
}

/// Private keys, in the platform's secret storage: the glue signs, and this module never sees one.
#[derive(Debug)]
pub(crate) struct EffectVault {
    bus: Bus,
}

impl Vault for EffectVault {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        let answer: PublicKeyAnswer = self.ask(Request::PublicKey { key: key.to_owned() }).await?;
        Ok(*answer.public_key.as_bytes())
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        let request = Request::Sign { key: key.to_owned(), message: hexadecimal(message) };
        let [first, second] = self.ask::<SignAnswer>(request).await?.signature;
        let mut signature = [0; 64];
        let halves = first.as_bytes().iter().chain(second.as_bytes());
        signature.iter_mut().zip(halves).for_each(|(byte, found)| *byte = *found);
        Ok(signature)
    }

    async fn rsa_public_key(&self, key: &Place) -> Result<RsaPublicKey, VaultError> {
        let answer: RsaPublicKeyAnswer = self.ask(Request::RsaPublicKey { place: key.clone() }).await?;
        Ok(RsaPublicKey { modulus: bytes(&answer.n)?, exponent: bytes(&answer.e)? })
    }

    async fn sign_rsa(&self, key: &Place, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, VaultError> {
        let scheme = match scheme {
            RsaScheme::Rs256 => "RS256",
            RsaScheme::Ps256 => "PS256",
        };
        let request = Request::SignRsa { place: key.clone(), scheme, message: hexadecimal(message) };
        bytes(&self.ask::<SignatureAnswer>(request).await?.signature)
    }

    async fn fingerprints(&self, key: &str, messages: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        let request = Request::Fingerprints { key: key.to_owned(), messages: messages.to_vec() };
        let answer: FingerprintsAnswer = self.ask(request).await?;
        Ok(answer.fingerprints.iter().map(|hash| *hash.as_bytes()).collect())
    }

    async fn keep(&self, place: &Place, secret: &Secret) -> Result<(), VaultError> {
        let request = Request::Keep { place: place.clone(), secret: Exposed(secret.clone()) };
        self.ask::<Nothing>(request).await.map(drop)
    }

    async fn secret(&self, place: &Place) -> Result<Option<Secret>, VaultError> {
        Ok(self.ask::<SecretAnswer>(Request::Secret { place: place.clone() }).await?.secret)
    }

    async fn destroy(&self, place: &Place) -> Result<(), VaultError> {
        self.ask::<Nothing>(Request::Destroy { place: place.clone() }).await.map(drop)
    }
}

impl EffectVault {
    async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<T, VaultError> {
        self.bus.call(request).await.map_err(|error| VaultError(error.to_string()))
    }
}

fn hexadecimal(message: &[u8]) -> String {
    let digits = message.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn bytes(text: &str) -> Result<Vec<u8>, VaultError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| VaultError(error.to_string()))
}

/// The time and the random bytes that came with the invocation. Time stands still while it runs.
#[derive(Debug)]
pub(crate) struct InvocationEnvironment {
    moment: Moment,
    drawn: AtomicU32,
}

impl Environment for InvocationEnvironment {
    fn now(&self) -> Timestamp {
        self.moment.now
    }

    fn entropy(&self) -> [u8; 32] {
        // Every draw is different, and all follow from the 32 bytes: the same invocation draws the same again.
        self.moment.bytes("entropy", self.drawn.fetch_add(1, Ordering::Relaxed))
    }
}

/// What this host brings.
#[derive(Debug)]
pub(crate) struct ForgePorts {
    store: EffectStore,
    environment: InvocationEnvironment,
    vault: EffectVault,
}

impl ForgePorts {
    pub(crate) fn new(bus: Bus, moment: Moment) -> Self {
        Self {
            vault: EffectVault { bus: bus.clone() },
            store: EffectStore::new(bus),
            environment: InvocationEnvironment { moment, drawn: AtomicU32::new(0) },
        }
    }
}

impl Ports for ForgePorts {
    type Store = EffectStore;
    type Environment = InvocationEnvironment;
    type Vault = EffectVault;
    // Calls to Core come with the platform's remote.
    type Core = Absent;

    fn store(&self) -> &EffectStore {
        &self.store
    }

    fn environment(&self) -> &InvocationEnvironment {
        &self.environment
    }

    fn vault(&self) -> &EffectVault {
        &self.vault
    }

    fn core(&self) -> &Absent {
        &Absent
    }
}
