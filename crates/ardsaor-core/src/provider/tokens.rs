//! Access tokens and `DPoP` keys, in memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use core_protocol::UnixSeconds;
use core_protocol::message::InstallationId;
use zeroize::Zeroizing;

use super::okta::ProofKey;
use crate::installation::{Installation, InstallationStatus};

/// Seconds before its end at which a token is no longer used.
const MARGIN: i64 = 60;

/// Whose token: installation, tenant and credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TokenKey {
    pub(super) installation: InstallationId,
    pub(super) generation: i64,
    pub(super) tenant: String,
    pub(super) credential: [u8; 32],
}

/// How a token is shown.
#[derive(Clone)]
pub(crate) enum Scheme {
    Bearer,
    /// Bound to a key that proves each request ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).
    Dpop(Arc<ProofKey>),
}

/// An access token.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: Arc<Zeroizing<String>>,
    pub(crate) scheme: Scheme,
    pub(crate) ends: UnixSeconds,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(…, ends: {:?})", self.ends)
    }
}

/// Tokens that still work.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<TokenKey, Token>>);

impl Tokens {
    pub(super) fn get(&self, key: &TokenKey, now: UnixSeconds) -> Option<Token> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).filter(|token| token.ends > now.plus(MARGIN)).cloned()
    }

    pub(super) fn put(&self, key: TokenKey, token: Token) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, token);
    }

    pub(super) fn drop_one(&self, key: &TokenKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    pub(super) fn forget(&self, installations: &[Installation], now: UnixSeconds) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, token| {
            let current = installations.iter().any(|it| {
                it.id == key.installation
                    && it.generation == key.generation
                    && it.status == InstallationStatus::Enabled
            });
            current && token.ends > now.plus(MARGIN)
        });
    }
}
