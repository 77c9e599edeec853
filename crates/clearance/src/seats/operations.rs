//! `seats.list`, `seats.get`, `seats.accept`, `seats.decline`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Seats;
use super::serve::{accept, decline};
use super::view::{SeatSeekerView, SeatsView, seats_view, seekers};
use crate::authorization::CallerKind::{Administrator, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::{Tool, ToolStatus};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{GrantView, grant_view};
use crate::ids::ToolId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::refusal::{Code, Refusal, not_found};
use crate::request::operations::{OneRequest, RequestAnswer, answer, visible};
use crate::request::submit::days_in_all;
use crate::request::{Request, RequestView, request_view};

/// `seats.list`.
#[derive(Debug)]
pub struct List;

/// What `seats.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSeats {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "seats.list";
    const SUMMARY: &'static str = "Seats of the tools that have a cap, by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Owner, Administrator, Auditor, Console]);
    type Input = ListSeats;
    type Output = documents::List<SeatsView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListSeats,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let sees = |tool: &Tool| tool.seat_cap.is_some() && sees_seats(context, tool);
        let select = Select::by(&Tool::BY_NAME, ["all"]);
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list_where::<Tool>(store, select, paging, sees).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for tool in &page.items {
            let seats = load::<Seats>(store, &tool.id.to_string()).await?;
            items.push(seats_view(tool, seats.as_deref()));
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// Whether the caller may know how a tool's seats stand: its owners, administrators, auditors, console.
fn sees_seats<P: Ports>(context: &Context<'_, P>, tool: &Tool) -> bool {
    let owns = context.admission.person_id().is_some_and(|person| tool.owners.contains(&person));
    owns || context.admission.sees_all()
}

/// `seats.get`.
#[derive(Debug)]
pub struct Get;

/// What `seats.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneTool {
    /// Which tool.
    pub tool: ToolId,
}

/// What `seats.get` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatsAnswer {
    /// How they stand.
    pub seats: SeatsView,
    /// For whom one is kept, and who waits, in their order; the first hundred.
    pub seekers: Vec<SeatSeekerView>,
}

impl Operation for Get {
    const NAME: &'static str = "seats.get";
    const SUMMARY: &'static str = "Seats of one tool, and who waits for one";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Owner, Administrator, Auditor, Console]);
    type Input = OneTool;
    type Output = SeatsAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneTool,
    ) -> Result<Decision<SeatsAnswer>, Failure> {
        let store = context.store();
        let tool = load::<Tool>(store, &input.tool.to_string()).await?;
        let tool = tool.filter(|tool| sees_seats(context, tool)).ok_or_else(|| not_found("tool"))?;
        let seats = load::<Seats>(store, &tool.id.to_string()).await?;
        let seekers = match &seats {
            Some(seats) => seekers(&mut Names::new(store), store, seats).await?,
            None => Vec::new(),
        };
        Ok(Decision::answer(SeatsAnswer { seats: seats_view(&tool, seats.as_deref()), seekers }))
    }
}

/// The caller's own request.
async fn own<P: Ports>(context: &Context<'_, P>, input: &OneRequest) -> Result<Loaded<Request>, Failure> {
    let request = visible(context, input.request).await?;
    if context.admission.person_id() != Some(request.requester) {
        return Err(not_found("request").into());
    }
    Ok(request)
}

/// `seats.accept`.
#[derive(Debug)]
pub struct Accept;

/// What `seats.accept` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AcceptAnswer {
    /// The request as stored now.
    pub request: RequestView,
    /// The grant that it made.
    pub grant: GrantView,
}

impl Operation for Accept {
    const NAME: &'static str = "seats.accept";
    const SUMMARY: &'static str = "Accept the seat that is kept for one's own approved request";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = OneRequest;
    type Output = AcceptAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneRequest,
    ) -> Result<Decision<AcceptAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let request = own(context, input).await?;
        let consent = request.offered(moment.now)?;
        let tool = load::<Tool>(store, &request.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        if tool.status != ToolStatus::Requestable {
            let message = format!("this tool is {} now; the seat cannot be taken", tool.status.as_str());
            return Err(Refusal::new(Code::ToolNotRequestable, message).into());
        }
        days_in_all(None, &tool, consent.days, moment.now)?;
        let mut change = Change::new();
        change.check(context.admission.person()?);
        let actor = context.admission.actor()?;
        let (request, grant) = accept(store, &mut change, moment, &actor, (&request, &tool)).await?;
        let mut names = Names::new(store);
        let request = request_view(&mut names, store, &context.admission, &request, moment.now).await?;
        let grant = grant_view(&mut names, &context.admission, &grant, moment.now).await?;
        Ok(Decision::change(AcceptAnswer { request, grant }, change))
    }
}

/// `seats.decline`.
#[derive(Debug)]
pub struct Decline;

impl Operation for Decline {
    const NAME: &'static str = "seats.decline";
    const SUMMARY: &'static str = "Leave the waiting list, or decline the seat that is kept";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = OneRequest;
    type Output = RequestAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneRequest,
    ) -> Result<Decision<RequestAnswer>, Failure> {
        let request = own(context, input).await?;
        let mut change = Change::new();
        let actor = context.admission.actor()?;
        let declined = decline(context.store(), &mut change, &request, actor, context.moment.now).await?;
        Ok(Decision::change(answer(context, &declined).await?, change))
    }
}
