//! What is kept for a time: after it, texts are destroyed with their salts, and documents that nobody needs are removed. Log entries never.

use audit_log::Value;
use serde::{Deserialize, Serialize};

use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::drift::{Finding, is_outdated};
use crate::evidence;
use crate::failure::Failure;
use crate::grant::{Grant, GrantState};
use crate::intake::{Drafts, IssueIntake};
use crate::notices::{InboxItem, Notice};
use crate::ports::{Attributes, Kind, MAX_PAGE, Ports, Store};
use crate::request::{Request, RequestState};
use crate::review::Review;
use crate::settings;
use crate::sign_in::{SetUpLink, Token};
use crate::time::{Days, Timestamp};

use super::forget::forget;

/// Requests changed by one commit.
const AT_ONCE: usize = 16;
/// Pages of requests that one pass goes through, so that what is due by time does not wait.
const PAGES: usize = 20;
/// Hours between two walks.
const REST_HOURS: i64 = 24;

/// The walk through all requests that are old enough.
///
/// An index of requests whose texts are still there would cost every request a page; a walk once a day in small steps costs nobody anything.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RetentionWalk {
    /// Goes on behind this place.
    Walking {
        /// The last page's `next`.
        after: String,
    },
    /// Came to the end; begins anew at this time.
    Resting {
        /// When.
        until: Timestamp,
    },
}

impl RetentionWalk {
    /// The only key.
    pub const KEY: &'static str = "request_texts";
}

impl Document for RetentionWalk {
    const KIND: &'static Kind = &Kind { name: "retention_walk", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Removes documents whose time is over; answers how many.
pub(super) async fn forget_outdated<P: Ports>(ports: &P, now: Timestamp) -> Result<u64, Failure> {
    let settings = settings::current(ports.store()).await?;
    let keep = settings.retention;
    let tokens = Select::by(&Token::BY_EXPIRY, ["all"]).until(before(now, keep.tokens));
    let notices = Select::by(&Notice::BY_TIME, ["all"]).until(before(now, keep.notices));
    let links_until = before(now, keep.set_up_links);
    let mut forgotten = forget(ports, tokens, |_: &Token| true).await?;
    forgotten += forget(ports, notices, |_: &Notice| true).await?;
    let inbox = Select::by(&InboxItem::BY_TIME, ["all"]).until(before(now, keep.inbox));
    forgotten += forget(ports, inbox, |_: &InboxItem| true).await?;
    forgotten += forget(ports, Select::all(), |link: &SetUpLink| link.expires_at < links_until).await?;
    forgotten += forget(ports, Select::all(), |drafts: &Drafts| drafts.is_over(now)).await?;
    // Like a request that nobody decided: what nobody confirmed in time is over.
    let unconfirmed = Select::by(&IssueIntake::BY_WAITING, ["confirmation"]);
    let unconfirmed = unconfirmed.until(before(now, settings.pending_days));
    forgotten += forget(ports, unconfirmed, |_: &IssueIntake| true).await?;
    // Whom an export named stays registered.
    forgotten += evidence::forget_outdated(ports.store(), now).await?;
    let settled_until = before(now, keep.findings);
    // What was found later was settled later.
    let findings = Select::by(&Finding::BY_STATE, ["settled"]).until(settled_until);
    forgotten += forget(ports, findings, |finding: &Finding| is_outdated(finding, settled_until)).await?;
    let closed_until = before(now, keep.reviews);
    // What was opened later was closed later.
    let reviews = Select::by(&Review::BY_TIME, ["all"]).until(closed_until);
    forgotten += forget(ports, reviews, |review: &Review| review.closed_before(closed_until)).await?;
    Ok(forgotten)
}

fn before(now: Timestamp, days: Days) -> Timestamp {
    now.plus_minutes(-24 * 60 * i64::from(days))
}

/// Destroys texts of requests whose time is over; answers of how many.
pub(super) async fn destroy_texts<P: Ports>(ports: &P, now: Timestamp) -> Result<u64, Failure> {
    let store = ports.store();
    let walk = load::<RetentionWalk>(store, RetentionWalk::KEY).await?;
    let mut after = match walk.as_deref() {
        Some(RetentionWalk::Resting { until }) if now < *until => return Ok(0),
        Some(RetentionWalk::Walking { after }) => Some(after.clone()),
        Some(RetentionWalk::Resting { .. }) | None => None,
    };
    let days = settings::current(store).await?.retention.request_texts;
    let ended_before = before(now, days);
    // What ended before was submitted before.
    let select = Select::by(&Request::BY_TIME, ["all"]).until(ended_before);
    let mut destroyed = 0;
    let mut any = after.is_some();
    for _ in 0..PAGES {
        let paging = Paging { after: after.take(), limit: Some(MAX_PAGE) };
        let page = documents::list::<Request>(store, select.clone(), &paging).await?;
        any |= !page.items.is_empty();
        destroyed += destroy_on_page(store, &page.items, (ended_before, days), now).await?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if any {
        let next = match after {
            Some(after) => RetentionWalk::Walking { after },
            None => RetentionWalk::Resting { until: now.plus_minutes(REST_HOURS * 60) },
        };
        let mut change = Change::new();
        change.upsert(walk.as_ref(), &next);
        // Another host walks, too: either place will do.
        change.commit_if_first(store).await?;
    }
    Ok(destroyed)
}

async fn destroy_on_page(
    store: &impl Store,
    requests: &[Loaded<Request>],
    (ended_before, days): (Timestamp, Days),
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut over = Vec::new();
    for request in requests {
        if let Some(without) = request.without_texts(|_| true, now)
            && is_over(store, request, ended_before).await?
        {
            over.push((request, without));
        }
    }
    let mut destroyed = 0;
    for some in over.chunks(AT_ONCE) {
        let mut change = Change::new();
        for (request, without) in some {
            change.update(request, without);
        }
        let ids = some.iter().map(|(request, _)| Value::from(request.id.to_string())).collect();
        let facts = Value::object([("requests", Value::Array(ids)), ("days", Value::from(days.get()))]);
        change.record(now, &Actor::System, EventKind::RequestTextsDestroyed, facts);
        // One of them was changed meanwhile: all stay until the next walk.
        if change.commit_if_first(store).await? {
            destroyed += u64::try_from(some.len()).unwrap_or(u64::MAX);
        }
    }
    Ok(destroyed)
}

/// Whether a request, and the access that it gave, ended before a time.
async fn is_over(store: &impl Store, request: &Request, time: Timestamp) -> Result<bool, Failure> {
    if request.closed_at().is_none_or(|closed| closed >= time) {
        return Ok(false);
    }
    let RequestState::Approved { grant, .. } = &request.state else { return Ok(true) };
    let grant = load::<Grant>(store, &grant.to_string()).await?;
    Ok(
        matches!(grant.as_deref(), Some(Grant { state: GrantState::Ended { ended_at, .. }, .. }) if *ended_at < time),
    )
}
