//! In whose right somebody decides: their own, or that of somebody for whom they stand in.

use std::collections::BTreeSet;

use super::eligibility::Circle;
use crate::delegation::Delegations;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::request::{Request, Review};
use crate::time::Timestamp;

/// The right by which somebody may decide a request's open stage, with the documents that it rests on.
#[derive(Debug)]
pub struct Right {
    decider: PersonId,
    delegations: Option<Loaded<Delegations>>,
    delegator: Option<Loaded<Person>>,
}

impl Right {
    /// For whom they decide, if they stand in for somebody.
    pub fn on_behalf_of(&self) -> Option<PersonId> {
        self.delegator.as_ref().map(|delegator| delegator.id)
    }

    /// Fails the commit when the right is not any more what it was. The decider's own document is for the caller to check.
    pub fn check(&self, change: &mut Change) {
        Delegations::check(change, self.decider, self.delegations.as_ref());
        if let Some(delegator) = &self.delegator {
            change.check(delegator);
        }
    }
}

/// Whether, and by what right, somebody decides a request's open stage now.
#[derive(Debug)]
pub enum Standing {
    /// The stage does not mean them, nor anybody for whom they stand in.
    NotMeant,
    /// It means them, and something stands against it.
    Barred(Refusal),
    /// They decide.
    Decides(Box<Right>),
}

/// By what right somebody decides a request's open stage now. Their own comes first; then it is the first of those for whom they stand in.
///
/// Nobody decides what they ask for themselves, or what somebody asks for whom they stand in; and neither they nor whom they stand in for
/// decide twice, nor whoever the stage means only because of what they did themself after it was asked for. `circle` is the request's.
pub async fn right_of(
    store: &impl Store,
    circle: Circle<'_>,
    (request, review): (&Request, &Review),
    person: &Person,
    now: Timestamp,
) -> Result<Standing, Failure> {
    let delegations = Delegations::load(store, person.id).await?;
    let delegators = delegations.as_deref().map(|own| own.delegators(now)).unwrap_or_default();
    let deciders = review.deciders();
    let approvers = review.open.approvers();
    let own = circle.means(&approvers, person);
    let mut meant = own;
    let (mut found, mut by_own_doing) = (None, false);
    if own && circle.means_by_own_doing(store, &approvers, person).await? {
        by_own_doing = true;
    } else if own && !deciders.contains(&person.id) {
        found = Some(None);
    }
    for id in &delegators {
        if found.is_some() {
            break;
        }
        let Some(delegator) = load::<Person>(store, &id.to_string()).await? else { continue };
        if !person.is_active() || !circle.means(&approvers, &delegator) {
            continue;
        }
        meant = true;
        if circle.means_by_own_doing(store, &approvers, &delegator).await? {
            by_own_doing = true;
        } else if !deciders.contains(id) {
            found = Some(Some(delegator));
        }
    }
    if let Some(refusal) = barred(request, person.id, &delegators, &deciders) {
        return Ok(if meant { Standing::Barred(refusal) } else { Standing::NotMeant });
    }
    Ok(match found {
        Some(delegator) => Standing::Decides(Box::new(Right { decider: person.id, delegations, delegator })),
        None if by_own_doing => Standing::Barred(Refusal::new(
            Code::OwnDoing,
            "the stage means you, or whom you stand in for, only because of a change made or agreed to after this was asked for",
        )),
        None if meant => Standing::Barred(Refusal::new(
            Code::AlreadyDecided,
            "whom you stand in for has approved a stage of this request already, or somebody has for them",
        )),
        None => Standing::NotMeant,
    })
}

/// What stands against a person's decision, whoever the stage means.
fn barred(
    request: &Request,
    person: PersonId,
    delegators: &BTreeSet<PersonId>,
    deciders: &BTreeSet<PersonId>,
) -> Option<Refusal> {
    if request.requester == person {
        return Some(own_request());
    }
    if delegators.contains(&request.requester) {
        let message = "you stand in for whoever asks, and nobody decides what they ask for by somebody else";
        return Some(Refusal::new(Code::OwnRequest, message));
    }
    deciders.contains(&person).then(already_decided)
}

/// Nobody decides what they ask for.
pub(super) fn own_request() -> Refusal {
    Refusal::new(Code::OwnRequest, "nobody decides their own request")
}

/// Nobody decides twice.
pub(super) fn already_decided() -> Refusal {
    let message = "you have approved a stage of this request already, or somebody has for you";
    Refusal::new(Code::AlreadyDecided, message)
}
