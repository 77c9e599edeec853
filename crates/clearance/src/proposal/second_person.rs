//! Who may confirm: somebody else, or after a day the only administrator there is.

use std::collections::BTreeSet;

use super::Proposal;
use crate::audit::Actor;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::AdministratorRoster;
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::site::InUse;
use crate::time::Timestamp;

/// Hours after which the only administrator may confirm what he proposed himself: counted from when he proposed it and from when he became
/// the only one, so that nobody gets rid of the others in order to agree with himself.
pub const ALONE_AFTER_HOURS: i64 = 24;

/// Who makes a change: whoever decided it, and whoever agreed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    pub(crate) by: Actor,
    pub(crate) confirmed_by: Option<Actor>,
}

impl Agreed {
    /// By one alone.
    pub(crate) fn alone(by: Actor) -> Self {
        Self { by, confirmed_by: None }
    }

    /// The people among them.
    pub(crate) fn people(&self) -> BTreeSet<PersonId> {
        let person = |actor| match actor {
            Actor::Person(person) => Some(person),
            Actor::Console | Actor::System => None,
        };
        [Some(self.by), self.confirmed_by].into_iter().flatten().filter_map(person).collect()
    }
}

/// Whether what gives more has to wait for somebody else's agreement. It does not while the site is set up, nor where nobody administers;
/// the commit fails if the first does not hold any more.
pub(crate) async fn needs_second(store: &impl Store, change: &mut Change) -> Result<bool, Failure> {
    let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
    if roster.is_none_or(|roster| roster.people.is_empty()) {
        return Ok(false);
    }
    Ok(!InUse::is_set_up_still(store, change).await?)
}

/// Whether somebody may confirm a proposal.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirmability {
    /// Now.
    Now,
    /// Alone, from this time on.
    AloneFrom(Timestamp),
    /// Not as things stand.
    Never(Refusal),
}

impl Proposal {
    /// Whether this administrator, or the host's command line, may confirm.
    ///
    /// The command line is somebody else than a person, and no person is somebody who uses it: what was proposed there waits for a person,
    /// who must be an administrator.
    pub fn confirmability(
        &self,
        roster: &AdministratorRoster,
        caller: Actor,
        now: Timestamp,
    ) -> Confirmability {
        if let Err(refusal) = self.require_open(now) {
            return Confirmability::Never(refusal);
        }
        if let Actor::Person(proposer) = self.proposed_by
            && !roster.people.contains(&proposer)
        {
            let message =
                "whoever proposed this is no administrator any more; withdraw it and propose it again";
            return Confirmability::Never(Refusal::new(Code::ProposalState, message));
        }
        if caller != self.proposed_by {
            return Confirmability::Now;
        }
        let others = roster.people.iter().any(|person| Actor::Person(*person) != caller);
        if others {
            let message = "somebody else must confirm what you proposed";
            return Confirmability::Never(Refusal::new(Code::OwnProposal, message));
        }
        let since = roster.changed_at.map_or(self.proposed_at, |changed| changed.max(self.proposed_at));
        let from = since.plus_minutes(60 * ALONE_AFTER_HOURS);
        if from <= now { Confirmability::Now } else { Confirmability::AloneFrom(from) }
    }
}

impl Confirmability {
    /// Refuses unless it is now.
    ///
    /// # Errors
    /// [`Code::OwnProposal`], [`Code::ProposalState`].
    pub fn require(self) -> Result<(), Refusal> {
        match self {
            Self::Now => Ok(()),
            Self::AloneFrom(from) => {
                let message = "you are the only administrator: you may confirm your own proposal after a day";
                Err(Refusal::new(Code::OwnProposal, message).with("alone_from", from))
            }
            Self::Never(refusal) => Err(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ConnectorId, PersonId, ProposalId};
    use crate::proposal::{ProposalState, Proposed};

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000).plus_minutes(60 * hour)
    }

    fn proposal(by: Actor) -> Proposal {
        let (connector, person) = (ConnectorId::of_name("okta"), PersonId::of_name("ada"));
        Proposal {
            id: ProposalId::of_name("one"),
            proposed: Proposed::MapIdentity { connector, person, account: None },
            proposed_by: by,
            proposed_at: hour(0),
            state: ProposalState::Open,
        }
    }

    fn roster(people: &[PersonId], changed_at: Option<Timestamp>) -> AdministratorRoster {
        AdministratorRoster { people: people.iter().copied().collect(), changed_at }
    }

    #[test]
    fn somebody_else_or_after_a_day_the_only_one() {
        let [ada, bob] = ["ada", "bob"].map(PersonId::of_name);
        let own = proposal(Actor::Person(ada));
        let (two, one) = (roster(&[ada, bob], None), roster(&[ada], None));
        let is = |proposal: &Proposal, roster: &AdministratorRoster, caller, at| {
            proposal.confirmability(roster, caller, hour(at)).require().map_err(|refusal| refusal.code())
        };
        let (ada, bob) = (Actor::Person(ada), Actor::Person(bob));
        assert_eq!(is(&own, &two, bob, 0), Ok(()));
        assert_eq!(is(&own, &two, Actor::Console, 0), Ok(()));
        assert_eq!(is(&own, &two, ada, 24 * 29), Err(Code::OwnProposal), "however long it waits");
        assert_eq!(is(&own, &one, ada, 23), Err(Code::OwnProposal));
        assert_eq!(is(&own, &one, ada, 24), Ok(()));
        assert_eq!(is(&own, &two, bob, 24 * 30), Err(Code::ProposalState), "it has lapsed");

        let console = proposal(Actor::Console);
        assert_eq!(is(&console, &one, Actor::Console, 24 * 29), Err(Code::OwnProposal));
        assert_eq!(is(&console, &one, ada, 0), Ok(()));
    }

    #[test]
    fn nobody_becomes_the_only_one_and_agrees_at_once() {
        let [ada, bob] = ["ada", "bob"].map(PersonId::of_name);
        let own = proposal(Actor::Person(ada));
        let alone = roster(&[ada], Some(hour(100)));
        let at = |hours| own.confirmability(&alone, Actor::Person(ada), hour(hours));
        assert_eq!(at(101), Confirmability::AloneFrom(hour(124)));
        assert_eq!(at(124), Confirmability::Now);
        let without_the_proposer = roster(&[bob], Some(hour(100)));
        let refused = own.confirmability(&without_the_proposer, Actor::Person(bob), hour(101)).require();
        assert_eq!(refused.map_err(|refusal| refusal.code()), Err(Code::ProposalState));
    }
}
