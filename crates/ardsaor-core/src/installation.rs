//! Installations of the app that may call this Core.

use core_protocol::UnixSeconds;
use core_protocol::message::InstallationId;
use core_protocol::pairing::{PAIRING_SECONDS, PairingCode};
use serde::{Deserialize, Serialize};

use crate::database::{Database, DatabaseError};
use crate::environment::{Environment, random};

/// Seconds that a replaced signing key still works: 24 hours.
pub(crate) const ROTATION_OVERLAP: i64 = 24 * 60 * 60;

/// What an installation runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallationKind {
    /// The server `clearance`. Its signature is all there is.
    SelfHosted,
    /// The app on Atlassian Forge. Every request also carries Forge's invocation token.
    Forge,
}

impl InstallationKind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfHosted => "self_hosted",
            Self::Forge => "forge",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::SelfHosted, Self::Forge].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether an installation's calls are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallationStatus {
    /// They are.
    Enabled,
    /// They are refused.
    Disabled,
}

impl InstallationStatus {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// Which Forge installation an installation is, from its first invocation token on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgeIdentity {
    /// The installation at Atlassian.
    pub installation: String,
    /// The app.
    pub app: String,
    /// The app's environment.
    pub environment: String,
}

/// An installation, without its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installation {
    /// Its id.
    pub id: InstallationId,
    /// What the operator calls it.
    pub name: String,
    /// What it runs on.
    pub kind: InstallationKind,
    /// Whether its calls are carried out.
    pub status: InstallationStatus,
    /// Which Forge installation it is, once it was paired.
    pub forge: Option<ForgeIdentity>,
    /// Signing keys that work now: none before pairing, two while an old one fades out.
    pub keys: u32,
    /// Goes up whenever tokens that were obtained for it must be forgotten.
    #[serde(skip)]
    pub(crate) generation: i64,
}

/// Why an installation was not changed.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// There is none with this id.
    #[error("there is no installation with this id; `ardsaor-core installation list` shows them")]
    Unknown,
    /// The name is blank, long or not one line.
    #[error("a name is one line of 1 to 100 characters")]
    Name,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for InstallationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Adds and changes installations. What it does works at once, beside a running server, too.
#[derive(Debug, Clone)]
pub struct Installations {
    pub(crate) database: Database,
}

impl Installations {
    /// The installations in a database.
    pub fn of(database: Database) -> Self {
        Self { database }
    }

    /// Adds an installation, and makes the code that its backend exchanges for a signing key within ten minutes.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub fn add(
        &self,
        environment: &impl Environment,
        name: &str,
        kind: InstallationKind,
    ) -> Result<(InstallationId, PairingCode), InstallationError> {
        if name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(InstallationError::Name);
        }
        let id = self.database.insert_installation(name, kind, random(environment), environment.now())?;
        let code = self.pairing_code(environment, &id)?;
        Ok((id, code))
    }

    /// All installations.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn list(&self, now: UnixSeconds) -> Result<Vec<Installation>, DatabaseError> {
        self.database.installations(now)
    }

    /// Makes a code for a new signing key. When it is exchanged, keys from before work for 24 hours more.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub fn rotate_key(
        &self,
        environment: &impl Environment,
        id: &InstallationId,
    ) -> Result<PairingCode, InstallationError> {
        self.pairing_code(environment, id)
    }

    /// Sets whether calls are carried out. Disabling works at once; tokens that providers gave are forgotten.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub fn set_status(
        &self,
        id: &InstallationId,
        status: InstallationStatus,
    ) -> Result<(), InstallationError> {
        if self.database.set_status(id, status)? { Ok(()) } else { Err(InstallationError::Unknown) }
    }

    fn pairing_code(
        &self,
        environment: &impl Environment,
        id: &InstallationId,
    ) -> Result<PairingCode, InstallationError> {
        let code = PairingCode::from_entropy(random(environment));
        let ends = environment.now().plus(PAIRING_SECONDS);
        if self.database.insert_pairing(id, &code.key(), ends)? {
            Ok(code)
        } else {
            Err(InstallationError::Unknown)
        }
    }
}
