use core_protocol::message::{FollowUpReason, GroupReach, MemberCount};
use schemars::JsonSchema;
use serde::Serialize;

use super::ProviderGroup;
use crate::catalog::ToolRef;
use crate::connector::Connector;
use crate::documents::load;
use crate::drift::{Cause, CheckOutcome, DriftCheck, LastCheck};
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::people::{Names, Who};
use crate::ports::Store;
use crate::provisioning::found_gone;
use crate::time::Timestamp;

/// A connector as views name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConnectorRef {
    /// Its id.
    pub id: ConnectorId,
    /// Its name.
    pub name: String,
}

/// A connector's name.
///
/// # Errors
/// When the store does not answer.
pub async fn connector_ref(store: &impl Store, id: ConnectorId) -> Result<ConnectorRef, Failure> {
    let connector = load::<Connector>(store, &id.to_string()).await?;
    let name = connector.map_or_else(|| "(unknown connector)".to_owned(), |it| it.name.to_string());
    Ok(ConnectorRef { id, name })
}

/// A group at a provider, as views name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GroupAtProvider {
    /// The provider's id.
    pub id: String,
    /// Its name at the provider.
    pub name: String,
}

/// A group that was looked up by its name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupFound {
    /// The provider's id.
    pub id: String,
    /// Its name at the provider.
    pub name: String,
    /// What it is for, as the provider says.
    pub description: Option<String>,
}

/// How many members a group has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MembersView {
    /// On the provider's first page.
    pub at_least: u32,
    /// Whether there are more.
    pub more: bool,
}

impl From<MemberCount> for MembersView {
    fn from(MemberCount { at_least, more }: MemberCount) -> Self {
        Self { at_least, more }
    }
}

/// What else a group opens.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReachView {
    /// Nothing.
    Nothing,
    /// Applications.
    Applications {
        /// Their names, as many as one page of the provider shows.
        names: Vec<String>,
    },
    /// The provider does not tell.
    Unreadable,
}

impl From<Option<GroupReach>> for ReachView {
    fn from(reach: Option<GroupReach>) -> Self {
        match reach {
            Some(GroupReach::Nothing) => Self::Nothing,
            Some(GroupReach::Applications { names }) => Self::Applications { names },
            Some(GroupReach::Unreadable) | None => Self::Unreadable,
        }
    }
}

/// Why removals wait.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HoldView {
    /// Since when.
    pub since: Timestamp,
    /// Removals that had begun when they were stopped.
    pub removals: u32,
    /// Members that the group had then.
    pub members: u32,
}

/// A tool's group as administrators and auditors see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingView {
    /// The tool.
    pub tool: ToolRef,
    /// Through which connector.
    pub connector: ConnectorRef,
    /// The group.
    pub group: GroupAtProvider,
    /// When it was bound.
    pub bound_at: Timestamp,
    /// By whom.
    pub bound_by: Who,
    /// The second administrator, where one was needed.
    pub confirmed_by: Option<Who>,
    /// Members when it was bound or last checked.
    pub members: u32,
    /// Set while removals that nobody asked for one by one wait for a person.
    pub hold: Option<HoldView>,
    /// The last check of who is in it; none before the first.
    pub last_check: Option<LastCheckView>,
    /// Whether it was found to be gone at the provider: then another one can be bound in its place.
    pub gone: bool,
}

/// How the last check of a group came out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LastCheckView {
    /// When it began.
    pub at: Timestamp,
    /// `complete`, or `unknown` when the group could not be read.
    pub outcome: String,
    /// Findings that were open then.
    pub findings: u32,
    /// Why it could not be read.
    pub cause: Option<String>,
}

impl From<LastCheck> for LastCheckView {
    fn from(LastCheck { at, outcome }: LastCheck) -> Self {
        let (outcome, findings, cause) = match outcome {
            CheckOutcome::Complete { findings, .. } => ("complete", findings, None),
            CheckOutcome::Unknown { cause } => ("unknown", 1, Some(cause.as_str().to_owned())),
        };
        Self { at, outcome: outcome.to_owned(), findings, cause }
    }
}

/// A tool's group as it is shown.
///
/// # Errors
/// When the store does not answer.
pub async fn binding_view<S: Store>(
    names: &mut Names<'_, S>,
    bound: &ProviderGroup,
) -> Result<BindingView, Failure> {
    let check = load::<DriftCheck>(names.store(), &bound.tool.to_string()).await?;
    // A check of the group that the tool had before says nothing of this one.
    let last = check.filter(|check| check.group == bound.group).and_then(|check| check.last);
    let gone = CheckOutcome::Unknown { cause: Cause::FollowUp(FollowUpReason::GroupGone) };
    let seen_gone = last.is_some_and(|last| last.outcome == gone);
    Ok(BindingView {
        gone: seen_gone || found_gone(names.store(), bound.tool, bound.bound_at).await?,
        tool: names.tool(bound.tool).await?,
        connector: connector_ref(names.store(), bound.connector).await?,
        group: GroupAtProvider { id: bound.group.to_string(), name: bound.name.clone() },
        bound_at: bound.bound_at,
        bound_by: names.who(bound.bound_by).await?,
        confirmed_by: match bound.confirmed_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
        members: bound.members,
        hold: bound.hold.map(|hold| HoldView {
            since: hold.since,
            removals: hold.removals,
            members: hold.members,
        }),
        last_check: last.map(LastCheckView::from),
    })
}
