//! `drift.dispose_many`: many findings, each disposed of in a commit of its own, each with a result of its own; that somebody answers for
//! them is one proposal.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{answerable, propose_answer};
use super::dispose::{Answered, DisposeFinding, DisposePart, DispositionInput};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::ids::FindingId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation, decide_part};
use crate::ports::Ports;
use crate::proposal::{self, ProposalView};
use crate::refusal::malformed;

/// Most findings of one call.
pub const MAX_FINDINGS: usize = 100;

/// `drift.dispose_many`.
#[derive(Debug)]
pub struct DisposeMany;

/// What `drift.dispose_many` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisposeFindings {
    /// Which findings; 1 to 100.
    pub findings: BTreeSet<FindingId>,
    /// What is to be done about each of them.
    pub disposition: DispositionInput,
}

/// What came of one finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingResult {
    /// Which finding.
    pub finding: FindingId,
    /// Whether the disposition was taken, or proposed.
    pub disposed: bool,
    /// The refusal's code, if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The refusal's sentence, if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What `drift.dispose_many` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DisposeManyAnswer {
    /// What came of each, in the order of their ids.
    pub results: Vec<FindingResult>,
    /// What waits for a second administrator: one proposal about all that somebody is to answer for.
    pub proposal: Option<ProposalView>,
}

impl FindingResult {
    fn of<T>(finding: FindingId, outcome: Result<T, Failure>) -> (Self, Option<T>) {
        match outcome {
            Ok(done) => (Self { finding, disposed: true, code: None, message: None }, Some(done)),
            Err(failure) => {
                let refusal = failure.into_refusal();
                let code = Some(refusal.code().as_str().to_owned());
                (Self { finding, disposed: false, code, message: Some(refusal.message().to_owned()) }, None)
            }
        }
    }
}

impl Operation for DisposeMany {
    const NAME: &'static str = "drift.dispose_many";
    const SUMMARY: &'static str = "Do the same about many findings, each with its own result";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Decisions);
    const CHARGED_BEFORE: bool = true;
    type Input = DisposeFindings;
    type Output = DisposeManyAnswer;

    async fn cost<P: Ports>(_: &Context<'_, P>, input: &DisposeFindings) -> Result<u32, Failure> {
        if input.findings.is_empty() || input.findings.len() > MAX_FINDINGS {
            return Err(malformed("findings", "must name 1 to 100 findings").into());
        }
        Ok(u32::try_from(input.findings.len()).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DisposeFindings,
    ) -> Result<Decision<DisposeManyAnswer>, Failure> {
        if let Some(answered) = input.disposition.answered(context.moment.now)? {
            return propose(context, input, answered).await;
        }
        let mut results = Vec::with_capacity(input.findings.len());
        for (number, finding) in (0_u32..).zip(&input.findings) {
            let part = DisposeFinding { finding: *finding, disposition: input.disposition.clone() };
            let outcome = decide_part::<DisposePart, P>(context, number, &part).await;
            results.push(FindingResult::of(*finding, outcome).0);
        }
        Ok(Decision::answer(DisposeManyAnswer { results, proposal: None }))
    }
}

/// One proposal about all findings that somebody can answer for.
async fn propose<P: Ports>(
    context: &Context<'_, P>,
    input: &DisposeFindings,
    answered: Answered,
) -> Result<Decision<DisposeManyAnswer>, Failure> {
    let (store, actor) = (context.store(), context.admission.actor()?);
    let mut results = Vec::with_capacity(input.findings.len());
    let mut findings = Vec::new();
    for finding in &input.findings {
        let found = answerable(store, actor, *finding, (answered.kind, answered.owner)).await;
        let (result, found) = FindingResult::of(*finding, found);
        results.push(result);
        findings.extend(found);
    }
    let mut change = Change::new();
    let proposal = if findings.is_empty() {
        None
    } else {
        let answer = answered.of(&findings, input.disposition.reason.clone());
        let proposal = propose_answer(store, &mut change, &context.moment, actor, answer).await?;
        Some(proposal::operations::view(context, &proposal).await?)
    };
    Ok(Decision::change(DisposeManyAnswer { results, proposal }, change))
}
