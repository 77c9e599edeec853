use schemars::JsonSchema;
use serde::Serialize;

use super::{Emergency, EmergencyState, Verdict};
use crate::authorization::Admission;
use crate::authorization::CallerKind::Administrator;
use crate::catalog::{Tool, ToolRef};
use crate::failure::Failure;
use crate::ids::{EmergencyId, GrantId, RequestId};
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::text::Paragraph;
use crate::time::Timestamp;

/// An emergency access as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmergencyView {
    /// Its id.
    pub id: EmergencyId,
    /// `open`, `noted` or `reviewed`.
    pub state: &'static str,
    /// Whose.
    pub person: PersonRef,
    /// To which tool.
    pub tool: ToolRef,
    /// The request that was approved by this path.
    pub request: RequestId,
    /// The grant.
    pub grant: GrantId,
    /// The incident; none when it was destroyed.
    pub incident: Option<Paragraph>,
    /// When it was taken.
    pub at: Timestamp,
    /// Until when the holder is to write a note.
    pub note_due: Timestamp,
    /// What they wrote; none while they did not, or when it was destroyed.
    pub note: Option<Paragraph>,
    /// When they wrote it.
    pub noted_at: Option<Timestamp>,
    /// Until when it is to be reviewed.
    pub review_due: Timestamp,
    /// What came of the review.
    pub verdict: Option<Verdict>,
    /// Why; none when it was destroyed.
    pub reason: Option<Paragraph>,
    /// Who reviewed it.
    pub reviewed_by: Option<PersonRef>,
    /// When.
    pub reviewed_at: Option<Timestamp>,
    /// Whether what it waits for should have been done.
    pub overdue: bool,
    /// Whether the caller is to write the note.
    pub may_note: bool,
    /// Whether the caller may review it now.
    pub may_review: bool,
}

/// An emergency access as the caller sees it.
pub(super) async fn emergency_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    emergency: &Emergency,
    tool: Option<&Tool>,
    now: Timestamp,
) -> Result<EmergencyView, Failure> {
    let caller = admission.person_id();
    let own = caller == Some(emergency.person);
    let owns = caller.is_some_and(|person| tool.is_some_and(|tool| tool.owners.contains(&person)));
    let (note, review) = (emergency.note(), emergency.review());
    let reviewable = match emergency.state {
        EmergencyState::Open => emergency.is_overdue(now),
        EmergencyState::Noted { .. } => true,
        EmergencyState::Reviewed { .. } => false,
    };
    Ok(EmergencyView {
        id: emergency.id,
        state: emergency.state_name(),
        person: names.person(emergency.person).await?,
        tool: names.tool(emergency.tool).await?,
        request: emergency.request,
        grant: emergency.grant,
        incident: emergency.incident.text().cloned(),
        at: emergency.at,
        note_due: emergency.note_due,
        note: note.and_then(|note| note.text.text().cloned()),
        noted_at: note.map(|note| note.at),
        review_due: emergency.review_due,
        verdict: review.map(|review| review.verdict),
        reason: review.and_then(|review| review.text.text().cloned()),
        reviewed_by: match review {
            Some(review) => Some(names.person(review.by).await?),
            None => None,
        },
        reviewed_at: review.map(|review| review.at),
        overdue: emergency.is_overdue(now),
        may_note: own && matches!(emergency.state, EmergencyState::Open),
        may_review: reviewable && !own && (owns || admission.is(Administrator)),
    })
}
