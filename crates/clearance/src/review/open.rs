//! How reviews are opened because access ends soon.

use std::collections::HashMap;

use super::document::{Review, ReviewOfGrant};
use super::entries;
use super::reviewer::reviewer_of;
use super::state::{ReviewCause, ReviewState};
use crate::approval::Selector;
use crate::catalog::Tool;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState, Interrupted};
use crate::ids::{ReviewId, ToolId};
use crate::notices;
use crate::ports::{MAX_PAGE, Moment, Ports, Store};
use crate::settings;
use crate::time::{Days, Timestamp};

/// Days between two reminders.
const REMINDER_DAYS: Days = Days::of(7);
/// Days before the end of the access at which there is one more.
const LAST_REMINDER_DAYS: i64 = 1;

/// When access that works ends, and when its present time began: with its activation, or with the last extension.
pub(super) fn present_time(grant: &Grant) -> Option<(Timestamp, Timestamp)> {
    let (GrantState::Active { activated_at, ends_at }
    | GrantState::NeedsFollowUp { interrupted: Interrupted::Access { activated_at, ends_at }, .. }) =
        grant.state
    else {
        return None;
    };
    let began = grant.extensions.last().map_or(activated_at, |extension| extension.at);
    Some((began.max(activated_at), ends_at))
}

/// From when on a grant's need is looked at: the tool's window before its end, but never before half of its present time is over, so that
/// nobody is asked on the day on which somebody else has just decided.
pub(super) fn window_begins(grant: &Grant, review_days: Days) -> Option<Timestamp> {
    let (began, ends_at) = present_time(grant)?;
    let window = ends_at.plus_minutes(-24 * 60 * i64::from(review_days));
    let half = began.as_millisecond() / 2 + ends_at.as_millisecond() / 2;
    Some(window.max(Timestamp::from_millisecond(half)))
}

/// When a review of a grant is opened because the access ends soon; none while one is open, or was about the same end.
///
/// `last` is the grant's last review: whether it is open, and about which end.
pub(crate) fn opens_at(
    grant: &Grant,
    review_days: Days,
    last: Option<(bool, Option<Timestamp>)>,
) -> Option<Timestamp> {
    let ends_at = present_time(grant).map(|(_, ends_at)| ends_at);
    if last.is_some_and(|(open, about)| open || about == ends_at) {
        return None;
    }
    window_begins(grant, review_days)
}

/// When whoever decides a review is told again: a week later, and on the last day.
pub(super) fn next_reminder(now: Timestamp, ends_at: Option<Timestamp>) -> Option<Timestamp> {
    let regular = now.plus_days(REMINDER_DAYS);
    let Some(ends_at) = ends_at else { return Some(regular) };
    let last = ends_at.plus_minutes(-24 * 60 * LAST_REMINDER_DAYS);
    if last <= now { None } else { Some(regular.min(last)) }
}

/// Opens a review of a grant in a change; the guard is what was loaded for the grant.
pub(super) fn open(
    change: &mut Change,
    moment: &Moment,
    (grant, guard): (&Loaded<Grant>, Option<&Loaded<ReviewOfGrant>>),
    (reviewer, cause): (Selector, ReviewCause),
) -> Review {
    let ends_at = present_time(grant).map(|(_, ends_at)| ends_at);
    let review = Review {
        id: ReviewId::new(moment, "review", 0),
        grant: grant.id,
        person: grant.person,
        tool: grant.tool,
        cause,
        opened_at: moment.now,
        ends_at,
        reviewer,
        remind_at: next_reminder(moment.now, ends_at),
        postponements: Vec::new(),
        state: ReviewState::Open { rests_until: None },
    };
    change.insert(&review);
    change.upsert(guard, &ReviewOfGrant::of(&review));
    // It is opened only while the access is as it was looked at.
    change.check(grant);
    entries::opened(change, &review);
    notices::review_waits(change, moment, review.id, reviewer);
    review
}

/// Tools with their windows, as one walk first saw them: thousands of grants are of the same few.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    tools: HashMap<ToolId, Tool>,
    longest: Option<Days>,
}

impl Windows {
    /// Every tool's.
    pub(crate) async fn load(store: &impl Store) -> Result<Self, Failure> {
        let tools = documents::all::<Tool>(store, Select::all()).await?;
        let longest = tools.iter().map(|tool| tool.review_days).max();
        let tools = tools.into_iter().map(|tool| (tool.id, tool.into_inner())).collect();
        Ok(Self { tools, longest })
    }
}

/// Opens what is due on one page of grants by their end; how many, and where the next page begins.
pub(crate) async fn open_upcoming<P: Ports>(
    ports: &P,
    windows: &Windows,
    after: Option<String>,
) -> Result<(u64, Option<String>), Failure> {
    let (store, moment) = (ports.store(), Moment::draw(ports.environment()));
    let Some(longest) = windows.longest else { return Ok((0, None)) };
    let select =
        Select::by(&Grant::BY_END, ["running"]).from(moment.now).until(moment.now.plus_days(longest));
    let page = documents::list::<Grant>(store, select, &Paging { after, limit: Some(MAX_PAGE) }).await?;
    let settings = settings::current(store).await?;
    let mut opened = 0;
    for (number, grant) in (0_u32..).zip(&page.items) {
        let Some(tool) = windows.tools.get(&grant.tool) else { continue };
        if window_begins(grant, tool.review_days).is_none_or(|begins| moment.now < begins) {
            continue;
        }
        let guard = load::<ReviewOfGrant>(store, &grant.id.to_string()).await?;
        let last = guard.as_ref().map(|guard| (guard.open, guard.ends_at));
        if opens_at(grant, tool.review_days, last).is_none() {
            continue;
        }
        let reviewer = reviewer_of(store, &settings, tool, grant.person).await?;
        let mut change = Change::new();
        let of = (grant, guard.as_ref());
        open(&mut change, &moment.part(number), of, (reviewer, ReviewCause::Ending));
        opened += u64::from(change.commit_if_first(store).await?);
    }
    Ok((opened, page.next))
}
