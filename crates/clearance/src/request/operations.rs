//! `requests.get`, `requests.list`, `requests.cancel`, `requests.provide_information`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::acting::who_can_act;
use super::holding::Holding;
use super::state::{Request, RequestState};
use super::view::{RequestView, request_view, sees_request};
use crate::approval::{Circle, close_waiting, show_waiting, summary_of};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::operations::Whose;
use crate::ids::{RequestId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::seats;
use crate::settings;
use crate::text::{CommittedText, Paragraph};
use crate::time::Timestamp;

/// What operations on one request take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneRequest {
    /// Which request.
    pub request: RequestId,
}

/// What operations on one request answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RequestAnswer {
    /// The request as stored now.
    pub request: RequestView,
}

/// The request, if the caller may see it.
pub(crate) async fn visible<P: Ports>(
    context: &Context<'_, P>,
    id: RequestId,
) -> Result<Loaded<Request>, Failure> {
    let request =
        load::<Request>(context.store(), &id.to_string()).await?.ok_or_else(|| not_found("request"))?;
    if sees_request(context.store(), &context.admission, &request, context.moment.now).await? {
        Ok(request)
    } else {
        Err(not_found("request").into())
    }
}

pub(crate) async fn answer<P: Ports>(
    context: &Context<'_, P>,
    request: &Request,
) -> Result<RequestAnswer, Failure> {
    let mut names = Names::new(context.store());
    let (store, now) = (context.store(), context.moment.now);
    let mut view = request_view(&mut names, store, &context.admission, request, now).await?;
    view.can_act = who_can_act(&mut names, store, request, now).await?;
    Ok(RequestAnswer { request: view })
}

/// `requests.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "requests.get";
    const SUMMARY: &'static str = "One request";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = OneRequest;
    type Output = RequestAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneRequest,
    ) -> Result<Decision<RequestAnswer>, Failure> {
        let request = visible(context, input.request).await?;
        Ok(Decision::answer(answer(context, &request).await?))
    }
}

/// The states by which requests can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestStateName {
    /// Waits for approvers.
    Pending,
    /// Waits for the requester's answer.
    NeedsInformation,
    /// Approved, and waits for a seat.
    AwaitingSeat,
    /// Approved, and a seat is kept for it.
    SeatOffered,
    /// Approved.
    Approved,
    /// Approved, and its seat was given up or not accepted in time.
    Forgone,
    /// Denied.
    Denied,
    /// Withdrawn.
    Cancelled,
    /// Nobody decided in time.
    Lapsed,
}

impl RequestStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::NeedsInformation => "needs_information",
            Self::AwaitingSeat => "awaiting_seat",
            Self::SeatOffered => "seat_offered",
            Self::Approved => "approved",
            Self::Forgone => "forgone",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
        }
    }
}

/// `requests.list`.
#[derive(Debug)]
pub struct List;

