//! Jira's own approvals and statuses: shown beside ours, never followed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::grant::Grant;
use crate::ports::{JiraIssue, NativeDecision, StatusCategory};
use crate::request::{Request, RequestState};

/// How Jira says something else than this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Every native approval says yes; here nobody has approved.
    ApprovedThereOnly,
    /// A native approval says no; here it was approved.
    DeclinedThereOnly,
    /// The issue is done; here it waits for a decision.
    DoneThereOnly,
    /// The issue is done; here access does not work yet, or is still being taken away.
    DoneBeforeAccess,
}

/// How Jira says something else, if it does.
pub fn mismatch(native: &JiraIssue, request: &Request, grant: Option<&Grant>) -> Option<Mismatch> {
    let said = |decision| native.approvals.iter().any(|approval| approval.decision == decision);
    let all_yes = said(NativeDecision::Approved)
        && native.approvals.iter().all(|approval| approval.decision == NativeDecision::Approved);
    let done = native.status_category == StatusCategory::Done;
    match &request.state {
        RequestState::Approved { .. } | RequestState::AwaitingSeat { .. }
            if said(NativeDecision::Declined) =>
        {
            Some(Mismatch::DeclinedThereOnly)
        }
        RequestState::Approved { .. } => {
            let settled = grant.is_none_or(|grant| matches!(grant.state_name(), "active" | "ended"));
            (done && !settled).then_some(Mismatch::DoneBeforeAccess)
        }
        _ if all_yes => Some(Mismatch::ApprovedThereOnly),
        RequestState::Pending { .. } | RequestState::NeedsInformation { .. } => {
            done.then_some(Mismatch::DoneThereOnly)
        }
        RequestState::AwaitingSeat { .. }
        | RequestState::Forgone { .. }
        | RequestState::Denied { .. }
        | RequestState::Cancelled { .. }
        | RequestState::Lapsed { .. } => None,
    }
}
