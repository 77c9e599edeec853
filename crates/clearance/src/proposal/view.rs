use schemars::JsonSchema;
use serde::Serialize;

use super::changes::changes;
use super::{Confirmability, Proposal, ProposalState, ProposalStateName, Proposed};
use crate::audit::Actor;
use crate::authorization::Admission;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::catalog::ToolRef;
use crate::connector::{ConnectorRef, GroupAtProvider, connector_ref};
use crate::documents::load;
use crate::drift::{DispositionKind, Finding};
use crate::exception::Exception;
use crate::failure::Failure;
use crate::ids::{ExceptionId, FindingId, ProposalId};
use crate::people::{AdministratorRoster, Names, PersonRef, Who};
use crate::policy::operations::{WitnessView, witness_view};
use crate::ports::Store;
use crate::text::{Line, Paragraph};
use crate::time::Timestamp;

/// What a proposal proposes.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// To bind a group to a tool.
    BindGroup,
    /// To say which account a person has.
    MapIdentity,
    /// To publish a policy that gives more.
    PublishPolicy,
    /// To let somebody ask for a tool that policy denies them.
    GrantException,
    /// To let somebody answer for what checks of groups found.
    AnswerForFindings,
    /// To add or change a tool such that requests for it get more.
    ChangeTool,
    /// To change somebody's groups or role such that somebody gets more, or others decide.
    ChangePerson,
    /// To change who is meant by security and administrators, or how long requests wait.
    ChangeSettings,
}

/// A proposal as administrators and auditors see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProposalView {
    /// Its id.
    pub id: ProposalId,
    /// What is proposed.
    pub kind: ProposalKind,
    /// The tool that it is about.
    pub tool: Option<ToolRef>,
    /// The connector that it is about.
    pub connector: Option<ConnectorRef>,
    /// The group that is to be bound.
    pub group: Option<GroupAtProvider>,
    /// The person whose account is to be mapped, who is to be excepted, or whose standing is to change.
    pub person: Option<PersonRef>,
    /// The provider's name for whoever has the account; gone once the proposal is closed.
    pub account_name: Option<String>,
    /// Findings for which somebody is to answer.
    pub findings: Vec<FindingId>,
    /// What is to be done about them.
    pub disposition: Option<DispositionKind>,
    /// Who is to answer for them.
    pub owner: Option<PersonRef>,
    /// The exception that is to be in force.
    pub exception: Option<ExceptionId>,
    /// Until when an exception is to last, or somebody is to answer.
    pub ends_at: Option<Timestamp>,
    /// The draft of the policy that is to be published.
    pub draft: Option<u32>,
    /// Why the policy is to be published, in a line.
    pub note: Option<Line>,
    /// Why somebody is to be excepted, or to answer; none when it was destroyed, or the proposal is closed.
    pub reason: Option<Paragraph>,
    /// What would change, a sentence for each thing; of a tool gone once the proposal is closed.
    pub changes: Vec<String>,
    /// A request for which it would give more, or which others would decide.
    pub witness: Option<WitnessView>,
    /// Why it needs a second person, in sentences.
    pub why: String,
    /// Who proposed it.
    pub proposed_by: Who,
    /// When.
    pub proposed_at: Timestamp,
    /// Where it stands.
    pub state: ProposalStateName,
    /// Who confirmed or withdrew it.
    pub decided_by: Option<Who>,
    /// When it was confirmed or withdrawn, or lapsed.
    pub decided_at: Option<Timestamp>,
    /// When it lapses, while it waits.
    pub lapses_at: Option<Timestamp>,
    /// Whether the caller may confirm it now.
    pub may_confirm: bool,
    /// Whether the caller may withdraw it now.
    pub may_withdraw: bool,
    /// From when on the caller, who proposed it and is the only administrator, may confirm it alone.
    pub alone_from: Option<Timestamp>,
}

