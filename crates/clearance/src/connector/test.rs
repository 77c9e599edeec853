//! `connectors.test`.

use audit_log::Value;
use core_protocol::message::{self as protocol, Answer, Operation as CoreOperation, Outcome, RetryReason};
use schemars::JsonSchema;
use serde::Serialize;

use super::operations::{GetConnector, required};
use super::view::{ConnectorView, connector_view_with};
use super::{CallFailure, Connector, ConnectorHealth, Disposal, HealthState, call};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{CoreError, Ports};
use crate::provisioning::FollowUpReason;
use crate::time::Timestamp;

/// `connectors.test`.
#[derive(Debug)]
pub struct Test;

/// What `connectors.test` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectorTested {
    /// The connector as stored now.
    pub connector: ConnectorView,
    /// Each step, in order.
    pub steps: Vec<Step>,
    /// What a test with the key that waits found first, when one waits and did not pass. When it passes, it is the key in use.
    pub next_key: Option<Step>,
}

/// A step of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// Which.
    pub step: StepName,
    /// What came of it.
    pub result: StepResult,
    /// Why it failed.
    pub reason: Option<FollowUpReason>,
    /// What an administrator can do about it.
    pub what_to_do: Option<&'static str>,
}

/// Steps of a test, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// `ArdSaor` Core answers.
    Core,
    /// The provider answers and accepts the credential.
    SignIn,
    /// The credential may do what is needed.
    Permissions,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// A step before it failed.
    NotReached,
}

/// What a test found: nothing wrong, or the first thing that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found(Option<(StepName, FollowUpReason, Kind)>);

/// What a failure says of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A person must act.
    Failing,
    /// Nobody answers.
    Outage(Option<RetryReason>),
    /// It may pass by itself, as far as one call can tell: nothing is known to be wrong with it.
    Passing,
}

impl Found {
    fn of(answer: &Result<Answer, CallFailure>) -> Self {
        use protocol::FollowUpReason as Reason;
        let answer = match answer {
            Ok(answer) => answer,
            Err(CallFailure::SecretMissing) => {
                return Self(Some((StepName::SignIn, FollowUpReason::SecretMissing, Kind::Failing)));
            }
            Err(CallFailure::Core(_) | CallFailure::Vault(_)) => {
                return Self(Some((StepName::Core, FollowUpReason::CoreDown, Kind::Outage(None))));
            }
        };
        match &answer.outcome {
            Outcome::Connected {} => Self(None),
            Outcome::RetryAfter { reason, .. } => {
                let kind = match reason {
                    RetryReason::CircuitOpen => Kind::Outage(Some(*reason)),
                    RetryReason::RateLimited
                    | RetryReason::ProviderUnavailable
                    | RetryReason::ProviderTimeout
                    | RetryReason::ProviderBusy
                    | RetryReason::Unconfirmed
                    | RetryReason::Busy => Kind::Passing,
                };
                Self(Some((StepName::SignIn, FollowUpReason::ProviderDown, kind)))
            }
            Outcome::NeedsFollowUp {
                reason: reason @ (Reason::CredentialsRefused | Reason::UnexpectedAnswer),
            } => Self(Some((StepName::SignIn, (*reason).into(), Kind::Failing))),
            Outcome::NeedsFollowUp { reason } => {
                Self(Some((StepName::Permissions, (*reason).into(), Kind::Failing)))
            }
            Outcome::Refused { reason } => {
                Self(Some((StepName::Permissions, (*reason).into(), Kind::Failing)))
            }
            _ => Self(Some((StepName::SignIn, FollowUpReason::UnexpectedAnswer, Kind::Failing))),
        }
    }

    fn steps(self) -> Vec<Step> {
        let step = |name: StepName| match self.0 {
            Some((failed, reason, _)) if failed == name => Step {
                step: name,
                result: StepResult::Failed,
                reason: Some(reason),
                what_to_do: Some(reason.what_to_do()),
            },
            // Core was not even asked for what is missing here.
            Some((failed, reason, _)) if failed < name || reason == FollowUpReason::SecretMissing => {
                Step { step: name, result: StepResult::NotReached, reason: None, what_to_do: None }
            }
            _ => Step { step: name, result: StepResult::Passed, reason: None, what_to_do: None },
        };
        [StepName::Core, StepName::SignIn, StepName::Permissions].map(step).to_vec()
    }

    fn health(self, before: HealthState, now: Timestamp) -> HealthState {
        match (self.0, before) {
            (None, HealthState::Working { since }) => HealthState::Working { since },
            (None, _) => HealthState::Working { since: now },
            (Some((_, _, Kind::Passing)), before) => before,
            (Some((_, reason, Kind::Failing)), HealthState::Failing { since, reason: old })
                if reason == old =>
            {
                HealthState::Failing { since, reason }
            }
            (Some((_, reason, Kind::Failing)), _) => HealthState::Failing { since: now, reason },
            (Some((_, _, Kind::Outage(reason))), HealthState::Outage { since, .. }) => {
                HealthState::Outage { since, reason }
            }
            (Some((_, _, Kind::Outage(reason))), _) => HealthState::Outage { since: now, reason },
        }
    }
}

