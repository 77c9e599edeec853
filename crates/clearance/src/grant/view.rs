use schemars::JsonSchema;
use serde::Serialize;

use super::state::{EndReason, Grant, GrantState, Interrupted, Means};
use crate::authorization::Admission;
use crate::authorization::CallerKind::Administrator;
use crate::catalog::{Tool, ToolRef};
use crate::failure::Failure;
use crate::ids::{GrantId, RequestId};
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::provisioning::FollowUpReason;
use crate::time::Timestamp;

/// Why somebody must look after a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FollowUpView {
    /// Why.
    pub reason: FollowUpReason,
    /// What an administrator can do about it.
    pub what_to_do: &'static str,
    /// Since when.
    pub since: Timestamp,
}

/// A grant as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantView {
    /// Its id.
    pub id: GrantId,
    /// `awaiting_provisioning`, `active`, `removing`, `ended` or `needs_follow_up`.
    pub state: String,
    /// Who has access.
    pub person: PersonRef,
    /// To which tool.
    pub tool: ToolRef,
    /// The request that made it.
    pub request: RequestId,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// When access began to work.
    pub activated_at: Option<Timestamp>,
    /// Until when it works.
    pub ends_at: Option<Timestamp>,
    /// When it was confirmed gone.
    pub ended_at: Option<Timestamp>,
    /// Why it ended or is ending.
    pub end_reason: Option<EndReason>,
    /// Days of access once it works, while it waits for that.
    pub days: Option<u32>,
    /// Why somebody must look after it.
    pub follow_up: Option<FollowUpView>,
    /// How often it was extended.
    pub extensions: u32,
    /// By what access comes and goes.
    pub means: Means,
    /// Whether the caller may ask for more time now.
    pub may_extend: bool,
    /// Whether the caller may give it back now.
    pub may_give_back: bool,
    /// Whether the caller may revoke it now.
    pub may_revoke: bool,
}

/// Whether the caller may revoke access to a tool: its owners and administrators.
pub(super) fn may_revoke(admission: &Admission, tool: Option<&Tool>) -> bool {
    let owner = |id| tool.is_some_and(|tool| tool.owners.contains(&id));
    admission.is(Administrator) || admission.person_id().is_some_and(owner)
}

/// A grant as the caller sees it.
pub async fn grant_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    grant: &Grant,
    now: Timestamp,
) -> Result<GrantView, Failure> {
    let own = admission.person_id() == Some(grant.person);
    let live = grant.is_live();
    let may_revoke = live && may_revoke(admission, names.tool_itself(grant.tool).await?);
    let mut view = GrantView {
        id: grant.id,
        state: grant.state_name().to_owned(),
        person: names.person(grant.person).await?,
        tool: names.tool(grant.tool).await?,
        request: grant.request,
        approved_at: grant.approved_at,
        activated_at: None,
        ends_at: None,
        ended_at: None,
        end_reason: None,
        days: None,
        follow_up: None,
        extensions: u32::try_from(grant.extensions.len()).unwrap_or(u32::MAX),
        means: grant.means,
        may_extend: own && grant.active_span(now).is_some(),
        may_give_back: own && live,
        may_revoke,
    };
    match grant.state {
        GrantState::AwaitingProvisioning { days } => view.days = Some(days.get()),
        GrantState::Active { activated_at, ends_at } => {
            (view.activated_at, view.ends_at) = (Some(activated_at), Some(ends_at));
        }
        GrantState::Removing { activated_at, ends_at, reason, .. } => {
            (view.activated_at, view.ends_at, view.end_reason) = (activated_at, ends_at, Some(reason));
        }
        GrantState::Ended { activated_at, ended_at, reason } => {
            (view.activated_at, view.ended_at, view.end_reason) =
                (activated_at, Some(ended_at), Some(reason));
        }
        GrantState::NeedsFollowUp { interrupted, reason, since } => {
            view.follow_up = Some(FollowUpView { reason, what_to_do: reason.what_to_do(), since });
            match interrupted {
                Interrupted::Provisioning { days } => view.days = Some(days.get()),
                Interrupted::Access { activated_at, ends_at } => {
                    (view.activated_at, view.ends_at) = (Some(activated_at), Some(ends_at));
                }
                Interrupted::Removal { activated_at, ends_at, reason, .. } => {
                    (view.activated_at, view.ends_at, view.end_reason) =
                        (activated_at, ends_at, Some(reason));
                }
            }
        }
    }
    Ok(view)
}
