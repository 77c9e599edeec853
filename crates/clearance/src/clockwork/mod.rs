//! Clockwork: reconcilers that take no input, compare what should be with what is, and may run twice, late or half-way without harm.
//!
//! A host calls [`run_due`] now and then. Each thing that is due is settled in a commit of its own, guarded like any other; several hosts
//! on one store may run it at once, and whoever loses a race leaves the thing to the winner.

mod expiry;
mod lapse;
mod leavers;

use audit_log::Record;
use futures_util::future::join_all;

use crate::documents::{self, Document, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::operations::StoredAnswer;
use crate::ports::{Environment, MAX_PAGE, Moment, Ports, Store};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// Milliseconds by which the clock may lie behind the last entry: two writers draw their times before they are sequenced.
const TOLERANCE: i64 = 2_000;

/// What one pass settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass {
    /// Grants whose time was over.
    pub expired: u64,
    /// Requests that nobody decided in time.
    pub lapsed: u64,
    /// People who left and have nothing open any more.
    pub left: u64,
    /// Answers forgotten.
    pub forgotten: u64,
}

/// Refuses when the clock lies before the log's last entry: then nothing may be ended by time.
///
/// # Errors
/// [`Code::ClockHalted`].
pub async fn check_clock<P: Ports>(ports: &P) -> Result<Timestamp, Failure> {
    let now = ports.environment().now();
    let head = ports.store().log_head().await?;
    let Some(last) = head.size.checked_sub(1) else { return Ok(now) };
    let entries = ports.store().log_entries(last, 1).await?;
    let at = entries
        .first()
        .and_then(|entry| Record::parse(&entry.bytes).ok())
        .and_then(|record| record.at.parse().ok());
    match at {
        Some(at) if Timestamp::from_millisecond(now.as_millisecond().saturating_add(TOLERANCE)) < at => {
            let message = format!(
                "the clock says {now}, but the log's last entry is of {at}; sweeps wait until the clock is right"
            );
            Err(Refusal::new(Code::ClockHalted, message).into())
        }
        _ => Ok(now),
    }
}

/// One pass of every reconciler.
///
/// # Errors
/// [`Code::ClockHalted`] when the clock went backward; otherwise the store's.
pub async fn run_due<P: Ports>(ports: &P) -> Result<Pass, Failure> {
    check_clock(ports).await?;
    Ok(Pass {
        expired: expiry::run(ports).await?,
        lapsed: lapse::run(ports).await?,
        left: leavers::run(ports).await?,
        forgotten: forget_answers(ports).await?,
    })
}

/// Settles everything that a selection finds, page by page, the things of a page at once.
///
/// A page that settles nothing ends the pass: what is on it is being settled by another host, or cannot be now.
async fn sweep<D: Document, P: Ports, F>(
    ports: &P,
    select: impl Fn(Timestamp) -> Select,
    settle: impl Fn(Loaded<D>, Moment) -> F,
) -> Result<u64, Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let mut settled = 0;
    loop {
        let moment = Moment::draw(ports.environment());
        let paging = Paging { after: None, limit: Some(MAX_PAGE) };
        let page = documents::list::<D>(ports.store(), select(moment.now), &paging).await?;
        let more = page.next.is_some();
        let parts = (0_u32..).zip(page.items).map(|(number, thing)| settle(thing, moment.part(number)));
        let mut done = 0;
        for outcome in join_all(parts).await {
            match outcome {
                Ok(()) => done += 1,
                // Somebody else was first, or the thing is not due any more: the next pass sees.
                Err(failure) if failure.is_conflict() => {}
                Err(Failure::Refused(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        settled += done;
        if !more || done == 0 {
            return Ok(settled);
        }
    }
}

async fn forget_answers<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let select = |now| Select::by(&StoredAnswer::BY_EXPIRY, ["all"]).until(now);
    sweep(ports, select, |answer: Loaded<StoredAnswer>, _| async move {
        let mut change = documents::Change::new();
        change.remove(&answer);
        ports.store().commit(change.into_commit()?).await?;
        Ok(())
    })
    .await
}
