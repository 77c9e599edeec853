//! `emergency.request`, `emergency.list`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{EmergencyView, emergency_view};
use super::{Emergency, EmergencyBudget, EmergencyState, EmergencyUse};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::{DataClass, Ownership, Risk, Tool};
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{AskedBy, Grant, GrantView, grant_view};
use crate::ids::{EmergencyId, PersonId, RequestId, ToolId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::policy::Outcome;
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal};
use crate::request::submit::{Asked, SubmitRequest, consider, record_submitted, source_of};
use crate::request::{Decider, Holding, Request, RequestState};
use crate::seats;
use crate::site::InUse;
use crate::text::{CommittedText, Line, Paragraph};
use crate::time::Days;

/// `emergency.request`.
#[derive(Debug)]
pub struct RequestAccess;

/// What `emergency.request` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRequest {
    /// Which tool.
    pub tool: ToolId,
    /// The open incident, as people refer to it.
    pub incident: Line,
    /// What for.
    pub purpose: Paragraph,
    /// What data will be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// The usage-policy version accepted; required exactly when the tool has one.
    #[serde(default)]
    pub acknowledged: Option<u32>,
}

/// What `emergency.request` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmergencyGranted {
    /// The emergency access as stored now.
    pub emergency: EmergencyView,
    /// The grant.
    pub grant: GrantView,
}

impl Operation for RequestAccess {
    const NAME: &'static str = "emergency.request";
    const SUMMARY: &'static str = "Take a tool at once, during an incident and for a short, fixed time";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    const RECENT_SIGN_IN: bool = true;
    type Input = EmergencyRequest;
    type Output = EmergencyGranted;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &EmergencyRequest,
    ) -> Result<Decision<EmergencyGranted>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let person = context.admission.person()?;
        let settings = crate::settings::current(store).await?;
        let rules = settings.emergency;
        if !rules.group.is_some_and(|group| person.groups.contains(&group)) {
            let message =
                "only the people of the emergency group take access this way; ask for it the usual way";
            return Err(Refusal::new(Code::EmergencyNotEligible, message).into());
        }
        let asked = consider(store, person, &usual(input, rules.days), moment.now).await?;
        check_offered(asked.tool.emergency, asked.tool.risk, &asked.evaluation.outcome)?;
        if let Some(grant) = &asked.extends {
            let message = "you have access to this tool; emergency access extends nothing";
            return Err(Refusal::new(Code::EmergencyNotNeeded, message).with("grant", grant.id).into());
        }
        let id = EmergencyId::new(moment, "emergency", 0);
        let spent =
            load::<EmergencyBudget>(store, &EmergencyBudget::key_of(person.id, asked.tool.id)).await?;
        let before = spent.as_deref().cloned();
        let budget = before.unwrap_or_else(|| EmergencyBudget::none(person.id, asked.tool.id));
        let budget = budget.spend(id, &rules, moment.now)?;

        let request = RequestId::new(moment, "request", 0);
        let source = source_of(context);
        let mut granted = Change::new();
        let actor = Actor::Person(person.id);
        let asked_by = AskedBy { person: person.id, request, source };
        let grant =
            seats::start_now(store, &mut granted, moment, &actor, asked_by, &asked.tool, rules.days).await?;
        let ends_at = moment.now.plus_days(rules.days);
        let emergency = Emergency {
            id,
            person: person.id,
            tool: asked.tool.id,
            request,
            grant: grant.id,
            allowed: asked.tool.emergency,
            incident: CommittedText::new(paragraph(&input.incident)?, moment, "incident"),
            at: moment.now,
            note_due: ends_at,
            review_due: ends_at.plus_days(Days::of(1)),
            reminds_at: ends_at,
            state: EmergencyState::Open,
        };
        let request = approved(context, input, &asked, &grant, rules.days);
        let mut change = Change::new();
        record_submitted(&mut change, &request, &actor);
        let facts = Value::object([
            ("request", Value::from(request.id.to_string())),
            ("grant", Value::from(grant.id.to_string())),
            ("days", Value::from(rules.days.get())),
            ("emergency", Value::from(id.to_string())),
            ("incident", emergency.incident.to_fact()),
        ]);
        change.record(moment.now, &actor, EventKind::RequestApproved, facts);
        change.extend(granted);
        let holding =
            asked.holding.as_deref().cloned().unwrap_or_else(|| Holding::none(person.id, asked.tool.id));
        change.upsert(asked.holding.as_ref(), &Holding { grant: Some(grant.id), ..holding });
        change.insert(&request);
        change.insert(&emergency);
        change.upsert(spent.as_ref(), &budget);
        // The decision rests on who asks, what the tool allows, and what the path allows.
        change.check(person);
        change.check(&asked.tool);
        change.check(&settings);
        InUse::begin(store, &mut change, moment.now).await?;
        notices::emergency_taken(&mut change, &settings, moment, &emergency);
        let mut names = Names::new(store);
        names.know_person(person);
        names.know_tool(&asked.tool);
        let emergency =
            emergency_view(&mut names, &context.admission, &emergency, Some(&asked.tool), moment.now).await?;
        let grant = grant_view(&mut names, &context.admission, &grant, moment.now).await?;
        Ok(Decision::change(EmergencyGranted { emergency, grant }, change))
    }
}

