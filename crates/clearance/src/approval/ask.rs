//! `approvals.ask`: send a request back for information.

use audit_log::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::close_waiting;
use super::decide::{eligible_request, on_behalf_of};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::Ports;
use crate::request::operations::{RequestAnswer, answer};
use crate::text::{CommittedText, Paragraph};

/// `approvals.ask`.
#[derive(Debug)]
pub struct Ask;

/// What `approvals.ask` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRequester {
    /// Which request.
    pub request: RequestId,
    /// What the requester is to tell.
    pub question: Paragraph,
}

impl Operation for Ask {
    const NAME: &'static str = "approvals.ask";
    const SUMMARY: &'static str = "Send a request back to its requester with a question";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    type Input = AskRequester;
    type Output = RequestAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &AskRequester,
    ) -> Result<Decision<RequestAnswer>, Failure> {
        let moment = &context.moment;
        let eligible = eligible_request(context, input.request).await?;
        let request = &eligible.request;
        let approver = context.admission.person()?;
        let question = CommittedText::new(input.question.clone(), moment, "question");
        let commitment = question.to_fact();
        let by = (approver.id, eligible.right.on_behalf_of());
        let asked = request.ask(by, question, moment.now)?;
        let mut change = Change::new();
        close_waiting(&mut change, request.id, &request.pending_review()?.open);
        change.update(request, &asked);
        eligible.check(&mut change, approver);
        let facts = Value::object([
            ("request", Value::from(request.id.to_string())),
            on_behalf_of(by.1),
            ("question", commitment),
        ]);
        change.record(moment.now, &Actor::Person(approver.id), EventKind::RequestInformationAsked, facts);
        crate::notices::request_closed(&mut change, moment, &asked);
        Ok(Decision::change(answer(context, &asked).await?, change))
    }
}
