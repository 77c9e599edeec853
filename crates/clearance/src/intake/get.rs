//! `issues.get`, `issues.may_complete`: where the request of an issue stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::created::{intake_of, resolve};
use super::issue::{IntakeState, WaitingReason, is_account};
use super::native::{Mismatch, mismatch};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Owner, Requester, System};
use crate::authorization::CallerKinds;
use crate::catalog::ToolRef;
use crate::documents::load;
use crate::failure::Failure;
use crate::grant::{Grant, GrantState, GrantView, grant_view};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, PersonRef};
use crate::ports::{IssueId, JiraIssue, NativeApproval, Ports, StatusCategory};
use crate::refusal::not_found;
use crate::request::submit::SubmitRequest;
use crate::request::{
    Consent, Request, RequestState, RequestView, SeatWait, request_view, sees_request, who_can_act,
};
use crate::time::{Days, Timestamp};

/// `issues.get`.
#[derive(Debug)]
pub struct Get;

/// What `issues.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneIssue {
    /// The issue, by id or key.
    pub issue: IssueId,
}

/// What everybody may know who works on the issue: no purpose, no rationale.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssueSummary {
    /// The request's state.
    pub state: String,
    /// Who asks.
    pub requester: PersonRef,
    /// For which tool.
    pub tool: ToolRef,
    /// For how long.
    pub days: Days,
    /// When the request lapses if nobody decides.
    pub deadline: Option<Timestamp>,
    /// The access's state, once there is any.
    pub access: Option<String>,
    /// Until when access works.
    pub ends_at: Option<Timestamp>,
}

/// What Jira itself says. It grants nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NativeView {
    /// Whether Jira could be asked.
    pub known: bool,
    /// The category of the issue's status.
    pub status_category: Option<StatusCategory>,
    /// Native approvals. They grant nothing: a step for approval in the workflow misleads those who decide there.
    pub approvals: Vec<NativeApproval>,
    /// How Jira says something else than this program, if it does.
    pub mismatch: Option<Mismatch>,
}

/// What an issue waits for that nothing came of yet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConfirmationView {
    /// Why it waits.
    pub reason: WaitingReason,
    /// Whether the caller may confirm it.
    pub may_confirm: bool,
    /// What was filled in, for whom it was filled in; none when that is not known, or not the caller's to know.
    pub asked: Option<SubmitRequest>,
}

/// What happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryItem {
    /// When.
    pub at: Timestamp,
    /// `submitted`, `stage_approved`, `approved`, `denied`, `cancelled`, `lapsed`, `information_asked`, `information_provided`, `activated`,
    /// `extended` or `ended`.
    pub what: &'static str,
}

/// What `issues.get` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssueAnswer {
    /// The issue's id.
    pub issue: IssueId,
    /// Since when it stands as it does.
    pub since: Timestamp,
    /// What everybody may know who works on it; none as long as no request came of it.
    pub summary: Option<IssueSummary>,
    /// The request, for those who may see it whole.
    pub request: Option<RequestView>,
    /// The access, for those who may see the request whole.
    pub grant: Option<GrantView>,
    /// What it waits for, as long as no request came of it.
    pub confirmation: Option<ConfirmationView>,
    /// Who can act on it now, in words.
    pub who_can_act: Vec<String>,
    /// What Jira itself says.
    pub native: NativeView,
    /// What happened, oldest first.
    pub history: Vec<HistoryItem>,
}

fn native_view(native: Option<&JiraIssue>, mismatch: Option<Mismatch>) -> NativeView {
    NativeView {
        known: native.is_some(),
        status_category: native.map(|native| native.status_category),
        approvals: native.map(|native| native.approvals.clone()).unwrap_or_default(),
        mismatch,
    }
}

