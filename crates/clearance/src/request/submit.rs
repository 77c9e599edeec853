//! `requests.submit`: from the form to a request that policy has evaluated, and to a grant when policy approves it at once.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::holding::Holding;
use super::review::Review;
use super::state::{Consent, Decider, Denial, Request, RequestState, Source};
use super::view::{RequestView, request_view};
use crate::approval::{Circle, excluded, open_stage, settle_stages, show_waiting, summary_of};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::Requester;
use crate::authorization::{Caller, CallerKinds, Credential};
use crate::catalog::{DataClass, Tool, ToolStatus, UsagePolicy};
use crate::documents::{Change, Loaded, load};
use crate::exception::{self, InForce};
use crate::failure::Failure;
use crate::grant::{self, AskedBy, Grant, GrantView, grant_view};
use crate::ids::{RequestId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::policy::{self, Evaluation, Outcome, PlannedStage, Snapshot};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, malformed};
use crate::seats;
use crate::settings::{self, Settings};
use crate::site::InUse;
use crate::text::{CommittedText, Paragraph};
use crate::time::{Days, Timestamp};

/// `requests.submit`.
#[derive(Debug)]
pub struct Submit;

/// What `requests.submit` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// Which tool.
    pub tool: ToolId,
    /// What for.
    pub purpose: Paragraph,
    /// What data will be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// For how long; with active access, how many days to add to its end.
    pub days: Days,
    /// The usage-policy version accepted; required exactly when the tool has one.
    #[serde(default)]
    pub acknowledged: Option<u32>,
}

/// What `requests.submit` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SubmitAnswer {
    /// The request as stored now.
    pub request: RequestView,
    /// The grant, when policy approved at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantView>,
}

impl Operation for Submit {
    const NAME: &'static str = "requests.submit";
    const SUMMARY: &'static str = "Ask for a tool";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = SubmitRequest;
    type Output = SubmitAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &SubmitRequest,
    ) -> Result<Decision<SubmitAnswer>, Failure> {
        submit(context, input, source_of(context)).await
    }
}

/// Everything that is known of what a person asks for, before anything is decided.
pub(crate) struct Asked {
    pub(super) settings: Loaded<Settings>,
    pub(crate) tool: Loaded<Tool>,
    pub(crate) holding: Option<Loaded<Holding>>,
    /// The active grant that would be extended.
    pub(crate) extends: Option<Loaded<Grant>>,
    pub(crate) snapshot: Snapshot,
    pub(crate) evaluation: Evaluation,
    /// The exception that turns policy's denial into a question to administrators.
    pub(crate) exception: Option<InForce>,
}

impl Asked {
    /// What follows: what policy says, or what an exception makes of a denial.
    pub(crate) fn outcome(&self) -> Result<Outcome, Failure> {
        if self.exception.is_some() { exception::allowance() } else { Ok(self.evaluation.outcome.clone()) }
    }
}

/// Loads and checks what a person asks for, and evaluates it under today's policy.
pub(crate) async fn consider(
    store: &impl Store,
    requester: &Person,
    input: &SubmitRequest,
    now: Timestamp,
) -> Result<Asked, Failure> {
    let tool = load::<Tool>(store, &input.tool.to_string()).await?;
    let tool = tool
        .filter(|tool| tool.status != ToolStatus::Draft)
        .ok_or_else(|| crate::refusal::not_found("tool"))?;
    check_tool(&tool, input)?;
    let settings = settings::current(store).await?;
    let holding = load::<Holding>(store, &Holding::key_of(requester.id, tool.id)).await?;
    if let Some(open) = holding.as_ref().and_then(|holding| holding.open_request) {
        let message = "you already have an open request for this tool";
        return Err(Refusal::new(Code::DuplicateRequest, message).with("request", open).into());
    }
    let extends = extended_grant(store, holding.as_deref(), now).await?;
    let days_in_all = days_in_all(extends.as_deref(), &tool, input.days, now)?;
    let snapshot = Snapshot {
        tool: Some(tool.id),
        risk: tool.risk,
        tags: tool.tags.clone(),
        requester_groups: requester.groups.clone(),
        data_classes: input.data_classes.clone(),
        days: input.days,
        days_in_all,
        manager: requester.manager,
    };
    let (_, version) = policy::active_version(store).await?;
    let rules = policy::rules_for(store, &version, Some(tool.id)).await?;
    let evaluation = policy::evaluate(version.number, &rules, &snapshot);
    let denied = matches!(evaluation.outcome, Outcome::Denied { .. });
    let exception =
        if denied { exception::in_force(store, (requester.id, tool.id), now).await? } else { None };
    if let Some(exception) = &exception {
        let begins = extends.as_ref().and_then(|grant| grant.active_span(now)).map_or(now, |(_, end)| end);
        exception.covers(begins.plus_days(input.days))?;
    }
    Ok(Asked { settings, tool, holding, extends, snapshot, evaluation, exception })
}

