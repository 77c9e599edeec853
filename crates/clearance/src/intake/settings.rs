use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Line;

/// Name or id of a transition in Jira's workflow.
pub type TransitionName = Line;

/// Who reads what is told in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentAudience {
    /// Nobody: nothing is told.
    #[default]
    Off,
    /// Agents: with rationale and questions.
    Internal,
    /// Whoever sees the issue: without purpose, rationale and questions.
    Public,
}

/// By which transition an issue is moved when something is decided or done; none where it stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transitions {
    /// The request was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<TransitionName>,
    /// The request was denied, withdrawn, or nobody decided it in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<TransitionName>,
    /// An approver asks something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_information: Option<TransitionName>,
    /// Access works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<TransitionName>,
    /// Access is confirmed gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<TransitionName>,
    /// Somebody must look after the access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_follow_up: Option<TransitionName>,
}

/// What happens in Jira, and because of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JiraSettings {
    /// Whether decisions and what came of them are told in the issue, and to whom.
    #[serde(default)]
    pub comments: CommentAudience,
    /// By which transitions issues are moved.
    #[serde(default)]
    pub transitions: Transitions,
    /// Whether access ends when the issue that asked for it is closed.
    #[serde(default)]
    pub end_on_close: bool,
    /// Whether all access begins to end when the app is uninstalled.
    #[serde(default)]
    pub end_on_uninstall: bool,
}

impl JiraSettings {
    /// What the log says: no names of transitions, which are free text.
    pub(crate) fn facts(&self) -> audit_log::Value {
        let comments = match self.comments {
            CommentAudience::Off => "off",
            CommentAudience::Internal => "internal",
            CommentAudience::Public => "public",
        };
        audit_log::Value::object([
            ("comments", audit_log::Value::from(comments)),
            ("transitions", audit_log::Value::from(self.transitions != Transitions::default())),
            ("end_on_close", audit_log::Value::from(self.end_on_close)),
            ("end_on_uninstall", audit_log::Value::from(self.end_on_uninstall)),
        ])
    }
}
