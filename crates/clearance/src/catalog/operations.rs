//! `catalog.list`, `catalog.get`, `catalog.put`, `catalog.load_starter`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::starter;
use super::tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolStatus, UsagePolicy,
};
use super::view::{ToolView, sees, tool_view};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::{Admission, CallerKinds};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::emergency::EmergencyUse;
use crate::failure::Failure;
use crate::ids::{PersonId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, not_found};
use crate::review::{ReviewCause, open_for_tool};
use crate::seats::{self, SeatCap};
use crate::settings::operations::Nothing;
use crate::text::{Document as DocumentText, Line, Paragraph, WebAddress};
use crate::time::{Days, Timestamp};

/// `catalog.list`.
#[derive(Debug)]
pub struct List;

/// What `catalog.list` takes. Filters narrow; a page may hold fewer items than its limit and still have a `next`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTools {
    /// Words that name, vendor, summary or tags contain.
    #[serde(default)]
    pub search: Option<String>,
    /// Only this risk.
    #[serde(default)]
    pub risk: Option<Risk>,
    /// Only tools that allow this data class.
    #[serde(default)]
    pub data_class: Option<DataClass>,
    /// Only this category.
    #[serde(default)]
    pub category: Option<Category>,
    /// Only this status. Without it: `requestable` for requesters, every status for administrators, auditors and console.
    #[serde(default)]
    pub status: Option<ToolStatus>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl ListTools {
    fn matches(&self, tool: &Tool) -> bool {
        let found = |word: &str| {
            [tool.name.as_str(), tool.vendor.as_str(), tool.summary.as_str(), tool.category.as_str()]
                .into_iter()
                .chain(tool.tags.iter().map(Line::as_str))
                .any(|text| text.to_lowercase().contains(word))
        };
        self.risk.is_none_or(|risk| tool.risk == risk)
            && self.data_class.is_none_or(|class| tool.data_classes.contains(&class))
            && self.category.is_none_or(|category| tool.category == category)
            && self.search.as_ref().is_none_or(|search| search.to_lowercase().split_whitespace().all(found))
    }

    fn select(&self, admission: &Admission) -> Select {
        let status = match self.status {
            Some(status) => Some(status),
            None if admission.sees_all() => None,
            None => Some(ToolStatus::Requestable),
        };
        match (status, self.risk) {
            (Some(status), Some(risk)) => Select::by(&Tool::BY_RISK, [status.as_str(), risk.as_str()]),
            (Some(status), None) => Select::by(&Tool::BY_STATUS, [status.as_str()]),
            (None, _) => Select::by(&Tool::BY_NAME, ["all"]),
        }
    }
}

/// Pages read for one answer at most, so that a filter that matches little does not read a whole catalogue in one call.
const MAX_PAGES_READ: usize = 10;

impl Operation for List {
    const NAME: &'static str = "catalog.list";
    const SUMMARY: &'static str = "Tools by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = ListTools;
    type Output = documents::List<ToolView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListTools,
    ) -> Result<Decision<Self::Output>, Failure> {
        let limit = Paging { after: None, limit: input.limit }.limit();
        let mut names = Names::new(context.store());
        let mut items = Vec::new();
        let mut after = input.after.clone();
        for _ in 0..MAX_PAGES_READ {
            let wanted = u16::try_from(usize::from(limit).saturating_sub(items.len())).unwrap_or(limit);
            let paging = Paging { after: after.take(), limit: Some(wanted) };
            let page =
                documents::list::<Tool>(context.store(), input.select(&context.admission), &paging).await?;
            for tool in page.items.iter().filter(|tool| input.matches(tool) && sees(&context.admission, tool))
            {
                items.push(tool_view(&mut names, &context.admission, tool).await?);
            }
            after = page.next;
            if after.is_none() || items.len() >= usize::from(limit) {
                break;
            }
        }
        Ok(Decision::answer(documents::List { items, next: after }))
    }
}

/// `catalog.get`.
#[derive(Debug)]
pub struct Get;

