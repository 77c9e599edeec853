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

    /// Drops a token that turned out to be no good, but not the one by which another call has replaced it meanwhile: what that call signed in
    /// with is used up.
    pub(super) fn drop_one(&self, key: &TokenKey, refused: &Token) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.get(key).is_some_and(|token| Arc::ptr_eq(&token.text, &refused.text)) {
            tokens.remove(key);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_has_been_replaced_meanwhile_stays() {
        let key = TokenKey {
            installation: InstallationId::try_from("inst_00000000000000000000000001".to_owned()).unwrap(),
            generation: 1,
            tenant: "okta:acme.okta.com".to_owned(),
            credential: [1; 32],
        };
        let token = |text: &str| Token {
            text: Arc::new(Zeroizing::new(text.to_owned())),
            scheme: Scheme::Bearer,
            ends: UnixSeconds(10_000),
        };
        let (tokens, now) = (Tokens::default(), UnixSeconds(0));
        let (ended, fresh) = (token("ended"), token("fresh"));
        tokens.put(key.clone(), ended.clone());
        // Two calls find it ended; the first of them signs in anew before the second drops it.
        tokens.drop_one(&key, &ended);
        tokens.put(key.clone(), fresh.clone());
        tokens.drop_one(&key, &ended);
        assert!(tokens.get(&key, now).is_some_and(|kept| Arc::ptr_eq(&kept.text, &fresh.text)));
        tokens.drop_one(&key, &fresh);
        assert!(tokens.get(&key, now).is_none());
    }
}