impl Operation for Get {
    const NAME: &'static str = "issues.get";
    const SUMMARY: &'static str = "Where the request of a Jira issue stands";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor]);
    type Input = OneIssue;
    type Output = IssueAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneIssue,
    ) -> Result<Decision<IssueAnswer>, Failure> {
        let store = context.store();
        let (issue, native) = resolve(context, &input.issue).await?;
        let intake = intake_of(store, &issue).await?.ok_or_else(|| not_found("issue"))?;
        let shown = context.admission.sees_all() || context.admission.is_shown(&issue);
        match &intake.state {
            IntakeState::Deleted => Err(not_found("issue").into()),
            IntakeState::Waiting { reason, asked, reporter } => {
                let person = context.admission.person_id();
                let own = match person {
                    Some(person) => is_account(store, person, reporter).await?,
                    None => false,
                };
                if !own && !shown {
                    return Err(not_found("issue").into());
                }
                Ok(Decision::answer(IssueAnswer {
                    issue,
                    since: intake.since,
                    summary: None,
                    request: None,
                    grant: None,
                    confirmation: Some(ConfirmationView {
                        reason: reason.clone(),
                        may_confirm: own,
                        asked: asked.clone().filter(|_| own),
                    }),
                    who_can_act: vec!["Reporter".to_owned()],
                    native: native_view(native.as_ref(), None),
                    history: Vec::new(),
                }))
            }
            IntakeState::Linked { request } => {
                let request = load::<Request>(store, &request.to_string()).await?;
                let request = request.ok_or_else(|| not_found("issue"))?;
                let whole = sees_request(store, &context.admission, &request, context.moment.now).await?;
                if !whole && !shown {
                    return Err(not_found("issue").into());
                }
                Ok(Decision::answer(describe(context, issue, &request, native.as_ref(), whole).await?))
            }
        }
    }
}

async fn describe<P: Ports>(
    context: &Context<'_, P>,
    issue: IssueId,
    request: &Request,
    native: Option<&JiraIssue>,
    whole: bool,
) -> Result<IssueAnswer, Failure> {
    let (store, now) = (context.store(), context.moment.now);
    let mut names = Names::new(store);
    let grant = match &request.state {
        RequestState::Approved { grant, .. } => load::<Grant>(store, &grant.to_string()).await?,
        _ => None,
    };
    let mut view = request_view(&mut names, store, &context.admission, request, now).await?;
    view.can_act = who_can_act(&mut names, store, request, now).await?;
    let access = match &grant {
        Some(grant) => Some(grant_view(&mut names, &context.admission, grant, now).await?),
        None => None,
    };
    let who_can_act = match (&request.state, access.as_ref().map(|access| access.state.as_str())) {
        (RequestState::Pending { .. }, _) => view
            .stages
            .iter()
            .filter(|stage| stage.since.is_some())
            .flat_map(|stage| stage.approvers.clone())
            .collect(),
        (
            RequestState::NeedsInformation { .. }
            | RequestState::AwaitingSeat { seat: SeatWait::Offered { .. }, .. },
            _,
        ) => vec![view.requester.name.clone()],
        (_, Some("needs_follow_up")) => vec!["Administrators".to_owned()],
        (_, Some("awaiting_provisioning" | "removing")) => vec!["Tool owners".to_owned()],
        _ => Vec::new(),
    };
    let history = history(request, grant.as_deref());
    Ok(IssueAnswer {
        issue,
        since: history.last().map_or(request.submitted_at, |item| item.at),
        summary: Some(IssueSummary {
            state: view.state.clone(),
            requester: view.requester.clone(),
            tool: view.tool.clone(),
            days: view.approved_days.unwrap_or(view.days),
            deadline: view.deadline,
            access: access.as_ref().map(|access| access.state.clone()),
            ends_at: access.as_ref().and_then(|access| access.ends_at),
        }),
        native: native_view(native, native.and_then(|native| mismatch(native, request, grant.as_deref()))),
        request: Some(view).filter(|_| whole),
        grant: access.filter(|_| whole),
        confirmation: None,
        who_can_act,
        history,
    })
}

