//! In whose right somebody decides a review: their own, or that of somebody for whom they stand in.

use super::document::Review;
use super::reviewer::means;
use crate::catalog::Tool;
use crate::delegation::Delegations;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::Store;
use crate::time::Timestamp;

/// By what right somebody decides a review.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Right<'a> {
    /// Their own.
    Own,
    /// That of somebody for whom they stand in.
    For(&'a Loaded<Person>),
}

impl Right<'_> {
    /// For whom they decide, if they stand in for somebody.
    pub(crate) fn on_behalf_of(self) -> Option<PersonId> {
        match self {
            Self::Own => None,
            Self::For(delegator) => Some(delegator.id),
        }
    }
}

/// Somebody, and those for whom they stand in now.
#[derive(Debug)]
pub(crate) struct Reviewing<'a> {
    person: &'a Person,
    delegations: Option<Loaded<Delegations>>,
    delegators: Vec<Loaded<Person>>,
}

impl<'a> Reviewing<'a> {
    /// Of a person.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn load(
        store: &impl Store,
        person: &'a Person,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let delegations = Delegations::load(store, person.id).await?;
        let mut delegators = Vec::new();
        for id in delegations.as_deref().map(|own| own.delegators(now)).unwrap_or_default() {
            delegators.extend(load::<Person>(store, &id.to_string()).await?);
        }
        Ok(Self { person, delegations, delegators })
    }

    /// Everybody in whose right they may decide something, themselves first.
    pub(super) fn people(&self) -> impl Iterator<Item = &Person> {
        [self.person].into_iter().chain(self.delegators.iter().map(|delegator| &**delegator))
    }

    /// By what right they decide a review, if they do: their own first. Nobody decides about their own access, or that of somebody for whom
    /// they stand in.
    pub(crate) fn right_to(&self, review: &Review, tool: &Tool) -> Option<Right<'_>> {
        let stands_in_for = |holder| self.delegators.iter().any(|delegator| delegator.id == holder);
        if self.person.id == review.person || !self.person.is_active() || stands_in_for(review.person) {
            return None;
        }
        let is_meant = |person: &Person| means(review.reviewer, tool, review.person, person);
        if is_meant(self.person) {
            return Some(Right::Own);
        }
        self.delegators.iter().find(|delegator| is_meant(delegator)).map(Right::For)
    }

    /// Fails the commit when a right is not any more what it was. The decider's own document is for the caller to check.
    pub(super) fn check(&self, change: &mut Change, right: Right<'_>) {
        Delegations::check(change, self.person.id, self.delegations.as_ref());
        if let Right::For(delegator) = right {
            change.check(delegator);
        }
    }
}
