//! `provider_groups.find`, `provider_groups.check`, `provider_groups.bind`, `provider_groups.create`, `provider_groups.get`,
//! `provider_groups.list`, `provider_groups.release`, `provider_groups.release_hold`.

use core_protocol::message::{GroupDescription, GroupId, GroupName, Operation as AtProvider, Outcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::{Bound, Candidate, claim_again, facts, owner_of, reasons, release, require_free};
use super::view::{MembersView, ReachView};
use super::{BindingView, GroupFound, ProviderGroup, RemovalWindow, binding_view};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::connector::ask::{ask, group, shown_group, unexpected};
use crate::connector::required;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{Ports, Store};
use crate::proposal::{self, ProposalView};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::Line;

/// `provider_groups.find`.
#[derive(Debug)]
pub struct Find;

/// What `provider_groups.find` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindGroups {
    /// At which connector.
    pub connector: ConnectorId,
    /// The whole name, case and all.
    pub name: Line,
}

/// What `provider_groups.find` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupsFound {
    /// Groups with this name: none, one or several.
    pub groups: Vec<GroupFound>,
}

impl Operation for Find {
    const NAME: &'static str = "provider_groups.find";
    const SUMMARY: &'static str = "Groups at a connector's provider with a name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = FindGroups;
    type Output = GroupsFound;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &FindGroups,
    ) -> Result<Decision<GroupsFound>, Failure> {
        let connector = required(context.store(), input.connector).await?;
        let operation = AtProvider::FindGroup { group_name: name_of(&input.name)? };
        let Outcome::Groups { groups } = ask(context.ports, &connector, operation).await? else {
            return Err(unexpected().into());
        };
        let groups = groups.into_iter().map(|found| {
            let found = shown_group(found);
            GroupFound { id: found.id.to_string(), name: found.name, description: found.description }
        });
        Ok(Decision::answer(GroupsFound { groups: groups.collect() }))
    }
}

fn name_of(name: &Line) -> Result<GroupName, Refusal> {
    GroupName::try_from(name.to_string()).map_err(|_| malformed("name", "is too long for a group's name"))
}

fn id_of(group: &str) -> Result<GroupId, Refusal> {
    group.parse().map_err(|_| malformed("group", "is no id of a group"))
}

/// A group that somebody means to bind to a tool.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupForTool {
    /// To which tool.
    pub tool: ToolId,
    /// Through which connector.
    pub connector: ConnectorId,
    /// The provider's id of the group.
    #[schemars(length(min = 1, max = 64))]
    pub group: String,
}

/// `provider_groups.check`.
#[derive(Debug)]
pub struct Check;

/// What is known of a group before it is bound.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckedGroup {
    /// The provider's id.
    pub id: String,
    /// Its name at the provider.
    pub name: String,
    /// What it is for, as the provider says.
    pub description: Option<String>,
    /// Who is in it now, if the provider tells.
    pub members: Option<MembersView>,
    /// What else it opens.
    pub reach: ReachView,
}

/// What `provider_groups.check` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupChecked {
    /// The group; none when the provider does not show it.
    pub group: Option<CheckedGroup>,
    /// Whether it can be bound to this tool.
    pub bindable: bool,
    /// Why not: a stable code.
    pub reason: Option<String>,
    /// What to do about that.
    pub what_to_do: Option<String>,
    /// Whether another administrator must agree.
    pub needs_second: bool,
    /// Why, in sentences.
    pub why: Option<String>,
}

