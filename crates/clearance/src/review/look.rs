//! What becomes of open reviews by themselves: closed when there is nothing to decide, reminded of, given to somebody else.

use std::collections::BTreeSet;

use super::document::{Review, ReviewOfGrant};
use super::entries;
use super::open::{next_reminder, present_time};
use super::reviewer::{are_several, reviewer_of};
use super::state::{ReviewCause, VoidReason};
use crate::approval::Selector;
use crate::catalog::Tool;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Grant, GrantState, Interrupted};
use crate::ids::{PersonId, ToolId};
use crate::notices;
use crate::policy::Approvers;
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports, Store};
use crate::refusal::Refusal;
use crate::settings::{self, Settings};
use crate::time::Timestamp;

/// Why access ended or began to end; none while it may go on.
pub(super) fn ending_of(grant: &Grant) -> Option<EndReason> {
    match grant.state {
        GrantState::Removing { reason, .. }
        | GrantState::Ended { reason, .. }
        | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { reason, .. }, .. } => Some(reason),
        GrantState::AwaitingProvisioning { .. }
        | GrantState::Active { .. }
        | GrantState::NeedsFollowUp { .. } => None,
    }
}

/// An open review as it stands with its grant as it is now; the same when nothing is to be changed.
///
/// # Errors
/// [`ReviewState`](crate::refusal::Code::ReviewState) when it is not open.
pub(super) fn settle(review: &Review, grant: &Grant, now: Timestamp) -> Result<Review, Refusal> {
    if let Some(reason) = ending_of(grant) {
        return match reason {
            EndReason::Expired => review.close_undecided(now),
            EndReason::Revoked | EndReason::GivenBack | EndReason::RejectedByProvider => {
                review.void(VoidReason::Ended, now)
            }
        };
    }
    let ends_at = present_time(grant).map(|(_, ends_at)| ends_at);
    if ends_at.is_some_and(|ends_at| ends_at <= now) {
        return review.close_undecided(now);
    }
    if ends_at != review.ends_at && review.cause == ReviewCause::Ending {
        return review.void(VoidReason::Extended, now);
    }
    review.require_open()?;
    Ok(Review { ends_at, ..review.clone() })
}

/// Writes a review that was changed, with its grant's guard and what the log says of it.
pub(super) async fn write(
    store: &impl Store,
    change: &mut Change,
    before: &Loaded<Review>,
    after: &Review,
) -> Result<(), Failure> {
    change.update(before, after);
    if after.is_open() && before.ends_at == after.ends_at {
        return Ok(());
    }
    let guard = load::<ReviewOfGrant>(store, &after.grant.to_string()).await?;
    if let Some(guard) = guard.filter(|guard| guard.review == after.id) {
        change.update(&guard, &ReviewOfGrant::of(after));
    }
    Ok(())
}

/// Closes open reviews whose access has come to its end, as planned or later than that; how many.
pub(crate) async fn close_due<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let (mut closed, mut after) = (0, None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&Review::BY_END, ["waiting"]).until(now);
        let page = documents::list::<Review>(store, select, &paging).await?;
        closed += look_at(ports, &page.items).await?;
        after = page.next;
        if after.is_none() || ports.environment().is_time_up() {
            return Ok(closed);
        }
    }
}

/// Looks after one page of open reviews; how many were closed, and where the next page begins.
pub(crate) async fn look_after<P: Ports>(
    ports: &P,
    after: Option<String>,
) -> Result<(u64, Option<String>), Failure> {
    let paging = Paging { after, limit: Some(MAX_PAGE) };
    let open = Select::by(&Review::BY_STATE, ["open"]);
    let page = documents::list::<Review>(ports.store(), open, &paging).await?;
    Ok((look_at(ports, &page.items).await?, page.next))
}

/// Gives open reviews that somebody who has left could decide, or owned the tools of, to whoever is next, unless others can decide them still.
/// Nobody waits for the next walk with it; that finds what this does not.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn pass_on<P: Ports>(ports: &P, person: PersonId, owned: &[ToolId]) -> Result<(), Failure> {
    let store = ports.store();
    let settings = settings::current(store).await?;
    let named = settings.reviews.reviewers.values().filter_map(|named| match named {
        Approvers::Group(group) => Some(*group),
        Approvers::Security => Some(settings.security),
        _ => None,
    });
    let mut selectors = BTreeSet::from([Selector::Person(person)]);
    selectors.extend(named.map(Selector::Group));
    selectors.extend(owned.iter().copied().map(Selector::Owner));
    for selector in selectors {
        if are_several(store, selector).await? {
            continue;
        }
        let mut after = None;
        loop {
            let paging = Paging { after, limit: Some(MAX_PAGE) };
            let select = Select::by(&Review::BY_REVIEWER, [selector]);
            let page = documents::list::<Review>(store, select, &paging).await?;
            look_at(ports, &page.items).await?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn look_at<P: Ports>(ports: &P, reviews: &[Loaded<Review>]) -> Result<u64, Failure> {
    let (store, moment) = (ports.store(), Moment::draw(ports.environment()));
    let settings = settings::current(store).await?;
    let mut closed = 0;
    for (number, review) in (0_u32..).zip(reviews) {
        let moment = moment.part(number);
        let Some(grant) = load::<Grant>(store, &review.grant.to_string()).await? else { continue };
        let Ok(after) = settle(review, &grant, moment.now) else { continue };
        let mut change = Change::new();
        let over = !after.is_open();
        if over {
            write(store, &mut change, review, &after).await?;
            entries::closed(&mut change, moment.now, &after);
        } else {
            keep_open(store, &mut change, &settings, (review, after), &moment).await?;
        }
        if !change.is_empty() && change.commit_if_first(store).await? {
            closed += u64::from(over);
        }
    }
    Ok(closed)
}

/// Who decides it, and when they are told again.
async fn keep_open(
    store: &impl Store,
    change: &mut Change,
    settings: &Settings,
    (before, mut review): (&Loaded<Review>, Review),
    moment: &Moment,
) -> Result<(), Failure> {
    let Some(tool) = load::<Tool>(store, &review.tool.to_string()).await? else { return Ok(()) };
    review.reviewer = reviewer_of(store, settings, &tool, review.person).await?;
    let reassigned = review.reviewer != before.reviewer;
    let due = review.remind_at.is_some_and(|at| at <= moment.now);
    if due || reassigned {
        review.remind_at = next_reminder(moment.now, review.ends_at);
    }
    if due || reassigned || review.ends_at != before.ends_at {
        write(store, change, before, &review).await?;
    }
    if reassigned {
        entries::reassigned(change, moment.now, &review);
    }
    // Whoever has it from now on did not put it off.
    if reassigned || (due && !review.is_postponed(moment.now)) {
        notices::review_waits(change, moment, review.id, review.reviewer);
    }
    Ok(())
}
