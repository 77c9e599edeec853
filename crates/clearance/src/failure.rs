//! Why a command did not succeed.

use crate::ports::{StoreError, VaultError};
use crate::refusal::Refusal;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule says no. The caller is told the code and what to do.
    #[error("{}", .0.message())]
    Refused(Refusal),
    /// The store did not answer, or somebody else was first.
    #[error(transparent)]
    Store(StoreError),
    /// This program is wrong. The caller is told only that; the host logs the text.
    #[error("defect: {0}")]
    Defect(String),
}

impl Failure {
    /// Whether the command lost a race and should run again from its start.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }

    /// What the caller is told. Internals stay inside: the host logs the failure itself.
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Store(StoreError::Conflict) => Refusal::new(
                crate::refusal::Code::Conflict,
                "somebody changed this at the same moment; look again and retry",
            ),
            Self::Store(_) | Self::Defect(_) => Refusal::new(
                crate::refusal::Code::Unavailable,
                "this did not work, and nothing was changed; try again shortly",
            ),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::Store(StoreError::Unavailable(error.to_string()))
    }
}
