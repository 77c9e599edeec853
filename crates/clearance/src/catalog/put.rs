//! `catalog.put`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolStatus, UsagePolicy,
};
use super::view::{ToolView, tool_view};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Loaded, load};
use crate::emergency::EmergencyUse;
use crate::failure::Failure;
use crate::ids::{PersonId, ToolId};
use crate::notices::{self, Wider};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::policy;
use crate::ports::{Moment, Ports, Store};
use crate::proposal::{
    self, Agreed, Gain, ProposalView, Proposed, close_about, judged, needs_second, propose,
};
use crate::refusal::{Code, Refusal, not_found};
use crate::review::{ReviewCause, open_for_tool};
use crate::seats::{self, SeatCap};
use crate::text::{Document as DocumentText, Line, Paragraph, WebAddress};
use crate::time::{Days, Timestamp};

/// `catalog.put`.
#[derive(Debug)]
pub struct Put;

/// What `catalog.put` takes: the whole tool as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// What `catalog.put` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PutToolAnswer {
    /// The tool as stored now; none when it is to be added and waits for a second administrator.
    pub tool: Option<ToolView>,
    /// What waits for a second administrator, because requests for the tool would get more than now.
    pub proposal: Option<ProposalView>,
}

impl Operation for Put {
    const NAME: &'static str = "catalog.put";
    const SUMMARY: &'static str =
        "Add or change a tool, or propose it when requests for the tool would get more than now";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutTool;
    type Output = PutToolAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutTool,
    ) -> Result<Decision<PutToolAnswer>, Failure> {
        let (store, moment, by) = (context.store(), &context.moment, context.admission.actor()?);
        let put = Putting::load(store, input, ToolId::new(moment, "tool", 0)).await?;
        let gains = put.gains(store).await?;
        let mut change = Change::new();
        if !gains.is_empty() && needs_second(store, &mut change).await? {
            let proposed = Proposed::ChangeTool {
                tool: put.tool.id,
                name: put.tool.name.clone(),
                new: put.before.is_none(),
                put: Some(Box::new(input.clone())),
                gains,
            };
            // Refused now if it would be refused then.
            put.reserve_name(store, &mut Change::new()).await?;
            let proposal = propose(store, &mut change, moment, by, proposed).await?;
            let proposal = Some(proposal::operations::view(context, &proposal).await?);
            let tool = match &put.before {
                Some(tool) => {
                    change.check(tool);
                    Some(tool_view(&mut Names::new(store), &context.admission, tool).await?)
                }
                None => None,
            };
            return Ok(Decision::change(PutToolAnswer { tool, proposal }, change));
        }
        close_about(store, &mut change, moment, by, &Proposed::about_tool(put.tool.id)).await?;
        put.write(store, &mut change, moment, Agreed::alone(by), !gains.is_empty()).await?;
        let tool = tool_view(&mut Names::new(store), &context.admission, &put.tool).await?;
        Ok(Decision::change(PutToolAnswer { tool: Some(tool), proposal: None }, change))
    }
}

/// Does what was proposed, decided anew.
///
/// # Errors
/// As `catalog.put`'s: above all [`Code::StaleRevision`] when the tool was changed meanwhile.
pub(crate) async fn put_confirmed<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    (tool, input): (ToolId, &PutTool),
    agreed: Agreed,
) -> Result<(), Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let put = Putting::load(store, input, tool).await?;
    let wider = !put.gains(store).await?.is_empty();
    put.write(store, change, moment, agreed, wider).await?;
    if wider {
        notices::wider(change, moment, Wider::Tool(tool));
    }
    Ok(())
}

/// A tool as it is and as it should be.
struct Putting {
    before: Option<Loaded<Tool>>,
    tool: Tool,
}

impl Putting {
    async fn load(store: &impl Store, input: &PutTool, new: ToolId) -> Result<Self, Failure> {
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
        let id = before.as_ref().map_or(new, |tool| tool.id);
        let tool = input.tool(id, before.as_ref());
        tool.validate()?;
        require_active(store, &tool).await?;
        Ok(Self { before, tool })
    }

