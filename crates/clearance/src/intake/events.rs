//! What happens to issues in Jira: closed, deleted. Later edits of the property that an issue was made with are not even looked at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::created::intake_of;
use super::issue::IssueOfRequest;
use crate::audit::Actor;
use crate::authorization::CallerKind::System;
use crate::authorization::CallerKinds;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Grant, ending};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{IssueId, Ports, StatusCategory};
use crate::request::{Request, RequestState, operations as requests};
use crate::settings;

/// `intake.issue_updated`.
#[derive(Debug)]
pub struct IssueUpdated;

/// What `intake.issue_updated` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatedIssue {
    /// The issue's id.
    pub issue: IssueId,
    /// The category of its status now.
    pub status_category: StatusCategory,
    /// Whether it has a resolution now.
    #[serde(default)]
    pub resolved: bool,
}

/// What events about issues answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventAnswer {
    /// Whether anything changed because of it.
    pub changed: bool,
}

impl Operation for IssueUpdated {
    const NAME: &'static str = "intake.issue_updated";
    const SUMMARY: &'static str = "Follow an issue that was closed, if that is switched on";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[System]);
    type Input = UpdatedIssue;
    type Output = EventAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &UpdatedIssue,
    ) -> Result<Decision<EventAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let nothing = Ok(Decision::answer(EventAnswer { changed: false }));
        let closed = input.resolved || input.status_category == StatusCategory::Done;
        if !closed || !settings::current(store).await?.jira.end_on_close {
            return nothing;
        }
        let Some(id) = intake_of(store, &input.issue).await?.and_then(|intake| intake.request()) else {
            return nothing;
        };
        let Some(request) = load::<Request>(store, &id.to_string()).await? else { return nothing };
        let RequestState::Approved { grant, .. } = &request.state else { return nothing };
        let Some(grant) = load::<Grant>(store, &grant.to_string()).await? else { return nothing };
        // An issue that asked for an extension does not end what another one asked for.
        if grant.request != request.id || !grant.is_live() {
            return nothing;
        }
        let (_, change) = ending(store, &grant, &Actor::System, moment, EndReason::Revoked).await?;
        Ok(Decision::change(EventAnswer { changed: true }, change))
    }
}

/// `intake.issue_deleted`.
#[derive(Debug)]
pub struct IssueDeleted;

/// What `intake.issue_deleted` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletedIssue {
    /// The issue's id.
    pub issue: IssueId,
}

impl Operation for IssueDeleted {
    const NAME: &'static str = "intake.issue_deleted";
    const SUMMARY: &'static str = "Withdraw the undecided request of an issue that was deleted";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[System]);
    type Input = DeletedIssue;
    type Output = EventAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DeletedIssue,
    ) -> Result<Decision<EventAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let nothing = Ok(Decision::answer(EventAnswer { changed: false }));
        let Some(intake) = intake_of(store, &input.issue).await? else { return nothing };
        let deleted = intake.delete();
        if deleted == *intake {
            return nothing;
        }
        let mut change = Change::new();
        change.update(&intake, &deleted);
        if let Some(id) = intake.request() {
            if let Some(link) = load::<IssueOfRequest>(store, &id.to_string()).await? {
                change.remove(&link);
            }
            if let Some(request) = load::<Request>(store, &id.to_string()).await?
                && request.is_open()
            {
                requests::cancel(store, &mut change, &request, Actor::System, now).await?;
            }
        }
        Ok(Decision::change(EventAnswer { changed: true }, change))
    }
}