/// The request as the usual way would take it: what it refuses, this way refuses.
fn usual(input: &EmergencyRequest, days: Days) -> SubmitRequest {
    SubmitRequest {
        tool: input.tool,
        purpose: input.purpose.clone(),
        data_classes: input.data_classes.clone(),
        days,
        acknowledged: input.acknowledged,
    }
}

fn paragraph(line: &Line) -> Result<Paragraph, Failure> {
    Paragraph::parse(line.as_str()).map_err(|error| Failure::Defect(error.to_string()))
}

/// Refuses a tool that is not to be had this way, by what it allows, its risk, and what policy says.
pub(crate) fn check_offered(allowed: EmergencyUse, risk: Risk, outcome: &Outcome) -> Result<(), Refusal> {
    let denied = matches!(outcome, Outcome::Denied { .. });
    let restricted = risk == Risk::Restricted;
    let message = match allowed {
        EmergencyUse::Never => "this tool is not to be had in an emergency; ask for it the usual way",
        EmergencyUse::Allowed if restricted => "this tool is restricted, and not to be had in an emergency",
        EmergencyUse::Allowed if denied => "policy denies this tool, in an emergency too",
        EmergencyUse::Allowed | EmergencyUse::EvenRestricted => return Ok(()),
    };
    Err(Refusal::new(Code::EmergencyNotOffered, message))
}

/// The request, approved by this path and nobody.
fn approved<P: Ports>(
    context: &Context<'_, P>,
    input: &EmergencyRequest,
    asked: &Asked,
    grant: &Grant,
    days: Days,
) -> Request {
    let moment = &context.moment;
    Request {
        id: grant.request,
        requester: grant.person,
        tool: grant.tool,
        purpose: CommittedText::new(input.purpose.clone(), moment, "purpose"),
        data_classes: input.data_classes.clone(),
        days,
        acknowledged: input.acknowledged,
        accepted: asked.tool.usage_policy.as_ref().map(crate::catalog::UsagePolicy::hash),
        exception: None,
        source: source_of(context),
        submitted_at: moment.now,
        extends: None,
        snapshot: asked.snapshot.clone(),
        evaluation: asked.evaluation.clone(),
        exchanges: Vec::new(),
        taken_back: Vec::new(),
        state: RequestState::Approved {
            at: moment.now,
            by: Decider::Emergency,
            days,
            grant: grant.id,
            stages: Vec::new(),
            withdrawn: None,
        },
    }
}

/// The states by which emergency access can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyStateName {
    /// The holder's note is missing.
    Open,
    /// It is to be reviewed.
    Noted,
    /// Somebody has reviewed it.
    Reviewed,
}

/// `emergency.list`.
#[derive(Debug)]
pub struct List;

/// What `emergency.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEmergencies {
    /// Only this state.
    #[serde(default)]
    pub state: Option<EmergencyStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "emergency.list";
    const SUMMARY: &'static str =
        "Emergency access, newest first: one's own, that of one's tools, all for administrators and auditors";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Owner, Administrator, Auditor, Console]);
    type Input = ListEmergencies;
    type Output = documents::List<EmergencyView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListEmergencies,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let select = match input.state {
            None => Select::by(&Emergency::BY_TIME, ["all"]),
            Some(EmergencyStateName::Open) => Select::by(&Emergency::BY_STATE, ["open"]),
            Some(EmergencyStateName::Noted) => Select::by(&Emergency::BY_STATE, ["noted"]),
            Some(EmergencyStateName::Reviewed) => Select::by(&Emergency::BY_STATE, ["reviewed"]),
        };
        let owned = match context.admission.person_id() {
            Some(person) if !context.admission.sees_all() => owned_by(store, person).await?,
            _ => BTreeSet::new(),
        };
        let sees = |emergency: &Emergency| {
            context.admission.sees_all()
                || context.admission.person_id() == Some(emergency.person)
                || owned.contains(&emergency.tool)
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list_where(store, select.descending(), paging, sees).await?;
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for emergency in &page.items {
            let tool = load::<Tool>(store, &emergency.tool.to_string()).await?;
            items
                .push(emergency_view(&mut names, &context.admission, emergency, tool.as_deref(), now).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// Tools that somebody owns.
async fn owned_by(store: &impl Store, person: PersonId) -> Result<BTreeSet<ToolId>, Failure> {
    let owned = documents::all::<Ownership>(store, Select::by(&Ownership::BY_PERSON, [person])).await?;
    Ok(owned.iter().map(|ownership| ownership.tool).collect())
}
