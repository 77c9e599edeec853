//! `tool_proposals.begin`, `tool_proposals.assess`.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assessment::{Answer, Assessment, Question, check_answers};
use super::document::ToolProposal;
use super::operations::{OneToolProposal, ToolProposalAnswer, answer, close, required};
use crate::audit::EventKind;
use crate::authorization::CallerKind::Administrator;
use crate::authorization::CallerKinds;
use crate::catalog::{Category, DataClass, Fulfilment, Risk, Tool, ToolStatus, add_tool};
use crate::documents::{Change, Loaded};
use crate::emergency::EmergencyUse;
use crate::failure::Failure;
use crate::ids::{ToolId, ToolProposalId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::Ports;
use crate::refusal::{Code, Refusal, malformed};
use crate::text::{CommittedText, Line, Paragraph, WebAddress};
use crate::time::Days;

/// `tool_proposals.begin`.
#[derive(Debug)]
pub struct Begin;

impl Operation for Begin {
    const NAME: &'static str = "tool_proposals.begin";
    const SUMMARY: &'static str = "Begin to assess a proposed tool, so that others and the proposer see it";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator]);
    type Input = OneToolProposal;
    type Output = ToolProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneToolProposal,
    ) -> Result<Decision<ToolProposalAnswer>, Failure> {
        let before = required(context, input.proposal).await?;
        let now = context.moment.now;
        let begun = before.begin(context.admission.person()?.id, now)?;
        let mut change = Change::new();
        change.update(&before, &begun);
        let facts = Value::object([("proposal", Value::from(begun.id.to_string()))]);
        change.record(now, &context.admission.actor()?, EventKind::ToolAssessmentBegun, facts);
        Ok(Decision::change(answer(context, &begun).await?, change))
    }
}

/// What an administrator decides about a proposed tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolDecision {
    /// A draft entry of the catalogue is made of it.
    Accept,
    /// It does not come into the catalogue.
    Decline,
}

/// The draft entry that is to be made; what is not given is what was proposed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftEntry {
    /// Name.
    #[serde(default)]
    pub name: Option<Line>,
    /// Who sells it.
    pub vendor: Line,
    /// What it is for.
    pub category: Category,
    /// What it is for, in a sentence or two.
    pub summary: Paragraph,
    /// Classes of data that may be put in.
    #[serde(default)]
    pub data_classes: Option<BTreeSet<DataClass>>,
}

/// `tool_proposals.assess`.
#[derive(Debug)]
pub struct Assess;

/// What `tool_proposals.assess` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessTool {
    /// Which proposal.
    pub proposal: ToolProposalId,
    /// An answer to each question that is asked of every tool.
    pub answers: BTreeMap<Question, Answer>,
    /// How much harm wrong use can do.
    pub risk: Risk,
    /// Yes or no.
    pub decision: ToolDecision,
    /// Why; the proposer reads it.
    pub rationale: Paragraph,
    /// The draft entry to be made; required exactly to accept.
    #[serde(default)]
    pub entry: Option<DraftEntry>,
}

impl Operation for Assess {
    const NAME: &'static str = "tool_proposals.assess";
    const SUMMARY: &'static str = "Decide about a proposed tool: a draft entry of the catalogue, or none";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator]);
    type Input = AssessTool;
    type Output = ToolProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &AssessTool,
    ) -> Result<Decision<ToolProposalAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let before = required(context, input.proposal).await?;
        check_answers(&input.answers)?;
        let rationale = CommittedText::new(input.rationale.clone(), moment, "rationale");
        let assessment = Assessment {
            by: context.admission.person()?.id,
            answers: input.answers.clone(),
            risk: input.risk,
            rationale,
        };
        let actor = context.admission.actor()?;
        let mut facts = assessment_facts(&before, &assessment);
        let mut change = Change::new();
        let (after, event) = match (input.decision, &input.entry) {
            (ToolDecision::Accept, Some(entry)) => {
                let tool = draft(context, &before, entry, input.risk)?;
                let accepted = before.accept(tool.id, assessment, moment.now)?;
                add_tool(store, &mut change, moment.now, &actor, &tool).await?;
                facts.push(("tool", Value::from(tool.id.to_string())));
                (accepted, EventKind::ToolProposalAccepted)
            }
            (ToolDecision::Decline, None) => {
                (before.decline(assessment, moment.now)?, EventKind::ToolProposalDeclined)
            }
            (ToolDecision::Accept, None) => {
                return Err(malformed("entry", "is required to accept: say what the entry is").into());
            }
            (ToolDecision::Decline, Some(_)) => {
                return Err(malformed("entry", "is not taken to decline").into());
            }
        };
        close(store, &mut change, &before, &after).await?;
        change.record(moment.now, &actor, event, Value::object(facts));
        notices::tool_proposal_closed(&mut change, moment, &after);
        Ok(Decision::change(answer(context, &after).await?, change))
    }
}

/// What the log says of an assessment: answers, risk, and a commitment to why.
fn assessment_facts(proposal: &ToolProposal, assessment: &Assessment) -> Vec<(&'static str, Value)> {
    let answers =
        assessment.answers.iter().map(|(question, answer)| (question.as_str(), Value::from(answer.as_str())));
    vec![
        ("proposal", Value::from(proposal.id.to_string())),
        ("answers", Value::object(answers)),
        ("risk", Value::from(assessment.risk.as_str())),
        ("rationale", assessment.rationale.to_fact()),
    ]
}

/// The draft entry of a proposed tool, on cautious terms.
fn draft<P: Ports>(
    context: &Context<'_, P>,
    proposal: &Loaded<ToolProposal>,
    entry: &DraftEntry,
    risk: Risk,
) -> Result<Tool, Failure> {
    let gone = || {
        let message = "what was proposed was destroyed; decline it";
        Refusal::new(Code::ToolProposalState, message)
    };
    let proposed = proposal.name.text().ok_or_else(gone)?;
    let url = proposal.url.text().ok_or_else(gone)?;
    let name = match &entry.name {
        Some(name) => name.clone(),
        None => Line::parse(proposed.as_str()).map_err(|error| Failure::Defect(error.to_string()))?,
    };
    let url = WebAddress::parse(url.as_str()).map_err(|error| Failure::Defect(error.to_string()))?;
    let tool = Tool {
        id: ToolId::new(&context.moment, "tool", 0),
        name,
        vendor: entry.vendor.clone(),
        url: Some(url),
        category: entry.category,
        models: Vec::new(),
        summary: entry.summary.clone(),
        guidance: None,
        risk,
        status: ToolStatus::Draft,
        data_classes: entry.data_classes.clone().unwrap_or_else(|| proposal.data_classes.clone()),
        usage_policy: None,
        owners: BTreeSet::new(),
        default_days: Days::of(30),
        max_days: Days::of(90),
        review_days: Days::of(14),
        fulfilment: Fulfilment::RecordOnly,
        connector: None,
        seat_cap: None,
        emergency: EmergencyUse::Never,
        tags: BTreeSet::new(),
        version: 1,
    };
    tool.validate()?;
    Ok(tool)
}
