//! `approvals.decide`: one approver's decision of one request's open stage.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::eligibility::{Circle, excluded, open_stage};
use super::overtaken::overtaken;
use super::right::{Right, Standing, already_decided, own_request, right_of};
use super::waiting::{close_waiting, show_waiting, summary_of};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::catalog::{Tool, ToolStatus};
use crate::documents::{Change, Loaded, load};
use crate::exception::require_in_force;
use crate::failure::Failure;
use crate::grant::{self, AskedBy, Grant, GrantView, grant_view};
use crate::ids::{PersonId, RequestId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::ports::{Ports, StoreError};
use crate::refusal::{Code, Refusal, not_found};
use crate::request::submit::{days_in_all, extended_grant};
use crate::request::{
    Approval, Consent, DecidedStage, Decider, Holding, OpenStage, Progress, Request, RequestState,
    RequestView, Review, request_view, sees_request,
};
use crate::seats;
use crate::settings::{self, Settings};
use crate::text::{CommittedText, Paragraph};
use crate::time::Days;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

/// `approvals.decide`.
#[derive(Debug)]
pub struct Decide;

/// What `approvals.decide` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// Which request.
    pub request: RequestId,
    /// Yes or no.
    pub decision: Answer,
    /// Why; required for a no.
    #[serde(default)]
    pub rationale: Option<Paragraph>,
    /// A shorter duration than asked for.
    #[serde(default)]
    pub days: Option<Days>,
}

/// What `approvals.decide` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DecideAnswer {
    /// The request as stored now.
    pub request: RequestView,
    /// The grant it made or extended, when this was the last approval it needed and a seat was free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantView>,
}

/// A pending request that the caller may decide now, with what its decision rests on.
pub(super) struct EligibleRequest {
    pub(super) request: Loaded<Request>,
    pub(super) settings: Loaded<Settings>,
    pub(super) tool: Loaded<Tool>,
    pub(super) right: Right,
}

impl EligibleRequest {
    pub(super) fn circle(&self) -> Circle<'_> {
        Circle::of(&self.settings, &self.tool, &self.request)
    }

    /// Fails the commit when the caller may not decide any more: it rests on their groups, on whom they stand in for, and on the tool's
    /// owners, as they are now.
    pub(super) fn check(&self, change: &mut Change, approver: &Loaded<Person>) {
        change.check(approver);
        change.check(&self.tool);
        self.right.check(change);
    }
}

/// The request, if the caller may decide it now.
///
/// # Errors
/// [`Code::NotFound`] when they may not even see it, [`Code::DecidedMeanwhile`], [`Code::OwnRequest`], [`Code::AlreadyDecided`], [`Code::NotEligible`],
/// [`Code::OwnDoing`], [`Code::RequestState`].
pub(super) async fn eligible_request<P: Ports>(
    context: &Context<'_, P>,
    id: RequestId,
) -> Result<EligibleRequest, Failure> {
    let (store, now) = (context.store(), context.moment.now);
    let approver = context.admission.person()?;
    let request = load::<Request>(store, &id.to_string()).await?.ok_or_else(|| not_found("request"))?;
    let settings = settings::current(store).await?;
    let tool = load::<Tool>(store, &request.tool.to_string()).await?;
    let tool = tool.ok_or_else(|| Failure::Defect(format!("{id} is for a tool that does not exist")))?;
    let standing = match request.review() {
        Some(review) => {
            let circle = Circle::of(&settings, &tool, &request);
            right_of(store, circle, (&request, review), approver, now).await?
        }
        None => Standing::NotMeant,
    };
    // Whoever could have decided it is told what happened, though they see it no more.
    if matches!(standing, Standing::NotMeant) {
        let circle = Circle::of(&settings, &tool, &request);
        if let Some(refusal) = overtaken(store, circle, &request, approver, now).await? {
            return Err(refusal.into());
        }
    }
    // Administrators see every request, and are told that this one is not theirs to decide.
    let sees = !matches!(standing, Standing::NotMeant)
        || context.admission.is_administrator()
        || sees_request(store, &context.admission, &request, now).await?;
    if !sees {
        return Err(not_found("request").into());
    }
    if request.requester == approver.id {
        return Err(own_request().into());
    }
    let review = request.pending_review()?;
    match standing {
        Standing::Decides(right) => Ok(EligibleRequest { request, settings, tool, right: *right }),
        Standing::Barred(refusal) => Err(refusal.into()),
        Standing::NotMeant if review.deciders().contains(&approver.id) => Err(already_decided().into()),
        Standing::NotMeant => {
            Err(Refusal::new(Code::NotEligible, "you are not among those who may decide this request now")
                .into())
        }
    }
}

