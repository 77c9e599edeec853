//! Reviews of all access to a tool: because it became riskier, because many got it within days, because there are fewer seats.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::document::ReviewOfGrant;
use super::entries;
use super::open::open;
use super::reviewer::reviewer_of;
use super::state::ReviewCause;
use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::ToolId;
use crate::ports::{Attributes, Environment as _, Index, Kind, MAX_PAGE, Moment, Ports, Store};
use crate::settings::{self, Settings};
use crate::time::Timestamp;

/// A call that is still being followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Why.
    pub cause: ReviewCause,
    /// When it came: whatever was reviewed since then was reviewed because of it.
    pub since: Timestamp,
    /// Only access that was approved from then on.
    pub approved_from: Option<Timestamp>,
}

/// That access to a tool is to be reviewed; kept afterwards, so that one burst is not told again each hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolReviews {
    /// The tool.
    pub tool: ToolId,
    /// What is being followed; a later call takes the place of an earlier one, and covers what that had not come to.
    pub call: Option<Call>,
    /// When a burst of new access was last seen.
    pub burst_at: Option<Timestamp>,
}

impl ToolReviews {
    /// Calls that are being followed, the oldest first.
    pub const BY_CALL: Index = Index { name: "by_call", partition: &["called"], range: "since" };
}

impl Document for ToolReviews {
    const KIND: &'static Kind =
        &Kind { name: "tool_reviews", attributes: &["called", "since"], indexes: &[Self::BY_CALL] };

    fn key(&self) -> String {
        self.tool.to_string()
    }

    fn attributes(&self) -> Attributes {
        let since = self.call.as_ref().map(|call| call.since.to_string());
        vec![since.as_ref().map(|_| "called".to_owned()), since]
    }
}

/// Lets all access to a tool that has not ended be reviewed, in the commit of what is the cause. The clockwork opens the reviews.
///
/// It brings one document and one entry.
///
/// # Errors
/// The store's.
pub async fn open_for_tool(
    store: &impl Store,
    change: &mut Change,
    (now, actor): (Timestamp, &Actor),
    tool: ToolId,
    cause: ReviewCause,
) -> Result<(), Failure> {
    let before = load::<ToolReviews>(store, &tool.to_string()).await?;
    let burst_at = before.as_ref().and_then(|before| before.burst_at);
    let call = Some(Call { cause, since: now, approved_from: None });
    change.upsert(before.as_ref(), &ToolReviews { tool, call, burst_at });
    entries::called(change, now, actor, tool, cause);
    Ok(())
}

/// Calls for reviews of the new access where there was more of it within days than the settings allow; to how many tools.
pub(crate) async fn bursts<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let reviews = settings::current(store).await?.reviews.clone();
    if reviews.burst_grants == 0 {
        return Ok(0);
    }
    let from = now.plus_minutes(-24 * 60 * i64::from(reviews.burst_days));
    let mut counts: HashMap<ToolId, u32> = HashMap::new();
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<Grant>(store, Select::by(&Grant::BY_TIME, ["all"]).from(from), &paging);
        let page = page.await?;
        for grant in &page.items {
            let count = counts.entry(grant.tool).or_default();
            *count = count.saturating_add(1);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut called = 0;
    for tool in counts.into_iter().filter(|(_, count)| *count > reviews.burst_grants).map(|(tool, _)| tool) {
        let before = load::<ToolReviews>(store, &tool.to_string()).await?;
        let told = before.as_ref().is_some_and(|before| {
            before.call.is_some() || before.burst_at.is_some_and(|burst_at| from < burst_at)
        });
        if told {
            continue;
        }
        let mut change = Change::new();
        let call = Some(Call { cause: ReviewCause::Burst, since: now, approved_from: Some(from) });
        change.upsert(before.as_ref(), &ToolReviews { tool, call, burst_at: Some(now) });
        entries::called(&mut change, now, &Actor::System, tool, ReviewCause::Burst);
        called += u64::from(change.commit_if_first(store).await?);
    }
    Ok(called)
}

/// Opens the reviews that were called for; how many. A walk that is broken off begins anew: what was opened before is not opened again.
pub(crate) async fn open_called<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let store = ports.store();
    let mut opened = 0;
    for called in documents::all::<ToolReviews>(store, Select::by(&ToolReviews::BY_CALL, ["called"])).await? {
        let (Some(call), Some(tool)) =
            (called.call.clone(), load::<Tool>(store, &called.tool.to_string()).await?)
        else {
            continue;
        };
        let settings = settings::current(store).await?;
        let running = Select::by(&Grant::BY_END, ["running"]);
        // Access that does not work yet was approved before what is the cause.
        let awaiting = Select::by(&Grant::BY_STATE, ["awaiting_provisioning"]);
        for select in [running, awaiting] {
            let Some(count) = open_all(ports, &settings, &tool, &call, select).await? else {
                return Ok(opened);
            };
            opened += count;
        }
        let mut change = Change::new();
        change.update(&called, &ToolReviews { call: None, ..ToolReviews::clone(&called) });
        // Another call may have come meanwhile: it stays.
        change.commit_if_first(store).await?;
    }
    Ok(opened)
}

/// Opens reviews of a selection's grants of a tool; how many, or nothing when the host's time ended before the selection.
async fn open_all<P: Ports>(
    ports: &P,
    settings: &Settings,
    tool: &Tool,
    call: &Call,
    select: Select,
) -> Result<Option<u64>, Failure> {
    let store = ports.store();
    let (mut opened, mut after) = (0, None);
    loop {
        let moment = Moment::draw(ports.environment());
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<Grant>(store, select.clone(), &paging).await?;
        let concerned = |grant: &&Loaded<Grant>| {
            grant.tool == tool.id
                && grant.approved_at <= call.since
                && call.approved_from.is_none_or(|from| from <= grant.approved_at)
        };
        for (number, grant) in (0_u32..).zip(page.items.iter().filter(concerned)) {
            let guard = load::<ReviewOfGrant>(store, &grant.id.to_string()).await?;
            let over = super::open::present_time(grant).is_some_and(|(_, ends_at)| ends_at <= moment.now);
            if over || guard.as_ref().is_some_and(|guard| guard.open || call.since <= guard.opened_at) {
                continue;
            }
            let reviewer = reviewer_of(store, settings, tool, grant.person).await?;
            let mut change = Change::new();
            let of = (grant, guard.as_ref());
            open(&mut change, &moment.part(number), of, (reviewer, call.cause));
            opened += u64::from(change.commit_if_first(store).await?);
        }
        after = page.next;
        if after.is_none() {
            return Ok(Some(opened));
        }
        if ports.environment().is_time_up() {
            return Ok(None);
        }
    }
}
