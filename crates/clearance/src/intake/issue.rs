//! What became of an issue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Drafts;
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{PersonId, RequestId};
use crate::ports::{Attributes, Index, IssueId, JiraAccountId, Kind, MAX_PAGE, Store};
use crate::refusal::{Code, Refusal};
use crate::request::Request;
use crate::request::submit::SubmitRequest;
use crate::sign_in::{Account, IdentityKey, JIRA_ISSUER};
use crate::time::Timestamp;

/// Why an issue waits for its reporter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum WaitingReason {
    /// Somebody else filled it in or made it: the reporter must agree.
    NotTheReporter,
    /// Nothing is known of what was filled in, or its time is over: it must be filled in again.
    DraftGone,
    /// The rules refused it, with this code; it can be tried again.
    Refused {
        /// The refusal's code.
        code: String,
    },
}

/// Where an issue stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum IntakeState {
    /// Waits until its reporter confirms.
    Waiting {
        /// Why.
        reason: WaitingReason,
        /// What was filled in; none when that is not known.
        asked: Option<SubmitRequest>,
        /// The account that reported it when it was made.
        reporter: IdentityKey,
    },
    /// A request came of it. Nothing else ever does.
    Linked {
        /// Which.
        request: RequestId,
    },
    /// The issue was deleted. Nothing comes of it any more.
    Deleted,
}

/// Guard: what became of an issue. Every commit that makes a request of an issue makes or revises it, so at most one comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueIntake {
    /// The issue.
    pub issue: IssueId,
    /// When it was taken in.
    pub since: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: IntakeState,
}

impl IssueIntake {
    /// Issues that wait for their reporters, oldest first.
    pub const BY_WAITING: Index = Index { name: "by_waiting", partition: &["waits"], range: "since" };
    /// Issues that wait for one reporter.
    pub const BY_REPORTER: Index = Index { name: "by_reporter", partition: &["reporter"], range: "since" };

    /// The request that came of it.
    pub fn request(&self) -> Option<RequestId> {
        match self.state {
            IntakeState::Linked { request } => Some(request),
            IntakeState::Waiting { .. } | IntakeState::Deleted => None,
        }
    }

    /// A request comes of an issue that waited.
    ///
    /// # Errors
    /// [`Code::RequestState`] when one came already, or the issue was deleted.
    pub fn link(&self, request: RequestId) -> Result<Self, Refusal> {
        match self.state {
            IntakeState::Waiting { .. } => {
                Ok(Self { state: IntakeState::Linked { request }, ..self.clone() })
            }
            IntakeState::Linked { .. } | IntakeState::Deleted => {
                let message = "this issue does not wait for a confirmation any more";
                Err(Refusal::new(Code::RequestState, message))
            }
        }
    }

    /// The issue was deleted: nothing of what was filled in stays.
    #[must_use]
    pub fn delete(&self) -> Self {
        Self { state: IntakeState::Deleted, ..self.clone() }
    }
}

impl Document for IssueIntake {
    const KIND: &'static Kind = &Kind {
        name: "issue_intake",
        attributes: &["waits", "reporter", "since"],
        indexes: &[Self::BY_WAITING, Self::BY_REPORTER],
    };

    fn key(&self) -> String {
        self.issue.to_string()
    }

    fn attributes(&self) -> Attributes {
        let reporter = match &self.state {
            IntakeState::Waiting { reporter, .. } => Some(reporter.as_str().to_owned()),
            IntakeState::Linked { .. } | IntakeState::Deleted => None,
        };
        vec![reporter.as_ref().map(|_| "confirmation".to_owned()), reporter, Some(self.since.to_string())]
    }
}

/// Which issue asked for a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IssueOfRequest {
    /// The request.
    pub request: RequestId,
    /// The issue.
    pub issue: IssueId,
}

impl Document for IssueOfRequest {
    const KIND: &'static Kind = &Kind { name: "issue_of_request", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Whether the person's account is this one.
pub(super) async fn is_account(
    store: &impl Store,
    person: PersonId,
    identity: &IdentityKey,
) -> Result<bool, Failure> {
    let account = load::<Account>(store, &person.to_string()).await?;
    Ok(account.is_some_and(|account| account.identity.as_ref() == Some(identity)))
}

/// Removes whatever tells which issues were somebody's: drafts, issues that wait for them, and those that asked for their requests. Called
/// before their account is removed; may run twice.
///
/// # Errors
/// The store's.
pub(crate) async fn forget_person(store: &impl Store, person: PersonId) -> Result<(), Failure> {
    if let Some(drafts) = load::<Drafts>(store, &person.to_string()).await? {
        let mut change = Change::new();
        change.remove(&drafts);
        store.commit(change.into_commit()?).await?;
    }
    let account = load::<Account>(store, &person.to_string()).await?;
    if let Some(identity) = account.and_then(|account| account.into_inner().identity) {
        loop {
            let select = Select::by(&IssueIntake::BY_REPORTER, [identity.as_str()]);
            let page = Paging { after: None, limit: Some(MAX_PAGE) };
            let page = documents::list::<IssueIntake>(store, select, &page).await?;
            if page.items.is_empty() {
                break;
            }
            for some in page.items.chunks(16) {
                let mut change = Change::new();
                for issue in some {
                    change.remove(issue);
                }
                store.commit(change.into_commit()?).await?;
            }
        }
    }
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&Request::BY_REQUESTER, [person]);
        let page = documents::list::<Request>(store, select, &paging).await?;
        for request in &page.items {
            forget_request(store, request).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Removes what waits for a reporter who never called: some of it, in a change; the next call removes the rest.
///
/// # Errors
/// The store's.
pub(crate) async fn forget_reporter(
    store: &impl Store,
    account: &JiraAccountId,
    change: &mut Change,
) -> Result<(), Failure> {
    let identity = IdentityKey::new(JIRA_ISSUER, account.as_str());
    let select = Select::by(&IssueIntake::BY_REPORTER, [identity.as_str()]);
    let page = Paging { after: None, limit: Some(16) };
    let page = documents::list::<IssueIntake>(store, select, &page).await?;
    for issue in &page.items {
        change.remove(issue);
    }
    Ok(())
}

async fn forget_request(store: &impl Store, request: &Loaded<Request>) -> Result<(), Failure> {
    let Some(link) = load::<IssueOfRequest>(store, &request.id.to_string()).await? else { return Ok(()) };
    let mut change = Change::new();
    if let Some(issue) = load::<IssueIntake>(store, link.issue.as_str()).await? {
        change.remove(&issue);
    }
    change.remove(&link);
    store.commit(change.into_commit()?).await?;
    Ok(())
}