/// What the tool itself says of the request.
fn check_tool(tool: &Tool, input: &SubmitRequest) -> Result<(), Refusal> {
    if tool.status != ToolStatus::Requestable {
        let message = format!("this tool is {} and cannot be requested", tool.status.as_str());
        return Err(Refusal::new(Code::ToolNotRequestable, message));
    }
    if input.data_classes.is_empty() {
        return Err(malformed("data_classes", "must name at least one class"));
    }
    if let Some(class) = input.data_classes.difference(&tool.data_classes).next() {
        let message = format!("this tool is not approved for {} data", class.as_str());
        return Err(Refusal::new(Code::DataClassNotAllowed, message).with("data_class", class.as_str()));
    }
    match (&tool.usage_policy, input.acknowledged) {
        (None, None) => Ok(()),
        (Some(policy), Some(version)) if policy.version == version => Ok(()),
        (Some(policy), None) => {
            let message = "accept the tool's usage policy first";
            Err(Refusal::new(Code::AcknowledgementRequired, message).with("version", policy.version))
        }
        (Some(policy), Some(_)) => {
            let message = "the tool's usage policy has changed; read and accept the current version";
            Err(Refusal::new(Code::AcknowledgementMismatch, message).with("version", policy.version))
        }
        (None, Some(_)) => {
            Err(Refusal::new(Code::AcknowledgementMismatch, "this tool has no usage policy to accept"))
        }
    }
}

/// The active grant that a request would extend; a grant that is neither active nor ended stands in the way.
pub(crate) async fn extended_grant(
    store: &impl Store,
    holding: Option<&Holding>,
    now: Timestamp,
) -> Result<Option<Loaded<Grant>>, Failure> {
    let Some(id) = holding.and_then(|holding| holding.grant) else { return Ok(None) };
    let grant = load::<Grant>(store, &id.to_string()).await?;
    let grant = grant.ok_or_else(|| Failure::Defect(format!("{id} is held but does not exist")))?;
    if grant.is_ended() {
        return Ok(None);
    }
    if grant.active_span(now).is_none() {
        let message = "the earlier access to this tool is not settled yet; ask again when it has ended";
        return Err(Refusal::new(Code::GrantUnsettled, message)
            .with("grant", id)
            .with("state", grant.state_name())
            .into());
    }
    Ok(Some(grant))
}

/// Days from first activation to the end asked for; refuses what would leave more time than the tool allows.
pub(crate) fn days_in_all(
    extends: Option<&Grant>,
    tool: &Tool,
    days: Days,
    now: Timestamp,
) -> Result<Days, Refusal> {
    let (remaining, in_all) = match extends.and_then(|grant| grant.active_span(now)) {
        None => (days.get(), days.get()),
        Some((activated_at, ends_at)) => {
            let end = ends_at.plus_days(days);
            (now.days_until(end), activated_at.days_until(end))
        }
    };
    if remaining > tool.max_days.get() {
        let message = match extends {
            None => format!("this tool is granted for at most {}", tool.max_days),
            Some(_) => format!("this would leave {remaining} days; at most {} may remain", tool.max_days),
        };
        return Err(Refusal::new(Code::DurationAboveMaximum, message).with("max_days", tool.max_days.get()));
    }
    // Beyond ten years no cap and no rule tells durations apart.
    Ok(Days::try_from(i64::from(in_all)).unwrap_or(Days::MAX))
}

