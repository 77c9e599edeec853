//! A Jira site beside the site under test: issues, accounts, and what was written there. It stands in for the platform that the app runs on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use clearance::authorization::{Caller, Credential, PlatformStanding, Principal, Standing};
use clearance::failure::Failure;
use clearance::intake::Told;
use clearance::operations::{Call, perform};
use clearance::ports::{
    AccountReport, Environment as _, IssueId, Jira, JiraAccount, JiraAccountId, JiraError, JiraIssue,
    NativeApproval, Ports, StatusCategory,
};
use clearance::refusal::Refusal;
use clearance::sign_in::{Reported, note_administrator, person_of_jira_account, report_accounts};
use clearance::site::{Uninstalled, uninstalling};
use clearance_server::vault::SealedVault;
use serde_json::Value;

use crate::{Directory, Seeded, Site, Storage, vault_key};

/// A Jira site.
#[derive(Debug, Clone, Default)]
pub struct JiraSite(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    issues: BTreeMap<String, JiraIssue>,
    accounts: BTreeMap<String, JiraAccount>,
    erase: BTreeSet<JiraAccountId>,
    reported: Vec<AccountReport>,
    written: Vec<Written>,
    faults: VecDeque<JiraError>,
}

/// What was done to an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A comment.
    Comment {
        /// The issue.
        issue: String,
        /// Whether only agents see it.
        internal: bool,
        /// Its paragraphs.
        text: String,
    },
    /// A transition.
    Transition {
        /// The issue.
        issue: String,
        /// Its name.
        name: String,
    },
}

fn issue_id(id: &str) -> IssueId {
    id.parse().expect("an issue's id")
}

/// An account's id.
pub fn account_id(id: &str) -> JiraAccountId {
    id.parse().expect("an account's id")
}

impl JiraSite {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// An account with a name.
    pub fn add_account(&self, id: &str, name: &str) -> JiraAccountId {
        let account = JiraAccount { name: Some(name.to_owned()), active: true, groups: Vec::new() };
        self.content().accounts.insert(id.to_owned(), account);
        account_id(id)
    }

    /// The account cannot sign in any more.
    pub fn deactivate(&self, id: &str) {
        self.content().accounts.get_mut(id).expect("an account").active = false;
    }

    /// The platform says of the account that everything must go, when it is reported next.
    pub fn close(&self, id: &str) {
        self.content().erase.insert(account_id(id));
    }

    /// Accounts that were reported, in order.
    pub fn reported(&self) -> Vec<AccountReport> {
        self.content().reported.clone()
    }

    /// A new issue that one account reports and one made.
    pub fn add_issue(&self, id: &str, reporter: Option<&str>, creator: Option<&str>) {
        let issue = JiraIssue {
            id: issue_id(id),
            reporter: reporter.map(account_id),
            creator: creator.map(account_id),
            status_category: StatusCategory::New,
            approvals: Vec::new(),
        };
        self.content().issues.insert(id.to_owned(), issue);
    }

    /// Changes what Jira says of an issue.
    pub fn change(&self, id: &str, status_category: StatusCategory, approvals: Vec<NativeApproval>) {
        let mut content = self.content();
        let issue = content.issues.get_mut(id).expect("an issue");
        (issue.status_category, issue.approvals) = (status_category, approvals);
    }

    /// Somebody else reports the issue now.
    pub fn set_reporter(&self, id: &str, reporter: &str) {
        self.content().issues.get_mut(id).expect("an issue").reporter = Some(account_id(reporter));
    }

    /// Who reports an issue and who made it.
    pub fn hands(&self, id: &str) -> (Option<JiraAccountId>, Option<JiraAccountId>) {
        let content = self.content();
        let issue = content.issues.get(id).expect("an issue");
        (issue.reporter.clone(), issue.creator.clone())
    }

    /// The issue is gone.
    pub fn delete(&self, id: &str) {
        self.content().issues.remove(id);
    }

    /// The next call fails so.
    pub fn fail(&self, error: JiraError) {
        self.content().faults.push_back(error);
    }

    /// What was written since the last time.
    pub fn take_written(&self) -> Vec<Written> {
        std::mem::take(&mut self.content().written)
    }

    fn begin(&self) -> Result<MutexGuard<'_, Content>, JiraError> {
        let mut content = self.content();
        match content.faults.pop_front() {
            Some(error) => Err(error),
            None => Ok(content),
        }
    }
}

impl Jira for JiraSite {
    async fn issue(&self, issue: &IssueId) -> Result<Option<JiraIssue>, JiraError> {
        Ok(self.begin()?.issues.get(issue.as_str()).cloned())
    }

    async fn comment(&self, issue: &IssueId, internal: bool, paragraphs: &[String]) -> Result<(), JiraError> {
        let mut content = self.begin()?;
        if !content.issues.contains_key(issue.as_str()) {
            return Err(JiraError::Refused("there is no such issue".to_owned()));
        }
        let (issue, text) = (issue.to_string(), paragraphs.join("\n"));
        content.written.push(Written::Comment { issue, internal, text });
        Ok(())
    }

