//! The runner: does what jobs ask for at providers. It may run twice, in several processes, and be killed anywhere.
//!
//! One commit claims a batch of jobs, with the provider's allowance; before an account is added, another one writes down that it may be in the
//! group because of the grant; no call is under way inside a commit; a last one settles what came of the call, with the job, its grant, holding
//! and account. A call that was made and never settled is made again when the lease is over, with the same number: Core answers it the same.

mod batch;
mod calls;
mod health;
mod known;
mod pace;
mod prepare;
mod read;
mod settle;
mod step;

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, FutureExt as _, join_all, select};
use futures_util::stream::{FuturesUnordered, Stream, StreamExt as _};

use self::batch::{At, Batch, next};
use self::calls::Calls;
use self::prepare::{Prepared, prepare};
use self::read::{Read, ReadJob};
use crate::clockwork::check_clock;
use crate::connector::{Connector, call as at_provider, call_with, look_again};
use crate::documents::{self, Select};
use crate::failure::Failure;
use crate::ids::{ConnectorId, JobId};
use crate::ports::{Environment as _, Ports};
use crate::time::Timestamp;

/// Seconds after which a runner with room looks for more, whatever is under way.
const LOOK_SECONDS: i64 = 1;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ran {
    /// Jobs that are done.
    pub succeeded: u32,
    /// Jobs of which a part is done: the rest follows.
    pub advanced: u32,
    /// Jobs that are tried again by themselves.
    pub delayed: u32,
    /// Jobs that somebody must look after.
    pub follow_ups: u32,
    /// Jobs, or second looks, that were not needed any more.
    pub cancelled: u32,
    /// Removals that were looked at again.
    pub looked_again: u32,
    /// Jobs that go on because their connector works again.
    pub resumed: u32,
    /// When something is due next that waits for the provider's limits or the end of an outage; nothing of what waits for its own time.
    pub next_at: Option<Timestamp>,
}

impl Ran {
    /// Whether anything was done.
    pub fn is_idle(&self) -> bool {
        Self { next_at: None, ..*self } == Self::default()
    }

    /// Until when nothing more can be done.
    fn wait(&mut self, until: Timestamp) {
        self.next_at = Some(self.next_at.map_or(until, |at| at.min(until)));
    }

    fn add(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.advanced += other.advanced;
        self.delayed += other.delayed;
        self.follow_ups += other.follow_ups;
        self.cancelled += other.cancelled;
        self.looked_again += other.looked_again;
        self.resumed += other.resumed;
        if let Some(at) = other.next_at {
            self.wait(at);
        }
    }

    fn count(&mut self, outcome: JobOutcome) {
        match outcome {
            JobOutcome::Succeeded => self.succeeded += 1,
            JobOutcome::Advanced => self.advanced += 1,
            JobOutcome::Delayed => self.delayed += 1,
            JobOutcome::FollowUp => self.follow_ups += 1,
            JobOutcome::Cancelled => self.cancelled += 1,
            JobOutcome::LookedAgain => self.looked_again += 1,
            JobOutcome::Lost => {}
        }
    }
}

/// What became of a job in one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobOutcome {
    Succeeded,
    Advanced,
    Delayed,
    FollowUp,
    Cancelled,
    LookedAgain,
    /// Somebody else changed it first.
    Lost,
}

/// Every connector of the site: each may be run apart from the others.
///
/// # Errors
/// The store's.
pub async fn connectors<P: Ports>(ports: &P) -> Result<Vec<ConnectorId>, Failure> {
    let all = documents::all::<Connector>(ports.store(), Select::all()).await?;
    Ok(all.iter().map(|connector| connector.id).collect())
}

