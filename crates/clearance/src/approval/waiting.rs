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

/// Most selectors of one stage: two are a document of the commit that opens or closes it.
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

/// An open stage under one or two selectors: a row of approvers' queues.
///
/// Two in each row halve what the commit of a decision writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// Under what it is found.
    pub selector: Selector,
    /// Under what else.
    pub other: Option<Selector>,
    /// Its place among the request's rows.
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
    /// Open stages under the other selector of their row, longest waiting first.
    pub const BY_OTHER: Index = Index { name: "by_other", partition: &["other"], range: "since" };

    fn key_of(request: RequestId, number: u8) -> String {
        format!("{request}:{number}")
    }
}

impl Document for Waiting {
    const KIND: &'static Kind = &Kind {
        name: "waiting",
        attributes: &["selector", "since", "other"],
        indexes: &[Self::BY_SELECTOR, Self::BY_OTHER],
    };

    fn key(&self) -> String {
        Self::key_of(self.request.id, self.number)
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some(self.selector.to_string()),
            Some(self.since.to_string()),
            self.other.map(|other| other.to_string()),
        ]
    }
}

/// The rows of a review's open stage, each selector once.
fn rows(circle: Circle<'_>, review: &Review, summary: &WaitingSummary) -> Vec<Waiting> {
    let mut without = review.deciders();
    without.insert(summary.requester.id);
    let selectors = circle.selectors(&review.open.approvers());
    let selectors: Vec<Selector> = selectors.into_iter().take(MAX_SELECTORS).collect();
    let row = |(number, pair): (u8, &[Selector])| {
        let (selector, other) = match pair {
            [selector, other] => (*selector, Some(*other)),
            [selector, ..] => (*selector, None),
            [] => return None,
        };
        Some(Waiting {
            selector,
            other,
            number,
            stage: review.open.number,
            stage_name: review.open.plan.name.clone(),
            since: review.open.opened_at,
            without: without.clone(),
            request: summary.clone(),
        })
    };
    (0..).zip(selectors.chunks(2)).filter_map(row).collect()
}

/// Puts a review's open stage into its approvers' queues, in place of the rows that the request had there before: `before` holds their
/// revisions. Notes in the review what its rows' revisions are now.
pub fn show_waiting(
    change: &mut Change,
    circle: Circle<'_>,
    before: &[u64],
    review: &mut Review,
    summary: &WaitingSummary,
) {
    let rows = rows(circle, review, summary);
    let mut before = (0..).zip(before.iter().copied());
    let mut queue = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some((_, revision)) = before.next() {
            change.replace_at(row, Revision(revision));
            queue.push(revision.saturating_add(1));
        } else {
            change.insert(row);
            queue.push(Revision::FIRST.0);
        }
    }
    for (number, revision) in before {
        change.remove_at::<Waiting>(Waiting::key_of(summary.id, number), Revision(revision));
    }
    review.open.queue = queue;
}

/// Takes the open stage out of all queues.
pub fn close_waiting(change: &mut Change, request: RequestId, stage: &OpenStage) {
    for (number, revision) in (0..).zip(stage.queue.iter().copied()) {
        change.remove_at::<Waiting>(Waiting::key_of(request, number), Revision(revision));
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