/// What `catalog.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetTool {
    /// Which tool.
    pub tool: ToolId,
}

/// What operations on one tool answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToolAnswer {
    /// The tool as stored now.
    pub tool: ToolView,
}

impl Operation for Get {
    const NAME: &'static str = "catalog.get";
    const SUMMARY: &'static str = "One tool";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = GetTool;
    type Output = ToolAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetTool,
    ) -> Result<Decision<ToolAnswer>, Failure> {
        let tool = load::<Tool>(context.store(), &input.tool.to_string()).await?;
        let tool = tool.filter(|tool| sees(&context.admission, tool)).ok_or_else(|| not_found("tool"))?;
        let tool = tool_view(&mut Names::new(context.store()), &context.admission, &tool).await?;
        Ok(Decision::answer(ToolAnswer { tool }))
    }
}

/// `catalog.put`.
#[derive(Debug)]
pub struct Put;

/// What `catalog.put` takes: the whole tool as it should be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutTool {
    /// The tool to change; none adds one.
    #[serde(default)]
    pub id: Option<ToolId>,
    /// The version that was read; required when changing a tool.
    #[serde(default)]
    pub version: Option<u32>,
    /// Name; no two tools have the same.
    pub name: Line,
    /// Who sells it.
    pub vendor: Line,
    /// The vendor's page about it.
    #[serde(default)]
    pub url: Option<WebAddress>,
    /// What it is for.
    pub category: Category,
    /// Models it offers.
    #[serde(default)]
    pub models: Vec<Line>,
    /// What it is for, in a sentence or two.
    pub summary: Paragraph,
    /// What may be put in, what not.
    #[serde(default)]
    pub guidance: Option<Paragraph>,
    /// How much harm wrong use can do.
    pub risk: Risk,
    /// Where it stands.
    pub status: ToolStatus,
    /// Classes of data that may be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// What requesters accept; a changed text gets the next version.
    #[serde(default)]
    pub usage_policy: Option<DocumentText>,
    /// People who answer for it.
    #[serde(default)]
    pub owners: BTreeSet<PersonId>,
    /// Duration suggested.
    pub default_days: Days,
    /// Longest duration.
    pub max_days: Days,
    /// Days before a grant's end in which its need is looked at again; 14 when not given.
    #[serde(default)]
    pub review_days: Option<Days>,
    /// How access comes about; `record_only` when not given.
    #[serde(default)]
    pub fulfilment: Option<Fulfilment>,
    /// How many may have it at once; any number when not given. A cap that falls takes nothing from anybody;
    /// when it falls below the seats in use, all access to the tool is reviewed.
    #[serde(default)]
    pub seat_cap: Option<SeatCap>,
    /// Whether it may be had in an emergency; never when not given.
    #[serde(default)]
    pub emergency: EmergencyUse,
    /// Words by which policy and people find it.
    #[serde(default)]
    pub tags: BTreeSet<Line>,
}

impl PutTool {
    fn tool(&self, id: ToolId, before: Option<&Loaded<Tool>>) -> Tool {
        let usage_policy = self.usage_policy.clone().map(|text| {
            let old = before.and_then(|tool| tool.usage_policy.as_ref());
            let version = match old {
                // A text that comes again after none gets a number that none had: what was accepted is told apart by it.
                None => before.map_or(1, |tool| tool.version.saturating_add(1)),
                Some(old) if old.text == text => old.version,
                Some(old) => old.version.saturating_add(1),
            };
            UsagePolicy { version, text }
        });
        Tool {
            id,
            name: self.name.clone(),
            vendor: self.vendor.clone(),
            url: self.url.clone(),
            category: self.category,
            models: self.models.clone(),
            summary: self.summary.clone(),
            guidance: self.guidance.clone(),
            risk: self.risk,
            status: self.status,
            data_classes: self.data_classes.clone(),
            usage_policy,
            owners: self.owners.clone(),
            default_days: self.default_days,
            max_days: self.max_days,
            review_days: self.review_days.unwrap_or(Days::of(14)),
            fulfilment: self.fulfilment.unwrap_or(Fulfilment::RecordOnly),
            connector: before.and_then(|tool| tool.connector),
            seat_cap: self.seat_cap,
            emergency: self.emergency,
            tags: self.tags.clone(),
            version: before.map_or(1, |tool| tool.version.saturating_add(1)),
        }
    }
}

