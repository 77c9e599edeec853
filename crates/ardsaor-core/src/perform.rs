//! Carrying out calls.

mod directory;
mod membership;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::{
    Answer, Call, Connector, FollowUpReason, GroupId, Operation, Outcome, RefusalReason, RetryReason,
};
use core_protocol::sealing::NotOpened;
use core_protocol::signature::Nonce;

use crate::database::{Database, DatabaseError};
use crate::environment::Environment;
use crate::installation::Installation;
use crate::load::{Limits, Load, NoPlace};
use crate::metrics::Metrics;
use crate::provider::{Credential, Endpoints, Interrupted, Providers, Session, UNAVAILABLE_SECONDS};
use directory::Directory;

/// Time for everything that a call asks of its provider: less than the 25 seconds that Forge gives.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Seconds in which a group that Core made may be unknown to the provider's other servers.
const NOT_YET_SECONDS: i64 = 600;
/// Seconds to wait for what was accepted to show.
pub(crate) const UNCONFIRMED_SECONDS: u32 = 5;

/// A call whose secrets were opened.
#[derive(Debug)]
pub(crate) struct OpenCall {
    connector: Connector,
    credential: Credential,
    operation: Operation,
}

impl OpenCall {
    /// Opens a call's sealed secret, if it brings one.
    pub(crate) fn open(call: Call, key: &SigningKey, nonce: &Nonce) -> Result<Self, NotOpened> {
        let credential = Credential::open(&call.connector, key, nonce)?;
        Ok(Self { connector: call.connector, credential, operation: call.operation })
    }

    /// The tenant, as Core's database names it.
    fn tenant(&self) -> String {
        format!("{}:{}", self.connector.provider(), self.connector.tenant())
    }
}

type MembershipLock = Arc<tokio::sync::Mutex<()>>;

/// Carries out calls.
#[derive(Debug)]
pub(crate) struct Performer {
    database: Database,
    providers: Providers,
    load: Load,
    metrics: Arc<Metrics>,
    /// One change of a membership at a time: order is checked, change made and confirmed under the same lock.
    memberships: Mutex<HashMap<(String, String, String), MembershipLock>>,
}

impl Performer {
    pub(crate) fn new(
        database: Database,
        endpoints: Endpoints,
        limits: Limits,
        metrics: Arc<Metrics>,
    ) -> reqwest::Result<Self> {
        let providers = Providers::new(endpoints, limits.request_timeout, Arc::clone(&metrics))?;
        Ok(Self { database, providers, load: Load::new(limits), metrics, memberships: Mutex::default() })
    }

