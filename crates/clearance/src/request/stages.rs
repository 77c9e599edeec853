//! Stages as people see them: who can decide, who did, and to whom they passed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::review::{Approval, Course, DecidedStage, OpenStage};
use super::state::TakenBack;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::{Names, PersonRef};
use crate::policy::{Approvers, PlannedStage, Quorum};
use crate::ports::Store;
use crate::text::{Line, Paragraph};
use crate::time::{Days, Timestamp};

/// An approval as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApprovalView {
    /// Who.
    pub by: PersonRef,
    /// For whom, if they stood in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonRef>,
    /// When.
    pub at: Timestamp,
    /// Why; none when nothing was said, or it was destroyed.
    pub rationale: Option<Paragraph>,
    /// The duration they agreed to, if shorter than asked for.
    pub days: Option<Days>,
}

/// An approval that was taken back, as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TakenBackView {
    /// The approval.
    pub approval: ApprovalView,
    /// Who took it back.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Why; none when nothing was said, or it was destroyed.
    pub rationale: Option<Paragraph>,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageStanding {
    /// It has what it needed, or the request ended in it.
    Decided,
    /// It waits for decisions.
    Open,
    /// It comes later.
    Ahead,
}

/// To whom a stage passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassedTo {
    /// Others were added, because it waited for long.
    Escalation,
    /// It timed out, and others took over.
    Fallback,
    /// Nobody else could decide it any more.
    Administrators,
}

/// That a stage passed to others.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct PassedOn {
    /// To whom.
    pub to: PassedTo,
    /// When.
    pub at: Timestamp,
}

impl PassedOn {
    fn of(course: Course) -> Option<Self> {
        let (to, at) = match course {
            Course::Planned => return None,
            Course::Escalated { at } => (PassedTo::Escalation, at),
            Course::FellBack { at } => (PassedTo::Fallback, at),
            Course::Administrators { at } => (PassedTo::Administrators, at),
        };
        Some(Self { to, at })
    }
}

/// A stage as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StageView {
    /// What people call it.
    pub name: Line,
    /// Where it stands.
    pub standing: StageStanding,
    /// Who can decide, in words: names of people and groups.
    pub approvers: Vec<String>,
    /// How many must approve.
    pub quorum: Quorum,
    /// Since when it waits.
    pub since: Option<Timestamp>,
    /// What time and people have made of it; none when it is as policy planned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<PassedOn>,
    /// When it times out: then others take over, or the request lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times_out_at: Option<Timestamp>,
    /// Who takes over then, in words; nobody when the request lapses.
    pub fallback: Vec<String>,
    /// Approvals it has.
    pub approvals: Vec<ApprovalView>,
    /// Approvals that were taken back while it was open.
    pub taken_back: Vec<TakenBackView>,
}

async fn in_words<S: Store>(
    names: &mut Names<'_, S>,
    approvers: &BTreeSet<Approvers>,
    manager: Option<PersonId>,
) -> Result<Vec<String>, Failure> {
    let mut described = Vec::with_capacity(approvers.len());
    for approvers in approvers {
        described.push(match approvers {
            Approvers::Person(person) => names.person(*person).await?.name,
            Approvers::Group(group) => names.group(*group).await?.name,
            Approvers::ToolOwners => "Tool owners".to_owned(),
            Approvers::Manager => match names.person_if(manager).await? {
                Some(manager) => format!("Manager: {}", manager.name),
                None => "Manager".to_owned(),
            },
            Approvers::Security => "Security".to_owned(),
            Approvers::Administrators => "Administrators".to_owned(),
        });
    }
    Ok(described)
}

/// A stage that nobody has decided in.
pub(super) async fn describe_stage<S: Store>(
    names: &mut Names<'_, S>,
    stage: &PlannedStage,
    manager: Option<PersonId>,
) -> Result<StageView, Failure> {
    Ok(StageView {
        name: stage.name.clone(),
        standing: StageStanding::Ahead,
        approvers: in_words(names, &stage.approvers, manager).await?,
        quorum: stage.quorum,
        since: None,
        passed_on: None,
        times_out_at: None,
        fallback: in_words(names, &stage.fallback, manager).await?,
        approvals: Vec::new(),
        taken_back: Vec::new(),
    })
}

async fn approvals<S: Store>(
    names: &mut Names<'_, S>,
    given: &[Approval],
) -> Result<Vec<ApprovalView>, Failure> {
    let mut views = Vec::with_capacity(given.len());
    for approval in given {
        views.push(approval_view(names, approval).await?);
    }
    Ok(views)
}

async fn approval_view<S: Store>(
    names: &mut Names<'_, S>,
    approval: &Approval,
) -> Result<ApprovalView, Failure> {
    Ok(ApprovalView {
        by: names.person(approval.by).await?,
        on_behalf_of: names.person_if(approval.on_behalf_of).await?,
        at: approval.at,
        rationale: approval.rationale.as_ref().and_then(|rationale| rationale.text().cloned()),
        days: approval.days,
    })
}

pub(super) async fn decided<S: Store>(
    names: &mut Names<'_, S>,
    stages: &[DecidedStage],
    manager: Option<PersonId>,
) -> Result<Vec<StageView>, Failure> {
    let mut views = Vec::with_capacity(stages.len());
    for stage in stages {
        let view = describe_stage(names, &stage.plan, manager).await?;
        views.push(StageView {
            standing: StageStanding::Decided,
            approvers: in_words(names, &stage.approvers(), manager).await?,
            passed_on: PassedOn::of(stage.course),
            approvals: approvals(names, &stage.approvals).await?,
            ..view
        });
    }
    Ok(views)
}

pub(super) async fn open<S: Store>(
    names: &mut Names<'_, S>,
    stage: &OpenStage,
    manager: Option<PersonId>,
) -> Result<StageView, Failure> {
    let view = describe_stage(names, &stage.plan, manager).await?;
    Ok(StageView {
        standing: StageStanding::Open,
        approvers: in_words(names, &stage.approvers(), manager).await?,
        passed_on: PassedOn::of(stage.course),
        times_out_at: stage.times_out_at(),
        since: Some(stage.opened_at),
        approvals: approvals(names, &stage.approvals).await?,
        ..view
    })
}

/// An approval that was taken back.
pub(super) async fn taken_back<S: Store>(
    names: &mut Names<'_, S>,
    taken: &TakenBack,
) -> Result<TakenBackView, Failure> {
    Ok(TakenBackView {
        approval: approval_view(names, &taken.approval).await?,
        by: names.person(taken.by).await?,
        at: taken.at,
        rationale: taken.rationale.as_ref().and_then(|rationale| rationale.text().cloned()),
    })
}