impl Operation for Test {
    const NAME: &'static str = "connectors.test";
    const SUMMARY: &'static str = "Sign in at a connector's provider and see what is missing";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::ConnectorTests);
    // The provider was asked, whatever becomes of the change.
    const CHARGED_BEFORE: bool = true;
    type Input = GetConnector;
    type Output = ConnectorTested;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetConnector,
    ) -> Result<Decision<ConnectorTested>, Failure> {
        let before = required(context.store(), input.connector).await?;
        let (now, mut change) = (context.moment.now, Change::new());
        let mut connector = Connector::clone(&before);
        let mut next_key = None;
        let mut found = None;
        if let Some((provider, used)) = before.provider.with_next_key() {
            let promoted = Connector { provider, ..connector.clone() };
            let with_next = try_out(context.ports, &promoted).await?;
            if with_next.0.is_none() {
                Disposal::give_up(&mut change, &used, now);
                connector = promoted;
                found = Some(with_next);
            } else {
                next_key = with_next.steps().into_iter().find(|step| step.result == StepResult::Failed);
            }
        }
        let promoted = found.is_some();
        let found = match found {
            Some(found) => found,
            None => try_out(context.ports, &connector).await?,
        };
        if promoted {
            connector.version = connector.version.saturating_add(1);
            change.update(&before, &connector);
        } else {
            // A result is stored only for the connector that was tested.
            change.check(&before);
        }
        let health = load::<ConnectorHealth>(context.store(), &connector.id.to_string()).await?;
        let old = health.as_deref().cloned().unwrap_or_else(|| ConnectorHealth::untested(connector.id));
        let state = found.health(old.state, now);
        let resume_at = if found.0.is_none() { None } else { old.resume_at };
        let new = ConnectorHealth { state, resume_at, ..old.clone() };
        if new != old || health.is_none() {
            change.upsert(health.as_ref(), &new);
        }
        let actor = context.admission.actor()?;
        let id = || Value::from(connector.id.to_string());
        let result = found.0.map_or("passed", |(_, reason, _)| reason.as_str());
        let facts = Value::object([("connector", id()), ("result", Value::from(result))]);
        change.record(now, &actor, EventKind::ConnectorTested, facts);
        if promoted {
            let facts = [("version", Value::from(connector.version)), ("stage", Value::from("in_use"))];
            let facts = Value::object([("connector", id())].into_iter().chain(facts));
            change.record(now, &actor, EventKind::ConnectorKeyRotated, facts);
        }
        let connector = connector_view_with(context.ports, &connector, state).await?;
        Ok(Decision::change(ConnectorTested { connector, steps: found.steps(), next_key }, change))
    }
}

async fn try_out<P: Ports>(ports: &P, connector: &Connector) -> Result<Found, Failure> {
    match call(ports, connector, CoreOperation::TestConnector {}).await {
        // Not the connector's trouble: the host's command line has no Core, or the vault does not open.
        Err(failure @ (CallFailure::Vault(_) | CallFailure::Core(CoreError::NotConfigured))) => {
            Err(failure.into())
        }
        answer => Ok(Found::of(&answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(outcome: Outcome) -> Answer {
        Answer { outcome, provider_request_ids: Vec::new(), provider_time: None, rate_limit: None }
    }

    fn results(found: Found) -> Vec<(StepResult, Option<&'static str>)> {
        found.steps().iter().map(|step| (step.result, step.reason.map(FollowUpReason::as_str))).collect()
    }

    #[test]
    fn each_answer_fails_the_step_it_speaks_of() {
        use StepResult::{Failed, NotReached, Passed};
        let (passed, not_reached) = ((Passed, None), (NotReached, None));
        let follow_up = |reason| Ok(answer(Outcome::NeedsFollowUp { reason }));
        let retry = |reason| Ok(answer(Outcome::RetryAfter { seconds: 5, reason }));
        for (answer, expected) in [
            (Ok(answer(Outcome::Connected {})), [passed; 3]),
            (
                follow_up(protocol::FollowUpReason::CredentialsRefused),
                [passed, (Failed, Some("credentials_refused")), not_reached],
            ),
            (
                follow_up(protocol::FollowUpReason::PermissionMissing),
                [passed, passed, (Failed, Some("permission_missing"))],
            ),
            (
                follow_up(protocol::FollowUpReason::UnexpectedAnswer),
                [passed, (Failed, Some("unexpected_answer")), not_reached],
            ),
            (retry(RetryReason::ProviderTimeout), [passed, (Failed, Some("provider_down")), not_reached]),
            (
                Err(CallFailure::Core(CoreError::Unreachable("x".to_owned()))),
                [(Failed, Some("core_down")), not_reached, not_reached],
            ),
            (Err(CallFailure::SecretMissing), [not_reached, (Failed, Some("secret_missing")), not_reached]),
        ] {
            assert_eq!(results(Found::of(&answer)), expected, "{answer:?}");
        }
    }

    #[test]
    fn trouble_that_goes_on_keeps_its_beginning_and_what_may_pass_is_none() {
        let (then, now) = (Timestamp::from_millisecond(1), Timestamp::from_millisecond(2));
        let working = HealthState::Working { since: then };
        let found = |outcome| Found::of(&Ok(answer(outcome)));
        for reason in [RetryReason::RateLimited, RetryReason::ProviderUnavailable] {
            let passing = found(Outcome::RetryAfter { seconds: 1, reason });
            assert_eq!(passing.health(working, now), working);
        }
        assert_eq!(Found(None).health(working, now), working);
        let refused = found(Outcome::NeedsFollowUp { reason: protocol::FollowUpReason::CredentialsRefused });
        let failing = refused.health(working, then);
        assert_eq!(refused.health(failing, now), failing);
        assert_eq!(Found(None).health(failing, now), HealthState::Working { since: now });
        let down = found(Outcome::RetryAfter { seconds: 1, reason: RetryReason::CircuitOpen });
        let outage = down.health(failing, now);
        assert_eq!(outage, HealthState::Outage { since: now, reason: Some(RetryReason::CircuitOpen) });
    }
}
