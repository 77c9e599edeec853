//! Clockwork: reconcilers that take no input, compare what should be with what is, and may run twice, late or half-way without harm.
//!
//! A host calls [`run_due`] now and then. Each thing that is due is settled in a commit of its own, guarded like any other; several hosts
//! on one store may run it at once, and whoever loses a race leaves the thing to the winner.

mod alarm;
mod clock;
mod disposal;
mod emergency;
mod erasure;
mod expiry;
mod forget;
mod lapse;
mod leavers;
mod proposals;
mod rebound;
mod remapping;
mod retention;
mod reviews;
mod seats;
mod stages;
mod stranded;

pub use clock::check_clock;
pub use retention::RetentionWalk;
pub use reviews::ReviewWalk;
pub use stranded::ApproverCheck;

use std::future::poll_fn;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::documents::{self, Document, Loaded, Paging, Select};
use crate::exception;
use crate::failure::Failure;
use crate::operations::StoredAnswer;
use crate::ports::{Environment, Moment, Ports, Store};
use crate::time::Timestamp;

/// What one pass settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass {
    /// Grants whose time was over.
    pub expired: u64,
    /// Requests that nobody decided in time.
    pub lapsed: u64,
    /// Times that people were told of overdue notes and reviews of emergency access.
    pub emergencies: u64,
    /// Seats that were kept for whoever waits longest.
    pub offered: u64,
    /// Open stages that timed out, were escalated, or of which people were reminded.
    pub stages: u64,
    /// Open stages that nobody could decide any more, or can again.
    pub stranded: u64,
    /// Exceptions that ended by their date.
    pub exceptions_ended: u64,
    /// Reviews of access opened.
    pub reviews_opened: u64,
    /// Reviews closed without a decision.
    pub reviews_closed: u64,
    /// People who left and have nothing open any more.
    pub left: u64,
    /// People erased.
    pub erased: u64,
    /// Answers forgotten.
    pub forgotten: u64,
    /// Counts of limited calls that have drained.
    pub rested: u64,
    /// Checkpoints of the log signed and kept.
    pub checkpoints: u64,
    /// Tokens, set-up links and notices that were kept long enough.
    pub outdated: u64,
    /// Proposals to which nobody agreed in time.
    pub proposals_lapsed: u64,
    /// People whose access follows to another account.
    pub remapped: u64,
    /// Tools whose jobs go on because they have a group again.
    pub rebound: u64,
    /// Requests whose texts were destroyed because their time was over.
    pub destroyed: u64,
    /// Secrets and keys in the vault that nobody named any more, destroyed.
    pub disposed: u64,
    /// Times that people were told of removals that are stuck.
    pub alarms: u64,
    /// Entries of the log counted for insights.
    pub counted: u64,
    /// Items taken out of inboxes because there is nothing to say in them any more.
    pub taken_out: u64,
}

/// One pass of every reconciler.
///
/// # Errors
/// As [`check_clock`].
pub async fn run_due<P: Ports>(ports: &P) -> Result<Pass, Failure> {
    let now = check_clock(ports).await?;
    let mut pass = Pass {
        expired: expiry::run(ports).await?,
        exceptions_ended: exception::end_due(ports).await?,
        lapsed: lapse::run(ports).await?,
        stages: stages::run(ports).await?,
        left: leavers::run(ports).await?,
        // Once everything that ends now has given its seat back.
        offered: seats::run(ports).await?,
        // Behind those who leave, so that nobody is counted on who is gone.
        stranded: stranded::run(ports).await?,
        proposals_lapsed: proposals::run(ports).await?,
        remapped: remapping::run(ports).await?,
        rebound: rebound::run(ports).await?,
        alarms: alarm::run(ports).await?,
        taken_out: crate::notices::take_out(ports).await?,
        emergencies: emergency::run(ports).await?,
        forgotten: forget_answers(ports).await?,
        rested: forget::rates(ports, now).await?,
        outdated: retention::forget_outdated(ports, now).await?,
        destroyed: retention::destroy_texts(ports, now).await?,
        ..Pass::default()
    };
    // After what ends by time and with people, so that it is closed with it.
    let reviewed = reviews::run(ports).await?;
    (pass.reviews_opened, pass.reviews_closed) = (reviewed.opened, reviewed.closed);
    let erased = erasure::run(ports).await;
    let disposed = disposal::run(ports).await;
    pass.counted = crate::insight::run(ports).await?;
    // Last, so that it covers what this pass did.
    pass.checkpoints = crate::audit::publish(ports).await?;
    // An erasure may have to wait for whoever reads for long; nothing else waits with it.
    pass.erased = erased?;
    // Nor with a vault that does not answer.
    pass.disposed = disposed?;
    Ok(pass)
}

/// Things of one page: small, because people's commands share transactions with what is under way, and wait for it.
const PAGE: u16 = 20;
/// Things under way at once: the next page is decided while the last is written.
const AT_ONCE: usize = 2 * PAGE as usize;

/// Settles everything that a selection finds, in one walk.
///
/// What another host is settling, or cannot be settled now, is left to the next pass.
async fn sweep<D: Document, P: Ports, F>(
    ports: &P,
    select: impl Fn(Timestamp) -> Select,
    settle: impl Fn(Loaded<D>, Moment) -> F,
) -> Result<u64, Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let mut outcomes = Outcomes::default();
    // One bound for the whole walk, so that it ends.
    let until = ports.environment().now();
    let mut under_way = FuturesUnordered::new();
    let mut after = None;
    loop {
        let moment = Moment::draw(ports.environment());
        let paging = Paging { after, limit: Some(PAGE) };
        let page = documents::list::<D>(ports.store(), select(until), &paging).await?;
        under_way.extend((0_u32..).zip(page.items).map(|(number, thing)| settle(thing, moment.part(number))));
        after = page.next;
        // Futures begin when they are polled for the first time: all of this page, before the next one is read.
        poll_fn(|context| {
            while let Poll::Ready(Some(outcome)) = under_way.poll_next_unpin(context) {
                outcomes.count(outcome);
            }
            Poll::Ready(())
        })
        .await;
        let last = after.is_none() || outcomes.failed.is_some() || ports.environment().is_time_up();
        let room = if last { 0 } else { AT_ONCE - usize::from(PAGE) };
        while under_way.len() > room
            && let Some(outcome) = under_way.next().await
        {
            outcomes.count(outcome);
        }
        if last {
            break;
        }
    }
    outcomes.failed.map_or(Ok(outcomes.settled), Err)
}

/// What became of the things of one walk.
#[derive(Default)]
struct Outcomes {
    settled: u64,
    /// The first failure.
    failed: Option<Failure>,
}

impl Outcomes {
    fn count(&mut self, outcome: Result<(), Failure>) {
        match outcome {
            Ok(()) => self.settled += 1,
            // Somebody else was first, or the thing is not due any more: the next pass sees.
            Err(Failure::Refused(_)) => {}
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => {
                self.failed.get_or_insert(failure);
            }
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
