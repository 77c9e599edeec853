use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::tool::{Category, DataClass, Fulfilment, Risk, Tool, ToolStatus, UsagePolicy};
use crate::authorization::Admission;
use crate::authorization::CallerKind::Administrator;
use crate::emergency::EmergencyUse;
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::seats::SeatCap;
use crate::text::{Line, Paragraph, WebAddress};
use crate::time::Days;

/// A tool as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToolView {
    /// Its id.
    pub id: ToolId,
    /// Its name.
    pub name: Line,
    /// Who sells it.
    pub vendor: Line,
    /// The vendor's page about it.
    pub url: Option<WebAddress>,
    /// What it is for.
    pub category: Category,
    /// Models it offers.
    pub models: Vec<Line>,
    /// What it is for, in a sentence or two.
    pub summary: Paragraph,
    /// What may be put in, what not, which settings to check.
    pub guidance: Option<Paragraph>,
    /// How much harm wrong use can do.
    pub risk: Risk,
    /// Where it stands.
    pub status: ToolStatus,
    /// Classes of data that may be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// What requesters accept, if there is something.
    pub usage_policy: Option<UsagePolicy>,
    /// People who answer for it.
    pub owners: Vec<PersonRef>,
    /// Duration suggested.
    pub default_days: Days,
    /// Longest duration.
    pub max_days: Days,
    /// Days before a grant's end in which its need is looked at again.
    pub review_days: Days,
    /// How access comes about.
    pub fulfilment: Fulfilment,
    /// How many may have it at once; none when any number may.
    pub seat_cap: Option<SeatCap>,
    /// Whether it may be had in an emergency.
    pub emergency: EmergencyUse,
    /// Words by which policy and people find it.
    pub tags: BTreeSet<Line>,
    /// Give this as `version` when changing the tool.
    pub version: u32,
    /// Whether the caller may change it.
    pub may_change: bool,
}

/// A tool as the caller sees it.
pub(super) async fn tool_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    tool: &Tool,
) -> Result<ToolView, Failure> {
    let mut owners = Vec::with_capacity(tool.owners.len());
    for owner in &tool.owners {
        owners.push(names.person(*owner).await?);
    }
    Ok(ToolView {
        id: tool.id,
        name: tool.name.clone(),
        vendor: tool.vendor.clone(),
        url: tool.url.clone(),
        category: tool.category,
        models: tool.models.clone(),
        summary: tool.summary.clone(),
        guidance: tool.guidance.clone(),
        risk: tool.risk,
        status: tool.status,
        data_classes: tool.data_classes.clone(),
        usage_policy: tool.usage_policy.clone(),
        owners,
        default_days: tool.default_days,
        max_days: tool.max_days,
        review_days: tool.review_days,
        fulfilment: tool.fulfilment,
        seat_cap: tool.seat_cap,
        emergency: tool.emergency,
        tags: tool.tags.clone(),
        version: tool.version,
        may_change: admission.is(Administrator),
    })
}

/// Whether the caller may see the tool: drafts and retired tools are for administrators, auditors and owners.
pub(crate) fn sees(admission: &Admission, tool: &Tool) -> bool {
    matches!(tool.status, ToolStatus::Requestable | ToolStatus::Suspended)
        || admission.sees_all()
        || admission.person_id().is_some_and(|person| tool.owners.contains(&person))
}
