use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::eligibility::Circle;
use super::selector::Selector;
use crate::catalog::{DataClass, Risk, Tool, ToolRef};
use crate::documents::{Change, Document};
use crate::ids::{PersonId, RequestId, ToolId};
use crate::people::{Person, PersonRef};
use crate::ports::{Attributes, Index, Kind, Revision};
use crate::request::{OpenStage, Request, Review};
use crate::text::Line;
use crate::time::{Days, Timestamp};

/// Most selectors of one stage: each is a document of the commit that opens or closes it.
pub const MAX_SELECTORS: usize = 8;

/// What an approver sees of a request in the queue. It lives no longer than the stage is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitingSummary {
    /// The request.
    pub id: RequestId,
    /// Who asks.
    pub requester: PersonSummary,
    /// For which tool.
    pub tool: ToolSummary,
    /// The tool's risk.
    pub risk: Risk,
    /// What data will be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// For how long.
    pub days: Days,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When it lapses if nobody decides.
    pub deadline: Timestamp,
    /// Whether it extends access that the person has.
    pub extension: bool,
}

/// A person's id and name, as they were when the request was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonSummary {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

/// A tool's id and name, as they were when the request was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolSummary {
    /// Its id.
    pub id: ToolId,
    /// Its name.
    pub name: String,
}

impl From<PersonRef> for PersonSummary {
    fn from(person: PersonRef) -> Self {
        Self { id: person.id, name: person.name }
    }
}

impl From<ToolRef> for ToolSummary {
    fn from(tool: ToolRef) -> Self {
        Self { id: tool.id, name: tool.name }
    }
}

/// One open stage under one selector: a row of approvers' queues.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// Under what it is found.
    pub selector: Selector,
    /// Its place among the stage's selectors.
    pub number: u8,
    /// The stage's place among the request's stages.
    pub stage: u8,
    /// What people call the stage.
    pub stage_name: Line,
    /// Since when the stage waits.
    pub since: Timestamp,
    /// The requester and those who decided before: it is not theirs to decide.
    pub without: BTreeSet<PersonId>,
    /// What an approver sees.
    pub request: WaitingSummary,
}

impl Waiting {
    /// Open stages under one selector, longest waiting first.
    pub const BY_SELECTOR: Index = Index { name: "by_selector", partition: &["selector"], range: "since" };

    fn key_of(request: RequestId, stage: u8, number: u8) -> String {
        format!("{request}:{stage}:{number}")
    }
}

impl Document for Waiting {
    const KIND: &'static Kind =
        &Kind { name: "waiting", attributes: &["selector", "since"], indexes: &[Self::BY_SELECTOR] };

    fn key(&self) -> String {
        Self::key_of(self.request.id, self.stage, self.number)
    }

    fn attributes(&self) -> Attributes {
        vec![Some(self.selector.to_string()), Some(self.since.to_string())]
    }
}

fn numbered(stage: &OpenStage) -> impl Iterator<Item = (u8, &crate::policy::Approvers)> {
    (0_u8..).zip(stage.plan.approvers.iter().take(MAX_SELECTORS))
}

/// Puts the open stage of a new request, or of the next stage, into its approvers' queues.
pub fn open_waiting(
    change: &mut Change,
    circle: Circle<'_>,
    request: &Request,
    review: &Review,
    summary: &WaitingSummary,
) {
    let mut without = review.deciders();
    without.insert(request.requester);
    for (number, approvers) in numbered(&review.open) {
        change.insert(&Waiting {
            selector: circle.selector(*approvers),
            number,
            stage: review.open.number,
            stage_name: review.open.plan.name.clone(),
            since: review.open.opened_at,
            without: without.clone(),
            request: summary.clone(),
        });
    }
}

/// Takes the open stage out of all queues. Its rows were written once, and once more with each approval.
pub fn close_waiting(change: &mut Change, request: RequestId, stage: &OpenStage) {
    for (number, _) in numbered(stage) {
        let key = Waiting::key_of(request, stage.number, number);
        change.remove_at::<Waiting>(key, Revision(stage.queue_revision));
    }
}

/// Writes the open stage's rows anew after an approval that was not the last one it needs.
pub fn reopen_waiting(
    change: &mut Change,
    circle: Circle<'_>,
    before: &OpenStage,
    request: &Request,
    review: &Review,
    summary: &WaitingSummary,
) {
    let mut without = review.deciders();
    without.insert(request.requester);
    for (number, approvers) in numbered(&review.open) {
        let row = Waiting {
            selector: circle.selector(*approvers),
            number,
            stage: review.open.number,
            stage_name: review.open.plan.name.clone(),
            since: review.open.opened_at,
            without: without.clone(),
            request: summary.clone(),
        };
        change.replace_at(&row, Revision(before.queue_revision));
    }
}

/// What approvers see of a request.
pub fn summary_of(request: &Request, requester: &Person, tool: &Tool, deadline: Timestamp) -> WaitingSummary {
    WaitingSummary {
        id: request.id,
        requester: PersonSummary { id: requester.id, name: requester.name.to_string() },
        tool: ToolSummary { id: tool.id, name: tool.name.to_string() },
        risk: request.snapshot.risk,
        data_classes: request.data_classes.clone(),
        days: request.days,
        submitted_at: request.submitted_at,
        deadline,
        extension: request.extends.is_some(),
    }
}
