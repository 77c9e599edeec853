//! Binding a tool to a group, and giving it up: decided under today's state, alone or by two.

use audit_log::Value;
use core_protocol::message::{Group, GroupId, Operation, Outcome};

use super::rebound::Rebound;
use super::{GroupOwner, ProviderGroup, RemovalWindow};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::connector::ask::{ask, at_least, group, shown_group};
use crate::connector::{self, Connector, required};
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, ToolId};
use crate::operations::Context;
use crate::ports::{Ports, Store};
use crate::proposal::{BindReasons, Proposal, Proposed, propose};
use crate::provisioning::{FollowUpReason, waits_for_the_group};
use crate::refusal::{Code, Refusal, not_found};

/// Minutes after which a provider that does not know a group is believed: what was made a moment ago may not show yet.
const BELIEVED_MINUTES: i64 = 15;

/// A tool without a group, or with one that is gone, and the connector through which it is to have one.
#[derive(Debug)]
pub(super) struct Candidate {
    tool: Loaded<Tool>,
    /// The group in whose place the new one comes: the provider has said that it does not exist any more.
    gone: Option<Loaded<ProviderGroup>>,
    pub(super) connector: Loaded<Connector>,
}

/// What came of the wish to bind a group.
#[derive(Debug)]
pub(super) enum Bound {
    /// It is bound.
    Now(ProviderGroup),
    /// It waits for a second administrator.
    Proposed(Proposal),
}

/// Which tool has a group, if one has.
pub(super) async fn owner_of(
    store: &impl Store,
    connector: &Connector,
    group: &GroupId,
) -> Result<Option<Loaded<GroupOwner>>, Failure> {
    load::<GroupOwner>(store, &GroupOwner::key_of(connector, group)).await
}

/// Refuses a group that another tool has.
///
/// # Errors
/// [`Code::GroupInUse`].
pub(super) fn require_free(owner: Option<&Loaded<GroupOwner>>, tool: ToolId) -> Result<(), Refusal> {
    match owner.and_then(|owner| owner.tool) {
        Some(other) if other != tool => {
            let message = "another tool has this group; release it there, or take another group";
            Err(Refusal::new(Code::GroupInUse, message).with("tool", other))
        }
        _ => Ok(()),
    }
}

/// What is known of a group, as far as it matters for who must agree.
pub(super) fn reasons(group: &Group) -> BindReasons {
    BindReasons { members: group.members, reach: group.reach.clone() }
}

impl Candidate {
    /// # Errors
    /// [`Code::NotFound`]; [`Code::GroupBound`] when the tool has a group, unless the provider says now that it is gone: then nobody is in
    /// it, and access that it gave does not work any more.
    pub(super) async fn load<P: Ports>(
        context: &Context<'_, P>,
        tool: ToolId,
        connector: ConnectorId,
    ) -> Result<Self, Failure> {
        let (store, key) = (context.store(), tool.to_string());
        let tool = load::<Tool>(store, &key).await?.ok_or_else(|| not_found("tool"))?;
        let connector = required(store, connector).await?;
        let gone = load::<ProviderGroup>(store, &key).await?;
        if let Some(bound) = &gone {
            require_gone(context, &connector, bound).await?;
        }
        Ok(Self { tool, gone, connector })
    }

    /// The tool's name.
    pub(super) fn tool_name(&self) -> &crate::text::Line {
        &self.tool.name
    }

    /// Makes this installation the group's owner at Core, which says what the group is now.
    async fn claim<P: Ports>(&self, context: &Context<'_, P>, id: &GroupId) -> Result<Group, Failure> {
        let owner = owner_of(context.store(), &self.connector, id).await?;
        require_free(owner.as_ref(), self.tool.id)?;
        let operation = Operation::BindGroup { group: id.clone() };
        Ok(shown_group(group(ask(context.ports, &self.connector, operation).await?)?))
    }

    /// Gives the group up at Core, which nobody here names. If that fails it is claimed again some time, or released there.
    async fn disclaim<P: Ports>(&self, context: &Context<'_, P>, id: &GroupId) {
        let operation = Operation::ReleaseGroup { group: id.clone() };
        drop(connector::call(context.ports, &self.connector, operation).await);
    }