/// Submits a request: from `requests.submit`, from `grants.extend`, and from an issue.
pub(crate) async fn submit<P: Ports>(
    context: &Context<'_, P>,
    input: &SubmitRequest,
    source: Source,
) -> Result<Decision<SubmitAnswer>, Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let requester = context.admission.person()?;
    let asked = consider(store, requester, input, moment.now).await?;
    let circle = Circle::new(&asked.settings, &asked.tool, &asked.snapshot);
    let id = RequestId::new(moment, "request", 0);
    let mut holding =
        asked.holding.as_deref().cloned().unwrap_or_else(|| Holding::none(requester.id, asked.tool.id));
    let mut change = Change::new();
    let new = |state| Request {
        id,
        requester: requester.id,
        tool: asked.tool.id,
        purpose: CommittedText::new(input.purpose.clone(), moment, "purpose"),
        data_classes: input.data_classes.clone(),
        days: input.days,
        acknowledged: input.acknowledged,
        accepted: asked.tool.usage_policy.as_ref().map(UsagePolicy::hash),
        source,
        submitted_at: moment.now,
        extends: asked.extends.as_ref().map(|grant| grant.id),
        exception: asked.exception.as_ref().map(|exception| exception.id),
        snapshot: asked.snapshot.clone(),
        evaluation: asked.evaluation.clone(),
        exchanges: Vec::new(),
        taken_back: Vec::new(),
        state,
    };
    // A renewal is not asked for by whom it is for; who decided it is in the review's own entry of the same commit.
    let actor = if source == Source::Review { Actor::System } else { Actor::Person(requester.id) };
    let (request, grant) = match &asked.outcome()? {
        Outcome::Denied { reasons } => {
            let denial = Denial::Policy { reasons: reasons.clone() };
            let request = new(RequestState::Denied { at: moment.now, denial, stages: Vec::new() });
            record_submitted(&mut change, &request, &actor);
            record_outcome(&mut change, moment.now, EventKind::RequestDenied, &request);
            (request, None)
        }
        Outcome::AutoApproved { .. } => {
            // The grant comes first: the request names it.
            let mut granted = Change::new();
            let grant = if let Some(grant) = &asked.extends {
                let asked_by = (id, source);
                Some(grant::extend(&mut granted, moment, &Actor::System, grant, asked_by, input.days)?)
            } else {
                let asked_by = AskedBy { person: requester.id, request: id, source };
                seats::start(store, &mut granted, moment, &Actor::System, asked_by, &asked.tool, input.days)
                    .await?
            };
            let consent =
                Consent { at: moment.now, by: Decider::Policy, days: input.days, stages: Vec::new() };
            let request = new(consent.outcome(grant.as_ref().map(|grant| grant.id)));
            record_submitted(&mut change, &request, &actor);
            record_outcome(&mut change, moment.now, EventKind::RequestApproved, &request);
            change.extend(granted);
            match &grant {
                Some(grant) => holding.grant = Some(grant.id),
                None => holding.open_request = Some(id),
            }
            (request, grant)
        }
        Outcome::Stages { stages } => {
            let mut review = open_review(store, circle, requester, stages.clone(), moment.now).await?;
            let request = new(RequestState::Pending { review: review.clone() });
            record_submitted(&mut change, &request, &actor);
            let summary = summary_of(&request, requester, &asked.tool, review.deadline);
            show_waiting(&mut change, circle, &[], &mut review, &summary);
            holding.open_request = Some(id);
            (request.in_state(RequestState::Pending { review }), None)
        }
    };
    change.insert(&request);
    if asked.holding.as_deref() == Some(&holding) {
        // A denied request opens nothing, but must not slip past one that does.
        if let Some(held) = &asked.holding {
            change.check(held);
        }
    } else {
        change.upsert(asked.holding.as_ref(), &holding);
    }
    InUse::begin(store, &mut change, moment.now).await?;
    // The decision rests on who the requester is and what the tool allows.
    change.check(requester);
    change.check(&asked.tool);
    if let Some(exception) = &asked.exception {
        change.check(&exception.guard);
    }
    crate::notices::request_submitted(&mut change, circle, moment, &request);
    let mut names = Names::new(store);
    names.know_person(requester);
    names.know_tool(&asked.tool);
    let view = request_view(&mut names, store, &context.admission, &request, moment.now).await?;
    let grant = match grant {
        Some(grant) => Some(grant_view(&mut names, &context.admission, &grant, moment.now).await?),
        None => None,
    };
    Ok(Decision::change(SubmitAnswer { request: view, grant }, change))
}