/// Does what is due at every connector.
///
/// # Errors
/// [`ClockHalted`](crate::refusal::Code::ClockHalted) when the clock cannot be trusted; otherwise the store's. What could be done was.
pub async fn run_due<P: Ports>(ports: &P) -> Result<Ran, Failure> {
    let connectors = connectors(ports).await?;
    let outcomes = join_all(connectors.into_iter().map(|connector| run_connector(ports, connector))).await;
    let (mut ran, mut failed) = (Ran::default(), None);
    for outcome in outcomes {
        match outcome {
            Ok(one) => ran.add(&one),
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    failed.map_or(Ok(ran), Err)
}

/// Does what is due at one connector, until nothing is or the provider's limits are reached. It calls Core and may take long.
///
/// # Errors
/// As [`run_due`].
pub async fn run_connector<P: Ports>(ports: &P, connector: ConnectorId) -> Result<Ran, Failure> {
    let mut all = Ran::default();
    let rest = run_connector_and_tell(ports, connector, |ran| all.add(ran)).await?;
    all.add(&rest);
    Ok(all)
}

/// [`run_connector`] for as long as there is work, which may be hours: what was done is told every minute, and the rest is returned.
///
/// # Errors
/// As [`run_due`].
pub async fn run_connector_and_tell<P: Ports>(
    ports: &P,
    connector: ConnectorId,
    mut tell: impl FnMut(&Ran),
) -> Result<Ran, Failure> {
    let mut ran = Ran::default();
    let mut looked_at = look(ports, connector, &mut ran).await?;
    let mut under_way = FuturesUnordered::new();
    let mut calls = Calls::default();
    let mut ended = Vec::new();
    let mut failed = None;
    // Whether to look for more however little room there is.
    let mut is_time = true;
    let later = loop {
        let now = ports.environment().now();
        // What is looked at once in a pass is looked at again in a long one.
        if failed.is_none() && looked_at.plus_minutes(1) <= now {
            tell(&std::mem::take(&mut ran));
            match look(ports, connector, &mut ran).await {
                Ok(at) => {
                    looked_at = at;
                    calls.look_from_the_start();
                }
                Err(failure) => failed = Some(failure),
            }
        }
        let room = calls.room();
        let (mut later, mut more_at) = (None, None);
        let looks = room >= if is_time { 1 } else { calls.at_once().refill() };
        if looks && failed.is_none() && !ports.environment().is_time_up() {
            let batch = next(ports, connector, room, &mut calls, &mut ran);
            match beside(&mut under_way, &mut ended, batch).await {
                Ok(Batch::Jobs { at, jobs, more_at: until }) => {
                    more_at = until;
                    under_way.extend(jobs.into_iter().map(|job| attempt(ports, Arc::clone(&at), job)));
                }
                Ok(Batch::Later(until)) => later = Some(until),
                Ok(Batch::Nothing) => {}
                Err(failure) => failed = Some(failure),
            }
        }
        if calls.under_way().is_empty() {
            break later;
        }
        // A call that hangs holds up nothing that becomes due meanwhile.
        let at_latest = now.plus_seconds(LOOK_SECONDS);
        let again_at = more_at.or(later).map_or(at_latest, |at| at.min(at_latest));
        let again_at = (calls.room() > 0).then_some(again_at);
        if ended.is_empty() {
            ended.extend(next_of(ports, &mut under_way, again_at).await);
        }
        is_time = ended.is_empty();
        // Whatever else has ended makes room for the same batch.
        while let Some(Some(one)) = under_way.next().now_or_never() {
            ended.push(one);
        }
        for (job, outcome) in ended.drain(..) {
            calls.end(job);
            match outcome {
                Ok(outcome) => {
                    // It is due as it was, behind what was claimed since.
                    if outcome == JobOutcome::Lost {
                        calls.look_from_the_start();
                    }
                    ran.count(outcome);
                }
                Err(failure) => {
                    failed.get_or_insert(failure);
                }
            }
        }
    };
    if failed.is_none() {
        failed = calls::release(ports, connector, &calls).await.err();
    }
    if let Some(until) = later {
        ran.wait(until);
    }
    failed.map_or(Ok(ran), Err)
}

/// What is looked at before anything is done: the clock, and what waited until the connector works.
async fn look<P: Ports>(ports: &P, connector: ConnectorId, ran: &mut Ran) -> Result<Timestamp, Failure> {
    look_again(ports, connector).await?;
    let now = check_clock(ports).await?;
    ran.resumed += health::resume(ports, connector).await?;
    Ok(now)
}

/// Does something while what is under way goes on, and keeps what of it ends.
async fn beside<T, S: Stream + Unpin>(
    under_way: &mut S,
    ended: &mut Vec<S::Item>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    loop {
        match select(work, under_way.next()).await {
            Either::Left((done, _)) => return done,
            Either::Right((Some(one), rest)) => {
                ended.push(one);
                work = rest;
            }
            Either::Right((None, rest)) => return rest.await,
        }
    }
}

/// The next of what is under way to end; nothing when none has until an instant.
async fn next_of<P: Ports, S: Stream + Unpin>(
    ports: &P,
    under_way: &mut S,
    until: Option<Timestamp>,
) -> Option<S::Item> {
    let Some(until) = until else { return under_way.next().await };
    let pause = pin!(ports.environment().pause(until));
    match select(under_way.next(), pause).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => None,
    }
}

async fn attempt<P: Ports>(
    ports: &P,
    at: Arc<At>,
    (id, read): ReadJob,
) -> (JobId, Result<JobOutcome, Failure>) {
    let outcome = match read {
        Ok(read) => one_attempt(ports, at, read).await,
        Err(failure) => Err(failure),
    };
    (id, outcome)
}

async fn one_attempt<P: Ports>(ports: &P, at: Arc<At>, read: Read) -> Result<JobOutcome, Failure> {
    let call = match prepare(ports, at, read).await {
        Ok(Prepared::Call(call)) => call,
        Ok(Prepared::Settled(outcome)) => return Ok(outcome),
        // The job or its grant changed meanwhile: the next look sees.
        Err(failure) if failure.is_conflict() => return Ok(JobOutcome::Lost),
        Err(Failure::Refused(_)) => return Ok(JobOutcome::Lost),
        Err(failure) => return Err(failure),
    };
    let started_at = ports.environment().now();
    let answer = match &call.at.secret {
        Some(secret) => call_with(ports, &call.at.connector, Some(secret), call.operation.clone()).await,
        None => at_provider(ports, &call.at.connector, call.operation.clone()).await,
    };
    let answer = settle::Answered::new(&call.step, answer, started_at, ports.environment().now());
    health::note(ports, &call.at.health, &answer).await?;
    if let Some(limit) = answer.rate_limit {
        pace::note(ports, &call.at.connector, limit).await?;
    }
    settle::settle(ports, &call, &answer).await
}