    /// Binds a group that was claimed.
    async fn write<P: Ports>(
        self,
        context: &Context<'_, P>,
        change: &mut Change,
        found: Group,
        event: EventKind,
        (by, confirmed_by): (Actor, Option<Actor>),
    ) -> Result<ProviderGroup, Failure> {
        let now = context.moment.now;
        let owner = owner_of(context.store(), &self.connector, &found.id).await?;
        require_free(owner.as_ref(), self.tool.id)?;
        let bound = ProviderGroup {
            tool: self.tool.id,
            connector: self.connector.id,
            group: found.id,
            name: found.name,
            bound_at: now,
            bound_by: by,
            confirmed_by,
            members: at_least(found.members),
            removals: RemovalWindow { since: now, count: 0 },
            hold: None,
        };
        let tool = Tool {
            connector: Some(self.connector.id),
            // One for each entry of the log about it.
            version: self.tool.version.saturating_add(1 + u32::from(self.gone.is_some())),
            ..Tool::clone(&self.tool)
        };
        change.upsert(owner.as_ref(), &GroupOwner::new(&self.connector, &bound.group, Some(bound.tool)));
        if let Some(gone) = &self.gone {
            let old = owner_of(context.store(), &self.connector, &gone.group).await?;
            change.upsert(old.as_ref(), &GroupOwner::new(&self.connector, &gone.group, None));
            change.record(now, &context.admission.actor()?, EventKind::ProviderGroupReleased, facts(gone));
            self.disclaim(context, &gone.group).await;
        }
        change.upsert(self.gone.as_ref(), &bound);
        Rebound::note(context.store(), change, bound.tool, now).await?;
        change.update(&self.tool, &tool);
        // Revised, not only checked: whoever points the connector at another tenant, where other groups may have the same ids, looks again.
        change.update(&self.connector, &self.connector);
        change.record(now, &context.admission.actor()?, event, facts(&bound));
        Ok(bound)
    }

    /// Binds a group at once, or proposes it when a second administrator must agree.
    pub(super) async fn bind<P: Ports>(
        self,
        context: &Context<'_, P>,
        change: &mut Change,
        id: &GroupId,
    ) -> Result<Bound, Failure> {
        let owner = owner_of(context.store(), &self.connector, id).await?;
        require_free(owner.as_ref(), self.tool.id)?;
        let operation = Operation::CheckBinding { group: id.clone() };
        let seen = shown_group(group(ask(context.ports, &self.connector, operation).await?)?);
        if reasons(&seen).need_second() {
            return self.propose(context, change, seen).await;
        }
        let claimed = self.claim(context, id).await?;
        self.settle(context, change, claimed, EventKind::ProviderGroupBound).await
    }

    /// Makes a group and binds it.
    pub(super) async fn create<P: Ports>(
        self,
        context: &Context<'_, P>,
        change: &mut Change,
        operation: Operation,
    ) -> Result<Bound, Failure> {
        let made = group(ask(context.ports, &self.connector, operation).await?)?;
        // It may be one that was made earlier, when the answer was lost; a look at it tells what has become of it.
        let claimed = self.claim(context, &made.id).await?;
        self.settle(context, change, claimed, EventKind::ProviderGroupCreated).await
    }

    async fn settle<P: Ports>(
        self,
        context: &Context<'_, P>,
        change: &mut Change,
        claimed: Group,
        event: EventKind,
    ) -> Result<Bound, Failure> {
        if reasons(&claimed).need_second() {
            self.disclaim(context, &claimed.id).await;
            return self.propose(context, change, claimed).await;
        }
        let by = context.admission.actor()?;
        Ok(Bound::Now(self.write(context, change, claimed, event, (by, None)).await?))
    }

    async fn propose<P: Ports>(
        self,
        context: &Context<'_, P>,
        change: &mut Change,
        seen: Group,
    ) -> Result<Bound, Failure> {
        let reasons = reasons(&seen);
        let (tool, connector) = (self.tool.id, self.connector.id);
        let proposed = Proposed::BindGroup { tool, connector, group: seen.id, name: seen.name, reasons };
        let actor = context.admission.actor()?;
        Ok(Bound::Proposed(propose(context.store(), change, &context.moment, actor, proposed).await?))
    }
}