    /// What requests for the tool get more than before: nothing while nobody can ask for it.
    async fn gains(&self, store: &impl Store) -> Result<Vec<Gain>, Failure> {
        let tool = &self.tool;
        if tool.status != ToolStatus::Requestable {
            return Ok(Vec::new());
        }
        let (_, version) = policy::active_version(store).await?;
        let rules = policy::rules_for(store, &version, Some(tool.id)).await?;
        let facts = policy::people_facts(store, &rules).await?;
        let before = match &self.before {
            Some(before) => Some(policy::tool_facts(store, before).await?),
            None => None,
        };
        let after = policy::tool_facts(store, tool).await?;
        let widening = policy::tool_widening(&rules, &facts, tool.id, (before.as_ref(), &after));
        let mut gains: Vec<Gain> = Gain::of(widening).into_iter().collect();
        let in_emergency = self.before.as_ref().map_or(EmergencyUse::Never, |before| before.emergency);
        if tool.emergency > in_emergency {
            gains.push(Gain::Emergency);
        }
        if let Some(before) = self.before.as_ref().filter(|before| before.status == ToolStatus::Requestable) {
            if before.usage_policy.is_some() && tool.usage_policy.is_none() {
                gains.push(Gain::NoUsagePolicy);
            }
            let (from, to) = (before.review_days, tool.review_days);
            if to < from {
                gains.push(Gain::ShorterReview { from, to });
            }
        }
        Ok(gains)
    }

    async fn reserve_name(&self, store: &impl Store, change: &mut Change) -> Result<(), Failure> {
        reserve_name(store, change, self.before.as_deref(), &self.tool).await
    }

    async fn write(
        &self,
        store: &impl Store,
        change: &mut Change,
        moment: &Moment,
        agreed: Agreed,
        wider: bool,
    ) -> Result<(), Failure> {
        self.reserve_name(store, change).await?;
        change_owners(change, self.before.as_deref(), &self.tool, (&agreed, moment.now));
        change.upsert(self.before.as_ref(), &self.tool);
        if self.before.as_ref().is_some_and(|before| before.seat_cap.is_none())
            && self.tool.seat_cap.is_some()
        {
            seats::begin_census(store, change, self.tool.id, moment.now).await?;
        }
        let event = if self.before.is_some() { EventKind::ToolChanged } else { EventKind::ToolAdded };
        record(change, moment.now, (&agreed, wider), event, &self.tool);
        if let Some(cause) = self.calls_for_reviews(store, change).await? {
            open_for_tool(store, change, (moment.now, &agreed.by), self.tool.id, cause).await?;
        }
        Ok(())
    }

    /// Why all access to a changed tool is to be reviewed, if it is: it became riskier, or has fewer seats than are in use.
    async fn calls_for_reviews(
        &self,
        store: &impl Store,
        change: &mut Change,
    ) -> Result<Option<ReviewCause>, Failure> {
        let Some(before) = &self.before else { return Ok(None) };
        if self.tool.is_riskier_than(before) {
            return Ok(Some(ReviewCause::RiskRaised));
        }
        let fell = seats::cap_fell_below(store, change, before, &self.tool).await?;
        Ok(fell.then_some(ReviewCause::SeatCap))
    }
}

/// What the log says of a tool: what decides who gets it. Names live beside the log.
fn facts_of(tool: &Tool) -> Vec<(&'static str, Value)> {
    let texts = |values: Vec<String>| Value::Array(values.into_iter().map(Value::from).collect());
    vec![
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
    ]
}

pub(super) fn record(
    change: &mut Change,
    at: Timestamp,
    (agreed, wider): (&Agreed, bool),
    event: EventKind,
    tool: &Tool,
) {
    let facts = facts_of(tool).into_iter().chain(judged(wider, agreed.confirmed_by));
    change.record(at, &agreed.by, event, Value::object(facts));
}

/// Adds a tool that is new, in a change: its name is reserved, and the log says so. Whoever adds it so opens it to nobody.
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
    record(change, at, (&Agreed::alone(*actor), false), EventKind::ToolAdded, tool);
    Ok(())
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

pub(super) async fn reserve_name(
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

fn change_owners(
    change: &mut Change,
    before: Option<&Tool>,
    tool: &Tool,
    (agreed, now): (&Agreed, Timestamp),
) {
    let old = before.map(|before| before.owners.clone()).unwrap_or_default();
    for person in tool.owners.difference(&old) {
        let (added_by, added_at) = (agreed.people(), Some(now));
        change.insert(&Ownership { person: *person, tool: tool.id, added_by, added_at });
    }
    for person in old.difference(&tool.owners) {
        change.remove_unrevised::<Ownership>(Ownership::key_of(*person, tool.id));
    }
}