    async fn transition(&self, issue: &IssueId, transition: &str) -> Result<(), JiraError> {
        let (issue, name) = (issue.to_string(), transition.to_owned());
        self.begin()?.written.push(Written::Transition { issue, name });
        Ok(())
    }

    async fn account(&self, account: &JiraAccountId) -> Result<Option<JiraAccount>, JiraError> {
        Ok(self.begin()?.accounts.get(account.as_str()).cloned())
    }

    async fn report_accounts(&self, accounts: &[AccountReport]) -> Result<Vec<JiraAccountId>, JiraError> {
        let mut content = self.begin()?;
        content.reported.extend_from_slice(accounts);
        let erase = content.erase.clone();
        Ok(accounts.iter().map(|report| report.account.clone()).filter(|id| erase.contains(id)).collect())
    }
}

/// A host on a site's store that has a Jira.
#[derive(Debug)]
pub struct JiraHost<'s> {
    store: &'s Storage,
    environment: &'s Seeded,
    vault: SealedVault<'s, Storage, Seeded>,
    core: &'s Directory,
    jira: &'s JiraSite,
}

impl<'s> Ports for JiraHost<'s> {
    type Store = Storage;
    type Environment = Seeded;
    type Vault = SealedVault<'s, Storage, Seeded>;
    type Core = Directory;
    type Jira = JiraSite;

    fn store(&self) -> &Storage {
        self.store
    }

    fn environment(&self) -> &Seeded {
        self.environment
    }

    fn vault(&self) -> &Self::Vault {
        &self.vault
    }

    fn core(&self) -> &Directory {
        self.core
    }

    fn jira(&self) -> &JiraSite {
        self.jira
    }
}

/// An account that calls, with what the platform says of it at that call.
#[derive(Debug, Clone)]
pub struct JiraCaller {
    /// Its id.
    pub account: JiraAccountId,
    /// As what.
    pub standing: PlatformStanding,
    /// The issue that it is shown.
    pub issue: Option<String>,
}

impl JiraCaller {
    /// A customer of a service portal.
    pub fn customer(account: &JiraAccountId) -> Self {
        Self { account: account.clone(), standing: PlatformStanding::Customer, issue: None }
    }

    /// Somebody with a licence, who is shown an issue.
    pub fn agent(account: &JiraAccountId, issue: &str) -> Self {
        let issue = Some(issue.to_owned());
        Self { account: account.clone(), standing: PlatformStanding::Member, issue }
    }

    /// The same account with another standing.
    pub fn standing(account: &JiraAccountId, standing: PlatformStanding) -> Self {
        Self { account: account.clone(), standing, issue: None }
    }
}

impl Site {
    /// Does something on a host that has this Jira.
    pub fn in_jira<T>(&self, jira: &JiraSite, work: impl AsyncFnOnce(&JiraHost<'_>) -> T) -> T {
        let environment = self.handle.environment();
        let core = self.core();
        let key = vault_key();
        self.with_store(async |store: &Storage| {
            let vault = SealedVault { store, environment, key: &key };
            work(&JiraHost { store, environment, vault, core, jira }).await
        })
    }

    /// Runs an operation as the platform's own events and clockwork do.
    pub fn event(&self, jira: &JiraSite, operation: &str, input: &Value) -> Result<Value, Refusal> {
        self.in_jira(jira, async |ports| run(ports, Caller::System, operation, input).await)
    }

    /// Runs an operation as an account, which becomes a person at its first call.
    pub fn call_in_jira(
        &self,
        jira: &JiraSite,
        caller: &JiraCaller,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Refusal> {
        self.in_jira(jira, async |ports| {
            let mut person =
                person_of_jira_account(ports, &caller.account).await.map_err(Failure::into_refusal)?;
            if caller.standing == PlatformStanding::Administrator {
                person = note_administrator(ports, person, true).await.map_err(Failure::into_refusal)?;
            }
            let issue = caller.issue.as_deref().map(issue_id);
            let principal = Principal {
                person,
                standing: Standing::Platform { standing: caller.standing, issue },
                signed_in_at: ports.environment().now(),
                credential: Credential::Session,
            };
            run(ports, Caller::Person(Box::new(principal)), operation, input).await
        })
    }

    /// One pass of telling issues.
    pub fn tell_issues(&self, jira: &JiraSite) -> Told {
        self.in_jira(jira, async |ports| clearance::intake::tell(ports).await).expect("the store answers")
    }

    /// One pass of the platform's cycle for personal data.
    pub fn report_accounts(&self, jira: &JiraSite) -> Result<Reported, Refusal> {
        self.in_jira(jira, async |ports| report_accounts(ports).await).map_err(Failure::into_refusal)
    }

    /// What is done before the app is uninstalled.
    pub fn uninstalling(&self, jira: &JiraSite) -> Uninstalled {
        self.in_jira(jira, async |ports| uninstalling(ports).await).expect("the store answers")
    }
}

async fn run(ports: &impl Ports, caller: Caller, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let input = input.to_string();
    let call = Call { operation, caller, input: input.as_bytes(), idempotency_key: None };
    let answer = perform(ports, call).await.map_err(Failure::into_refusal)?;
    Ok(serde_json::from_slice(&answer).expect("answers are JSON"))
}
