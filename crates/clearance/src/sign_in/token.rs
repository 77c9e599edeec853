use serde::{Deserialize, Serialize};

use super::secret::{SecretHash, TokenSecret};
use crate::audit::Actor;
use crate::authorization::{Credential, Principal, Standing, TokenScope, not_signed_in};
use crate::documents::{Document, load};
use crate::failure::Failure;
use crate::ids::{PersonId, TokenId};
use crate::people::Person;
use crate::ports::{Attributes, Index, Kind, Store};
use crate::time::{Days, Timestamp};

/// A token works for this many days.
pub const TOKEN_DAYS: Days = Days::of(90);

/// Whether a token may still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TokenState {
    /// Until it expires.
    Usable,
    /// No longer.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Who revoked it.
        by: Actor,
    },
}

/// A program that acts for a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// Its public id.
    pub id: TokenId,
    hash: SecretHash,
    /// For whom it acts.
    pub person: PersonId,
    /// What it may be used for.
    pub scope: TokenScope,
    /// When whoever made it last proved who they are; counts as the sign-in of whoever uses it. A token made with a token takes over that
    /// one's, so that a chain of tokens never counts as a recent sign-in.
    pub signed_in_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to work.
    pub expires_at: Timestamp,
    /// Whether it was revoked.
    pub state: TokenState,
}

impl Token {
    /// Tokens of a person by when they were made.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person"], range: "created_at" };
    /// All tokens by when they were made.
    pub const BY_CREATION: Index = Index { name: "by_creation", partition: &["all"], range: "created_at" };

    /// A new token for a person.
    pub(super) fn new(
        secret: &TokenSecret,
        person: PersonId,
        scope: TokenScope,
        signed_in_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            id: secret.id(),
            hash: secret.hash(),
            person,
            scope,
            signed_in_at,
            created_at: now,
            expires_at: now.plus_days(TOKEN_DAYS),
            state: TokenState::Usable,
        }
    }

    /// The token revoked; a token that was revoked before stays as it is.
    #[must_use]
    pub(super) fn revoked(self, at: Timestamp, by: Actor) -> Self {
        match self.state {
            TokenState::Revoked { .. } => self,
            TokenState::Usable => Self { state: TokenState::Revoked { at, by }, ..self },
        }
    }

    /// Whether it may be used now.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.state == TokenState::Usable && now < self.expires_at
    }
}

impl Document for Token {
    const KIND: &'static Kind = &Kind {
        name: "token",
        attributes: &["all", "person", "created_at"],
        indexes: &[Self::BY_PERSON, Self::BY_CREATION],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.person.to_string()), Some(self.created_at.to_string())]
    }
}

/// Who a token acts for: two point reads.
///
/// # Errors
/// [`NotSignedIn`](crate::refusal::Code::NotSignedIn) when there is no such token, it expired or was revoked, or its person is deactivated.
pub async fn authenticate_token(
    store: &impl Store,
    secret: &TokenSecret,
    now: Timestamp,
) -> Result<Principal, Failure> {
    let token = load::<Token>(store, &secret.id().to_string()).await?.ok_or_else(not_signed_in)?;
    // Hashes of secrets are compared, not secrets: how long it takes says nothing that helps to find a preimage.
    if token.hash != secret.hash() || !token.is_usable(now) {
        return Err(not_signed_in().into());
    }
    let person = load::<Person>(store, &token.person.to_string()).await?.ok_or_else(not_signed_in)?;
    if !person.is_active() {
        return Err(not_signed_in().into());
    }
    let credential = Credential::Token { id: token.id, scope: token.scope };
    Ok(Principal { person, standing: Standing::Own, signed_in_at: token.signed_in_at, credential })
}