impl Operation for Decide {
    const NAME: &'static str = "approvals.decide";
    const SUMMARY: &'static str = "Approve or deny a request's open stage";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Decisions);
    type Input = DecideRequest;
    type Output = DecideAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DecideRequest,
    ) -> Result<Decision<DecideAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let eligible = eligible_request(context, input.request).await?;
        let approver = context.admission.person()?;
        let mut change = Change::new();
        eligible.check(&mut change, approver);
        let (request, grant) = match input.decision {
            Answer::Deny => (deny(context, &mut change, &eligible, approver, input).await?, None),
            Answer::Approve => approve(context, &mut change, &eligible, approver, input).await?,
        };
        if request.review().is_none() {
            crate::notices::request_closed(&mut change, moment, &request);
        }
        let mut names = Names::new(store);
        names.know_person(approver);
        names.know_tool(&eligible.tool);
        let view = request_view(&mut names, store, &context.admission, &request, moment.now).await?;
        let grant = match grant {
            Some(grant) => Some(grant_view(&mut names, &context.admission, &grant, moment.now).await?),
            None => None,
        };
        Ok(Decision::change(DecideAnswer { request: view, grant }, change))
    }
}

/// For whom somebody did it, as the log holds it.
pub(super) fn on_behalf_of(person: Option<PersonId>) -> (&'static str, Value) {
    ("on_behalf_of", person.map_or(Value::Null, |person| Value::from(person.to_string())))
}

fn record_decision(
    change: &mut Change,
    eligible: &EligibleRequest,
    stage: &OpenStage,
    (approver, at): (&Person, crate::time::Timestamp),
    input: &DecideRequest,
    rationale: Option<&CommittedText>,
) {
    let decision = match input.decision {
        Answer::Approve => "approve",
        Answer::Deny => "deny",
    };
    let facts = Value::object([
        ("request", Value::from(eligible.request.id.to_string())),
        on_behalf_of(eligible.right.on_behalf_of()),
        ("stage", Value::from(stage.number)),
        ("decision", Value::from(decision)),
        ("rationale", rationale.map_or(Value::Null, CommittedText::to_fact)),
        ("days", input.days.map_or(Value::Null, |days| Value::from(days.get()))),
    ]);
    change.record(at, &Actor::Person(approver.id), EventKind::ApprovalDecided, facts);
}

async fn deny<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    eligible: &EligibleRequest,
    approver: &Person,
    input: &DecideRequest,
) -> Result<Request, Failure> {
    let (request, moment) = (&eligible.request, &context.moment);
    let Some(rationale) = &input.rationale else {
        return Err(crate::refusal::malformed("rationale", "is required to deny a request: say why").into());
    };
    let rationale = CommittedText::new(rationale.clone(), moment, "rationale");
    let stage = &request.pending_review()?.open;
    record_decision(change, eligible, stage, (approver, moment.now), input, Some(&rationale));
    let by = (approver.id, eligible.right.on_behalf_of());
    let denied = request.deny(by, rationale, moment.now)?;
    let holding = load::<Holding>(context.store(), &Holding::key_of(request.requester, request.tool)).await?;
    crate::request::operations::close(change, request, &denied, holding.as_ref());
    let facts = Value::object([("request", Value::from(request.id.to_string())), on_behalf_of(by.1)]);
    change.record(moment.now, &Actor::Person(approver.id), EventKind::RequestDenied, facts);
    Ok(denied)
}