/// The review of a new request: its stages settled, the first one open.
pub(super) async fn open_review(
    store: &impl Store,
    circle: Circle<'_>,
    requester: &Person,
    stages: Vec<PlannedStage>,
    now: Timestamp,
) -> Result<Review, Failure> {
    let without = excluded(store, requester.id, now).await?;
    let mut stages = settle_stages(store, circle, &without, stages).await?;
    if stages.is_empty() {
        return Err(Failure::Defect("an outcome of stages without a stage".to_owned()));
    }
    let first = stages.remove(0);
    let open = open_stage(store, circle, &without, 0, first, now).await?;
    let deadline = now.plus_days(circle.settings.pending_days);
    Ok(Review { decided: Vec::new(), open, ahead: stages, deadline })
}

/// Where a request comes from that its requester submits.
pub(crate) fn source_of<P: Ports>(context: &Context<'_, P>) -> Source {
    match context.admission.caller() {
        Caller::Person(principal) if principal.credential == Credential::Session => Source::App,
        _ => Source::Api,
    }
}

/// What the log says of a new request.
pub(crate) fn record_submitted(change: &mut Change, request: &Request, actor: &Actor) {
    let texts = |values: Vec<String>| Value::Array(values.into_iter().map(Value::from).collect());
    let outcome = match &request.evaluation.outcome {
        Outcome::Denied { .. } if request.exception.is_some() => "exception",
        Outcome::Denied { .. } => "denied",
        Outcome::AutoApproved { .. } => "auto_approved",
        Outcome::Stages { .. } => "stages",
    };
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("person", Value::from(request.requester.to_string())),
        ("tool", Value::from(request.tool.to_string())),
        ("days", Value::from(request.days.get())),
        ("data_classes", texts(request.data_classes.iter().map(|class| class.as_str().to_owned()).collect())),
        ("purpose", request.purpose.to_fact()),
        ("extends", request.extends.map_or(Value::Null, |grant| Value::from(grant.to_string()))),
        ("acknowledged", request.acknowledged.map_or(Value::Null, Value::from)),
        ("accepted", request.accepted.map_or(Value::Null, |hash| Value::from(hash.to_string()))),
        ("policy_version", Value::from(request.evaluation.policy_version)),
        (
            "rules",
            texts(request.evaluation.matched.iter().take(16).map(|rule| rule.id.to_string()).collect()),
        ),
        ("outcome", Value::from(outcome)),
        ("exception", request.exception.map_or(Value::Null, |id| Value::from(id.to_string()))),
    ]);
    change.record(request.submitted_at, actor, EventKind::RequestSubmitted, facts);
}

/// What the log says of a request that policy alone decided.
fn record_outcome(change: &mut Change, at: Timestamp, event: EventKind, request: &Request) {
    let grant = match &request.state {
        RequestState::Approved { grant, .. } => Value::from(grant.to_string()),
        _ => Value::Null,
    };
    let facts = Value::object([("request", Value::from(request.id.to_string())), ("grant", grant)]);
    change.record(at, &Actor::System, event, facts);
}