impl Operation for Put {
    const NAME: &'static str = "catalog.put";
    const SUMMARY: &'static str = "Add or change a tool";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutTool;
    type Output = ToolAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutTool,
    ) -> Result<Decision<ToolAnswer>, Failure> {
        let store = context.store();
        let before = match input.id {
            Some(id) => Some(load::<Tool>(store, &id.to_string()).await?.ok_or_else(|| not_found("tool"))?),
            None => None,
        };
        if let Some(before) = &before
            && input.version != Some(before.version)
        {
            let message = "somebody changed this tool meanwhile; load it again and repeat your change";
            return Err(Refusal::new(Code::StaleRevision, message).with("version", before.version).into());
        }
        let id = before.as_ref().map_or_else(|| ToolId::new(&context.moment, "tool", 0), |tool| tool.id);
        let tool = input.tool(id, before.as_ref());
        tool.validate()?;
        require_active(store, &tool).await?;
        let mut change = Change::new();
        reserve_name(store, &mut change, before.as_deref(), &tool).await?;
        change_owners(&mut change, before.as_deref(), &tool);
        change.upsert(before.as_ref(), &tool);
        if before.as_ref().is_some_and(|before| before.seat_cap.is_none()) && tool.seat_cap.is_some() {
            seats::begin_census(store, &mut change, tool.id, context.moment.now).await?;
        }
        let event = if before.is_some() { EventKind::ToolChanged } else { EventKind::ToolAdded };
        let actor = context.admission.actor()?;
        record(&mut change, context.moment.now, &actor, event, &tool);
        if let Some(cause) = calls_for_reviews(store, &mut change, before.as_deref(), &tool).await? {
            open_for_tool(store, &mut change, (context.moment.now, &actor), tool.id, cause).await?;
        }
        let tool = tool_view(&mut Names::new(store), &context.admission, &tool).await?;
        Ok(Decision::change(ToolAnswer { tool }, change))
    }
}

/// What the log says of a tool: what decides who gets it. Names live beside the log.
pub(super) fn record(change: &mut Change, at: Timestamp, actor: &Actor, event: EventKind, tool: &Tool) {
    let texts = |values: Vec<String>| Value::Array(values.into_iter().map(Value::from).collect());
    let facts = Value::object([
        ("tool", Value::from(tool.id.to_string())),
        ("version", Value::from(tool.version)),
        ("risk", Value::from(tool.risk.as_str())),
        ("status", Value::from(tool.status.as_str())),
        ("data_classes", texts(tool.data_classes.iter().map(|class| class.as_str().to_owned()).collect())),
        ("owners", texts(tool.owners.iter().map(ToString::to_string).collect())),
        ("max_days", Value::from(tool.max_days.get())),
        ("emergency", Value::from(tool.emergency.as_str())),
        ("seat_cap", tool.seat_cap.map_or(Value::Null, |cap| Value::from(cap.get()))),
        (
            "usage_policy",
            tool.usage_policy.as_ref().map_or(Value::Null, |policy| Value::from(policy.version)),
        ),
    ]);
    change.record(at, actor, event, facts);
}

/// Adds a tool that is new, in a change: its name is reserved, and the log says so.
///
/// # Errors
/// [`Code::NameInUse`]; the store's.
pub(crate) async fn add_tool(
    store: &impl Store,
    change: &mut Change,
    at: Timestamp,
    actor: &Actor,
    tool: &Tool,
) -> Result<(), Failure> {
    reserve_name(store, change, None, tool).await?;
    change.insert(tool);
    record(change, at, actor, EventKind::ToolAdded, tool);
    Ok(())
}

