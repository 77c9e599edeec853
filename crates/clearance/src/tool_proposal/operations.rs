//! `tool_proposals.submit`, `tool_proposals.list`, `tool_proposals.get`, `tool_proposals.withdraw`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assessment::Question;
use super::document::{Declination, OpenToolProposal, ToolProposal, ToolProposalState};
use super::known::{KnownBy, digest, known};
use super::view::{QuestionView, ToolProposalView, proposal_view};
use super::withdraw::withdraw;
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Auditor, Console, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::{DataClass, Risk, Tool, ToolRef, sees};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::operations::Whose;
use crate::ids::{ToolId, ToolProposalId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::policy::{self, Outcome, Snapshot};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::{CommittedText, Line, Paragraph, WebAddress};
use crate::time::Days;

/// What operations on one proposal take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneToolProposal {
    /// Which proposal.
    pub proposal: ToolProposalId,
}

/// What operations on one proposal answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToolProposalAnswer {
    /// The proposal as stored now.
    pub proposal: ToolProposalView,
    /// What is asked of every proposed tool; only while the caller may assess it.
    pub questions: Vec<QuestionView>,
}

/// A proposal that is there. Whether the caller may see it is for the operation.
pub(super) async fn required<P: Ports>(
    context: &Context<'_, P>,
    id: ToolProposalId,
) -> Result<Loaded<ToolProposal>, Failure> {
    let proposal = load::<ToolProposal>(context.store(), &id.to_string()).await?;
    proposal.ok_or_else(|| not_found("proposal").into())
}

/// A proposal that the caller may see: their own, or any for administrators, auditors and console.
async fn visible<P: Ports>(
    context: &Context<'_, P>,
    id: ToolProposalId,
) -> Result<Loaded<ToolProposal>, Failure> {
    let proposal = required(context, id).await?;
    if context.admission.sees_all() || context.admission.person_id() == Some(proposal.proposer) {
        Ok(proposal)
    } else {
        Err(not_found("proposal").into())
    }
}

/// What the operations answer.
pub(super) async fn answer<P: Ports>(
    context: &Context<'_, P>,
    proposal: &ToolProposal,
) -> Result<ToolProposalAnswer, Failure> {
    let store = context.store();
    let mut view = proposal_view(&mut Names::new(store), &context.admission, proposal).await?;
    let mut questions = Vec::new();
    if view.may_assess {
        let asked = Question::ALL.iter();
        questions.extend(asked.map(|question| QuestionView { question: *question, text: question.text() }));
        let name = view.name.as_ref().and_then(|name| Line::parse(name.as_str()).ok());
        let url = view.url.as_ref().and_then(|url| WebAddress::parse(url.as_str()).ok());
        if let (Some(name), Some(url)) = (name, url) {
            view.known = known(store, &name, &url).await?.iter().map(|(_, tool)| reference(tool)).collect();
        }
    }
    Ok(ToolProposalAnswer { proposal: view, questions })
}

fn reference(tool: &Tool) -> ToolRef {
    ToolRef { id: tool.id, name: tool.name.as_str().to_owned() }
}

/// Writes a proposal that was closed; its name can be proposed again.
pub(super) async fn close(
    store: &impl Store,
    change: &mut Change,
    before: &Loaded<ToolProposal>,
    after: &ToolProposal,
) -> Result<(), Failure> {
    change.update(before, after);
    if let Some(guard) = load::<OpenToolProposal>(store, &before.guard).await?
        && guard.proposal == before.id
    {
        change.remove(&guard);
    }
    Ok(())
}

/// `tool_proposals.submit`.
#[derive(Debug)]
pub struct Submit;

/// What `tool_proposals.submit` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeTool {
    /// What it is called.
    pub name: Line,
    /// The vendor's page about it.
    pub url: WebAddress,
    /// What for.
    pub purpose: Paragraph,
    /// What data would be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// Known tools at the same address that it is not.
    #[serde(default)]
    pub other_than: BTreeSet<ToolId>,
}