/// A proposal as this caller sees it.
///
/// # Errors
/// When the store does not answer.
pub async fn proposal_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    roster: &AdministratorRoster,
    proposal: &Proposal,
    now: Timestamp,
) -> Result<ProposalView, Failure> {
    let open = proposal.require_open(now).is_ok();
    let decides = admission.is(Administrator) || admission.is(Console);
    let confirmability = if decides {
        proposal.confirmability(roster, admission.actor()?, now)
    } else {
        // It does not matter which: whoever only reads confirms nothing.
        proposal.confirmability(&AdministratorRoster::default(), Actor::System, proposal.lapses_at())
    };
    let (decided_by, decided_at) = match proposal.state {
        ProposalState::Open if open => (None, None),
        ProposalState::Open => (None, Some(proposal.lapses_at())),
        ProposalState::Confirmed { by, at } | ProposalState::Withdrawn { by, at } => (Some(by), Some(at)),
        ProposalState::Lapsed { at } => (None, Some(at)),
    };
    let mut view = ProposalView {
        id: proposal.id,
        kind: ProposalKind::BindGroup,
        tool: None,
        connector: None,
        group: None,
        person: None,
        account_name: None,
        findings: Vec::new(),
        disposition: None,
        owner: None,
        exception: None,
        ends_at: None,
        draft: None,
        note: None,
        reason: None,
        changes: changes(&mut *names, &proposal.proposed).await?,
        witness: match proposal.proposed.witness() {
            Some(witness) => Some(witness_view(&mut *names, witness).await?),
            None => None,
        },
        why: proposal.proposed.why(),
        proposed_by: names.who(proposal.proposed_by).await?,
        proposed_at: proposal.proposed_at,
        state: match proposal.state {
            ProposalState::Open if !open => ProposalStateName::Lapsed,
            state => state.name(),
        },
        decided_by: match decided_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
        decided_at,
        lapses_at: open.then(|| proposal.lapses_at()),
        may_confirm: confirmability == Confirmability::Now,
        may_withdraw: open && decides,
        alone_from: match confirmability {
            Confirmability::AloneFrom(from) => Some(from),
            Confirmability::Now | Confirmability::Never(_) => None,
        },
    };
    tell_proposed(names, &mut view, &proposal.proposed).await?;
    Ok(view)
}

/// Says what is proposed.
async fn tell_proposed<S: Store>(
    names: &mut Names<'_, S>,
    view: &mut ProposalView,
    proposed: &Proposed,
) -> Result<(), Failure> {
    let store = names.store();
    match proposed {
        Proposed::BindGroup { tool, connector, group, name, .. } => {
            view.tool = Some(names.tool(*tool).await?);
            view.connector = Some(connector_ref(store, *connector).await?);
            view.group = Some(GroupAtProvider { id: group.to_string(), name: name.clone() });
        }
        Proposed::MapIdentity { connector, person, account } => {
            view.kind = ProposalKind::MapIdentity;
            view.connector = Some(connector_ref(store, *connector).await?);
            view.person = Some(names.person(*person).await?);
            view.account_name = account.as_ref().map(|account| account.display_name.to_string());
        }
        Proposed::GrantException { exception, person, tool } => {
            view.kind = ProposalKind::GrantException;
            (view.exception, view.person) = (Some(*exception), Some(names.person(*person).await?));
            view.tool = Some(names.tool(*tool).await?);
            if let Some(exception) = load::<Exception>(store, &exception.to_string()).await? {
                view.ends_at = Some(exception.ends_at);
                view.reason = exception.reason.text().cloned();
            }
        }
        Proposed::AnswerForFindings(answer) => {
            view.kind = ProposalKind::AnswerForFindings;
            view.findings = answer.findings.iter().copied().collect();
            (view.disposition, view.owner) = (Some(answer.kind()), Some(names.person(answer.owner).await?));
            (view.ends_at, view.reason) = (Some(answer.ends_at), answer.reason.clone());
            let mut tools = answer.tools.iter();
            if let (Some(tool), None) = (tools.next(), tools.next()) {
                view.tool = Some(names.tool(*tool).await?);
            }
            if let Some(finding) = answer.only()
                && let Some(finding) = load::<Finding>(store, &finding.to_string()).await?
            {
                view.person = names.person_if(finding.person()).await?;
            }
        }
        Proposed::PublishPolicy { version, note } => {
            view.kind = ProposalKind::PublishPolicy;
            (view.draft, view.note) = (Some(*version), note.clone());
        }
        Proposed::ChangeTool { tool, name, .. } => {
            view.kind = ProposalKind::ChangeTool;
            view.tool = Some(ToolRef { id: *tool, name: name.to_string() });
        }
        Proposed::ChangePerson { person, .. } => {
            view.kind = ProposalKind::ChangePerson;
            view.person = Some(names.person(*person).await?);
        }
        Proposed::ChangeSettings { .. } => view.kind = ProposalKind::ChangeSettings,
    }
    Ok(())
}
