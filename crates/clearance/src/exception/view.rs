//! Exceptions as people see them: of all kinds alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Exception, ExceptionState, OverReason};
use crate::audit::Actor;
use crate::authorization::Admission;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::catalog::ToolRef;
use crate::drift::{Disposition, DispositionKind, Finding};
use crate::failure::Failure;
use crate::ids::{ExceptionId, FindingId, ProposalId};
use crate::people::{Names, PersonRef, Who};
use crate::ports::Store;
use crate::time::Timestamp;

/// What kind of deviation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// A person may ask for a tool although policy denies it.
    Person,
    /// A member of a tool's group whom nobody approved, or a group that others manage.
    Observed,
    /// A member from before the group was bound.
    Baseline,
}

/// An exception as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExceptionView {
    /// What kind.
    pub kind: ExceptionKind,
    /// The exception of a person.
    pub exception: Option<ExceptionId>,
    /// The finding that somebody answers for.
    pub finding: Option<FindingId>,
    /// `proposed`, `in_force`, `refused` or `over`.
    pub state: String,
    /// Whom it is about, when that is known.
    pub person: Option<PersonRef>,
    /// Which tool.
    pub tool: ToolRef,
    /// Who answers for it.
    pub owner: PersonRef,
    /// Why; none when it was destroyed.
    pub reason: Option<String>,
    /// Who made it.
    pub made_by: Who,
    /// When.
    pub made_at: Timestamp,
    /// Who confirmed it.
    pub confirmed_by: Option<Who>,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it ended, or nobody had confirmed it.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub ended_because: Option<OverReason>,
    /// What waits for a second administrator.
    pub proposal: Option<ProposalId>,
    /// Whether the caller may end it now.
    pub may_end: bool,
}

fn may_end(admission: &Admission) -> bool {
    admission.is(Administrator) || admission.is(Console)
}

/// A person's exception as this caller sees it.
///
/// # Errors
/// The store's.
pub(super) async fn of_person<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    exception: &Exception,
) -> Result<ExceptionView, Failure> {
    let (confirmed_by, ended_at, ended_because, proposal): (Option<Actor>, _, _, _) = match exception.state {
        ExceptionState::Proposed { proposal } => (None, None, None, Some(proposal)),
        ExceptionState::InForce { confirmed_by, .. } => (Some(confirmed_by), None, None, None),
        ExceptionState::Refused { at } => (None, Some(at), None, None),
        ExceptionState::Over { confirmed_by, at, why, .. } => (Some(confirmed_by), Some(at), Some(why), None),
    };
    Ok(ExceptionView {
        kind: ExceptionKind::Person,
        exception: Some(exception.id),
        finding: None,
        state: exception.state_name().to_owned(),
        person: Some(names.person(exception.person).await?),
        tool: names.tool(exception.tool).await?,
        owner: names.person(exception.owner).await?,
        reason: exception.reason.text().map(ToString::to_string),
        made_by: names.who(exception.made_by).await?,
        made_at: exception.made_at,
        confirmed_by: match confirmed_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
        ends_at: exception.ends_at,
        ended_at,
        ended_because,
        proposal,
        may_end: may_end(admission) && matches!(exception.state, ExceptionState::InForce { .. }),
    })
}

/// A finding that somebody answers for, as this caller sees it; none when nobody does.
///
/// # Errors
/// The store's.
pub(super) async fn of_finding<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    finding: &Finding,
) -> Result<Option<ExceptionView>, Failure> {
    let Some((disposition, owner, ends_at)) = answered(finding) else { return Ok(None) };
    Ok(Some(ExceptionView {
        kind: match disposition.remedy.kind() {
            DispositionKind::Baseline => ExceptionKind::Baseline,
            _ => ExceptionKind::Observed,
        },
        exception: None,
        finding: Some(finding.id),
        state: "in_force".to_owned(),
        person: match finding.person() {
            Some(person) => Some(names.person(person).await?),
            None => None,
        },
        tool: names.tool(finding.tool).await?,
        owner: names.person(owner).await?,
        reason: disposition.reason.as_ref().and_then(|reason| reason.text()).map(ToString::to_string),
        made_by: names.who(disposition.by).await?,
        made_at: disposition.at,
        confirmed_by: match disposition.confirmed_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
        ends_at,
        ended_at: None,
        ended_because: None,
        proposal: None,
        may_end: may_end(admission),
    }))
}

/// What was decided about a finding for which somebody answers now: with whom, and until when.
pub(super) fn answered(finding: &Finding) -> Option<(&Disposition, crate::ids::PersonId, Timestamp)> {
    let disposition = finding.disposition().filter(|disposition| disposition.remedy.is_in_force())?;
    let (owner, ends_at) = disposition.remedy.answered_for()?;
    Some((disposition, owner, ends_at))
}
