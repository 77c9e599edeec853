//! Hashing passwords with argon2id (RFC 9106), away from the threads that answer requests.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use clearance::ports::Environment;
use clearance::refusal::{Code, Refusal, malformed};
use clearance::sign_in::PasswordHash;
use tokio::sync::Semaphore;
use zeroize::ZeroizeOnDrop;

/// Shortest password taken, in characters.
pub const MIN_PASSWORD: usize = 12;
/// Longest password taken, in bytes: hashing more would only be work.
pub const MAX_PASSWORD_BYTES: usize = 1024;
/// Hashes at work at the same time: each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;
/// Hashes waiting or at work; whoever comes on top of that is told to come again.
const WAITING: usize = 64;

/// What a person typed. It cannot be printed, and is wiped from memory when dropped.
#[derive(Clone, serde::Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct TypedPassword(String);

impl std::fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

impl TypedPassword {
    /// Checks a password that is to be set.
    ///
    /// # Errors
    /// [`Code::MalformedInput`] when it is too short or too long.
    pub fn check_new(&self) -> Result<(), Refusal> {
        if self.0.chars().count() < MIN_PASSWORD {
            return Err(malformed("password", &format!("must have at least {MIN_PASSWORD} characters")));
        }
        self.check_length()
    }

    fn check_length(&self) -> Result<(), Refusal> {
        if self.0.len() > MAX_PASSWORD_BYTES {
            return Err(malformed("password", &format!("must have at most {MAX_PASSWORD_BYTES} bytes")));
        }
        Ok(())
    }
}

/// Hashes and verifies, a few at a time.
#[derive(Debug)]
pub struct Passwords {
    at_work: Semaphore,
    waiting: Semaphore,
    nobody: Arc<Nobody>,
}

/// A password that nobody has, verified against when there is no account, so that the answer takes as long. Hashed when first needed.
#[derive(Debug)]
struct Nobody {
    seed: [u8; 32],
    hash: OnceLock<Option<PasswordHash>>,
}

impl Nobody {
    fn hash(&self) -> Option<&PasswordHash> {
        self.hash.get_or_init(|| hash(&self.seed, [0; 16]).ok()).as_ref()
    }
}

/// 19 MiB, 2 passes, 1 lane: the first recommendation of the OWASP password storage cheat sheet for argon2id.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

fn unavailable() -> Refusal {
    Refusal::new(Code::Unavailable, "too many people are signing in at this moment; try again shortly")
}

fn hash(password: &[u8], salt: [u8; 16]) -> Result<PasswordHash, Refusal> {
    let phc = argon2().hash_password_with_salt(password, &salt).map_err(|_| unavailable())?;
    Ok(PasswordHash::new(phc.to_string()))
}

fn salt(environment: &impl Environment) -> [u8; 16] {
    let [salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = environment.entropy();
    salt
}

impl Passwords {
    /// Ready to hash.
    pub fn new(environment: &impl Environment) -> Self {
        let nobody = Arc::new(Nobody { seed: environment.entropy(), hash: OnceLock::new() });
        Self { at_work: Semaphore::new(AT_ONCE), waiting: Semaphore::new(WAITING), nobody }
    }

    /// Runs one hash on a thread of its own, when it is its turn.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| unavailable())?;
        let _at_work = self.at_work.acquire().await.map_err(|_| unavailable())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| unavailable())
    }

    /// The hash of a password that is to be set.
    ///
    /// # Errors
    /// [`Code::MalformedInput`] when the password is too short or too long, [`Code::Unavailable`] when too many wait.
    pub async fn hash(
        &self,
        password: TypedPassword,
        environment: &impl Environment,
    ) -> Result<PasswordHash, Refusal> {
        password.check_new()?;
        let salt = salt(environment);
        self.run(move || hash(password.0.as_bytes(), salt)).await?
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and the answer is no.
    ///
    /// # Errors
    /// [`Code::MalformedInput`] when the password is too long, [`Code::Unavailable`] when too many wait.
    pub async fn verify(
        &self,
        password: TypedPassword,
        expected: Option<PasswordHash>,
    ) -> Result<bool, Refusal> {
        password.check_length()?;
        let known = expected.is_some();
        let nobody = Arc::clone(&self.nobody);
        let matches = move || {
            let hash = expected.as_ref().or_else(|| nobody.hash());
            let phc = hash.and_then(|hash| Phc::new(hash.expose()).ok());
            phc.is_some_and(|phc| argon2().verify_password(password.0.as_bytes(), &phc).is_ok())
        };
        Ok(self.run(matches).await? && known)
    }
}
