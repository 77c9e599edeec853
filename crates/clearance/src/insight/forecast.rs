//! The next 90 days: what the clockwork would do if nobody did anything.
//!
//! The documents that end by time are read once, a bounded number of them; then a clock that nobody waits for goes from one end to the next,
//! and at each the decision that the clockwork will make is made on the document, and thrown away. Nothing is written.

mod clock;
mod credentials;
mod operations;
mod reviews;

pub use operations::{
    CredentialEnd, DayForecast, Forecast, ForecastAnswer, ForecastCounts, ForecastNext, ReviewerForecast,
};

use std::collections::HashMap;

use self::clock::Due;
use self::credentials::credentials;
use super::calendar::Day;
use crate::catalog::Tool;
use crate::documents::{self, Document, Loaded, Paging, Select};
use crate::drift::Finding;
use crate::exception::Exception;
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::ToolId;
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::request::Request;
use crate::time::{Days, Timestamp};

/// Days looked ahead, today included.
pub const DAYS: u32 = 90;
/// Pages read of each kind: 5,000 of each that end in the next 90 days.
const PAGES: usize = 50;

/// What is coming, seen from an instant.
///
/// # Errors
/// The store's.
pub async fn of<P: Ports>(ports: &P, now: Timestamp) -> Result<Forecast, Failure> {
    let store = ports.store();
    let today = Day::of(now);
    let until = today.plus(i64::from(DAYS)).start();
    let (grants, more_grants) =
        bounded::<Grant>(store, Select::by(&Grant::BY_END, ["running"]).until(until)).await?;
    let (requests, more_requests) =
        bounded::<Request>(store, Select::by(&Request::BY_DEADLINE, ["undecided"]).until(until)).await?;
    let (findings, more_findings) =
        bounded::<Finding>(store, Select::by(&Finding::BY_END, ["ending"]).until(until)).await?;
    let (exceptions, more_exceptions) =
        bounded::<Exception>(store, Select::by(&Exception::BY_STATE, ["in_force"]).until(until)).await?;
    let tools = documents::all::<Tool>(store, Select::all()).await?;
    let tools: HashMap<ToolId, Tool> = tools.into_iter().map(|tool| (tool.id, tool.into_inner())).collect();
    let reviews = reviews::coming(store, now, &tools, &grants).await?;
    let weeks = reviews::weeks(today);
    let reviewers = reviews.by_reviewer(store, &weeks).await?;
    let due = grants.into_iter().map(|grant| {
        let capped = tools.get(&grant.tool).is_some_and(|tool| tool.seat_cap.is_some());
        Due::Grant { has_seat: capped && grant.counted, grant: Box::new(grant) }
    });
    let due = due.chain(requests.into_iter().map(|request| Due::Request(Box::new(request))));
    let due = due.chain(findings.into_iter().map(|finding| Due::Finding(Box::new(finding))));
    let due = due.chain(exceptions.into_iter().map(|exception| Due::Exception(Box::new(exception))));
    let due = due.chain(reviews.upcoming.iter().copied().map(Due::Review));
    Ok(Forecast {
        from: today,
        days: clock::run(now, today, due),
        weeks,
        reviewers,
        credentials: credentials(store, now.plus_days(Days::of(DAYS))).await?,
        partial: more_grants || more_requests || more_findings || more_exceptions || reviews.more,
    })
}

/// Documents of a selection, as many as are read; and whether there are more.
async fn bounded<D: Document>(store: &impl Store, select: Select) -> Result<(Vec<D>, bool), Failure> {
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..PAGES {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<D>(store, select.clone(), &paging).await?;
        found.extend(page.items.into_iter().map(Loaded::into_inner));
        after = page.next;
        if after.is_none() {
            return Ok((found, false));
        }
    }
    Ok((found, true))
}