    /// Carries a call out. What goes wrong at the provider is an answer; only Core's own database fails.
    pub(crate) async fn perform<E: Environment>(
        &self,
        environment: &E,
        installation: &Installation,
        call: OpenCall,
    ) -> Result<Answer, DatabaseError> {
        let started = tokio::time::Instant::now();
        let tenant = call.tenant();
        let (provider, operation) = (call.connector.provider(), call.operation.name());
        let now = environment.now();
        let answer = match self.load.enter(installation.id.as_str(), &tenant, now) {
            Ok(_place) => {
                let mut session =
                    self.providers.session(installation, &call.connector, &call.credential, now);
                let work = self.in_session(&mut session, installation, &tenant, &call.operation, environment);
                let outcome = match tokio::time::timeout(CALL_TIMEOUT, work).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(Stopped::Provider(interrupted))) => interrupted.into(),
                    Ok(Err(Stopped::Database(error))) => return Err(error),
                    Err(_) => Outcome::RetryAfter {
                        seconds: UNAVAILABLE_SECONDS,
                        reason: RetryReason::ProviderTimeout,
                    },
                };
                let failed = matches!(
                    outcome,
                    Outcome::RetryAfter {
                        reason: RetryReason::ProviderUnavailable | RetryReason::ProviderTimeout,
                        ..
                    }
                );
                self.load.record(&tenant, failed, environment.now());
                session.answer(outcome)
            }
            Err(no_place) => {
                let (seconds, reason) = match no_place {
                    NoPlace::Busy => (1, RetryReason::Busy),
                    NoPlace::Open(seconds) => (seconds, RetryReason::CircuitOpen),
                };
                let outcome = Outcome::RetryAfter { seconds, reason };
                Answer { outcome, provider_request_ids: Vec::new(), provider_time: None, rate_limit: None }
            }
        };
        let (outcome, code) = names(&answer.outcome);
        let took = started.elapsed();
        self.metrics.count_call(provider, operation, outcome, took);
        tracing::info!(
            installation = installation.id.as_str(),
            provider,
            operation,
            outcome,
            code,
            microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "a call"
        );
        Ok(answer)
    }

    async fn in_session<E: Environment>(
        &self,
        session: &mut Session<'_>,
        installation: &Installation,
        tenant: &str,
        operation: &Operation,
        environment: &E,
    ) -> Result<Outcome, Stopped> {
        let mut directory = Directory::of(session);
        let call = membership::Context { database: &self.database, installation, tenant };
        let done = match operation {
            Operation::TestConnector {} => directory.probe().await.map(|()| Outcome::Connected {}),
            Operation::FindGroup { group_name } => {
                directory.groups_named(group_name).await.map(|groups| Outcome::Groups { groups })
            }
            Operation::CreateGroup { group_name, description } => {
                return call.create_group(&mut directory, group_name, description, environment.now()).await;
            }
            Operation::CheckBinding { group } => {
                directory.check_binding(group).await.map(|group| Outcome::Group { group })
            }
            Operation::BindGroup { group } => return call.bind_group(&mut directory, group).await,
            Operation::ReleaseGroup { group } => return call.release_group(group).await,
            Operation::FindAccount { account } => {
                directory.account(account.as_str()).await.map(|account| Outcome::Account { account })
            }
            Operation::AddMember { group, account, fence } => {
                let lock = self.membership_lock(tenant, group, account.as_str());
                let _held = lock.lock().await;
                return call.add(&mut directory, group, account, *fence, environment.now()).await;
            }
            Operation::RemoveMember { group, account, fence } => {
                let lock = self.membership_lock(tenant, group, account.as_str());
                let _held = lock.lock().await;
                return call.remove(&mut directory, group, account, *fence, environment.now()).await;
            }
            Operation::CheckMember { group, account } => directory
                .check(group, account)
                .await
                .map(|is_member| if is_member { Outcome::Member {} } else { Outcome::NotMember {} }),
            Operation::ListMembers { group, after } => directory
                .members(group, after.as_ref())
                .await
                .map(|(members, next)| Outcome::Members { members, next }),
        };
        Ok(done?)
    }

    fn membership_lock(&self, tenant: &str, group: &GroupId, account: &str) -> MembershipLock {
        let key = (tenant.to_owned(), group.to_string(), account.to_owned());
        let mut locks = self.memberships.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(key).or_default())
    }

    /// Forgets locks, places, circuits and tokens that nobody needs.
    pub(crate) async fn forget_idle(&self, now: UnixSeconds) {
        self.load.forget_idle(now);
        self.memberships
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, lock| Arc::strong_count(lock) > 1);
        let read = self.database.run(move |database| database.installations(now)).await;
        match read {
            Ok(installations) => self.providers.forget_tokens(&installations, now),
            Err(error) => tracing::error!(failure = %error, "housekeeping failed"),
        }
    }
}

/// Why a call ended before its outcome.
#[derive(Debug)]
enum Stopped {
    Provider(Interrupted),
    Database(DatabaseError),
}

impl From<Interrupted> for Stopped {
    fn from(interrupted: Interrupted) -> Self {
        Self::Provider(interrupted)
    }
}

impl From<DatabaseError> for Stopped {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<Interrupted> for Outcome {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::RetryAfter { seconds, reason } => Self::RetryAfter { seconds, reason },
            Interrupted::FollowUp(reason) => Self::NeedsFollowUp { reason },
            Interrupted::Refused(reason) => Self::Refused { reason },
        }
    }
}

/// An outcome's name, and the code of its reason.
fn names(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Connected {} => ("connected", ""),
        Outcome::Groups { .. } => ("groups", ""),
        Outcome::Group { .. } => ("group", ""),
        Outcome::Account { .. } => ("account", ""),
        Outcome::Members { .. } => ("members", ""),
        Outcome::Member {} => ("member", ""),
        Outcome::NotMember {} => ("not_member", ""),
        Outcome::Changed {} => ("changed", ""),
        Outcome::Already {} => ("already", ""),
        Outcome::RetryAfter { reason, .. } => ("retry_after", reason.code()),
        Outcome::NeedsFollowUp { reason } => ("needs_follow_up", reason.code()),
        Outcome::Refused { reason } => ("refused", reason.code()),
    }
}

/// A group that Core made a moment ago and the provider does not know is not gone, but not there yet.
fn not_yet(interrupted: Interrupted, made: Option<UnixSeconds>, now: UnixSeconds) -> Interrupted {
    match interrupted {
        Interrupted::FollowUp(FollowUpReason::GroupGone)
            if made.is_some_and(|made| now < made.plus(NOT_YET_SECONDS)) =>
        {
            Interrupted::RetryAfter { seconds: UNCONFIRMED_SECONDS, reason: RetryReason::Unconfirmed }
        }
        other => other,
    }
}

fn refused(reason: RefusalReason) -> Outcome {
    Outcome::Refused { reason }
}