/// What happened to a request and the access that came of it, oldest first.
fn history(request: &Request, grant: Option<&Grant>) -> Vec<HistoryItem> {
    let mut items = vec![HistoryItem { at: request.submitted_at, what: "submitted" }];
    let mut add = |at: Timestamp, what| items.push(HistoryItem { at, what });
    for exchange in &request.exchanges {
        add(exchange.asked_at, "information_asked");
        if let Some((_, at)) = &exchange.answer {
            add(*at, "information_provided");
        }
    }
    let stages = match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => &review.decided,
        RequestState::Approved { stages, .. }
        | RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
        | RequestState::Forgone { consent: Consent { stages, .. }, .. }
        | RequestState::Denied { stages, .. }
        | RequestState::Cancelled { stages, .. }
        | RequestState::Lapsed { stages, .. } => stages,
    };
    for stage in stages {
        if let Some(at) = stage.approvals.iter().map(|approval| approval.at).max() {
            add(at, "stage_approved");
        }
    }
    match &request.state {
        RequestState::Pending { .. } | RequestState::NeedsInformation { .. } => {}
        RequestState::Approved { at, .. } => add(*at, "approved"),
        RequestState::AwaitingSeat { consent, seat } => {
            add(consent.at, "approved");
            if let SeatWait::Offered { at, .. } = seat {
                add(*at, "seat_offered");
            }
        }
        RequestState::Forgone { at, consent, .. } => {
            add(consent.at, "approved");
            add(*at, "forgone");
        }
        RequestState::Denied { at, .. } => add(*at, "denied"),
        RequestState::Cancelled { at, .. } => add(*at, "cancelled"),
        RequestState::Lapsed { at, .. } => add(*at, "lapsed"),
    }
    if let Some(grant) = grant {
        if let Some(at) = grant.activated_at() {
            add(at, "activated");
        }
        for extension in &grant.extensions {
            add(extension.at, "extended");
        }
        if let GrantState::Ended { ended_at, .. } = grant.state {
            add(ended_at, "ended");
        }
    }
    items.sort_by_key(|item| item.at);
    items
}

/// `issues.may_complete`.
#[derive(Debug)]
pub struct MayComplete;

/// What `issues.may_complete` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CompletionAnswer {
    /// Whether the issue may be completed: nothing of its request waits for anybody.
    pub may_complete: bool,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl Operation for MayComplete {
    const NAME: &'static str = "issues.may_complete";
    const SUMMARY: &'static str =
        "Whether a workflow may complete an issue: only when its request is settled";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[System]);
    type Input = OneIssue;
    type Output = CompletionAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneIssue,
    ) -> Result<Decision<CompletionAnswer>, Failure> {
        let store = context.store();
        let (issue, _) = resolve(context, &input.issue).await?;
        let reason = match intake_of(store, &issue).await?.map(|intake| intake.into_inner().state) {
            None | Some(IntakeState::Deleted) => None,
            Some(IntakeState::Waiting { .. }) => Some("The reporter has not confirmed the request yet."),
            Some(IntakeState::Linked { request }) => {
                match load::<Request>(store, &request.to_string()).await? {
                    Some(request) if request.review().is_some() => Some("The request is not decided yet."),
                    Some(request) if request.is_open() => Some("The request waits for a seat."),
                    Some(request) => match &request.state {
                        RequestState::Approved { grant, .. } => {
                            let grant = load::<Grant>(store, &grant.to_string()).await?;
                            let settled =
                                grant.is_none_or(|grant| matches!(grant.state_name(), "active" | "ended"));
                            (!settled).then_some("The access is not settled yet.")
                        }
                        _ => None,
                    },
                    None => None,
                }
            }
        };
        Ok(Decision::answer(CompletionAnswer { may_complete: reason.is_none(), reason }))
    }
}