impl Operation for Submit {
    const NAME: &'static str = "tool_proposals.submit";
    const SUMMARY: &'static str = "Propose a tool that is not in the catalogue";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = ProposeTool;
    type Output = ToolProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ProposeTool,
    ) -> Result<Decision<ToolProposalAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let proposer = context.admission.person()?;
        if input.data_classes.is_empty() {
            return Err(malformed("data_classes", "must name at least one class").into());
        }
        refuse_known(context, input).await?;
        let guard = digest(&input.name);
        let open = load::<OpenToolProposal>(store, &guard).await?;
        if open.is_some() {
            let message = "somebody has proposed this tool already, and it is being assessed";
            return Err(Refusal::new(Code::ToolProposalOpen, message).into());
        }
        let snapshot = Snapshot {
            tool: None,
            risk: Risk::High,
            tags: BTreeSet::new(),
            requester_groups: proposer.groups.clone(),
            manager: proposer.manager,
            data_classes: input.data_classes.clone(),
            // Nobody asks for a time yet.
            days: Days::of(1),
            days_in_all: Days::of(1),
        };
        let (_, version) = policy::active_version(store).await?;
        let rules = policy::rules_for(store, &version, None).await?;
        let evaluation = policy::evaluate(version.number, &rules, &snapshot);
        let state = match &evaluation.outcome {
            Outcome::Denied { reasons } => ToolProposalState::Declined {
                at: moment.now,
                why: Declination::Policy { reasons: reasons.clone() },
            },
            // Whatever policy says of new tools else, an administrator assesses them.
            Outcome::AutoApproved { .. } | Outcome::Stages { .. } => ToolProposalState::Proposed,
        };
        let text = |text: &str, label: &str| -> Result<CommittedText, Failure> {
            let text = Paragraph::parse(text).map_err(|error| Failure::Defect(error.to_string()))?;
            Ok(CommittedText::new(text, moment, label))
        };
        let proposal = ToolProposal {
            id: ToolProposalId::new(moment, "tool_proposal", 0),
            proposer: proposer.id,
            submitted_at: moment.now,
            name: text(input.name.as_str(), "name")?,
            url: text(input.url.as_str(), "url")?,
            purpose: CommittedText::new(input.purpose.clone(), moment, "purpose"),
            data_classes: input.data_classes.clone(),
            snapshot,
            evaluation,
            guard: guard.clone(),
            state,
        };
        let mut change = Change::new();
        change.insert(&proposal);
        // The decision rests on who the proposer is.
        change.check(proposer);
        record_submitted(&mut change, &proposal);
        if proposal.is_open() {
            change.insert(&OpenToolProposal { digest: guard, proposal: proposal.id });
            notices::tool_proposed(&mut change, moment, &proposal);
        } else {
            let facts = Value::object([("proposal", Value::from(proposal.id.to_string()))]);
            change.record(moment.now, &Actor::System, EventKind::ToolProposalDeclined, facts);
        }
        Ok(Decision::change(answer(context, &proposal).await?, change))
    }
}

/// Refuses a tool that is known, with a pointer to it as far as the caller may see it. An administrator who assesses sees the others.
async fn refuse_known<P: Ports>(context: &Context<'_, P>, input: &ProposeTool) -> Result<(), Failure> {
    for (by, tool) in known(context.store(), &input.name, &input.url).await? {
        if !sees(&context.admission, &tool) || by == KnownBy::Address && input.other_than.contains(&tool.id) {
            continue;
        }
        let message = match by {
            KnownBy::Name => format!("{} is in the catalogue already", tool.name),
            KnownBy::Address => {
                format!(
                    "{} is in the catalogue and found at the same address; say so if it is another tool",
                    tool.name
                )
            }
        };
        return Err(Refusal::new(Code::ToolKnown, message)
            .with("tool", tool.id)
            .with("known_by", by.as_str())
            .into());
    }
    Ok(())
}