impl Operation for Check {
    const NAME: &'static str = "provider_groups.check";
    const SUMMARY: &'static str = "What is known of a group before it is bound: members, what else it opens, and whether a second administrator is needed";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GroupForTool;
    type Output = GroupChecked;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GroupForTool,
    ) -> Result<Decision<GroupChecked>, Failure> {
        let store = context.store();
        let id = id_of(&input.group)?;
        load::<Tool>(store, &input.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let connector = required(store, input.connector).await?;
        let operation = AtProvider::CheckBinding { group: id.clone() };
        let found = match ask(context.ports, &connector, operation).await {
            Ok(outcome) => shown_group(group(outcome)?),
            Err(Failure::Refused(refusal)) if is_about_the_group(refusal.code()) => {
                return Ok(Decision::answer(not_bindable(None, &refusal)));
            }
            Err(failure) => return Err(failure),
        };
        let reasons = reasons(&found);
        let checked = CheckedGroup {
            id: found.id.to_string(),
            name: found.name,
            description: found.description,
            members: found.members.map(MembersView::from),
            reach: found.reach.into(),
        };
        let owner = owner_of(store, &connector, &id).await?;
        if let Err(refusal) = require_free(owner.as_ref(), input.tool) {
            return Ok(Decision::answer(not_bindable(Some(checked), &refusal)));
        }
        let needs_second = reasons.need_second();
        Ok(Decision::answer(GroupChecked {
            group: Some(checked),
            bindable: true,
            reason: None,
            what_to_do: None,
            needs_second,
            why: needs_second.then(|| reasons.sentence()),
        }))
    }
}

fn is_about_the_group(code: Code) -> bool {
    matches!(code, Code::GroupNotBindable | Code::GroupOwnedElsewhere)
}

fn not_bindable(group: Option<CheckedGroup>, refusal: &Refusal) -> GroupChecked {
    let reason = refusal.detail("reason").unwrap_or(refusal.code().as_str());
    let what_to_do = refusal.detail("what_to_do").unwrap_or(refusal.message());
    GroupChecked {
        group,
        bindable: false,
        reason: Some(reason.to_owned()),
        what_to_do: Some(what_to_do.to_owned()),
        needs_second: false,
        why: None,
    }
}

/// What operations that bind a group answer: one of both.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindAnswer {
    /// The binding, when it is made.
    pub binding: Option<BindingView>,
    /// The proposal, when a second administrator must agree.
    pub proposal: Option<ProposalView>,
}

async fn answer<P: Ports>(context: &Context<'_, P>, bound: &Bound) -> Result<BindAnswer, Failure> {
    Ok(match bound {
        Bound::Now(bound) => {
            let binding = binding_view(&mut Names::new(context.store()), bound).await?;
            BindAnswer { binding: Some(binding), proposal: None }
        }
        Bound::Proposed(proposal) => {
            let proposal = proposal::operations::view(context, proposal).await?;
            BindAnswer { binding: None, proposal: Some(proposal) }
        }
    })
}

/// `provider_groups.bind`.
#[derive(Debug)]
pub struct Bind;

impl Operation for Bind {
    const NAME: &'static str = "provider_groups.bind";
    const SUMMARY: &'static str = "Bind a group to a tool, or another one in the place of a group that is gone at the provider; nobody is removed. A group that has members, opens something else or does not tell waits for a second administrator";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GroupForTool;
    type Output = BindAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GroupForTool,
    ) -> Result<Decision<BindAnswer>, Failure> {
        let store = context.store();
        let id = id_of(&input.group)?;
        let before = load::<ProviderGroup>(store, &input.tool.to_string()).await?;
        if let Some(same) = before.filter(|it| it.connector == input.connector && it.group == id) {
            let mut change = Change::new();
            claim_again(context, &mut change, &same).await?;
            let answer = answer(context, &Bound::Now(same.into_inner())).await?;
            return Ok(Decision::change(answer, change));
        }
        let candidate = Candidate::load(context, input.tool, input.connector).await?;
        let mut change = Change::new();
        let bound = candidate.bind(context, &mut change, &id).await?;
        Ok(Decision::change(answer(context, &bound).await?, change))
    }
}

/// `provider_groups.create`.
#[derive(Debug)]
pub struct Create;

/// What `provider_groups.create` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// For which tool.
    pub tool: ToolId,
    /// Through which connector.
    pub connector: ConnectorId,
    /// The group's name at the provider.
    pub name: Line,
    /// What it is for, as the provider is to show it; a sentence with the tool's name when not given.
    #[serde(default)]
    pub description: Option<Line>,
}

