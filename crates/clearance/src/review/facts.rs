//! What a reviewer sees of the access: its own facts, from which its need can be judged.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::document::Review;
use crate::authorization::Admission;
use crate::catalog::{DataClass, Risk, Tool, UsagePolicy};
use crate::documents::{self, Select, load};
use crate::drift::{DriftKind, Finding};
use crate::failure::Failure;
use crate::grant::{Grant, GrantView, grant_view};
use crate::ids::FindingId;
use crate::people::Names;
use crate::ports::Store;
use crate::request::Request;
use crate::text::Paragraph;
use crate::time::{Days, Timestamp};

/// Time that was added to the access.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExtensionFact {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub days: Days,
}

/// A difference that a check found between the provider's group and what was approved, about this person and tool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DriftFact {
    /// Which finding.
    pub finding: FindingId,
    /// Of what kind.
    pub kind: DriftKind,
    /// When it was found.
    pub first_seen_at: Timestamp,
    /// Whether it is still so.
    pub open: bool,
}

/// The facts of a grant that is reviewed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewFacts {
    /// The grant, with its age, its end, and what somebody must look after.
    pub grant: GrantView,
    /// Days since access began to work; 0 while it does not.
    pub age_days: u32,
    /// What it is for, as last asked; none when it was destroyed.
    pub purpose: Option<Paragraph>,
    /// What data is put in, as last declared.
    pub data_classes: BTreeSet<DataClass>,
    /// Those of them that the tool is not approved for any more: renewing is refused while there are any.
    pub data_classes_not_allowed: BTreeSet<DataClass>,
    /// The tool's risk when the access was last approved.
    pub risk_then: Risk,
    /// The tool's risk now.
    pub risk_now: Risk,
    /// The policy version under which it was last approved.
    pub policy_version: u32,
    /// Whether the holder has accepted the usage policy in its present text; none when the tool has none.
    pub usage_policy_accepted: Option<bool>,
    /// Time that was added, oldest first.
    pub extensions: Vec<ExtensionFact>,
    /// What checks of the provider's group found about this person and tool, oldest first.
    pub drift: Vec<DriftFact>,
}

/// The facts of the grant that a review is about.
///
/// # Errors
/// The store's.
pub(super) async fn facts<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    review: &Review,
    (grant, tool): (&Grant, &Tool),
    now: Timestamp,
) -> Result<ReviewFacts, Failure> {
    let store = names.store();
    let last = grant.extensions.last().map_or(grant.request, |extension| extension.request);
    let last = load::<Request>(store, &last.to_string()).await?;
    let last = last.ok_or_else(|| Failure::Defect(format!("{} has no request", grant.id)))?;
    // One person has few findings.
    let findings = documents::all::<Finding>(store, Select::by(&Finding::BY_PERSON, [review.person])).await?;
    let drift = findings.iter().filter(|finding| finding.tool == review.tool).map(|finding| DriftFact {
        finding: finding.id,
        kind: finding.difference.kind(),
        first_seen_at: finding.first_seen_at,
        open: finding.is_open(),
    });
    let extension =
        |extension: &crate::grant::Extension| ExtensionFact { at: extension.at, days: extension.days };
    Ok(ReviewFacts {
        age_days: grant.activated_at().map_or(0, |activated_at| activated_at.days_until(now)),
        purpose: last.purpose.text().cloned(),
        data_classes: last.data_classes.clone(),
        data_classes_not_allowed: last.data_classes.difference(&tool.data_classes).copied().collect(),
        risk_then: last.snapshot.risk,
        risk_now: tool.risk,
        policy_version: last.evaluation.policy_version,
        usage_policy_accepted: tool
            .usage_policy
            .as_ref()
            .map(UsagePolicy::hash)
            .map(|hash| last.accepted == Some(hash)),
        extensions: grant.extensions.iter().map(extension).collect(),
        drift: drift.collect(),
        grant: grant_view(names, admission, grant, now).await?,
    })
}
