use audit_log::Value;

use super::document::{Delegation, Delegations};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Loaded};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::notices;
use crate::ports::{Moment, Store};
use crate::time::Timestamp;

/// Takes a delegation out of the documents of both people, and says so in the log.
pub(super) fn end(
    change: &mut Change,
    (delegator, delegate): (&Loaded<Delegations>, &Loaded<Delegations>),
    actor: &Actor,
    now: Timestamp,
) {
    for document in [delegator, delegate] {
        // An empty document stays: one that is made anew would begin at a revision that somebody may have read.
        change.update(document, &document.without(delegator.person, delegate.person, now));
    }
    let facts = Value::object([
        ("delegator", Value::from(delegator.person.to_string())),
        ("delegate", Value::from(delegate.person.to_string())),
    ]);
    change.record(now, actor, EventKind::DelegationEnded, facts);
}

/// Ends every delegation from and to somebody who has left, each in a commit of its own.
///
/// Whoever decided for them is told, unless it was over.
pub(crate) async fn end_all(store: &impl Store, person: PersonId, moment: &Moment) -> Result<(), Failure> {
    let (now, mut number) = (moment.now, 0_u32);
    while let Some(own) = Delegations::load(store, person).await? {
        let Some(Delegation { delegator, delegate, until, .. }) =
            own.given.first().or(own.received.first()).copied()
        else {
            let mut change = Change::new();
            change.remove(&own);
            store.commit(change.into_commit()?).await?;
            continue;
        };
        let other = if delegator == person { delegate } else { delegator };
        let mut change = Change::new();
        match Delegations::load(store, other).await? {
            Some(other) if delegator == person => end(&mut change, (&own, &other), &Actor::System, now),
            Some(other) => end(&mut change, (&other, &own), &Actor::System, now),
            // It is over, and the other one's was dropped already.
            None => change.update(&own, &own.without(delegator, delegate, now)),
        }
        if delegator == person && now < until {
            number = number.saturating_add(1);
            notices::delegation_ended(&mut change, &moment.part(number), delegator, delegate);
        }
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}
