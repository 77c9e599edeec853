//! How an exception ends: by its date, by an administrator, or with whoever it is for or answers for it. What rests on it ends with it.

use super::document::{Exception, ExceptionOfPerson, ExceptionState, OverReason};
use super::entries;
use crate::audit::Actor;
use crate::documents::{self, Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::grant::{self, EndReason, Grant};
use crate::ids::PersonId;
use crate::ports::{Environment as _, Moment, Ports, Store};
use crate::proposal::{self, Proposed};
use crate::request::{Holding, Request};

/// Ends one in a change, with the access that was last given under it.
///
/// # Errors
/// [`ExceptionState`](crate::refusal::Code::ExceptionState) unless it is in force.
pub(super) async fn end(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    before: &Loaded<Exception>,
    why: OverReason,
) -> Result<Exception, Failure> {
    let over = before.end(why, moment.now)?;
    change.update(before, &over);
    let key = ExceptionOfPerson::key_of(over.person, over.tool);
    if let Some(guard) = load::<ExceptionOfPerson>(store, &key).await?
        && guard.exception == Some(over.id)
    {
        change.update(&guard, &ExceptionOfPerson { exception: None, ..ExceptionOfPerson::clone(&guard) });
    }
    entries::ended(change, moment.now, actor, &over);
    if let Some(grant) = resting_grant(store, &over).await? {
        let (_, ending) = grant::ending(store, &grant, actor, moment, EndReason::Revoked).await?;
        change.extend(ending);
    }
    Ok(over)
}

/// The access that would go on without a reason: its last time was given under the exception.
async fn resting_grant(store: &impl Store, exception: &Exception) -> Result<Option<Loaded<Grant>>, Failure> {
    let holding = load::<Holding>(store, &Holding::key_of(exception.person, exception.tool)).await?;
    let Some(grant) = holding.and_then(|holding| holding.grant) else { return Ok(None) };
    let grant = load::<Grant>(store, &grant.to_string()).await?.filter(|grant| grant.is_live());
    let Some(grant) = grant else { return Ok(None) };
    let last = grant.extensions.last().map_or(grant.request, |extension| extension.request);
    let request = load::<Request>(store, &last.to_string()).await?;
    Ok(request.filter(|request| request.exception == Some(exception.id)).map(|_| grant))
}

/// Ends what is over by its date; how many were.
pub(crate) async fn end_due<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let store = ports.store();
    let due = Select::by(&Exception::BY_STATE, ["in_force"]).until(ports.environment().now());
    let mut ended = 0;
    for exception in documents::all::<Exception>(store, due).await? {
        let moment = Moment::draw(ports.environment());
        let mut change = Change::new();
        let why = OverReason::Lapsed;
        match end(store, &mut change, &moment, &Actor::System, &exception, why).await {
            Err(Failure::Refused(_)) => {}
            outcome => {
                outcome?;
                ended += u64::from(change.commit_if_first(store).await?);
            }
        }
    }
    Ok(ended)
}

/// Ends what is for somebody who has left, and what they answer for; withdraws what was proposed for them.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn end_of_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let store = ports.store();
    for state in ["in_force", "proposed"] {
        for exception in documents::all::<Exception>(store, Select::by(&Exception::BY_STATE, [state])).await?
        {
            let why = match (exception.person == person, exception.owner == person) {
                (true, _) => OverReason::PersonLeft,
                (false, true) => OverReason::OwnerLeft,
                (false, false) => continue,
            };
            let moment = Moment::draw(ports.environment());
            let mut change = Change::new();
            if let ExceptionState::Proposed { .. } = exception.state {
                let about = Proposed::about_exception(exception.person, exception.tool);
                proposal::close_about(store, &mut change, &moment, Actor::System, &about).await?;
            } else {
                end(store, &mut change, &moment, &Actor::System, &exception, why).await?;
            }
            if !change.is_empty() {
                store.commit(change.into_commit()?).await?;
            }
        }
    }
    Ok(())
}