/// Why all access to a changed tool is to be reviewed, if it is: it became riskier, or has fewer seats than are in use.
async fn calls_for_reviews(
    store: &impl Store,
    change: &mut Change,
    before: Option<&Tool>,
    tool: &Tool,
) -> Result<Option<ReviewCause>, Failure> {
    let Some(before) = before else { return Ok(None) };
    if tool.is_riskier_than(before) {
        return Ok(Some(ReviewCause::RiskRaised));
    }
    let fell = seats::cap_fell_below(store, change, before, tool).await?;
    Ok(fell.then_some(ReviewCause::SeatCap))
}

async fn require_active(store: &impl Store, tool: &Tool) -> Result<(), Failure> {
    let assignee = match tool.fulfilment {
        Fulfilment::Manual { assignee } => assignee,
        Fulfilment::RecordOnly | Fulfilment::Connected => None,
    };
    for person in tool.owners.iter().chain(assignee.iter()) {
        let known = load::<Person>(store, &person.to_string()).await?;
        if !known.is_some_and(|person| person.is_active()) {
            let message = "an owner or assignee does not exist or has left";
            return Err(Refusal::new(Code::UnknownReference, message).with("person", person).into());
        }
    }
    Ok(())
}

async fn reserve_name(
    store: &impl Store,
    change: &mut Change,
    before: Option<&Tool>,
    tool: &Tool,
) -> Result<(), Failure> {
    let owner_of = |tool: &Tool, id| ToolNameOwner { name: tool.name.as_str().to_lowercase(), tool: id };
    let new = owner_of(tool, Some(tool.id));
    if let Some(before) = before {
        let old = owner_of(before, None);
        if documents::Document::key(&old) == documents::Document::key(&new) {
            return Ok(());
        }
        if let Some(owner) = load::<ToolNameOwner>(store, &documents::Document::key(&old)).await? {
            change.update(&owner, &old);
        }
    }
    let owner = load::<ToolNameOwner>(store, &documents::Document::key(&new)).await?;
    if owner.as_ref().is_some_and(|owner| owner.tool.is_some()) {
        return Err(Refusal::new(Code::NameInUse, "another tool has this name").into());
    }
    change.upsert(owner.as_ref(), &new);
    Ok(())
}

fn change_owners(change: &mut Change, before: Option<&Tool>, tool: &Tool) {
    let old = before.map(|before| before.owners.clone()).unwrap_or_default();
    for person in tool.owners.difference(&old) {
        change.insert(&Ownership { person: *person, tool: tool.id });
    }
    for person in old.difference(&tool.owners) {
        change.remove_unrevised::<Ownership>(Ownership::key_of(*person, tool.id));
    }
}

/// `catalog.load_starter`.
#[derive(Debug)]
pub struct LoadStarter;

/// What `catalog.load_starter` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Added {
    /// Tools added; those there already are left as they are.
    pub added: u32,
}

impl Operation for LoadStarter {
    const NAME: &'static str = "catalog.load_starter";
    const SUMMARY: &'static str = "Load the starter catalogue of AI tools";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = Nothing;
    type Output = Added;

    /// Each tool is a commit of its own: a commit holds few documents, and loading again continues where it stopped.
    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<Added>, Failure> {
        let store = context.store();
        let mut added = 0;
        for tool in starter::tools()? {
            if load::<Tool>(store, &tool.id.to_string()).await?.is_some() {
                continue;
            }
            let mut change = Change::new();
            match reserve_name(store, &mut change, None, &tool).await {
                Err(Failure::Refused(refusal)) if refusal.code() == Code::NameInUse => continue,
                reserved => reserved?,
            }
            change.insert(&tool);
            record(&mut change, context.moment.now, &context.admission.actor()?, EventKind::ToolAdded, &tool);
            // Somebody else loads it at the same moment, and added this one.
            if change.commit_if_first(store).await? {
                added += 1;
            }
        }
        Ok(Decision::answer(Added { added }))
    }
}
