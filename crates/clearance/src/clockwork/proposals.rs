use crate::audit::Actor;
use crate::documents::{Change, Loaded, Select};
use crate::failure::Failure;
use crate::ports::{Moment, Ports, Store};
use crate::proposal::{Proposal, ProposalState, close};

use super::sweep;

/// Closes proposals to which nobody agreed in time.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let days = -24 * 60 * i64::from(Proposal::OPEN_FOR);
    let select =
        |now: crate::time::Timestamp| Select::by(&Proposal::BY_STATE, ["open"]).until(now.plus_minutes(days));
    sweep(ports, select, |proposal: Loaded<Proposal>, moment| lapse(ports, proposal, moment)).await
}

async fn lapse<P: Ports>(ports: &P, proposal: Loaded<Proposal>, moment: Moment) -> Result<(), Failure> {
    let mut change = Change::new();
    let state = ProposalState::Lapsed { at: moment.now };
    close(ports.store(), &mut change, &moment, Actor::System, &proposal, state).await?;
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}
