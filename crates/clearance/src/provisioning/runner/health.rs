//! How a connector fares: what each answer says of it, and what goes on when it works again.

use core_protocol::message::{Operation, Outcome, RetryReason};

use super::settle::{Answered, plus_milliseconds};
use crate::audit::Actor;
use crate::connector::{Connector, ConnectorHealth, HealthState, call};
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports, Store};
use crate::provisioning::attempt::{AttemptOutcome, WaitReason};
use crate::provisioning::follow_up::FollowUpReason;
use crate::provisioning::job::Job;
use crate::provisioning::resume::retry;
use crate::time::Timestamp;

/// Times that a change is tried when others change the same.
const TRIES: usize = 8;
/// Milliseconds between two tries of an outage, at first and at most.
const PAUSES: (i64, i64) = (2_000, 300_000);
/// Minutes of an outage after which what waits is shown to somebody.
const PATIENCE_MINUTES: i64 = 24 * 60;
/// Requests that are left to others when a provider says how many are left.
const SPARE: u32 = 8;

/// Whether calls may begin.
pub(super) enum Gate {
    /// They may.
    Open,
    /// They may, later.
    Closed(Timestamp),
    /// One may, to see whether the outage is over.
    Probe,
    /// None may until somebody has acted: what is due needs follow-up.
    Stop(FollowUpReason),
}

impl Gate {
    pub(super) fn of(connector: &Connector, health: &ConnectorHealth, now: Timestamp) -> Self {
        if !connector.is_enabled() {
            return Self::Stop(FollowUpReason::ConnectorDisabled);
        }
        if let HealthState::Failing { reason, .. } = health.state
            && reason.ends_with_the_connectors_trouble()
        {
            return Self::Stop(reason);
        }
        if let Some(until) = health.resume_at.filter(|until| now < *until) {
            return match health.state {
                HealthState::Outage { since, reason } if since.plus_minutes(PATIENCE_MINUTES) <= now => {
                    Self::Stop(match reason {
                        Some(_) => FollowUpReason::ProviderDown,
                        None => FollowUpReason::CoreDown,
                    })
                }
                _ => Self::Closed(until),
            };
        }
        if matches!(health.state, HealthState::Outage { .. }) { Self::Probe } else { Self::Open }
    }
}

/// The connector's health as it is stored, or as it is when nothing was stored.
pub(super) async fn of(store: &impl Store, connector: ConnectorId) -> Result<ConnectorHealth, Failure> {
    let health = load::<ConnectorHealth>(store, &connector.to_string()).await?;
    Ok(health.as_deref().cloned().unwrap_or_else(|| ConnectorHealth::untested(connector)))
}