async fn approve<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    eligible: &EligibleRequest,
    approver: &Person,
    input: &DecideRequest,
) -> Result<(Request, Option<Grant>), Failure> {
    let (request, moment) = (&eligible.request, &context.moment);
    let review = request.pending_review()?;
    if input.days.is_some_and(|days| days > request.days) {
        let message =
            format!("an approval may shorten what was asked for ({}), not lengthen it", request.days);
        return Err(Refusal::new(Code::DurationAboveMaximum, message)
            .with("max_days", request.days.get())
            .into());
    }
    if eligible.tool.status != ToolStatus::Requestable {
        let message = format!(
            "this tool is {} now; deny the request or ask an administrator",
            eligible.tool.status.as_str()
        );
        return Err(Refusal::new(Code::ToolNotRequestable, message).into());
    }
    let rationale = input.rationale.clone().map(|text| CommittedText::new(text, moment, "rationale"));
    record_decision(change, eligible, &review.open, (approver, moment.now), input, rationale.as_ref());
    let approval = Approval {
        by: approver.id,
        on_behalf_of: eligible.right.on_behalf_of(),
        at: moment.now,
        rationale,
        days: input.days,
    };
    match review.clone().approve(approval) {
        Progress::Complete { decided } => complete(context, change, eligible, approver, decided).await,
        Progress::Waiting(mut after) => {
            let requester = requester_of(context, request).await?;
            let summary = summary_of(request, &requester, &eligible.tool, after.deadline);
            show_waiting(change, eligible.circle(), &review.open.queue, &mut after, &summary);
            let pending = request.in_state(RequestState::Pending { review: after });
            change.update(request, &pending);
            Ok((pending, None))
        }
        Progress::Next { decided, next, queue, ahead, deadline } => {
            let circle = eligible.circle();
            let mut without = excluded(context.store(), request.requester, moment.now).await?;
            without.extend(decided.iter().flat_map(|stage| &stage.approvals).flat_map(Approval::deciders));
            let number = review.open.number.saturating_add(1);
            let open = open_stage(context.store(), circle, &without, number, next, moment.now).await?;
            let mut after = Review { decided, open, ahead, deadline };
            let requester = requester_of(context, request).await?;
            let summary = summary_of(request, &requester, &eligible.tool, deadline);
            show_waiting(change, circle, &queue, &mut after, &summary);
            let pending = request.in_state(RequestState::Pending { review: after });
            change.update(request, &pending);
            crate::notices::request_submitted(change, circle, moment, &pending);
            Ok((pending, None))
        }
    }
}

async fn requester_of<P: Ports>(
    context: &Context<'_, P>,
    request: &Request,
) -> Result<Loaded<Person>, Failure> {
    let person = load::<Person>(context.store(), &request.requester.to_string()).await?;
    person.ok_or_else(|| Failure::Defect(format!("{} has no requester", request.id)))
}

/// The last approval: the duplicate rules again, then the grant, new or extended, or a place in the waiting list for a seat.
async fn complete<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    eligible: &EligibleRequest,
    approver: &Person,
    decided: Vec<DecidedStage>,
) -> Result<(Request, Option<Grant>), Failure> {
    let (store, moment, request) = (context.store(), &context.moment, &eligible.request);
    let requester = requester_of(context, request).await?;
    if !requester.is_active() {
        return Err(Refusal::new(Code::PersonDeactivated, "the requester has left; deny the request").into());
    }
    let holding = load::<Holding>(store, &Holding::key_of(request.requester, request.tool)).await?;
    let holding = holding.ok_or_else(|| Failure::Defect(format!("{} has no holding", request.id)))?;
    if holding.open_request != Some(request.id) {
        // The guard names every open request, so this one was decided or withdrawn since it was loaded: look again.
        return Err(StoreError::Conflict.into());
    }
    // Everybody's shortest duration holds.
    let shortened =
        decided.iter().flat_map(|stage| &stage.approvals).filter_map(|approval| approval.days).min();
    let days = shortened.unwrap_or(request.days).min(request.days);
    let extended = extended_grant(store, Some(&*holding), moment.now).await?;
    days_in_all(extended.as_deref(), &eligible.tool, days, moment.now)?;
    if let Some(exception) = request.exception {
        let begins = extended
            .as_ref()
            .and_then(|grant| grant.active_span(moment.now))
            .map_or(moment.now, |(_, end)| end);
        let of = (request.requester, request.tool);
        let until = begins.plus_days(days);
        change.check(&require_in_force(store, of, (exception, until), moment.now).await?);
    }
    let actor = Actor::Person(approver.id);
    let mut granted = Change::new();
    let grant = if let Some(grant) = &extended {
        let asked_by = (request.id, request.source);
        Some(grant::extend(&mut granted, moment, &actor, grant, asked_by, days)?)
    } else {
        let asked_by = AskedBy::of(request);
        seats::start(store, &mut granted, moment, &actor, asked_by, &eligible.tool, days).await?
    };
    let consent = Consent { at: moment.now, by: Decider::Person(approver.id), days, stages: decided };
    let approved = request.in_state(consent.outcome(grant.as_ref().map(|grant| grant.id)));
    close_waiting(change, request.id, &request.pending_review()?.open);
    match &grant {
        Some(grant) => {
            let holds = Holding { open_request: None, grant: Some(grant.id), ..(*holding).clone() };
            change.update(&holding, &holds);
        }
        // It stays open until there is a seat.
        None => change.check(&holding),
    }
    change.update(request, &approved);
    change.check(&requester);
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("grant", grant.as_ref().map_or(Value::Null, |grant| Value::from(grant.id.to_string()))),
        ("days", Value::from(days.get())),
        on_behalf_of(eligible.right.on_behalf_of()),
    ]);
    change.record(moment.now, &actor, EventKind::RequestApproved, facts);
    change.extend(granted);
    Ok((approved, grant))
}
