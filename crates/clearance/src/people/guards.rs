//! Documents that change with a person, so that what spans people rests on no query: who has an address, who administers, who is in a group.

use std::collections::BTreeSet;

use super::{AdministratorRoster, EmailAddressOwner, Group, Membership, Person, Role};
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::ports::Store;
use crate::refusal::{Code, Refusal, malformed};
use crate::time::Timestamp;

/// Most memberships that one call changes: each is a document of the same commit (see `ports::MAX_COMMIT_ITEMS`).
pub(super) const MAX_MEMBERSHIP_CHANGES: usize = 12;

/// Gives a person the address that is theirs now, and frees the one that was.
///
/// # Errors
/// [`Code::EmailInUse`] when somebody else has it.
pub(super) async fn reserve_address(
    store: &impl Store,
    change: &mut Change,
    before: Option<&Loaded<Person>>,
    person: &Person,
) -> Result<(), Failure> {
    let old = before.and_then(|before| before.email.as_ref());
    if old == person.email.as_ref() {
        return Ok(());
    }
    if let Some(address) = old
        && let Some(owner) = load::<EmailAddressOwner>(store, address.as_str()).await?
    {
        change.remove(&owner);
    }
    if let Some(address) = &person.email {
        let owner = load::<EmailAddressOwner>(store, address.as_str()).await?;
        if owner.as_ref().is_some_and(|owner| owner.person.is_some()) {
            return Err(Refusal::new(Code::EmailInUse, "another person has this e-mail address").into());
        }
        change
            .upsert(owner.as_ref(), &EmailAddressOwner { address: address.clone(), person: Some(person.id) });
    }
    Ok(())
}

/// Keeps the roster of administrators, which is never empty.
///
/// # Errors
/// [`Code::LastAdministrator`] when nobody would be left.
pub(super) async fn keep_an_administrator(
    store: &impl Store,
    change: &mut Change,
    before: Option<&Loaded<Person>>,
    person: &Person,
) -> Result<(), Failure> {
    let was = before.is_some_and(|before| before.role == Role::Administrator);
    let is = person.role == Role::Administrator;
    if was == is && person.is_active() {
        return Ok(());
    }
    let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
    // A platform's administrators are noted there without the role.
    let noted = roster.as_ref().is_some_and(|roster| roster.people.contains(&person.id));
    if was == is && !noted {
        return Ok(());
    }
    let mut people = roster.as_ref().map(|roster| roster.people.clone()).unwrap_or_default();
    if is {
        people.insert(person.id);
    } else {
        people.remove(&person.id);
        if people.is_empty() && was {
            let message = "this is the last administrator; give somebody else the role first";
            return Err(Refusal::new(Code::LastAdministrator, message).into());
        }
    }
    // A role and the roster change at the same moment.
    let changed_at = Some(person.role_changed_at);
    change.upsert(roster.as_ref(), &AdministratorRoster { people, changed_at });
    Ok(())
}

/// Lets a person's memberships follow the groups that the person names.
///
/// # Errors
/// Malformed when these are too many, [`Code::UnknownReference`] when there is no such group.
pub(super) async fn change_memberships(
    store: &impl Store,
    change: &mut Change,
    before: Option<&Loaded<Person>>,
    person: &Person,
    (by, now): (&BTreeSet<PersonId>, Timestamp),
) -> Result<(), Failure> {
    let old = before.map(|before| before.groups.clone()).unwrap_or_default();
    let joined: BTreeSet<_> = person.groups.difference(&old).copied().collect();
    let left: Vec<_> = old.difference(&person.groups).copied().collect();
    if joined.len() + left.len() > MAX_MEMBERSHIP_CHANGES || person.groups.len() > Person::MAX_GROUPS {
        let message = format!(
            "changes too many memberships at once; change at most {MAX_MEMBERSHIP_CHANGES}, and keep at most {}",
            Person::MAX_GROUPS
        );
        return Err(malformed("groups", &message).into());
    }
    require_groups(store, &joined).await?;
    for group in joined {
        change.insert(&Membership { group, person: person.id, since: now, added_by: by.clone() });
    }
    for group in left {
        change.remove_unrevised::<Membership>(Membership::key_of(group, person.id));
    }
    Ok(())
}

/// Refuses groups that do not exist.
///
/// # Errors
/// [`Code::UnknownReference`].
pub(super) async fn require_groups(store: &impl Store, groups: &BTreeSet<GroupId>) -> Result<(), Failure> {
    for group in groups {
        if load::<Group>(store, &group.to_string()).await?.is_none() {
            return Err(Refusal::new(Code::UnknownReference, "one of the groups does not exist")
                .with("group", group)
                .into());
        }
    }
    Ok(())
}