/// Changes a connector's health if there is something to change; whether there was.
pub(super) async fn revise<P: Ports>(
    ports: &P,
    connector: ConnectorId,
    revised: impl Fn(&ConnectorHealth) -> ConnectorHealth,
) -> Result<bool, Failure> {
    for _ in 0..TRIES {
        let store = ports.store();
        let before = load::<ConnectorHealth>(store, &connector.to_string()).await?;
        let old = before.as_deref().cloned().unwrap_or_else(|| ConnectorHealth::untested(connector));
        let new = revised(&old);
        if new == old {
            return Ok(false);
        }
        let mut change = Change::new();
        change.upsert(before.as_ref(), &new);
        if change.commit_if_first(store).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes down what an answer says of the connector, unless it fares as it did before the call.
pub(super) async fn note<P: Ports>(
    ports: &P,
    known: &ConnectorHealth,
    answered: &Answered,
) -> Result<(), Failure> {
    let now = answered.attempt.ended_at;
    if after(known, answered, now) != *known {
        revise(ports, known.connector, |before| after(before, answered, now)).await?;
    }
    Ok(())
}

fn after(before: &ConnectorHealth, answered: &Answered, now: Timestamp) -> ConnectorHealth {
    let mut health = before.clone();
    let wait = |seconds: u32| plus_milliseconds(now, u64::from(seconds) * 1_000);
    let at_least = |resume_at: Option<Timestamp>, until| Some(resume_at.map_or(until, |at| at.max(until)));
    match answered.attempt.outcome {
        AttemptOutcome::RetryAfter(WaitReason::RateLimited) => {
            health.resume_at = at_least(health.resume_at, wait(answered.seconds.max(1)));
        }
        // One call that fails is its own job's matter: Core counts them, and says when the provider is to be left alone. During an outage it
        // is the try that failed; of Core's own, it says that what is left is the provider's.
        AttemptOutcome::RetryAfter(
            reason @ (WaitReason::ProviderUnavailable | WaitReason::ProviderTimeout),
        ) => {
            if let HealthState::Outage { since, reason: None } = health.state {
                let reason = match reason {
                    WaitReason::ProviderTimeout => RetryReason::ProviderTimeout,
                    _ => RetryReason::ProviderUnavailable,
                };
                health.state = HealthState::Outage { since, reason: Some(reason) };
            }
        }
        AttemptOutcome::RetryAfter(reason @ (WaitReason::CircuitOpen | WaitReason::CoreUnavailable)) => {
            let reason = (reason == WaitReason::CircuitOpen).then_some(RetryReason::CircuitOpen);
            // A call that began before somebody had to act says nothing new.
            if matches!(health.state, HealthState::Failing { .. }) {
                return health;
            }
            let since = match health.state {
                HealthState::Outage { since, .. } => since,
                _ => now,
            };
            health.state = HealthState::Outage { since, reason };
            let until = next_try(since, now).max(wait(answered.seconds));
            health.resume_at = at_least(health.resume_at, until);
        }
        AttemptOutcome::RetryAfter(_) => {}
        AttemptOutcome::NeedsFollowUp(reason) if reason.ends_with_the_connectors_trouble() => {
            if !matches!(health.state, HealthState::Failing { reason: known, .. } if known == reason) {
                health.state = HealthState::Failing { since: now, reason };
            }
        }
        _ => {
            if matches!(health.state, HealthState::Untested | HealthState::Outage { .. }) {
                health.state = HealthState::Working { since: now };
                health.resume_at = None;
            }
        }
    }
    if let Some(limit) = answered.rate_limit
        && limit.remaining <= SPARE.max(limit.limit / 10).min(limit.limit / 2)
    {
        health.resume_at = at_least(health.resume_at, wait(limit.resets_in.max(1)));
    }
    health
}

/// The pauses between two tries grow with the outage.
fn next_try(since: Timestamp, now: Timestamp) -> Timestamp {
    let (least, most) = PAUSES;
    let pause = (now.as_millisecond().saturating_sub(since.as_millisecond()) / 2).clamp(least, most);
    Timestamp::from_millisecond(now.as_millisecond().saturating_add(pause))
}

/// Takes the next try of an outage; whether nobody else did.
pub(super) async fn take_try<P: Ports>(ports: &P, connector: ConnectorId) -> Result<bool, Failure> {
    let now = ports.environment().now();
    revise(ports, connector, |health| match health.state {
        HealthState::Outage { since, .. } if health.resume_at.is_none_or(|at| at <= now) => {
            ConnectorHealth { resume_at: Some(next_try(since, now)), ..health.clone() }
        }
        _ => health.clone(),
    })
    .await
}

/// Tries a connector for which nothing is due, but something waits until it works; whether it works.
pub(super) async fn try_out<P: Ports>(ports: &P, connector: &Connector) -> Result<bool, Failure> {
    if waiting(ports.store(), connector.id, 1).await?.is_empty() {
        return Ok(false);
    }
    let answer = call(ports, connector, Operation::TestConnector {}).await;
    if !matches!(&answer, Ok(answer) if answer.outcome == Outcome::Connected {}) {
        return Ok(false);
    }
    let now = ports.environment().now();
    let works = |before: &ConnectorHealth| ConnectorHealth {
        state: HealthState::Working { since: now },
        resume_at: None,
        ..before.clone()
    };
    revise(ports, connector.id, works).await
}

async fn waiting(
    store: &impl Store,
    connector: ConnectorId,
    limit: u16,
) -> Result<Vec<documents::Loaded<Job>>, Failure> {
    let mut jobs = Vec::new();
    let reasons = FollowUpReason::ALL.iter().filter(|reason| reason.ends_with_the_connectors_trouble());
    for reason in reasons {
        let paging = Paging { after: None, limit: Some(limit) };
        let select = Select::by(&Job::BY_TROUBLE, [Job::trouble_of(connector, *reason)]);
        jobs.extend(documents::list::<Job>(store, select, &paging).await?.items);
    }
    Ok(jobs)
}

/// Lets go on what waited for the connector as a whole, when it works; how many jobs.
///
/// # Errors
/// The store's.
pub(super) async fn resume<P: Ports>(ports: &P, id: ConnectorId) -> Result<u32, Failure> {
    let store = ports.store();
    let mut resumed = 0;
    loop {
        let now = ports.environment().now();
        let Some(connector) = load::<Connector>(store, &id.to_string()).await? else { return Ok(resumed) };
        let health = of(store, id).await?;
        // A pause for the provider's limits is no trouble.
        let works = ConnectorHealth { resume_at: None, ..health };
        if !matches!(Gate::of(&connector, &works, now), Gate::Open) {
            return Ok(resumed);
        }
        let jobs = waiting(store, id, MAX_PAGE).await?;
        let before = resumed;
        for job in &jobs {
            let mut change = Change::new();
            let moment = Moment::draw(ports.environment());
            match retry(store, &mut change, &moment, &Actor::System, job).await {
                Ok(_) => {}
                Err(Failure::Refused(_)) => continue,
                Err(failure) => return Err(failure),
            }
            if change.commit_if_first(store).await? {
                resumed += 1;
            }
        }
        if resumed == before {
            return Ok(resumed);
        }
    }
}
