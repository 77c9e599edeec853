use schemars::JsonSchema;
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

/// Days for which a token works: 1 to 365, and 90 unless something else is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
pub struct TokenDays(#[schemars(range(min = 1, max = 365))] u16);

impl Default for TokenDays {
    fn default() -> Self {
        Self(90)
    }
}

/// The number is not one of days for which a token may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 365 days")]
pub struct InvalidTokenDays;

impl TryFrom<u16> for TokenDays {
    type Error = InvalidTokenDays;
    fn try_from(days: u16) -> Result<Self, InvalidTokenDays> {
        if (1..=365).contains(&days) { Ok(Self(days)) } else { Err(InvalidTokenDays) }
    }
}

impl From<TokenDays> for u16 {
    fn from(days: TokenDays) -> Self {
        days.0
    }
}

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
    /// All tokens by when they stop to work.
    pub const BY_EXPIRY: Index = Index { name: "by_expiry", partition: &["all"], range: "expires_at" };

    /// A new token for a person.
    pub(super) fn new(
        secret: &TokenSecret,
        person: PersonId,
        scope: TokenScope,
        days: TokenDays,
        (signed_in_at, now): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            id: secret.id(),
            hash: secret.hash(),
            person,
            scope,
            signed_in_at,
            created_at: now,
            expires_at: now.plus_days(Days::of(u32::from(days.0))),
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
        attributes: &["all", "person", "created_at", "expires_at"],
        indexes: &[Self::BY_PERSON, Self::BY_CREATION, Self::BY_EXPIRY],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.person.to_string()),
            Some(self.created_at.to_string()),
            Some(self.expires_at.to_string()),
        ]
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
