//! What is told of proposed tools.

use super::{Link, LinkKind, Teller, Told};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::ToolProposalId;
use crate::people::Person;
use crate::ports::Store;
use crate::tool_proposal::{ToolProposal, ToolProposalState};

impl<S: Store> Teller<'_, S> {
    /// That a proposed tool waits for an administrator, while it does.
    pub(super) async fn of_proposal_to_assess(
        &mut self,
        proposal: ToolProposalId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let proposal = load::<ToolProposal>(self.store, &proposal.to_string()).await?;
        let open = |proposal: &ToolProposal| proposal.is_open() && proposal.proposer != reader.id;
        let Some(proposal) = proposal.filter(|proposal| open(proposal)) else { return Ok(None) };
        let Some(name) = proposal.name.text() else { return Ok(None) };
        let subject = format!("A tool is proposed: {name}");
        let text = format!(
            "Somebody proposes {name} for the catalogue. It waits until an administrator assesses it."
        );
        let told = Told::news(subject, text, Link::to(LinkKind::ToolAssessment, proposal.id));
        Ok(Some(Told { asks: true, ..told }))
    }

    /// What became of the reader's own proposal.
    pub(super) async fn of_own_proposal(
        &mut self,
        proposal: ToolProposalId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let proposal = load::<ToolProposal>(self.store, &proposal.to_string()).await?;
        let own = proposal.filter(|proposal| proposal.proposer == reader.id);
        let Some(proposal) = own else { return Ok(None) };
        let Some(name) = proposal.name.text() else { return Ok(None) };
        let text = match proposal.state {
            ToolProposalState::Accepted { .. } => {
                format!("{name} was accepted. It is being prepared for the catalogue.")
            }
            ToolProposalState::Declined { .. } => format!("{name} was declined. The proposal says why."),
            _ => return Ok(None),
        };
        let link = Link::to(LinkKind::ProposedTool, proposal.id);
        Ok(Some(Told::news(format!("Your proposal: {name}"), text, link)))
    }
}
