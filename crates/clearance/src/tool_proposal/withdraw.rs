//! What becomes of proposals when their proposer takes them back, leaves, or is erased.

use audit_log::Value;

use super::document::ToolProposal;
use super::operations::close;
use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Loaded, Select};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::Store;
use crate::time::Timestamp;

/// Takes a proposal back, in a change.
pub(super) async fn withdraw(
    store: &impl Store,
    change: &mut Change,
    proposal: &Loaded<ToolProposal>,
    by: Actor,
    now: Timestamp,
) -> Result<ToolProposal, Failure> {
    let withdrawn = proposal.withdraw(by, now)?;
    close(store, change, proposal, &withdrawn).await?;
    let facts = Value::object([("proposal", Value::from(proposal.id.to_string()))]);
    change.record(now, &by, EventKind::ToolProposalWithdrawn, facts);
    Ok(withdrawn)
}

async fn of(store: &impl Store, person: PersonId) -> Result<Vec<Loaded<ToolProposal>>, Failure> {
    documents::all::<ToolProposal>(store, Select::by(&ToolProposal::BY_PROPOSER, [person])).await
}

/// Takes back what somebody who left has proposed, each in a commit of its own.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn withdraw_all(
    store: &impl Store,
    person: PersonId,
    now: Timestamp,
) -> Result<(), Failure> {
    for proposal in of(store, person).await?.iter().filter(|proposal| proposal.is_open()) {
        let mut change = Change::new();
        withdraw(store, &mut change, proposal, Actor::System, now).await?;
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}

/// Destroys what somebody wrote in proposals, their own and those they assessed. What an administrator made of it in the catalogue stays.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn forget_person(
    store: &impl Store,
    person: PersonId,
    now: Timestamp,
) -> Result<(), Failure> {
    documents::rewrite_all(store, |proposal: &ToolProposal| proposal.without_texts_of(person, now)).await
}
