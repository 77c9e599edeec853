use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Attributes, Kind, Store};
use crate::time::Timestamp;

/// One person lets another decide for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// For whom it is decided.
    pub delegator: PersonId,
    /// Who decides.
    pub delegate: PersonId,
    /// From when.
    pub from: Timestamp,
    /// Until when; not including it.
    pub until: Timestamp,
    /// Who said so: the delegator, or an administrator.
    pub put_by: Actor,
    /// When.
    pub put_at: Timestamp,
}

impl Delegation {
    /// Whether it holds now.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether it will never hold again.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

/// Guard: whom a person lets decide for them, and for whom the person decides. Each delegation stands in the documents of both people.
///
/// Every commit of a decision checks the revision of its decider's document, or that there is none; so no query says who may decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegations {
    /// Whose.
    pub person: PersonId,
    /// Those by which others decide for the person.
    pub given: Vec<Delegation>,
    /// Those by which the person decides for others.
    pub received: Vec<Delegation>,
}

impl Delegations {
    /// Most people that somebody lets decide for them, now and later.
    pub const MAX_GIVEN: usize = 8;
    /// Most people for whom somebody decides, now and later.
    pub const MAX_RECEIVED: usize = 32;

    /// Nothing given, nothing received.
    pub fn none(person: PersonId) -> Self {
        Self { person, given: Vec::new(), received: Vec::new() }
    }

    /// Whether nothing is left in it.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.received.is_empty()
    }

    /// For whom the person may decide now.
    pub fn delegators(&self, now: Timestamp) -> BTreeSet<PersonId> {
        self.received
            .iter()
            .filter(|delegation| delegation.is_active(now))
            .map(|delegation| delegation.delegator)
            .collect()
    }

    /// Who may decide for the person now.
    pub fn delegates(&self, now: Timestamp) -> BTreeSet<PersonId> {
        self.given
            .iter()
            .filter(|delegation| delegation.is_active(now))
            .map(|delegation| delegation.delegate)
            .collect()
    }

    /// The same without one delegation, and without those that are over.
    #[must_use]
    pub fn without(&self, delegator: PersonId, delegate: PersonId, now: Timestamp) -> Self {
        let stays = |delegation: &&Delegation| {
            (delegation.delegator, delegation.delegate) != (delegator, delegate) && !delegation.is_over(now)
        };
        let left = |delegations: &[Delegation]| delegations.iter().filter(stays).copied().collect();
        Self { person: self.person, given: left(&self.given), received: left(&self.received) }
    }

    /// A person's, as stored.
    pub async fn load(store: &impl Store, person: PersonId) -> Result<Option<Loaded<Self>>, Failure> {
        load::<Self>(store, &person.to_string()).await
    }

    /// Fails the commit unless a person's are still as they were loaded.
    pub fn check(change: &mut Change, person: PersonId, loaded: Option<&Loaded<Self>>) {
        match loaded {
            Some(loaded) => change.check(loaded),
            None => change.check_absent::<Self>(person.to_string()),
        }
    }
}

impl Document for Delegations {
    const KIND: &'static Kind = &Kind { name: "delegations", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_millisecond(0).plus_minutes(number * 24 * 60)
    }

    #[test]
    fn a_delegation_holds_from_its_first_moment_until_before_its_last() {
        let (ada, ben) = (PersonId::of_name("ada"), PersonId::of_name("ben"));
        let delegation = Delegation {
            delegator: ada,
            delegate: ben,
            from: day(2),
            until: day(4),
            put_by: Actor::Person(ada),
            put_at: day(1),
        };
        let of_ada = Delegations { given: vec![delegation], ..Delegations::none(ada) };
        let of_ben = Delegations { received: vec![delegation], ..Delegations::none(ben) };
        for (now, holds) in [(1, false), (2, true), (3, true), (4, false), (5, false)] {
            assert_eq!(of_ada.delegates(day(now)).contains(&ben), holds, "on day {now}");
            assert_eq!(of_ben.delegators(day(now)).contains(&ada), holds, "on day {now}");
            assert!(of_ada.delegators(day(now)).is_empty() && of_ben.delegates(day(now)).is_empty());
        }
        assert!(of_ada.without(ada, ben, day(3)).is_empty());
        assert_eq!(of_ada.without(ben, ada, day(3)), of_ada, "the other way round is another one");
        assert!(of_ada.without(ben, ada, day(4)).is_empty(), "what is over is dropped");
    }
}
