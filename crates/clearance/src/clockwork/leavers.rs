use crate::audit::Actor;
use crate::catalog::{Ownership, let_go};
use crate::delegation;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::drift;
use crate::exception;
use crate::failure::Failure;
use crate::grant::{EndReason, Grant, revoke};
use crate::ids::{PersonId, ToolId};
use crate::notices;
use crate::people::{Person, PersonStatus};
use crate::ports::{MAX_PAGE, Moment, Ports, Store};
use crate::proposal;
use crate::provisioning::{FollowUpReason, Job, JobState, follow_up};
use crate::request::Request;
use crate::review;
use crate::tool_proposal;

use super::erasure::leave_groups;
use super::sweep;

/// Ends what people who left hold and asked for; then they have left for good.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let select = |_| Select::by(&Person::BY_STATUS, ["leaving"]);
    sweep(ports, select, |person: Loaded<Person>, moment| settle(ports, person, moment)).await
}

async fn settle<P: Ports>(ports: &P, person: Loaded<Person>, moment: Moment) -> Result<(), Failure> {
    let PersonStatus::Leaving { since } = person.status else { return Ok(()) };
    let owned = owned_by(ports.store(), person.id).await?;
    end_everything(ports, person.id, &moment).await?;
    let key = person.id.to_string();
    leave_groups(ports.store(), &key).await?;
    review::pass_on(ports, person.id, &owned).await?;
    let Some(person) = load::<Person>(ports.store(), &key).await? else { return Ok(()) };
    // Somebody may have brought them back meanwhile.
    if !matches!(person.status, PersonStatus::Leaving { .. }) {
        return Ok(());
    }
    let mut change = Change::new();
    change.update(&person, &Person { status: PersonStatus::Left { since }, ..(*person).clone() });
    // Now that nothing names them any more which the program may change: what people have to.
    notices::person_left(&mut change, &moment, person.id);
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}

/// The tools that somebody owns.
async fn owned_by(store: &impl Store, person: PersonId) -> Result<Vec<ToolId>, Failure> {
    let owned = Select::by(&Ownership::BY_PERSON, [person]);
    let owned = documents::all::<Ownership>(store, owned).await?;
    Ok(owned.iter().map(|owned| owned.tool).collect())
}

/// Withdraws what somebody who is not active any more asked for and proposed, takes away what they hold, takes them out of the tools that
/// they own, gives back what they were to do by hand, and ends delegations from and to them. What somebody has to take away by hand still
/// waits for that afterwards.
pub(super) async fn end_everything<P: Ports>(
    ports: &P,
    person: PersonId,
    moment: &Moment,
) -> Result<(), Failure> {
    let store = ports.store();
    let mut number = 0_u32;
    let mut after = None;
    loop {
        let paging = Paging { after: after.take(), limit: Some(MAX_PAGE) };
        let select = Select::by(&Request::BY_REQUESTER, [person]).descending();
        let page = documents::list::<Request>(store, select, &paging).await?;
        for request in page.items.iter().filter(|request| request.is_open()) {
            let mut change = Change::new();
            let now = moment.now;
            crate::request::operations::cancel(store, &mut change, request, Actor::System, now).await?;
            store.commit(change.into_commit()?).await?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let paging = Paging { after: after.take(), limit: Some(MAX_PAGE) };
        let page = documents::list::<Grant>(store, Select::by(&Grant::BY_PERSON, [person]), &paging).await?;
        for grant in &page.items {
            number = number.saturating_add(1);
            if grant.is_live() {
                revoke(store, grant, &Actor::System, &moment.part(number), EndReason::Revoked).await?;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    proposal::withdraw_all(store, person, moment).await?;
    tool_proposal::withdraw_all(store, person, moment.now).await?;
    hand_over(ports, person, moment).await?;
    delegation::end_all(store, person, moment).await?;
    exception::end_of_person(ports, person).await?;
    // Grants first: what they end is not found a second time.
    drift::remove_person(ports, person).await
}

/// What the person was to do by hand, somebody else must see to.
async fn hand_over<P: Ports>(ports: &P, person: PersonId, moment: &Moment) -> Result<(), Failure> {
    let store = ports.store();
    // Tools first: no job that is queued from now on is for somebody who is not there, and no stage waits for them.
    let_go(store, person, moment).await?;
    let mut after = None;
    loop {
        let paging = Paging { after: after.take(), limit: Some(MAX_PAGE) };
        let page = documents::list::<Job>(store, Select::by(&Job::BY_ASSIGNEE, [person]), &paging).await?;
        for job in page.items.iter().filter(|job| matches!(job.state, JobState::Queued { .. })) {
            let mut change = Change::new();
            follow_up(store, &mut change, moment, job, FollowUpReason::AssigneeLeft).await?;
            store.commit(change.into_commit()?).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
