//! `approvals.decide_many`: many requests, each decided in a commit of its own, each with a result of its own.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{Answer, Decide, DecideRequest};
use crate::audit::EventKind;
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation, decide_part};
use crate::ports::{Environment as _, Ports};
use crate::refusal::malformed;
use crate::text::Paragraph;

/// Most requests of one call.
pub const MAX_REQUESTS: usize = 100;

/// `approvals.decide_many`.
#[derive(Debug)]
pub struct DecideMany;

/// What `approvals.decide_many` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRequests {
    /// Which requests; 1 to 100.
    pub requests: BTreeSet<RequestId>,
    /// Yes or no.
    pub decision: Answer,
    /// Why; required for a no.
    #[serde(default)]
    pub rationale: Option<Paragraph>,
}

/// What came of one request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartResult {
    /// Which request.
    pub request: RequestId,
    /// Whether the decision was taken.
    pub decided: bool,
    /// The refusal's code, if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The refusal's sentence, if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What `approvals.decide_many` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DecideManyAnswer {
    /// What came of each, in the order of their ids.
    pub results: Vec<PartResult>,
    /// Requests not looked at any more because the host's time ended: send them again.
    pub remaining: Vec<RequestId>,
}

impl Operation for DecideMany {
    const NAME: &'static str = "approvals.decide_many";
    const SUMMARY: &'static str = "Approve or deny many requests, each with its own result";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Decisions);
    const CHARGED_BEFORE: bool = true;
    type Input = DecideRequests;
    type Output = DecideManyAnswer;

    async fn cost<P: Ports>(_: &Context<'_, P>, input: &DecideRequests) -> Result<u32, Failure> {
        if input.requests.is_empty() || input.requests.len() > MAX_REQUESTS {
            return Err(malformed("requests", "must name 1 to 100 requests").into());
        }
        if input.decision == Answer::Deny && input.rationale.is_none() {
            return Err(malformed("rationale", "is required to deny requests: say why").into());
        }
        Ok(u32::try_from(input.requests.len()).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DecideRequests,
    ) -> Result<Decision<DecideManyAnswer>, Failure> {
        let mut results = Vec::with_capacity(input.requests.len());
        let mut remaining = Vec::new();
        for (number, request) in (0_u32..).zip(&input.requests) {
            if context.ports.environment().is_time_up() {
                remaining.push(*request);
                continue;
            }
            let part = DecideRequest {
                request: *request,
                decision: input.decision,
                rationale: input.rationale.clone(),
                days: None,
            };
            results.push(match decide_part::<Decide, P>(context, number, &part).await {
                Ok(_) => PartResult { request: *request, decided: true, code: None, message: None },
                Err(failure) => {
                    let refusal = failure.into_refusal();
                    let (code, message) = (refusal.code().as_str().to_owned(), refusal.message().to_owned());
                    PartResult { request: *request, decided: false, code: Some(code), message: Some(message) }
                }
            });
        }
        let decided = results.iter().filter(|result| result.decided).count();
        let mut change = Change::new();
        let facts = Value::object([
            ("asked", Value::from(u32::try_from(results.len()).unwrap_or(u32::MAX))),
            ("decided", Value::from(u32::try_from(decided).unwrap_or(u32::MAX))),
        ]);
        change.record(context.moment.now, &context.admission.actor()?, EventKind::BulkDecided, facts);
        Ok(Decision::change(DecideManyAnswer { results, remaining }, change))
    }
}
