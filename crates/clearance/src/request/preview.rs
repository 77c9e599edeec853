//! `requests.preview`: what would happen, without asking.

use schemars::JsonSchema;
use serde::Serialize;

use super::stages::{StageView, describe_stage};
use super::submit::{SubmitRequest, consider};
use crate::approval::{Circle, excluded, settle_stages};
use crate::authorization::CallerKind::Requester;
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::policy::{MatchedRule, Outcome};
use crate::ports::Ports;
use crate::text::Line;

/// `requests.preview`.
#[derive(Debug)]
pub struct Preview;

/// What would come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewOutcome {
    /// Policy would approve it at once.
    AutoApproved,
    /// Policy would deny it.
    Denied,
    /// People would decide.
    Stages,
}

/// What `requests.preview` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PreviewAnswer {
    /// What would come of it.
    pub outcome: PreviewOutcome,
    /// Why it would be denied.
    pub reasons: Vec<Line>,
    /// Who would decide, in order.
    pub stages: Vec<StageView>,
    /// Rules that match.
    pub matched_rules: Vec<MatchedRule>,
    /// Whether it would extend access that the caller has.
    pub extension: bool,
}

impl Operation for Preview {
    const NAME: &'static str = "requests.preview";
    const SUMMARY: &'static str = "What would come of a request, without submitting it";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = SubmitRequest;
    type Output = PreviewAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &SubmitRequest,
    ) -> Result<Decision<PreviewAnswer>, Failure> {
        Ok(Decision::answer(preview(context, input).await?))
    }
}

/// What would come of a request of the caller.
pub(crate) async fn preview<P: Ports>(
    context: &Context<'_, P>,
    input: &SubmitRequest,
) -> Result<PreviewAnswer, Failure> {
    let store = context.store();
    let requester = context.admission.person()?;
    let asked = consider(store, requester, input, context.moment.now).await?;
    let circle = Circle::new(&asked.settings, &asked.tool, &asked.snapshot);
    let outcome = asked.outcome()?;
    let mut answer = PreviewAnswer {
        outcome: PreviewOutcome::AutoApproved,
        reasons: Vec::new(),
        stages: Vec::new(),
        matched_rules: asked.evaluation.matched,
        extension: asked.extends.is_some(),
    };
    match outcome {
        Outcome::AutoApproved { .. } => {}
        Outcome::Denied { reasons } => {
            (answer.outcome, answer.reasons) = (PreviewOutcome::Denied, reasons);
        }
        Outcome::Stages { stages } => {
            answer.outcome = PreviewOutcome::Stages;
            let mut names = Names::new(store);
            let without = excluded(store, requester.id, context.moment.now).await?;
            for stage in settle_stages(store, circle, &without, stages).await? {
                answer.stages.push(describe_stage(&mut names, &stage, asked.snapshot.manager).await?);
            }
        }
    }
    Ok(answer)
}
