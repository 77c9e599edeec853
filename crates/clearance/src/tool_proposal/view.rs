use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::assessment::{Answer, Assessment, Question};
use super::document::{Declination, ToolProposal, ToolProposalState};
use crate::authorization::Admission;
use crate::authorization::CallerKind::Administrator;
use crate::catalog::{DataClass, Risk, ToolRef};
use crate::failure::Failure;
use crate::ids::ToolProposalId;
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::text::Paragraph;
use crate::time::Timestamp;

/// A question that is asked of every proposed tool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuestionView {
    /// Which.
    pub question: Question,
    /// In words. Yes is the answer that speaks for the tool.
    pub text: &'static str,
}

/// An assessment as administrators and auditors see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AssessmentView {
    /// By whom.
    pub by: PersonRef,
    /// What they say to each question.
    pub answers: BTreeMap<Question, Answer>,
    /// How much harm wrong use can do.
    pub risk: Risk,
}

/// A proposed tool as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToolProposalView {
    /// Its id.
    pub id: ToolProposalId,
    /// `proposed`, `under_assessment`, `accepted`, `declined` or `withdrawn`.
    pub state: &'static str,
    /// Who proposes it.
    pub proposer: PersonRef,
    /// When.
    pub submitted_at: Timestamp,
    /// What it is called; none when it was destroyed.
    pub name: Option<Paragraph>,
    /// Where it is found; none when it was destroyed.
    pub url: Option<Paragraph>,
    /// What for; none when it was destroyed.
    pub purpose: Option<Paragraph>,
    /// What data would be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// Who looks at it.
    pub assessor: Option<PersonRef>,
    /// When it was accepted, declined or withdrawn.
    pub closed_at: Option<Timestamp>,
    /// The catalogue's entry that was made of it.
    pub tool: Option<ToolRef>,
    /// Why it was accepted or declined; none when that was destroyed.
    pub reasons: Vec<String>,
    /// What was found out; for administrators, auditors and console.
    pub assessment: Option<AssessmentView>,
    /// Tools of the catalogue that it may be; for whoever assesses it.
    pub known: Vec<ToolRef>,
    /// Whether the caller may assess it now.
    pub may_assess: bool,
    /// Whether the caller may take it back now.
    pub may_withdraw: bool,
}

/// A proposal as the caller sees it, without tools that it may be.
pub(super) async fn proposal_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    proposal: &ToolProposal,
) -> Result<ToolProposalView, Failure> {
    let own = admission.person_id() == Some(proposal.proposer);
    let mut view = ToolProposalView {
        id: proposal.id,
        state: proposal.state_name(),
        proposer: names.person(proposal.proposer).await?,
        submitted_at: proposal.submitted_at,
        name: proposal.name.text().cloned(),
        url: proposal.url.text().cloned(),
        purpose: proposal.purpose.text().cloned(),
        data_classes: proposal.data_classes.clone(),
        assessor: None,
        closed_at: None,
        tool: None,
        reasons: Vec::new(),
        assessment: None,
        known: Vec::new(),
        may_assess: proposal.is_open() && !own && admission.is(Administrator),
        may_withdraw: proposal.is_open() && own,
    };
    let mut assessed: Option<&Assessment> = None;
    match &proposal.state {
        ToolProposalState::Proposed => {}
        ToolProposalState::UnderAssessment { by, .. } => view.assessor = Some(names.person(*by).await?),
        ToolProposalState::Accepted { at, tool, assessment } => {
            (view.closed_at, view.tool) = (Some(*at), Some(names.tool(*tool).await?));
            assessed = Some(assessment);
        }
        ToolProposalState::Declined { at, why } => {
            view.closed_at = Some(*at);
            match why {
                Declination::Policy { reasons } => {
                    view.reasons = reasons.iter().map(ToString::to_string).collect();
                }
                Declination::Assessment(assessment) => assessed = Some(assessment),
            }
        }
        ToolProposalState::Withdrawn { at, .. } => view.closed_at = Some(*at),
    }
    if let Some(assessment) = assessed {
        view.reasons = assessment.rationale.text().map(ToString::to_string).into_iter().collect();
        let by = names.person(assessment.by).await?;
        view.assessor = Some(by.clone());
        view.assessment = admission.sees_all().then(|| AssessmentView {
            by,
            answers: assessment.answers.clone(),
            risk: assessment.risk,
        });
    }
    Ok(view)
}