impl Operation for Create {
    const NAME: &'static str = "provider_groups.create";
    const SUMMARY: &'static str = "Make a group at a connector's provider and bind it to a tool";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = CreateGroup;
    type Output = BindAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CreateGroup,
    ) -> Result<Decision<BindAnswer>, Failure> {
        let candidate = Candidate::load(context, input.tool, input.connector).await?;
        let description = match &input.description {
            Some(description) => description.to_string(),
            None => format!("Access to {}, managed by AI Clearance", candidate.tool_name()),
        };
        let description = GroupDescription::try_from(description)
            .map_err(|_| malformed("description", "is too long for a group's description"))?;
        let operation = AtProvider::CreateGroup { group_name: name_of(&input.name)?, description };
        let mut change = Change::new();
        let bound = candidate.create(context, &mut change, operation).await?;
        Ok(Decision::change(answer(context, &bound).await?, change))
    }
}

/// What operations on one tool's group take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupOfTool {
    /// Of which tool.
    pub tool: ToolId,
}

/// What operations on one tool's group answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingAnswer {
    /// The binding as stored now; none when the tool has no group.
    pub binding: Option<BindingView>,
}

/// `provider_groups.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "provider_groups.get";
    const SUMMARY: &'static str = "The group of a tool, if it has one";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = GroupOfTool;
    type Output = BindingAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GroupOfTool,
    ) -> Result<Decision<BindingAnswer>, Failure> {
        let store = context.store();
        let key = input.tool.to_string();
        load::<Tool>(store, &key).await?.ok_or_else(|| not_found("tool"))?;
        let binding = match load::<ProviderGroup>(store, &key).await? {
            Some(bound) => Some(binding_view(&mut Names::new(store), &bound).await?),
            None => None,
        };
        Ok(Decision::answer(BindingAnswer { binding }))
    }
}

/// `provider_groups.list`.
#[derive(Debug)]
pub struct List;

/// What `provider_groups.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBindings {
    /// Only groups of this connector.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "provider_groups.list";
    const SUMMARY: &'static str = "Groups that are bound to tools";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListBindings;
    type Output = documents::List<BindingView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListBindings,
    ) -> Result<Decision<Self::Output>, Failure> {
        let select = match input.connector {
            Some(connector) => Select::by(&ProviderGroup::BY_CONNECTOR, [connector]),
            None => Select::all(),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<ProviderGroup>(context.store(), select, &paging).await?;
        let mut names = Names::new(context.store());
        let mut items = Vec::with_capacity(page.items.len());
        for bound in &page.items {
            items.push(binding_view(&mut names, bound).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

async fn bound(store: &impl Store, tool: ToolId) -> Result<Loaded<ProviderGroup>, Failure> {
    load::<ProviderGroup>(store, &tool.to_string()).await?.ok_or_else(|| not_found("binding").into())
}

/// `provider_groups.release`.
#[derive(Debug)]
pub struct Release;

/// What `provider_groups.release` answers: nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Released {}

impl Operation for Release {
    const NAME: &'static str = "provider_groups.release";
    const SUMMARY: &'static str =
        "Give a tool's group up; nobody is removed. Refused while somebody has or may get access through it";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GroupOfTool;
    type Output = Released;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GroupOfTool,
    ) -> Result<Decision<Released>, Failure> {
        let bound = bound(context.store(), input.tool).await?;
        let mut change = Change::new();
        release(context, &mut change, &bound).await?;
        Ok(Decision::change(Released {}, change))
    }
}

/// `provider_groups.release_hold`.
#[derive(Debug)]
pub struct ReleaseHold;

impl Operation for ReleaseHold {
    const NAME: &'static str = "provider_groups.release_hold";
    const SUMMARY: &'static str = "Let the removals go on that the brake has stopped";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GroupOfTool;
    type Output = BindingAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GroupOfTool,
    ) -> Result<Decision<BindingAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let before = bound(store, input.tool).await?;
        let mut change = Change::new();
        let mut after = ProviderGroup::clone(&before);
        if before.hold.is_some() {
            // Counted anew: as many more may go before somebody has to look again.
            after.hold = None;
            after.removals = RemovalWindow { since: now, count: 0 };
            change.update(&before, &after);
            let actor = context.admission.actor()?;
            change.record(now, &actor, EventKind::ProviderGroupHoldReleased, facts(&after));
        }
        let binding = Some(binding_view(&mut Names::new(store), &after).await?);
        Ok(Decision::change(BindingAnswer { binding }, change))
    }
}
