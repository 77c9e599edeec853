//! `approvals.withdraw`: take an approval back, while its stage is open or after the request was approved.

use audit_log::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::decide::{DecideAnswer, on_behalf_of};
use super::eligibility::Circle;
use super::waiting::{show_waiting, summary_of};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Approver};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Grant, ending, grant_view};
use crate::ids::RequestId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::ports::Ports;
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::request::{Request, RequestState, TakenBack, Withdrawal, request_view, sees_request};
use crate::settings;
use crate::text::{CommittedText, Paragraph};

/// `approvals.withdraw`.
#[derive(Debug)]
pub struct Withdraw;

/// What `approvals.withdraw` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawApproval {
    /// Which request.
    pub request: RequestId,
    /// Why; required once the request is approved.
    #[serde(default)]
    pub rationale: Option<Paragraph>,
}

impl Operation for Withdraw {
    const NAME: &'static str = "approvals.withdraw";
    const SUMMARY: &'static str = "Take an approval back: while its stage is open, or after the request was approved, with the access it gave";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator]);
    type Input = WithdrawApproval;
    type Output = DecideAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &WithdrawApproval,
    ) -> Result<Decision<DecideAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let request =
            load::<Request>(store, &input.request.to_string()).await?.ok_or_else(|| not_found("request"))?;
        if !sees_request(store, &context.admission, &request, now).await? {
            return Err(not_found("request").into());
        }
        let caller = context.admission.person()?;
        let mut change = Change::new();
        let (request, grant) = match &request.state {
            RequestState::Pending { .. } | RequestState::NeedsInformation { .. } => {
                (of_open_stage(context, &mut change, &request, caller, input).await?, None)
            }
            RequestState::Approved { .. } => {
                let (request, grant) = of_approved(context, &mut change, &request, caller, input).await?;
                (request, Some(grant))
            }
            RequestState::AwaitingSeat { .. }
            | RequestState::Forgone { .. }
            | RequestState::Denied { .. }
            | RequestState::Cancelled { .. }
            | RequestState::Lapsed { .. } => {
                return Err(request.wrong_state("is open or approved").into());
            }
        };
        change.check(caller);
        let mut names = Names::new(store);
        names.know_person(caller);
        let view = request_view(&mut names, store, &context.admission, &request, now).await?;
        let grant = match grant {
            Some(grant) => Some(grant_view(&mut names, &context.admission, &grant, now).await?),
            None => None,
        };
        Ok(Decision::change(DecideAnswer { request: view, grant }, change))
    }
}

/// Somebody takes back what they, or somebody for them, approved in the open stage.
async fn of_open_stage<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    request: &Loaded<Request>,
    caller: &Person,
    input: &WithdrawApproval,
) -> Result<Request, Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let review = request.review().ok_or_else(|| request.wrong_state("is open"))?;
    let Some((mut after, approval)) = review.withdraw(caller.id) else {
        return Err(if review.deciders().contains(&caller.id) {
            let message = "the stage that you approved is decided: an approval is taken back while its stage is open, or once the \
                           request is approved";
            Refusal::new(Code::RequestState, message).with("state", request.state_name())
        } else {
            Refusal::new(Code::NotEligible, "you have approved nothing in this request's open stage")
        }
        .into());
    };
    let rationale = input.rationale.clone().map(|text| CommittedText::new(text, moment, "rationale"));
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("stage", Value::from(review.open.number)),
        ("approved_by", Value::from(approval.by.to_string())),
        on_behalf_of(approval.on_behalf_of),
        ("rationale", rationale.as_ref().map_or(Value::Null, CommittedText::to_fact)),
    ]);
    change.record(moment.now, &Actor::Person(caller.id), EventKind::ApprovalWithdrawn, facts);
    let stage = review.open.number;
    let mut withdrawn = if matches!(request.state, RequestState::NeedsInformation { .. }) {
        request.in_state(RequestState::NeedsInformation { review: after })
    } else {
        let settings = settings::current(store).await?;
        let tool = load::<Tool>(store, &request.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let requester = load::<Person>(store, &request.requester.to_string()).await?;
        let requester = requester.ok_or_else(|| not_found("person"))?;
        let summary = summary_of(request, &requester, &tool, review.deadline);
        let circle = Circle::of(&settings, &tool, request);
        show_waiting(change, circle, &review.open.queue, &mut after, &summary);
        request.in_state(RequestState::Pending { review: after })
    };
    withdrawn.taken_back.push(TakenBack { stage, approval, by: caller.id, at: moment.now, rationale });
    change.update(request, &withdrawn);
    Ok(withdrawn)
}

/// An approver of an approved request, or an administrator, takes it back, and with it the access that it gave: whatever somebody has is
/// removed, and what nobody has begun to give is not given.
async fn of_approved<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    request: &Loaded<Request>,
    caller: &Person,
    input: &WithdrawApproval,
) -> Result<(Request, Grant), Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let RequestState::Approved { grant, withdrawn, .. } = &request.state else {
        return Err(request.wrong_state("is approved").into());
    };
    if !(request.is_approver(caller.id) || context.admission.is(Administrator)) {
        return Err(Refusal::new(Code::NotEligible, "you have not approved this request").into());
    }
    if let Some(earlier) = withdrawn {
        let message = format!("the approval was taken back already, on {}", earlier.at);
        return Err(Refusal::new(Code::RequestState, message).with("state", request.state_name()).into());
    }
    let Some(rationale) = &input.rationale else {
        let problem = "is required to take back what is approved: say why";
        return Err(malformed("rationale", problem).into());
    };
    let rationale = CommittedText::new(rationale.clone(), moment, "rationale");
    let id = grant;
    let grant = load::<Grant>(store, &id.to_string()).await?;
    let grant = grant.ok_or_else(|| Failure::Defect(format!("{id} is approved but does not exist")))?;
    let actor = Actor::Person(caller.id);
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("grant", Value::from(grant.id.to_string())),
        ("rationale", rationale.to_fact()),
    ]);
    change.record(moment.now, &actor, EventKind::RequestUnapproved, facts);
    let (ended, taken_away) = ending(store, &grant, &actor, moment, EndReason::Revoked).await?;
    change.extend(taken_away);
    let unapproved = request.unapprove(Withdrawal { by: caller.id, at: moment.now, rationale })?;
    change.update(request, &unapproved);
    crate::notices::request_closed(change, moment, &unapproved);
    Ok((unapproved, ended))
}
