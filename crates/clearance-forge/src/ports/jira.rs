use clearance::ports::{AccountReport, IssueId, Jira, JiraAccount, JiraAccountId, JiraError, JiraIssue};
use serde::de::DeserializeOwned;

use crate::bus::Bus;
use crate::effect::{
    EffectError, EffectErrorCode, JiraAccountAnswer, JiraIssueAnswer, JiraReportAnswer, JiraRequest, Nothing,
};

/// The Jira site that the app is installed on.
#[derive(Debug)]
pub(crate) struct EffectJira {
    bus: Bus,
}

impl EffectJira {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus }
    }

    async fn ask<T: DeserializeOwned>(&self, request: JiraRequest) -> Result<T, JiraError> {
        self.bus.call(request).await.map_err(describe)
    }
}

fn describe(error: EffectError) -> JiraError {
    let EffectError { code, message, retry_after_seconds } = error;
    match code {
        EffectErrorCode::Refused => JiraError::Refused(message),
        _ => JiraError::Unavailable { reason: message, retry_after_seconds },
    }
}

/// What was found; an answer that says so and has nothing is no answer.
fn found<T>(found: bool, thing: Option<T>) -> Result<Option<T>, JiraError> {
    match (found, thing) {
        (false, _) => Ok(None),
        (true, Some(thing)) => Ok(Some(thing)),
        (true, None) => Err(JiraError::Unavailable {
            reason: "the glue's answer lacks what was found".to_owned(),
            retry_after_seconds: None,
        }),
    }
}

impl Jira for EffectJira {
    async fn issue(&self, issue: &IssueId) -> Result<Option<JiraIssue>, JiraError> {
        let answer: JiraIssueAnswer = self.ask(JiraRequest::JiraIssue { issue: issue.to_string() }).await?;
        found(answer.found, answer.issue)
    }

    async fn comment(&self, issue: &IssueId, internal: bool, paragraphs: &[String]) -> Result<(), JiraError> {
        let (issue, paragraphs) = (issue.to_string(), paragraphs.to_vec());
        self.ask::<Nothing>(JiraRequest::JiraComment { issue, internal, paragraphs }).await.map(drop)
    }

    async fn transition(&self, issue: &IssueId, transition: &str) -> Result<(), JiraError> {
        let (issue, transition) = (issue.to_string(), transition.to_owned());
        self.ask::<Nothing>(JiraRequest::JiraTransition { issue, transition }).await.map(drop)
    }

    async fn account(&self, account: &JiraAccountId) -> Result<Option<JiraAccount>, JiraError> {
        let answer: JiraAccountAnswer =
            self.ask(JiraRequest::JiraAccount { account: account.to_string() }).await?;
        found(answer.found, answer.account)
    }

    async fn report_accounts(&self, accounts: &[AccountReport]) -> Result<Vec<JiraAccountId>, JiraError> {
        let request = JiraRequest::JiraReportAccounts { accounts: accounts.to_vec() };
        Ok(self.ask::<JiraReportAnswer>(request).await?.erase)
    }
}