/// What `requests.list` takes. At most one of `requester`, `state` and `tool` narrows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListRequests {
    /// Whose; all that the caller may see when not given.
    #[serde(default)]
    pub requester: Option<Whose>,
    /// Only this state; administrators, auditors and console.
    #[serde(default)]
    pub state: Option<RequestStateName>,
    /// Only this tool; administrators, auditors and console.
    #[serde(default)]
    pub tool: Option<ToolId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "requests.list";
    const SUMMARY: &'static str = "Requests, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Administrator, Auditor, Console]);
    type Input = ListRequests;
    type Output = documents::List<RequestView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListRequests,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let select = match (Whose::resolve(input.requester, &context.admission)?, input.state, input.tool) {
            (Some(person), None, None) => Select::by(&Request::BY_REQUESTER, [person]),
            (None, Some(state), None) => Select::by(&Request::BY_STATE, [state.as_str()]),
            (None, None, Some(tool)) => Select::by(&Request::BY_TOOL, [tool]),
            (None, None, None) => Select::by(&Request::BY_TIME, ["all"]),
            _ => {
                let message = "narrow by one of `requester`, `state` and `tool`";
                return Err(crate::refusal::malformed("", message).into());
            }
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<Request>(store, select.descending(), &paging).await?;
        let mut names = Names::new(store);
        let subjects = page.items.iter().map(|request| (request.requester, request.tool));
        let (people, tools) = subjects.unzip();
        names.look_up(people, tools).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for request in &page.items {
            items.push(
                request_view(&mut names, store, &context.admission, request, context.moment.now).await?,
            );
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// Closes an open request in a change: its queue rows go, the holding has no open request any more.
pub(crate) fn close(
    change: &mut Change,
    before: &Loaded<Request>,
    after: &Request,
    holding: Option<&Loaded<Holding>>,
) {
    if let Some(review) = before.review() {
        close_waiting(change, before.id, &review.open);
    }
    if let Some(holding) = holding
        && holding.open_request == Some(before.id)
    {
        change.update(holding, &Holding { open_request: None, ..(**holding).clone() });
    }
    change.update(before, after);
}

/// Withdraws an undecided request in a change; one that is approved gives up its place in the waiting list, or the seat that is kept for it.
pub(crate) async fn cancel(
    store: &impl Store,
    change: &mut Change,
    request: &Loaded<Request>,
    actor: Actor,
    now: Timestamp,
) -> Result<Request, Failure> {
    if matches!(request.state, RequestState::AwaitingSeat { .. }) {
        return seats::decline(store, change, request, actor, now).await;
    }
    let cancelled = request.cancel(actor, now)?;
    let holding = load::<Holding>(store, &Holding::key_of(request.requester, request.tool)).await?;
    close(change, request, &cancelled, holding.as_ref());
    let facts = Value::object([("request", Value::from(request.id.to_string()))]);
    change.record(now, &actor, EventKind::RequestCancelled, facts);
    Ok(cancelled)
}

/// `requests.cancel`.
#[derive(Debug)]
pub struct Cancel;

impl Operation for Cancel {
    const NAME: &'static str = "requests.cancel";
    const SUMMARY: &'static str = "Withdraw a request that is undecided or waits for a seat";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Administrator]);
    type Input = OneRequest;
    type Output = RequestAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneRequest,
    ) -> Result<Decision<RequestAnswer>, Failure> {
        let request = visible(context, input.request).await?;
        let own = context.admission.person_id() == Some(request.requester);
        if !own && !context.admission.is(Administrator) {
            return Err(not_found("request").into());
        }
        let mut change = Change::new();
        let actor = context.admission.actor()?;
        let cancelled = cancel(context.store(), &mut change, &request, actor, context.moment.now).await?;
        Ok(Decision::change(answer(context, &cancelled).await?, change))
    }
}

/// `requests.provide_information`.
#[derive(Debug)]
pub struct ProvideInformation;

/// What `requests.provide_information` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Information {
    /// Which request.
    pub request: RequestId,
    /// The answer.
    pub answer: Paragraph,
}

impl Operation for ProvideInformation {
    const NAME: &'static str = "requests.provide_information";
    const SUMMARY: &'static str = "Answer the question that a request was sent back with";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = Information;
    type Output = RequestAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &Information,
    ) -> Result<Decision<RequestAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let request = visible(context, input.request).await?;
        let requester = context.admission.person()?;
        if requester.id != request.requester {
            return Err(not_found("request").into());
        }
        let text = CommittedText::new(input.answer.clone(), moment, "answer");
        let commitment = text.to_fact();
        let mut answered = request.answer(text, moment.now)?;
        let settings = settings::current(store).await?;
        let tool = load::<Tool>(store, &request.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let mut change = Change::new();
        let circle = Circle::of(&settings, &tool, &request);
        let mut review = answered.pending_review()?.clone();
        let summary = summary_of(&answered, requester, &tool, review.deadline);
        show_waiting(&mut change, circle, &[], &mut review, &summary);
        answered = answered.in_state(RequestState::Pending { review });
        change.update(&request, &answered);
        let facts = Value::object([("request", Value::from(request.id.to_string())), ("answer", commitment)]);
        let actor = Actor::Person(requester.id);
        change.record(moment.now, &actor, EventKind::RequestInformationProvided, facts);
        crate::notices::request_submitted(&mut change, circle, moment, &answered);
        Ok(Decision::change(answer(context, &answered).await?, change))
    }
}
