//! `intake.confirm`: the reporter of an issue says that they really ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::created::{intake_of, submit_as};
use super::issue::{IntakeState, IssueOfRequest};
use crate::authorization::CallerKind::Requester;
use crate::authorization::CallerKinds;
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{IssueId, Jira as _, JiraError, Ports};
use crate::refusal::{Code, Refusal, not_found};
use crate::request::submit::SubmitRequest;
use crate::sign_in::{Account, IdentityKey, JIRA_ISSUER};

/// `intake.confirm`.
#[derive(Debug)]
pub struct Confirm;

/// What `intake.confirm` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmIssue {
    /// The issue, by id or key.
    pub issue: IssueId,
    /// What is asked for; what was filled in before when not given.
    #[serde(default)]
    pub asked: Option<SubmitRequest>,
}

/// What `intake.confirm` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConfirmAnswer {
    /// The request that came of the issue.
    pub request: RequestId,
}

impl Operation for Confirm {
    const NAME: &'static str = "intake.confirm";
    const SUMMARY: &'static str = "Ask for what the issue that one reports says";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = ConfirmIssue;
    type Output = ConfirmAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ConfirmIssue,
    ) -> Result<Decision<ConfirmAnswer>, Failure> {
        let store = context.store();
        let person = context.admission.person()?;
        // Who reports it is asked of Jira: agents correct reporters, and what stood there once is not who asks now.
        let native = context.ports.jira().issue(&input.issue).await.map_err(no_jira)?;
        let native = native.ok_or_else(|| not_found("issue"))?;
        let account = load::<Account>(store, &person.id.to_string()).await?;
        let own = account.as_ref().and_then(|account| account.identity.as_ref());
        let reporter = native.reporter.map(|reporter| IdentityKey::new(JIRA_ISSUER, reporter.as_str()));
        if own.is_none() || own != reporter.as_ref() {
            return Err(not_found("issue").into());
        }
        let intake = intake_of(store, &native.id).await?.ok_or_else(|| not_found("issue"))?;
        let IntakeState::Waiting { asked, reporter: first, .. } = &intake.state else {
            let message = "this issue does not wait for a confirmation any more";
            return Err(Refusal::new(Code::RequestState, message).into());
        };
        // What was filled in for one reporter is not another's to confirm, nor to see.
        let before = asked.as_ref().filter(|_| own == Some(first));
        let asked = input.asked.as_ref().or(before).ok_or_else(|| {
            let message = "what was filled in is not known any more; fill it in again";
            Refusal::new(Code::DraftGone, message)
        })?;
        let (request, mut change) = submit_as(context, person.clone(), asked).await?;
        change.update(&intake, &intake.link(request)?);
        change.insert(&IssueOfRequest { request, issue: native.id });
        Ok(Decision::change(ConfirmAnswer { request }, change))
    }
}

/// Without Jira nobody knows who reports an issue.
pub(super) fn no_jira(error: JiraError) -> Failure {
    match error {
        JiraError::Absent => not_found("issue").into(),
        JiraError::Refused(_) | JiraError::Unavailable { .. } => crate::sign_in::unavailable(error),
    }
}
