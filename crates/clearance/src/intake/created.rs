//! `intake.issue_created`: an issue that carries a draft is taken in, once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agreement::{Agreement, Hands, agree};
use super::drafts::{Draft, Drafts};
use super::issue::{IntakeState, IssueIntake, IssueOfRequest, WaitingReason};
use crate::authorization::CallerKind::System;
use crate::authorization::{Caller, CallerKinds, Credential, PlatformStanding, Principal, Standing};
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::{DraftId, RequestId};
use crate::operations::{Context, Decision, Effect, Operation, context_of};
use crate::people::Person;
use crate::ports::{IssueId, Jira as _, JiraAccountId, JiraIssue, Ports, Store};
use crate::request::Source;
use crate::request::submit::{Submit, SubmitRequest, submit};
use crate::sign_in::{IdentityKey, JIRA_ISSUER, find_by_jira_account};

/// `intake.issue_created`.
#[derive(Debug)]
pub struct IssueCreated;

/// What `intake.issue_created` takes: what the platform's event says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatedIssue {
    /// The issue's id.
    pub issue: IssueId,
    /// Who reports it; none when that is nobody signed in.
    #[serde(default)]
    pub reporter: Option<JiraAccountId>,
    /// Who made it; likewise.
    #[serde(default)]
    pub creator: Option<JiraAccountId>,
    /// The issue property of the create panel, as it stands in the issue: anybody may have written it.
    #[serde(default)]
    pub property: Option<serde_json::Value>,
}

/// What the create panel writes into the issue property.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Carried {
    draft: DraftId,
    hash: String,
}

/// What became of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakenIn {
    /// It asks for nothing here.
    Ignored,
    /// It was taken in before.
    Known,
    /// A request came of it.
    Submitted,
    /// It waits until its reporter confirms.
    Waiting,
}

/// What `intake.issue_created` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedAnswer {
    /// What became of it.
    pub intake: TakenIn,
    /// The request that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

fn answer(intake: TakenIn) -> CreatedAnswer {
    CreatedAnswer { intake, request: None }
}

impl Operation for IssueCreated {
    const NAME: &'static str = "intake.issue_created";
    const SUMMARY: &'static str = "Take in an issue that a service portal made";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[System]);
    type Input = CreatedIssue;
    type Output = CreatedAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CreatedIssue,
    ) -> Result<Decision<CreatedAnswer>, Failure> {
        let store = context.store();
        let carried = input.property.as_ref().and_then(|property| Carried::deserialize(property).ok());
        // An issue without a draft is none of ours, and one that nobody signed in reports cannot be anybody's.
        let (Some(carried), Some(reporter)) = (carried, &input.reporter) else {
            return Ok(Decision::answer(answer(TakenIn::Ignored)));
        };
        if let Some(known) = load::<IssueIntake>(store, input.issue.as_str()).await? {
            let request = known.request();
            return Ok(Decision::answer(CreatedAnswer { intake: TakenIn::Known, request }));
        }
        // Events come late: an issue that is gone asks for nothing. When Jira cannot say, the event counts.
        if let Ok(None) = context.ports.jira().issue(&input.issue).await {
            return Ok(Decision::answer(answer(TakenIn::Ignored)));
        }
        let reported = find_by_jira_account(store, reporter).await?;
        let created = match &input.creator {
            Some(creator) if creator == reporter => reported.clone(),
            Some(creator) => find_by_jira_account(store, creator).await?,
            None => None,
        };
        let found = find(context, [reported.as_ref(), created.as_ref()], &carried).await?;
        let agreement = agree(Hands {
            draft: found.as_ref().map(|(drafts, _)| drafts.person),
            reporter: reported.as_ref().map(|person| person.id),
            creator: created.as_ref().map(|person| person.id),
        });
        let mut change = Change::new();
        if let Some((drafts, draft)) = &found {
            change.update(drafts, &drafts.without(draft.id));
        }
        let asked = found.map(|(_, draft)| draft.asked).filter(|_| agreement != Agreement::FillInAgain);
        let reason = match (agreement, &asked, reported) {
            (Agreement::Submit(_), Some(asked), Some(requester)) => {
                match submit_as(context, requester, asked).await {
                    Ok((request, submitted)) => {
                        change.extend(submitted);
                        let state = IntakeState::Linked { request };
                        change.insert(&IssueIntake {
                            issue: input.issue.clone(),
                            since: context.moment.now,
                            state,
                        });
                        change.insert(&IssueOfRequest { request, issue: input.issue.clone() });
                        let output = CreatedAnswer { intake: TakenIn::Submitted, request: Some(request) };
                        return Ok(Decision::change(output, change));
                    }
                    Err(Failure::Refused(refusal)) => {
                        WaitingReason::Refused { code: refusal.code().as_str().to_owned() }
                    }
                    Err(failure) => return Err(failure),
                }
            }
            (Agreement::Confirm, _, _) => WaitingReason::NotTheReporter,
            _ => WaitingReason::DraftGone,
        };
        let reporter = IdentityKey::new(JIRA_ISSUER, reporter.as_str());
        let state = IntakeState::Waiting { reason, asked, reporter };
        change.insert(&IssueIntake { issue: input.issue.clone(), since: context.moment.now, state });
        Ok(Decision::change(answer(TakenIn::Waiting), change))
    }
}

/// The draft that the issue names, if it is kept under the account of one of these people.
async fn find<P: Ports>(
    context: &Context<'_, P>,
    people: [Option<&Loaded<Person>>; 2],
    carried: &Carried,
) -> Result<Option<(Loaded<Drafts>, Draft)>, Failure> {
    for person in people.into_iter().flatten() {
        let Some(drafts) = load::<Drafts>(context.store(), &person.id.to_string()).await? else { continue };
        if let Some(draft) = drafts.find(carried.draft, &carried.hash, context.moment.now).cloned() {
            return Ok(Some((drafts, draft)));
        }
    }
    Ok(None)
}

/// Submits as the person, with what a customer may do and no more; what is to be committed for it.
pub(super) async fn submit_as<P: Ports>(
    context: &Context<'_, P>,
    requester: Loaded<Person>,
    asked: &SubmitRequest,
) -> Result<(RequestId, Change), Failure> {
    let principal = Principal {
        person: requester,
        standing: Standing::Platform { standing: PlatformStanding::Customer, issue: None },
        signed_in_at: context.moment.now,
        credential: Credential::Session,
    };
    let context = context_of::<Submit, P>(context, Caller::Person(Box::new(principal)))?;
    let submitted = submit(&context, asked, Source::Portal).await?;
    Ok((submitted.output.request.id, submitted.change))
}

/// The issue's id and what Jira says of it now, by id or key.
pub(super) async fn resolve<P: Ports>(
    context: &Context<'_, P>,
    issue: &IssueId,
) -> Result<(IssueId, Option<JiraIssue>), Failure> {
    // What Jira does not say now is shown as not known; nothing rests on it.
    let native = context.ports.jira().issue(issue).await.ok().flatten();
    Ok((native.as_ref().map_or_else(|| issue.clone(), |native| native.id.clone()), native))
}

/// What became of an issue, if it was taken in.
pub(super) async fn intake_of(
    store: &impl Store,
    issue: &IssueId,
) -> Result<Option<Loaded<IssueIntake>>, Failure> {
    load::<IssueIntake>(store, issue.as_str()).await
}