/// What the log says of a proposal: commitments in place of what was written.
fn record_submitted(change: &mut Change, proposal: &ToolProposal) {
    let texts = |values: Vec<String>| Value::Array(values.into_iter().map(Value::from).collect());
    let classes = proposal.data_classes.iter().map(|class| class.as_str().to_owned()).collect();
    let rules = proposal.evaluation.matched.iter().take(16).map(|rule| rule.id.to_string()).collect();
    let facts = Value::object([
        ("proposal", Value::from(proposal.id.to_string())),
        ("name", proposal.name.to_fact()),
        ("url", proposal.url.to_fact()),
        ("purpose", proposal.purpose.to_fact()),
        ("data_classes", texts(classes)),
        ("policy_version", Value::from(proposal.evaluation.policy_version)),
        ("rules", texts(rules)),
    ]);
    let actor = Actor::Person(proposal.proposer);
    change.record(proposal.submitted_at, &actor, EventKind::ToolProposed, facts);
}

/// `tool_proposals.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "tool_proposals.get";
    const SUMMARY: &'static str = "One proposed tool";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Administrator, Auditor, Console]);
    type Input = OneToolProposal;
    type Output = ToolProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneToolProposal,
    ) -> Result<Decision<ToolProposalAnswer>, Failure> {
        let proposal = visible(context, input.proposal).await?;
        Ok(Decision::answer(answer(context, &proposal).await?))
    }
}

/// The states by which proposals can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolProposalStateName {
    /// Nobody has looked at it yet.
    Proposed,
    /// An administrator looks at it.
    UnderAssessment,
    /// It is in the catalogue.
    Accepted,
    /// It does not come into the catalogue.
    Declined,
    /// The proposer took it back, or has left.
    Withdrawn,
}

impl ToolProposalStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::UnderAssessment => "under_assessment",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// `tool_proposals.list`.
#[derive(Debug)]
pub struct List;

/// What `tool_proposals.list` takes. At most one of `proposer` and `state` narrows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListToolProposals {
    /// Whose; all that the caller may see when not given.
    #[serde(default)]
    pub proposer: Option<Whose>,
    /// Only this state; administrators, auditors and console.
    #[serde(default)]
    pub state: Option<ToolProposalStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "tool_proposals.list";
    const SUMMARY: &'static str = "Proposed tools, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Administrator, Auditor, Console]);
    type Input = ListToolProposals;
    type Output = documents::List<ToolProposalView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListToolProposals,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let select = match (Whose::resolve(input.proposer, &context.admission)?, input.state) {
            (Some(person), None) => Select::by(&ToolProposal::BY_PROPOSER, [person]),
            (None, Some(state)) => Select::by(&ToolProposal::BY_STATE, [state.as_str()]),
            (None, None) => Select::by(&ToolProposal::BY_TIME, ["all"]),
            (Some(_), Some(_)) => {
                return Err(malformed("", "narrow by one of `proposer` and `state`").into());
            }
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<ToolProposal>(store, select.descending(), &paging).await?;
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for proposal in &page.items {
            items.push(proposal_view(&mut names, &context.admission, proposal).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `tool_proposals.withdraw`.
#[derive(Debug)]
pub struct Withdraw;

impl Operation for Withdraw {
    const NAME: &'static str = "tool_proposals.withdraw";
    const SUMMARY: &'static str = "Take back one's own proposal of a tool";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = OneToolProposal;
    type Output = ToolProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneToolProposal,
    ) -> Result<Decision<ToolProposalAnswer>, Failure> {
        let proposal = visible(context, input.proposal).await?;
        if context.admission.person_id() != Some(proposal.proposer) {
            return Err(not_found("proposal").into());
        }
        let mut change = Change::new();
        let actor = context.admission.actor()?;
        let withdrawn = withdraw(context.store(), &mut change, &proposal, actor, context.moment.now).await?;
        Ok(Decision::change(answer(context, &withdrawn).await?, change))
    }
}