/// Refuses unless the provider says that the group is gone. Nothing less lets a tool change groups under the access that it gives: a group
/// that cannot be read, or written, still has its members.
async fn require_gone<P: Ports>(
    context: &Context<'_, P>,
    connector: &Connector,
    bound: &ProviderGroup,
) -> Result<(), Failure> {
    let refused = || {
        let message = "this tool has a group; release it first";
        Err(Refusal::new(Code::GroupBound, message).into())
    };
    let known_long = bound.bound_at.plus_minutes(BELIEVED_MINUTES) <= context.moment.now;
    if bound.connector != connector.id || !known_long {
        return refused();
    }
    match ask(context.ports, connector, Operation::CheckBinding { group: bound.group.clone() }).await {
        Ok(_) => refused(),
        Err(Failure::Refused(refusal)) => match refusal.code() {
            Code::GroupNotBindable
                if refusal.detail("reason") == Some(FollowUpReason::GroupGone.as_str()) =>
            {
                Ok(())
            }
            Code::GroupNotBindable | Code::GroupOwnedElsewhere => refused(),
            _ => Err(refusal.into()),
        },
        Err(failure) => Err(failure),
    }
}

/// Makes sure that this installation is the owner of the group that a tool has, and lets go on what waited for that.
pub(super) async fn claim_again<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    bound: &ProviderGroup,
) -> Result<(), Failure> {
    let store = context.store();
    let connector = required(store, bound.connector).await?;
    ask(context.ports, &connector, Operation::BindGroup { group: bound.group.clone() }).await?;
    if waits_for_the_group(store, bound.tool).await? {
        Rebound::note(store, change, bound.tool, context.moment.now).await?;
    }
    Ok(())
}

/// Binds a group to which two have agreed, unless it has become more than was agreed to.
///
/// # Errors
/// Those of `provider_groups.bind`, and [`Code::ProposalOutdated`].
pub(crate) async fn bind_confirmed<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    (tool, connector, id): (ToolId, ConnectorId, &GroupId),
    agreed: &BindReasons,
    by: (Actor, Option<Actor>),
) -> Result<(), Failure> {
    let candidate = Candidate::load(context, tool, connector).await?;
    let claimed = candidate.claim(context, id).await?;
    let now = reasons(&claimed);
    if agreed.are_exceeded_by(&now) {
        candidate.disclaim(context, id).await;
        let message = "the group is not what the proposal shows any more; withdraw it and propose it again";
        return Err(Refusal::new(Code::ProposalOutdated, message).with("why", now.sentence()).into());
    }
    candidate.write(context, change, claimed, EventKind::ProviderGroupBound, by).await?;
    Ok(())
}

/// What the log says of a binding.
pub(super) fn facts(bound: &ProviderGroup) -> Value {
    Value::object([
        ("tool", Value::from(bound.tool.to_string())),
        ("connector", Value::from(bound.connector.to_string())),
        ("members", Value::from(bound.members)),
        ("second", Value::from(bound.confirmed_by.is_some())),
    ])
}

/// Gives a tool's group up, here and at Core. Nobody is removed.
///
/// # Errors
/// [`Code::ToolConnected`], [`Code::GrantsUnended`]; when Core does not answer.
pub(super) async fn release<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    bound: &Loaded<ProviderGroup>,
) -> Result<(), Failure> {
    let (store, now) = (context.store(), context.moment.now);
    let tool = load::<Tool>(store, &bound.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
    super::release::require_unused(store, &tool).await?;
    let connector = required(store, bound.connector).await?;
    // First at Core: what is released there and not here is bound again by `provider_groups.bind`, as the next job's reason says; the other
    // way round nobody would know of it.
    if connector.is_enabled() {
        match ask(context.ports, &connector, Operation::ReleaseGroup { group: bound.group.clone() }).await? {
            Outcome::Changed {} | Outcome::Already {} => {}
            _ => return Err(crate::connector::ask::unexpected().into()),
        }
    }
    if let Some(owner) = owner_of(store, &connector, &bound.group).await? {
        change.update(&owner, &GroupOwner::new(&connector, &bound.group, None));
    }
    let version = tool.version.saturating_add(1);
    change.update(&tool, &Tool { connector: None, version, ..Tool::clone(&tool) });
    change.remove(bound);
    change.record(now, &context.admission.actor()?, EventKind::ProviderGroupReleased, facts(bound));
    Ok(())
}
