use std::collections::BTreeSet;

use super::guards::{MAX_MEMBERSHIP_CHANGES, keep_an_administrator};
use super::put::status_facts;
use super::{Membership, Person, PersonStatus, Role};
use audit_log::Value;

use crate::audit::{Actor, EventKind};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Moment, Store};
use crate::proposal::{Proposed, close_about};

/// What begins when an active person leaves without an administrator's doing: the change, or none when they are not active.
///
/// They lose role and groups at once; requests and grants, and memberships beyond what fits one commit, are ended by the clockwork.
///
/// # Errors
/// [`LastAdministrator`](crate::refusal::Code::LastAdministrator) when nobody would be left who administers.
pub(crate) async fn leave(
    store: &impl Store,
    person: PersonId,
    actor: &Actor,
    moment: &Moment,
) -> Result<Option<Change>, Failure> {
    let person = load::<Person>(store, &person.to_string()).await?;
    let Some(before) = person.filter(|person| person.is_active()) else { return Ok(None) };
    let groups: BTreeSet<_> = before.groups.iter().skip(MAX_MEMBERSHIP_CHANGES).copied().collect();
    let leaving = Person {
        role: Role::Member,
        role_changed_at: moment.now,
        groups,
        status: PersonStatus::Leaving { since: moment.now },
        ..Person::clone(&before)
    };
    let mut change = Change::new();
    keep_an_administrator(store, &mut change, Some(&before), &leaving).await?;
    for group in before.groups.difference(&leaving.groups) {
        change.remove_unrevised::<Membership>(Membership::key_of(*group, before.id));
    }
    close_about(store, &mut change, moment, *actor, &Proposed::about_person(leaving.id)).await?;
    change.update(&before, &leaving);
    change.record(moment.now, actor, EventKind::PersonDeactivated, Value::object(status_facts(&leaving)));
    Ok(Some(change))
}
