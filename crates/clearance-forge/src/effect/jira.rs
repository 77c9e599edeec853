//! Jira and Jira Service Management, always as the app.

use clearance::ports::{AccountReport, JiraAccount, JiraAccountId, JiraIssue};
use serde::{Deserialize, Serialize};

/// What to ask of Jira.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JiraRequest {
    /// Write a comment. Answer: `{}`; `refused` when Jira would refuse it again.
    JiraComment {
        /// The issue's id.
        issue: String,
        /// Whether only agents see it (`sd.public.comment` is internal). Plain Jira projects know only comments that everybody sees.
        internal: bool,
        /// Its paragraphs, plain text: each becomes one paragraph node, nothing is interpreted.
        paragraphs: Vec<String>,
    },
    /// Move the issue by a transition. Answer: `{}`; `refused` when the issue has no such transition now.
    JiraTransition {
        /// The issue's id.
        issue: String,
        /// The transition's id, or its name exactly.
        transition: String,
    },
    /// Read an issue and its native approvals. Answer: [`JiraIssueAnswer`].
    JiraIssue {
        /// The issue's id or key.
        issue: String,
    },
    /// Read an account. Answer: [`JiraAccountAnswer`].
    JiraAccount {
        /// Its id.
        account: String,
    },
    /// Report accounts of which personal data is kept, at most 90. Answer: [`JiraReportAnswer`].
    JiraReportAccounts {
        /// Each with the time when what is kept was last read from Jira.
        accounts: Vec<AccountReport>,
    },
}

/// Answer to `jira_issue`: `{"found": false}`, or `found` with the fields of [`JiraIssue`].
#[derive(Debug, Deserialize)]
pub struct JiraIssueAnswer {
    /// Whether there is such an issue.
    pub found: bool,
    /// The issue.
    #[serde(flatten)]
    pub issue: Option<JiraIssue>,
}

/// Answer to `jira_account`: `{"found": false}`, or `found` with the fields of [`JiraAccount`].
#[derive(Debug, Deserialize)]
pub struct JiraAccountAnswer {
    /// Whether there is such an account.
    pub found: bool,
    /// The account.
    #[serde(flatten)]
    pub account: Option<JiraAccount>,
}

/// Answer to `jira_report_accounts`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JiraReportAnswer {
    /// Accounts that were closed, or whose owner asked for it: what is kept of them must go.
    pub erase: Vec<JiraAccountId>,
}
